"""Every rule of teams, visits and days that the database keeps by itself: each refuses the row that breaks it."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.utils import timezone

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
    TicketEvent,
    Window,
    WindowPlace,
)
from tests.town import Town

MODELS = [Booking, BookingConsent, CalendarFeed, DayOff, DayOverride, DispatchRule, Material, Shift, Team, Window]
SUNDAY = 6
NOW = timezone.now()
Scene = dict[str, Any]


def _shift(scene: Scene, **fields: Any) -> object:
    given = {"team": scene["team"], "weekday": SUNDAY, "starts": time(8), "ends": time(10), "capacity": 1}
    return Shift.objects.create(**given | fields)


def _booking(scene: Scene, **fields: Any) -> object:
    window = scene["window"]
    given: dict[str, Any] = {
        "ticket": scene["other"], "place": window.places.latest("number"), "team": window.team, "state": "booked",
        "starts_at": window.starts_at, "ends_at": window.ends_at, "made_at": NOW, "made_by": scene["town"].chen,
    }  # fmt: skip
    return Booking.objects.create(**given | fields)


def _consent(scene: Scene, **fields: Any) -> object:
    return BookingConsent.objects.create(booking=scene["booking"], dwelling=scene["town"].flat501, **fields)


def _feed(scene: Scene, address: str = "a", **fields: Any) -> object:
    return CalendarFeed.objects.create(token=address, made_at=NOW, made_by=scene["town"].wang, **fields)


def _material(scene: Scene, **fields: Any) -> object:
    event = TicketEvent.objects.filter(ticket=scene["other"]).latest("pk")
    return Material.objects.create(ticket=scene["other"], event=event, **{"name": "角阀", "quantity": 1} | fields)


BROKEN: dict[str, Callable[[Scene], object]] = {
    "dispatch_rule_limit_leaves_room_for_one": lambda s: DispatchRule.objects.create(
        organisation=s["town"].centre, open_jobs_most=0
    ),
    "team_name_is_used_once_in_an_organisation": lambda s: Team.objects.create(
        organisation=s["town"].centre, name=s["team"].name
    ),
    "team_holds_back_a_share_of_the_day": lambda s: Team.objects.create(
        organisation=s["town"].centre, name="二班", held_back=101
    ),
    "shift_ends_after_it_starts": lambda s: _shift(s, ends=time(8)),
    "shift_has_a_weekday_and_room": lambda s: _shift(s, capacity=0),
    "shift_of_one_team_never_overlaps": lambda s: _shift(s, weekday=0, starts=time(9)),
    "day_off_ends_after_it_starts": lambda s: DayOff.objects.create(
        team=s["team"], starts_on=date(2026, 12, 2), ends_on=date(2026, 12, 1)
    ),
    "day_override_off_has_no_weekday": lambda s: DayOverride.objects.create(
        day=date(2026, 12, 2), works=False, as_weekday=0, note="停电"
    ),
    "day_override_names_a_weekday": lambda s: DayOverride.objects.create(
        day=date(2026, 12, 2), works=True, as_weekday=7, note="补班"
    ),
    "window_of_one_team_starts_once": lambda s: Window.objects.create(
        team=s["team"], starts_at=s["window"].starts_at, ends_at=s["window"].ends_at
    ),
    "window_ends_after_it_starts": lambda s: Window.objects.create(team=s["team"], starts_at=NOW, ends_at=NOW),
    "window_place_has_a_number_of_its_own": lambda s: WindowPlace.objects.create(window=s["window"], number=1),
    "booking_holds_a_place_alone": lambda s: _booking(s, place=s["booking"].place),
    "booking_of_one_ticket_is_single": lambda s: _booking(s, ticket=s["booking"].ticket),
    "booking_has_a_place_until_given_back": lambda s: _booking(s, place=None),
    "booking_that_ended_says_when": lambda s: _booking(s, state="kept"),
    "booking_set_out_has_who_and_when": lambda s: _booking(s, set_out_at=NOW),
    "consent_of_one_household_is_single": lambda s: (_consent(s), _consent(s)),
    "consent_answer_has_who_and_when": lambda s: _consent(s, answer="agreed", answered_at=NOW),
    "material_has_a_name_an_amount_and_a_price": lambda s: _material(s, quantity=0),
    "calendar_feed_is_of_a_person_or_a_team": lambda s: _feed(s, person=s["town"].wang, team=s["team"]),
    "calendar_feed_revoked_at_has_revoked_by": lambda s: _feed(s, team=s["team"], revoked_at=NOW),
    "calendar_feed_of_a_person_is_single": lambda s: (
        _feed(s, person=s["town"].wang),
        _feed(s, "b", person=s["town"].wang),
    ),
    "calendar_feed_of_a_team_is_single": lambda s: (_feed(s, team=s["team"]), _feed(s, "b", team=s["team"])),
}


@pytest.fixture
def scene(town: Town) -> Scene:
    team = town.team()
    booking = town.booked()
    window = Window.objects.get(places__bookings=booking)
    return {"town": town, "team": team, "booking": booking, "window": window, "other": town.ticket(words="客厅漏水")}


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_what_breaks_its_rule(scene: Scene, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BROKEN[name](scene)


@pytest.mark.parametrize("make", [_shift, _booking, _consent, _material], ids=lambda make: make.__name__)
def test_the_same_row_unbroken_is_taken(scene: Scene, make: Callable[[Scene], object]) -> None:
    assert make(scene)


@pytest.mark.parametrize(
    "fields",
    [{"name": ""}, {"price": -1}, {"quantity": -2}],
    ids=["no name", "below zero", "less than nothing"],
)
def test_a_material_needs_its_name_and_amounts(scene: Scene, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="material_has_a_name"), transaction.atomic():
        _material(scene, **fields)


def test_no_rule_of_these_tables_is_left_out() -> None:
    every: list[type[models.Model]] = [*MODELS, WindowPlace]
    assert {constraint.name for model in every for constraint in model._meta.constraints} == set(BROKEN)
