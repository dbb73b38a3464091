"""Looking in and rescue: what the verbs write is read-only here, the timeline can't even be added to."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from repairs import admin_catalogue as admin_catalogue
from repairs import admin_pledges as admin_pledges
from repairs import admin_visits as admin_visits
from repairs import admin_wordings as admin_wordings
from repairs.models import (
    ContactView,
    Escalation,
    Handover,
    Message,
    Pause,
    ReportDraft,
    Supervision,
    Ticket,
    TicketEvent,
)


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Nothing is added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never."""
        return False


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    """Tickets, contacts masked."""

    list_display = ["number", "repair_type", "estate", "state", "closure", "urgency", "filed_at"]
    list_filter = ["state", "closure", "urgency", "street"]
    list_select_related = ["repair_type", "estate"]
    search_fields = ["number"]
    show_full_result_count = False
    exclude = ["contact_name", "contact_phone", "tokens", "search_text"]
    readonly_fields = ["masked_name", "masked_phone"]


@admin.register(TicketEvent)
class TicketEventAdmin(ReadOnlyAdmin):
    """The timeline."""

    list_display = ["ticket", "verb", "by", "at", "internal"]
    list_select_related = ["ticket", "by"]
    search_fields = ["ticket__number"]
    show_full_result_count = False


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What was told, without the numbers it went to."""

    list_display = ["ticket", "channel", "created_at", "sent_at", "gave_up_because", "tries", "last_error"]
    list_filter = ["channel", "gave_up_because"]
    list_select_related = ["ticket"]
    exclude = ["phone"]
    show_full_result_count = False


@admin.register(ContactView)
class ContactViewAdmin(ReadOnlyAdmin):
    """Who saw which contact in full, and why."""

    list_display = ["ticket", "by", "at", "reason"]
    list_select_related = ["ticket", "by"]


@admin.register(Pause)
class PauseAdmin(ReadOnlyAdmin):
    """Which clocks stood still, why, until when."""

    list_display = ["ticket", "reason", "started_at", "started_by", "until", "ended_at", "ended_by"]
    list_filter = ["reason"]
    list_select_related = ["ticket", "started_by", "ended_by"]


@admin.register(Handover)
class HandoverAdmin(ReadOnlyAdmin):
    """Which tickets were offered to whom, and what became of it."""

    list_display = ["ticket", "from_organisation", "to_organisation", "state", "offered_at", "decided_at"]
    list_filter = ["state"]
    list_select_related = ["ticket", "from_organisation", "to_organisation"]


@admin.register(Escalation)
class EscalationAdmin(ReadOnlyAdmin):
    """Who was told that a promise runs out, and what they did about it."""

    list_display = ["ticket", "clock", "rung", "organisation", "reason", "met", "at", "answer", "answered_by"]
    list_filter = ["rung", "reason", "met", "answer"]
    list_select_related = ["ticket", "organisation", "answered_by"]
    search_fields = ["ticket__number"]
    show_full_result_count = False


@admin.register(Supervision)
class SupervisionAdmin(ReadOnlyAdmin):
    """Who ordered what of whom by when, and what was answered."""

    list_display = ["ticket", "office", "organisation", "ordered_at", "answer_by", "answered_at", "went_up_at"]
    list_filter = ["level", "office"]
    list_select_related = ["ticket", "office", "organisation"]
    search_fields = ["ticket__number"]


@admin.register(ReportDraft)
class ReportDraftAdmin(ReadOnlyAdmin):
    """Reports being written: only that they exist, not what they say."""

    list_display = ["browser", "touched_at", "sent_at", "ticket"]
    fields = ["touched_at", "sent_at", "ticket"]
