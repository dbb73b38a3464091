"""What was told to whom about a ticket, written with the event and delivered by the worker."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.requests import Visitor

from .event import TicketEvent
from .ticket import Ticket


class MessageChannel(models.TextChoices):
    """By which way a message goes."""

    APP = "app", pgettext_lazy("message channel", "In the app")
    SMS = "sms", pgettext_lazy("message channel", "Text message")


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

    def unsent(self) -> "MessageQuerySet":
        """Still to be delivered."""
        return self.filter(sent_at__isnull=True)


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
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.channel}"
