"""What was told to whom about a ticket, written with the event and delivered by the worker."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.phones import dialled
from accounts.requests import Visitor
from accounts.roles import Permission
from estates.access import organisations_where, people_of
from estates.models import Organisation
from repairs.workflow import Urgency

from .event import TicketEvent
from .handover import Handover
from .reach import ROBOT_SCHEMES, PushDevice, TeamRobot
from .ticket import Ticket


class MessageChannel(models.TextChoices):
    """By which way a message goes."""

    APP = "app", pgettext_lazy("message channel", "In the app")
    SMS = "sms", pgettext_lazy("message channel", "Text message")
    EMAIL = "email", pgettext_lazy("message channel", "E-mail")
    PUSH = "push", pgettext_lazy("message channel", "Notification")
    ROBOT = "robot", pgettext_lazy("message channel", "Team robot")
    CALL = "call", pgettext_lazy("message channel", "Telephone call")


class MessageKind(models.TextChoices):
    """What a message is for; people choose by it."""

    QUESTION = "question", pgettext_lazy("message kind", "Something you should answer")
    REMINDER = "reminder", pgettext_lazy("message kind", "Reminders of a visit")
    PROGRESS = "progress", pgettext_lazy("message kind", "How the repair goes on")
    JOB = "job", pgettext_lazy("message kind", "New reports and your jobs")
    LATE = "late", pgettext_lazy("message kind", "Repairs that are late")
    ORDER = "order", pgettext_lazy("message kind", "Orders and handing over")


# What only the people who work are told.
STAFF_KINDS = frozenset({MessageKind.JOB, MessageKind.LATE, MessageKind.ORDER})


class Audience(models.TextChoices):
    """To whom something is said, and so in which words."""

    RESIDENT = "resident", pgettext_lazy("audience", "The one who reported it")
    HOUSEHOLD = "household", pgettext_lazy("audience", "Households that open their door")
    STAFF = "staff", pgettext_lazy("audience", "The people who work")


class GaveUp(models.TextChoices):
    """Why a message is not tried any more; the staff reads it and may send it again."""

    TIRED = "tired", pgettext_lazy("message", "Tried many times; it was never taken.")
    REFUSED = "refused", pgettext_lazy("message", "The number or address is refused. Is it right?")
    CAPPED = "capped", pgettext_lazy("message", "This phone already had as many messages as a day allows.")
    UNHEARD = "unheard", pgettext_lazy("message", "It may have arrived: nobody answered in time. Better ask first.")
    GONE = "gone", pgettext_lazy("message", "This device, mailbox or robot is no longer set up.")


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages by reader and by what is still to be done."""

    def visible_to(self, user: Visitor) -> "MessageQuerySet":
        """A person's own, in the app."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(recipient=user, channel=MessageChannel.APP)

    def unread(self) -> "MessageQuerySet":
        """Not looked at yet."""
        return self.filter(read_at__isnull=True)

    def of_desk(self, user: Visitor) -> "MessageQuerySet":
        """What went out about the tickets of the organisations in which `user` takes reports up, and what went to those
        for which `user` answers: to their people, telephones and robots."""
        if not isinstance(user, User):
            return self.none()
        desks = organisations_where(user, Permission.TICKET_ACKNOWLEDGE)
        offices = organisations_where(user, Permission.ESCALATION_ANSWER)
        wanted = _to_houses({each.pk: each for each in (*desks, *offices)}.values(), user)
        if desks:
            seen = Ticket.objects.visible_to(user).filter(pk=OuterRef("ticket"), organisation__in=desks)
            wanted |= Q(Exists(seen))
        return self.filter(wanted).exclude(channel=MessageChannel.APP)

    def unsent(self) -> "MessageQuerySet":
        """Still to be delivered."""
        return self.filter(sent_at__isnull=True, gave_up_at__isnull=True)

    def undelivered(self) -> "MessageQuerySet":
        """Given up: nobody tries them any more unless somebody says so."""
        return self.filter(gave_up_at__isnull=False)

    def to_try(self, at: datetime) -> "MessageQuerySet":
        """Whose turn it is, and which no worker holds: the lease of one that was killed runs out."""
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
        return self.unsent().filter(free, next_try_at__lte=at)

    def to_spread(self, at: datetime) -> "MessageQuerySet":
        """Written in the app, and nobody looked yet by which other channels their reader wants them."""
        return self.filter(channel=MessageChannel.APP, next_try_at__lte=at)


def _to_houses(houses: Collection[Organisation], user: User) -> Q:
    """What went to `houses` themselves. Addresses, not conditions on other tables: each has its index."""
    if not houses:
        return Q(pk__in=[])
    phones = [phone for each in houses if (phone := dialled(each.phone))]
    robots = list(TeamRobot.objects.filter(organisation__in=houses).order_by().values_list("pk", flat=True))
    # Somebody may work elsewhere, too: what they were told there is no business of this house.
    known = Exists(Ticket.objects.worked_by(user).filter(pk=OuterRef("ticket")))
    offered = Exists(Handover.objects.visible_to(user).filter(ticket=OuterRef("ticket")))
    to_people = Q(recipient__in=people_of(houses)) & (Q(known) | Q(offered))
    return Q(audience=Audience.STAFF) & (Q(robot__in=robots) | Q(phone__in=phones) | to_people)


def lane_of(message: "Message") -> str:
    """In which lane it waits: behind a company that hangs there is nothing but its own messages.

    Empty where no lane is known, as with the rows of an older version: that is a lane, too.
    """
    if message.channel == MessageChannel.ROBOT:
        scheme = urlsplit(message.robot.url).scheme if message.robot else ""
        return robot_lane(scheme) if scheme in ROBOT_SCHEMES else ""
    if message.channel == MessageChannel.PUSH:
        host = urlsplit(message.device.endpoint).hostname or "" if message.device else ""
        of = [each for each in settings.PUSH_SERVICES if host == each or host.endswith(f".{each}")]
        return push_lane(of[0]) if of else ""
    return str(message.channel)


def robot_lane(scheme: str) -> str:
    """The lane of one company's team chats."""
    return f"{MessageChannel.ROBOT.value}:{scheme}"


