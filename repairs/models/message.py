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
from .ticket import Ticket


class MessageChannel(models.TextChoices):
    """By which way a message goes."""

    APP = "app", pgettext_lazy("message channel", "In the app")
    SMS = "sms", pgettext_lazy("message channel", "Text message")


class MessageKind(models.TextChoices):
    """What a message is for; people choose by it."""

    QUESTION = "question", pgettext_lazy("message kind", "Something you should answer")
    REMINDER = "reminder", pgettext_lazy("message kind", "Reminders of a visit")
    PROGRESS = "progress", pgettext_lazy("message kind", "How the repair goes on")


class GaveUp(models.TextChoices):
    """Why a message is not tried any more; the staff reads it and may send it again."""

    TIRED = "tired", pgettext_lazy("message", "Tried many times; the text message company never took it.")
    REFUSED = "refused", pgettext_lazy("message", "The text message company refuses this number. Is it right?")
    CAPPED = "capped", pgettext_lazy("message", "This phone already had as many messages as a day allows.")


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
        """Text messages about the tickets of the organisations in which `user` takes reports up."""
        if not isinstance(user, User):
            return self.none()
        desks = organisations_where(user, Permission.TICKET_ACKNOWLEDGE)
        seen = Ticket.objects.visible_to(user).filter(pk=OuterRef("ticket"), organisation__in=desks)
        return self.filter(Exists(seen), channel=MessageChannel.SMS)

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


class Message(models.Model):
    """One message to one person by one channel; never two for the same event."""

    event = models.ForeignKey(TicketEvent, on_delete=models.PROTECT, related_name="messages")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    channel = models.CharField(max_length=4, choices=MessageChannel)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    phone = models.CharField(max_length=16, blank=True)
    text = models.TextField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
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
            models.Index(F("next_try_at"), F("id"), name="message_unsent", condition=Q(sent_at__isnull=True)),
            models.Index(F("phone"), F("sent_at"), name="message_by_phone", condition=Q(channel="sms")),
            models.Index(
                F("gave_up_at").desc(),
                F("id").desc(),
                name="message_undelivered",
                condition=Q(gave_up_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "recipient"],
                condition=Q(channel=MessageChannel.APP),
                name="message_in_the_app_is_single",
            ),
            models.UniqueConstraint(
                fields=["event", "phone"], condition=Q(channel=MessageChannel.SMS), name="message_by_sms_is_single"
            ),
            models.CheckConstraint(
                condition=Q(channel=MessageChannel.APP, recipient__isnull=False)
                | (Q(channel=MessageChannel.SMS) & ~Q(phone="")),
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


class MessageChoice(models.Model):
    """What somebody chose for one kind of message; no row: as the house does it. In the app everything is told."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="message_choices")
    kind = models.CharField(max_length=8, choices=MessageKind)
    sms = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="message_choice_is_one_for_each_kind")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind}"
