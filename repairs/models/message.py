"""What was told to whom about a ticket, written with the event and delivered by the worker."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.requests import Visitor
from accounts.roles import Permission
from estates.access import organisations_where

from .event import TicketEvent
from .reach import PushDevice, TeamRobot
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
    LATE = "late", pgettext_lazy("message kind", "Repairs that are late")
    ORDER = "order", pgettext_lazy("message kind", "Orders and handing over")


# What only the people who work are told.
STAFF_KINDS = frozenset({MessageKind.LATE, MessageKind.ORDER})


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
        """What went out about the tickets of the organisations in which `user` takes reports up."""
        if not isinstance(user, User):
            return self.none()
        desks = organisations_where(user, Permission.TICKET_ACKNOWLEDGE)
        seen = Ticket.objects.visible_to(user).filter(pk=OuterRef("ticket"), organisation__in=desks)
        return self.filter(Exists(seen)).exclude(channel=MessageChannel.APP)

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
    claimed_until = models.DateTimeField(null=True, blank=True)
    gave_up_at = models.DateTimeField(null=True, blank=True)
    gave_up_because = models.CharField(max_length=8, choices=GaveUp, blank=True, default="", db_default="")
    resent_at = models.DateTimeField(null=True, blank=True)
    resent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    read_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(F("recipient"), F("id").desc(), name="message_by_recipient", condition=Q(channel="app")),
            models.Index(F("recipient"), name="message_unread", condition=Q(channel="app", read_at__isnull=True)),
            models.Index(
                F("channel"), F("next_try_at"), F("id"), name="message_in_its_lane", condition=Q(sent_at__isnull=True)
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