def push_lane(service: str) -> str:
    """The lane of one push service."""
    return f"{MessageChannel.PUSH.value}:{service}"


class _ReadOff:
    """A column that is read off other rows when the message is first stored, whoever writes it: an index can't look
    into another table."""

    name: str

    def read_off(self, message: "Message") -> Any:
        """What it says of `message`."""
        raise NotImplementedError

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Once, when the row is written."""
        if add:
            setattr(model_instance, self.name, self.read_off(cast("Message", model_instance)))
        return getattr(model_instance, self.name)

    def deconstruct(self) -> Any:
        """For migrations it is a plain column."""
        name, _path, args, named = super().deconstruct()  # type: ignore[misc]
        return name, f"django.db.models.{type(self).__mro__[2].__name__}", args, named


class LaneField(_ReadOff, models.CharField[str, str]):
    """See `lane_of`."""

    def read_off(self, message: "Message") -> str:
        """The lane."""
        return lane_of(message)


class DangerField(_ReadOff, models.BooleanField[bool, bool]):
    """Whether it goes first."""

    def read_off(self, message: "Message") -> bool:
        """As its ticket stands when it is written."""
        return bool(message.ticket.urgency == Urgency.DANGER)


def _single(name: str, channel: MessageChannel, reader: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=["event", reader], condition=Q(channel=channel), name=name)


class Message(models.Model):
    """One message to one person by one channel; never two for the same event."""

    event = models.ForeignKey(TicketEvent, on_delete=models.PROTECT, related_name="messages")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    channel = models.CharField(max_length=8, choices=MessageChannel)
    audience = models.CharField(
        max_length=9, choices=Audience, default=Audience.RESIDENT, db_default=Audience.RESIDENT.value
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    phone = models.CharField(max_length=16, blank=True)
    email = models.EmailField(blank=True, default="", db_default="")
    device = models.ForeignKey(PushDevice, on_delete=models.SET_NULL, null=True, blank=True, related_name="messages")
    robot = models.ForeignKey(TeamRobot, on_delete=models.SET_NULL, null=True, blank=True, related_name="messages")
    text = models.TextField()
    # The sentence alone, for where what the resident wrote must not be read or heard by others.
    sentence = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    # In the app: when it is to be spread over the channels its reader chose; empty once that is done.
    next_try_at = models.DateTimeField(null=True, blank=True)
    lane = LaneField(max_length=60, blank=True, default="", db_default="", editable=False)
    danger = DangerField(default=False, db_default=False, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True)
    gave_up_at = models.DateTimeField(null=True, blank=True)
    gave_up_because = models.CharField(max_length=8, choices=GaveUp, blank=True, default="", db_default="")
    resent_at = models.DateTimeField(null=True, blank=True)
    resent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    read_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    # Of these, how many nobody heard the end of: the carrier may have taken each of them.
    unheard = models.PositiveSmallIntegerField(default=0, db_default=0)
    last_error = models.CharField(max_length=200, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(F("recipient"), F("id").desc(), name="message_by_recipient", condition=Q(channel="app")),
            models.Index(F("recipient"), name="message_unread", condition=Q(channel="app", read_at__isnull=True)),
            models.Index(
                F("lane"),
                F("danger"),
                F("next_try_at"),
                F("id"),
                name="message_in_its_lane",
                condition=Q(sent_at__isnull=True, next_try_at__isnull=False),
            ),
            models.Index(
                F("next_try_at"),
                F("id"),
                name="message_to_spread",
                condition=Q(channel="app", next_try_at__isnull=False),
            ),
            models.Index(F("phone"), F("sent_at"), name="message_by_phone", condition=Q(channel="sms")),
            models.Index(
                F("gave_up_at").desc(),
                F("id").desc(),
                name="message_undelivered",
                condition=Q(gave_up_at__isnull=False),
            ),
            *(
                models.Index(
                    F(address),
                    name=f"message_undelivered_{address}",
                    condition=Q(gave_up_at__isnull=False, audience=Audience.STAFF),
                )
                for address in ("recipient", "phone", "robot")
            ),
        ]
        constraints = [
            _single("message_in_the_app_is_single", MessageChannel.APP, "recipient"),
            _single("message_by_sms_is_single", MessageChannel.SMS, "phone"),
            _single("message_by_email_is_single", MessageChannel.EMAIL, "recipient"),
            _single("message_to_a_device_is_single", MessageChannel.PUSH, "device"),
            _single("message_to_a_robot_is_single", MessageChannel.ROBOT, "robot"),
            _single("message_by_call_is_single", MessageChannel.CALL, "phone"),
            models.CheckConstraint(
                condition=Q(channel__in=[MessageChannel.APP, MessageChannel.PUSH], recipient__isnull=False)
                | (Q(channel__in=[MessageChannel.SMS, MessageChannel.CALL]) & ~Q(phone=""))
                | (Q(channel=MessageChannel.EMAIL, recipient__isnull=False) & ~Q(email=""))
                | Q(channel=MessageChannel.ROBOT),
                name="message_has_an_address",
            ),
            models.CheckConstraint(
                condition=Q(gave_up_at__isnull=True, gave_up_because="")
                | (
                    Q(gave_up_at__isnull=False, sent_at__isnull=True, next_try_at__isnull=True) & ~Q(gave_up_because="")
                ),
                name="message_given_up_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(resent_at__isnull=True, resent_by__isnull=True)
                | Q(resent_at__isnull=False, resent_by__isnull=False),
                name="message_resent_has_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.channel}"
