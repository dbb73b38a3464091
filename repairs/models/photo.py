"""A photo of a report or of a repair; the picture itself is a file that only a view gives out."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.requests import Visitor

from .draft import ReportDraft
from .event import TicketEvent
from .ticket import Ticket

PHOTOS_MAX = 5


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Photos by who may see them."""

    def visible_to(self, user: Visitor, drafts: "models.QuerySet[ReportDraft] | None" = None) -> "PhotoQuerySet":
        """Photos of visible tickets (internal ones not for the resident's side) and of the browser's own draft."""
        seen = Q(ticket__in=Ticket.objects.visible_to(user)) & (
            Q(event__isnull=True, uploaded_by=user.pk) | Q(event__in=TicketEvent.objects.visible_to(user))
        )
        if drafts is not None:
            seen |= Q(draft__in=drafts, ticket__isnull=True)
        return self.filter(seen)

    def waiting(self, ticket: Ticket, user: User) -> "PhotoQuerySet":
        """Uploaded by `user` for the next thing they say about `ticket`."""
        return self.filter(ticket=ticket, event__isnull=True, uploaded_by=user)


class Photo(models.Model):
    """Two sizes of one picture, without any metadata; `key` names the files."""

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(ReportDraft, on_delete=models.SET_NULL, null=True, blank=True, related_name="photos")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="photos")
    event = models.ForeignKey(TicketEvent, on_delete=models.PROTECT, null=True, blank=True, related_name="photos")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    small_width = models.PositiveSmallIntegerField()
    small_height = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        indexes = [models.Index(fields=["ticket", "event"], name="photo_by_ticket")]
        constraints = [
            models.CheckConstraint(
                condition=Q(event__isnull=True) | Q(ticket__isnull=False), name="photo_of_an_event_is_of_its_ticket"
            )
        ]

    def __str__(self) -> str:
        return str(self.key)
