"""Teams and visits in the administration: days of our own may be written, what verbs write is only looked at."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest
from procrastinate.contrib.django import app

from repairs.models import (
    Booking,
    BookingConsent,
    CalendarFeed,
    DayOff,
    DayOverride,
    DispatchRule,
    Material,
    Shift,
    Team,
    Window,
)
from repairs.pledges import CALENDAR_LIVES


@admin.register(DayOverride)
class DayOverrideAdmin(admin.ModelAdmin[DayOverride]):
    """Days off and workdays of our own; the windows of every team follow by a job of the same transaction."""

    list_display = ["day", "works", "as_weekday", "note"]
    date_hierarchy = "day"

    def save_model(self, request: HttpRequest, obj: DayOverride, form: ModelForm[DayOverride], change: bool) -> None:
        """Keep it, and let the windows follow."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            _renew()

    def delete_model(self, request: HttpRequest, obj: DayOverride) -> None:
        """The calendar of China holds again."""
        with transaction.atomic():
            super().delete_model(request, obj)
            _renew()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Several at once."""
        with transaction.atomic():
            super().delete_queryset(request, queryset)
            _renew()


def _renew() -> None:
    # Named, not imported: the task module stands above this one.
    app.configure_task("repairs.tasks.renew_windows").defer()
    # By then no process counts in the days as they were.
    app.configure_task("repairs.tasks.renew_promises", schedule_in={"seconds": int(2 * CALENDAR_LIVES)}).defer()


class LookedAt(admin.ModelAdmin[Any]):
    """Changed on the pages of the desk, where windows follow in the same transaction."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        """Never."""
        return False


@admin.register(Team)
class TeamAdmin(LookedAt):
    """Who goes out together."""

    list_display = ["name", "organisation", "held_back", "active"]
    list_select_related = ["organisation"]


@admin.register(Shift)
class ShiftAdmin(LookedAt):
    """The hours of teams."""

    list_display = ["team", "weekday", "starts", "ends", "capacity"]
    list_select_related = ["team"]


@admin.register(DayOff)
class DayOffAdmin(LookedAt):
    """When they don't go out."""

    list_display = ["team", "person", "starts_on", "ends_on", "note"]
    list_select_related = ["team", "person"]


@admin.register(DispatchRule)
class DispatchRuleAdmin(LookedAt):
    """How jobs are given out."""

    list_display = ["organisation", "mode", "open_jobs_most"]
    list_select_related = ["organisation"]


@admin.register(Window)
class WindowAdmin(LookedAt):
    """Windows ahead and past."""

    list_display = ["team", "starts_at", "ends_at", "offered"]
    list_select_related = ["team"]


@admin.register(Booking)
class BookingAdmin(LookedAt):
    """Agreed visits."""

    list_display = ["ticket", "team", "starts_at", "state", "made_at"]
    list_filter = ["state"]
    list_select_related = ["ticket", "team"]
    search_fields = ["ticket__number"]


@admin.register(BookingConsent)
class BookingConsentAdmin(LookedAt):
    """Households asked."""

    list_display = ["booking", "answer", "answered_at"]
    list_select_related = ["booking"]


@admin.register(Material)
class MaterialAdmin(LookedAt):
    """What was used up."""

    list_display = ["ticket", "name", "quantity", "price"]
    list_select_related = ["ticket"]


@admin.register(CalendarFeed)
class CalendarFeedAdmin(LookedAt):
    """Who subscribes to which calendar, without the secret address."""

    list_display = ["person", "team", "made_at", "revoked_at"]
    list_select_related = ["person", "team"]
    exclude = ["token"]
