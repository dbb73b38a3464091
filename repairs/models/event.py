"""The timeline: what happened to a ticket, written once and never changed."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.requests import Visitor

from .ticket import Ticket

_FROZEN = "The timeline is written once and never changed."


class TicketEventQuerySet(models.QuerySet["TicketEvent"]):
    """Reading only; the database has a trigger that says the same."""

    def visible_to(self, user: Visitor) -> "TicketEventQuerySet":
        """Events of tickets `user` may see; internal notes only for the staff's side."""
        seen = self.filter(ticket__in=Ticket.objects.visible_to(user))
        return seen.filter(Q(internal=False) | Q(ticket__in=Ticket.objects.worked_by(user)))

    def of(self, ticket: Ticket, *, internal: bool) -> "TicketEventQuerySet":
        """The story of one ticket somebody was let in to; `internal`: as the staff's side, internal notes too."""
        told = self.filter(ticket=ticket)
        return told if internal else told.filter(internal=False)

    def for_timeline(self) -> "TicketEventQuerySet":
        """Newest first, with people and photos: two queries."""
        return self.select_related("by").prefetch_related("photos").order_by("-pk")

    def update(self, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise TypeError(_FROZEN)

    def delete(self) -> NoReturn:
        """Refused."""
        raise TypeError(_FROZEN)

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise TypeError(_FROZEN)


class TicketEvent(models.Model):
    """One thing that happened: who, when, what changed, what was said; photos point here."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="events")
    verb = models.CharField(max_length=16)
    # Nobody, when the clock did it.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    internal = models.BooleanField(default=False)
    changes = models.JSONField(default=dict)
    # Made by the phone for one press, so that sending it twice does it once (`actions.Entry`).
    key = models.UUIDField(null=True, blank=True, editable=False)

    objects = TicketEventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["ticket", "-id"], name="event_by_ticket")]
        constraints = [
            models.UniqueConstraint(
                fields=["by", "key"], condition=Q(key__isnull=False), name="event_of_one_press_is_written_once"
            )
        ]
        verbose_name = _("timeline event")
        verbose_name_plural = _("timeline events")

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.verb}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Written once."""
        if self.pk is not None and not self._state.adding:
            raise TypeError(_FROZEN)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise TypeError(_FROZEN)
