"""Where people and teams can be reached beside the app and the telephone, and what they chose."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.requests import Visitor
from accounts.roles import Permission
from estates.access import organisations_where
from estates.models import Organisation

# The robots of the team chats used here, as `apprise` writes them; any other scheme could reach into our own network.
ROBOT_SCHEMES = ("wecombot", "dingtalk", "feishu")
# scheme://token or scheme://secret@token, and no more: no host, no path, no query. The same in Python and PostgreSQL.
ROBOT_ADDRESS = rf"^({'|'.join(ROBOT_SCHEMES)})://([A-Za-z0-9_-]+@)?[A-Za-z0-9_-]{{8,100}}$"


class MessageChoice(models.Model):
    """What somebody chose for one kind of message; no row: as the house does it. In the app everything is told."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="message_choices")
    kind = models.CharField(max_length=8)
    sms = models.BooleanField()
    email = models.BooleanField(default=True, db_default=True)
    push = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="message_choice_is_one_for_each_kind")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind}"


class Mailbox(models.Model):
    """The e-mail address somebody gave for messages about repairs; used once they opened the link sent there."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mailbox")
    # Empty once its owner wants no letters any more; the row stays a while for the sake of `asked_at`.
    address = models.EmailField(_("e-mail address"), blank=True)
    # The last times a confirmation was sent for, so that nobody's mailbox is flooded from here.
    asked_at = models.DateTimeField()
    asked_today = models.PositiveSmallIntegerField(default=1)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("e-mail address")
        verbose_name_plural = _("e-mail addresses")
        constraints = [
            models.CheckConstraint(
                condition=~Q(address="") | Q(confirmed_at__isnull=True), name="mailbox_in_use_has_an_address"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}"


class PushDevice(models.Model):
    """A browser in which somebody allowed notifications: its address at the push service and the keys to it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_devices")
    endpoint = models.URLField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    name = models.CharField(max_length=60, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("device with notifications")
        verbose_name_plural = _("devices with notifications")
        constraints = [
            models.CheckConstraint(
                condition=Q(endpoint__startswith="https://"),
                name="push_device_is_reached_over_https",
                violation_error_message=_("A push service is reached over https."),
            ),
            models.CheckConstraint(condition=~Q(p256dh="") & ~Q(auth=""), name="push_device_has_its_keys"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def mark(self) -> str:
        """By which a browser knows whether this is itself; writes to nobody."""
        return self.endpoint[-12:]


class TeamRobotQuerySet(models.QuerySet["TeamRobot"]):
    """Robots by whose they are."""

    def visible_to(self, user: Visitor) -> "TeamRobotQuerySet":
        """Those of the organisations `user` manages."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(organisation__in=organisations_where(user, Permission.TEAM_MANAGE))

    def speaking(self) -> "TeamRobotQuerySet":
        """Those in use."""
        return self.filter(active=True)


class TeamRobot(models.Model):
    """A robot in an organisation's team chat that says what the organisation has to hear. Its address is a secret."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="robots", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=40)
    url = models.CharField(_("address of the robot"), max_length=300)
    active = models.BooleanField(_("in use"), default=True)
    # The last test sentence: when the chat answered, and whether it did not take it.
    tried_at = models.DateTimeField(null=True, blank=True)
    try_failed = models.BooleanField(default=False, db_default=False)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = TeamRobotQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("team robot")
        verbose_name_plural = _("team robots")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"],
                name="team_robot_name_is_used_once",
                violation_error_message=_("There already is a robot with this name."),
            ),
            models.CheckConstraint(
                condition=Q(url__regex=ROBOT_ADDRESS),
                name="team_robot_is_of_a_known_chat",
                violation_error_message=_("Only robots of WeCom, DingTalk and Feishu can be used."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def masked(self) -> str:
        """Which chat it is, and nothing that opens it."""
        return f"{urlsplit(self.url).scheme}://****{self.url[-4:]}"
