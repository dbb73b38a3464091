"""A report being written: it lives on the server, so that nothing typed is lost."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from repairs.workflow import Channel

from .catalogue import RepairType
from .ticket import WORDS_MAX, Ticket

DRAFT_LIVES = timedelta(days=7)


class ReportDraftQuerySet(models.QuerySet["ReportDraft"]):
    """Drafts by age."""

    def living(self) -> "ReportDraftQuerySet":
        """Touched within the week a draft is kept."""
        return self.filter(touched_at__gt=timezone.now() - DRAFT_LIVES)


class ReportDraft(models.Model):
    """What a browser has told us so far; `key` is unguessable and stands in a cookie."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The same browser's next draft carries the same value: a report repeated within minutes is recognised by it.
    browser = models.UUIDField(default=uuid.uuid4, editable=False)
    touched_at = models.DateTimeField()
    place = models.CharField(max_length=40, blank=True)
    repair_type = models.ForeignKey(RepairType, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answers = models.JSONField(default=dict, blank=True)
    danger_seen = models.BooleanField(default=False)
    words = models.TextField(max_length=WORDS_MAX, blank=True)
    words_done = models.BooleanField(default=False)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.ONLINE)
    contact_name = models.CharField(max_length=40, blank=True)
    contact_phone = models.CharField(max_length=16, blank=True)
    contact_agreed = models.BooleanField(default=False)
    notice_version = models.CharField(max_length=20, blank=True)
    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="draft")
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = ReportDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("report draft")
        verbose_name_plural = _("report drafts")
        indexes = [
            models.Index(fields=["browser", "sent_at"], name="draft_sent_by_browser"),
            models.Index(fields=["touched_at"], name="draft_by_age"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ticket__isnull=True, sent_at__isnull=True) | Q(ticket__isnull=False, sent_at__isnull=False),
                name="draft_sent_at_has_ticket",
            )
        ]

    def __str__(self) -> str:
        return str(self.key)
