"""The demo town, in small: everything it writes could have come from the verbs, and a second load changes nothing."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Min
from django.test import TestCase, override_settings
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, Role
from estates import access
from estates.duty import duty_organisation
from estates.labels import label_key
from estates.models import Building, Dwelling, Entrance, Estate, ManagementMode, Organisation
from estates.places import place_of
from repairs import actions
from repairs.demo.organisations import _modes
from repairs.demo.people import KNOWN, PASSWORD
from repairs.demo.scenes import service_ago
from repairs.demo.story import OutOfTurn, Story
from repairs.demo.town import Loaded, TownInTheWay, load_town
from repairs.models import (
    Booking,
    BookingConsent,
    DispatchRule,
    Escalation,
    Handover,
    HandoverState,
    Message,
    Photo,
    PledgeVersion,
    ReportDraft,
    Supervision,
    Team,
    Ticket,
    TicketCounter,
    TicketEvent,
    Window,
)
from repairs.photos import photo_path
from repairs.pledges import terms
from repairs.promises import due_columns, moments, stretches
from repairs.queue import Desk, Listing
from repairs.rail import counts
from repairs.times import visit_words
from repairs.times import window as window_words
from repairs.windows import produce
from repairs.workflow import MOVES, Actor, Channel, Clock, Closure, State

DEMO_PHONE = re.compile(r"(\+86)?1990000\d{4}")
SMALL: dict[str, Any] = {"estates": 3, "tickets": 45, "pictures": 12}


def _stories() -> Iterator[tuple[Ticket, list[TicketEvent]]]:
    for ticket in Ticket.objects.for_page().prefetch_related("events__by"):
        yield ticket, sorted(ticket.events.all(), key=lambda event: event.pk)


def _snapshot() -> dict[str, object]:
    models = (User, Estate, Dwelling, Organisation, Ticket, TicketEvent, Message, Photo, TicketCounter, Window, Booking)
    return {model.__name__: model._default_manager.aggregate(Min("pk"), Max("pk")) for model in models}


def _columns_then(ticket: Ticket, event: TicketEvent) -> dict[str, Any]:
    names = ("estate", "reporter", "contact_phone", "contact_agreed", "channel")
    then = {name: getattr(ticket, name) for name in names}
    return then | {"assignee": event.by, "organisation": _had_it(ticket, event)}


def _had_it(ticket: Ticket, event: TicketEvent | None = None) -> Organisation:
    """The organisation that had `ticket` before `event`, or at first."""
    accepted = TicketEvent.objects.filter(ticket=ticket, verb="accept", pk__gte=event.pk if event else 0).first()
    return Organisation.objects.get(name=accepted.changes["handover"]["from"]) if accepted else ticket.organisation


class TestTheDemoTown(TestCase):
    """One small town for all these tests: it takes seconds to build, and each puts back what it changed."""

    demo: ClassVar[Loaded]
    media: ClassVar[str]

    @classmethod
    def setUpTestData(cls) -> None:
        """The town, with a folder of its own for its photos."""
        cls.media = cls.enterClassContext(TemporaryDirectory())
        with override_settings(MEDIA_ROOT=cls.media):
            cls.demo = load_town(**SMALL)

    # ---------------------------------------------------------------- tickets
    def test_every_state_and_every_ending_occurs(self) -> None:
        reachable = {move.closure for move in MOVES.values() if move.closure}
        assert set(Ticket.objects.values_list("state", flat=True)) == set(State)
        assert set(Ticket.objects.exclude(closure="").values_list("closure", flat=True)) == reachable

    def test_it_has_as_many_tickets_as_asked_for(self) -> None:
        assert (self.demo.made["estates"], self.demo.made["tickets"], self.demo.made["photos"]) == (3, 45, 12)

    def test_every_story_follows_the_table_of_moves(self) -> None:
        for ticket, events in _stories():
            assert events[0].verb == "report"
            state, closure, moves = str(State.SUBMITTED), "", 0
            for event in events[1:]:
                move = MOVES[event.verb]
                assert state in move.starts
                assert event.internal == move.internal
                assert event.note or not move.needs_note
                if move.ends:
                    assert event.changes["state"] == [state, move.ends]
                    state, closure, moves = str(move.ends), str(move.closure or ""), moves + 1
            assert (state, closure, moves) == (ticket.state, ticket.closure, ticket.version)

    def test_nothing_happens_before_its_time(self) -> None:
        now = timezone.now()
        for ticket, events in _stories():
            moments = [event.at for event in events]
            assert moments == sorted(moments)
            assert (moments[0], moments[-1] <= now) == (ticket.filed_at, True)

    def test_the_columns_say_what_the_timeline_says(self) -> None:
        columns = {"acknowledge": "acknowledged_at", "assign": "assigned_at", "arrive": "arrived_at"}
        for ticket, events in _stories():
            last = {event.verb: event for event in events}
            # With these nobody is assigned any more.
            reopened = max(last[verb].pk if verb in last else 0 for verb in ("not_fixed", "accept"))
            for verb, column in columns.items():
                happened = verb in last and (verb == "acknowledge" or last[verb].pk > reopened)
                assert getattr(ticket, column) == (last[verb].at if happened else None)
            # A real verb looks at the clock twice.
            closed = ticket.closed_at and timedelta(0) <= events[-1].at - ticket.closed_at < timedelta(seconds=5)
            assert closed == (True if ticket.state == State.CLOSED else None)

    def test_only_those_who_may_have_taken_each_step(self) -> None:
        for ticket, events in _stories():
            for event in events[1:]:
                if event.by is None:
                    assert MOVES[event.verb].actor is Actor.CLOCK
                elif MOVES[event.verb].actor is Actor.RECEIVER:
                    taker = Organisation.objects.get(name=event.changes["handover"]["to"])
                    assert taker in access.organisations_where(event.by, Permission.TICKET_ASSIGN)
                else:
                    # The assignee of that moment may have been taken off since: a new visit, a new worker.
                    as_then = Ticket(pk=ticket.pk, **_columns_then(ticket, event))
                    assert actions.entitled(as_then, event.verb, event.by), (event.verb, event.by)

    def test_the_promises_are_those_of_the_table(self) -> None:
        # A posted plan promises its own day.
        for ticket in Ticket.objects.filter(times_reopened=0, plan_posted_at=None):
            asked = TicketEvent.objects.filter(ticket=ticket, verb="acknowledge", changes__has_key="urgency").first()
            first = asked.changes["urgency"][0] if asked else ticket.urgency
            filed, estate = ticket.filed_at, ticket.estate_id
            promised = moments(terms(ticket.urgency, ticket.mode, filed, estate), filed, stretches(ticket))
            asked_first = moments(terms(first, ticket.mode, filed, estate), filed)
            assert ticket.acknowledge_by == asked_first[Clock.ACKNOWLEDGE]
            assert ticket.restore_by == promised.get(Clock.PLAN, promised.get(Clock.RESTORE))

    def test_what_is_due_next_is_what_the_verbs_would_say(self) -> None:
        for ticket in Ticket.objects.all():
            owed = due_columns(ticket)
            assert {name: getattr(ticket, name) for name in owed} == owed, ticket

    def test_a_ticket_went_to_whoever_was_on_duty_that_day(self) -> None:
        for ticket in Ticket.objects.for_page():
            duty = duty_organisation(ticket.place, timezone.localdate(ticket.filed_at))
            assert (_had_it(ticket), ticket.mode) == (duty.organisation, duty.mode)

    def test_tickets_are_found_as_if_they_had_been_filed(self) -> None:
        for ticket in Ticket.objects.for_page():
            found_by = ticket.search_columns(ticket.repair_type)
            assert (ticket.tokens, ticket.search_text) == (found_by["tokens"], found_by["search_text"])

    def test_answers_are_answers_of_the_types_questions(self) -> None:
        for ticket in Ticket.objects.select_related("repair_type"):
            asked = ticket.repair_type.type_questions.values_list("question__code", "question__answers__code")
            assert set(ticket.answers.items()) <= set(asked)

    def test_the_next_report_gets_the_next_number(self) -> None:
        chen = User.objects.get(phone=self.demo.resident_phone)
        flat = chen.residences.get().dwelling
        street = flat.entrance.building.estate.community.street
        month = timezone.localtime().strftime("%y%m")
        last = TicketCounter.objects.get(street=street, month=month).last
        kind = Ticket.objects.all()[0].repair_type
        with transaction.atomic():
            draft = ReportDraft.objects.create(touched_at=timezone.now(), place=place_of(flat).ref, repair_type=kind)
            number = actions.file_report(draft, by=chen).number
            transaction.set_rollback(True)
        assert number == f"{street.short_name}-{month}-{last + 1:04d}"

    def test_numbers_run_in_the_order_of_filing(self) -> None:
        numbers = list(
            Ticket.objects.filter(street__short_name="临江").order_by("filed_at").values_list("number", flat=True)
        )
        assert numbers == sorted(numbers)

    def test_something_is_handed_over_each_way(self) -> None:
        states = set(Handover.objects.values_list("state", flat=True))
        assert states == {state.value for state in HandoverState} - {"withdrawn"}

    def test_what_is_late_went_up_and_some_of_it_is_answered(self) -> None:
        street = User.objects.get(username="street")
        came_up = Escalation.objects.of(street)
        assert set(came_up.answered().values_list("answer", flat=True)) == {"noted", "handed"}
        assert came_up.to_answer().exists()
        assert not Ticket.objects.filter(climbs_at__lte=timezone.now(), rung=0).exists()

    def test_orders_wait_are_answered_and_went_up(self) -> None:
        orders = Supervision.objects.all()
        states = {(order.answered_at is not None, order.went_up_at is not None) for order in orders}
        assert states == {(False, False), (True, False), (False, True)}
        assert Escalation.objects.filter(order__isnull=False).count() == 1

    def test_one_estate_promises_more_and_another_will(self) -> None:
        today, (first, _second, third) = timezone.localdate(), Estate.objects.order_by("pk")[:3]
        own, later = (PledgeVersion.objects.filter(estate=estate) for estate in (first, third))
        assert [version.starts_on <= today for version in own.order_by("starts_on")] == [True, False]
        assert [version.starts_on > today for version in later] == [True]
        with pytest.raises(IntegrityError, match="stay as they are"), transaction.atomic():
            own.update(note="x")

    # ---------------------------------------------------------------- people and places
    def test_nobody_real_can_be_reached(self) -> None:
        phones = [
            *User.objects.exclude(phone=None).values_list("phone", flat=True),
            *Ticket.objects.exclude(contact_phone="").values_list("contact_phone", flat=True),
            *Message.objects.exclude(phone="").values_list("phone", flat=True),
            *Organisation.objects.values_list("phone", flat=True),
        ]
        assert [phone for phone in phones if not DEMO_PHONE.fullmatch(phone or "")] == []

    def test_invented_names_say_so(self) -> None:
        names = [*Estate.objects.values_list("name", flat=True), *Organisation.objects.values_list("name", flat=True)]
        assert [name for name in names if not name.endswith("（示例）")] == []

    def test_keys_are_what_save_would_have_written(self) -> None:
        for estate in Estate.objects.all():
            written = (estate.name_key, estate.initials)
            estate.set_keys()
            assert written == (estate.name_key, estate.initials)
        for model in (Building, Entrance, Dwelling):
            rows = list(model._default_manager.values_list("label", "label_key"))
            assert [key for _label, key in rows] == [label_key(label) for label, _key in rows]

    def test_every_role_can_sign_in(self) -> None:
        held = {}
        for user in User.objects.filter(username__in=KNOWN):
            assert user.check_password(PASSWORD)
            held[user.username] = Role(user.appointments.get().role)
        assert held == {username: role for username, (_name, role) in KNOWN.items()}
        assert set(held.values()) == set(Role)
        assert User.objects.get(username="admin").is_superuser

    def test_the_demos_own_people_find_something_to_do(self) -> None:
        dispatcher, worker = (User.objects.get(username=username) for username in ("dispatcher", "worker"))
        waiting = counts(Desk(dispatcher))
        assert (waiting[Listing.NEW.value] >= 7, waiting[Listing.LATE.value] >= 3) == (True, True)
        assert Ticket.objects.filter(assignee=worker, state__in=[State.ASSIGNED, State.ON_SITE]).count() >= 4
        chen = User.objects.get(phone=self.demo.resident_phone)
        assert Ticket.objects.of_resident(chen).filter(state=State.FINISHED).count() == 1

    def test_one_report_came_from_a_phone_nobody_proved(self) -> None:
        unproved = Ticket.objects.filter(channel=Channel.ONLINE, phone_verified=False)
        assert {(ticket.reporter.is_guest, ticket.contact_agreed) for ticket in unproved} == {(True, False)}

    # ---------------------------------------------------------------- visits
    def test_visits_stand_as_a_verb_would_have_left_them(self) -> None:
        for booking in Booking.objects.select_related("place__window", "ticket__assignee", "team"):
            story = {event.verb: event for event in booking.ticket.events.order_by("pk")}
            assert booking.place is not None
            window, ticket = booking.place.window, booking.ticket
            assert (window.starts_at, window.ends_at, window.team) == (booking.starts_at, booking.ends_at, booking.team)
            assert booking.team in Team.objects.able(ticket.repair_type.category_id).filter(
                organisation=ticket.organisation_id
            )
            assert ticket.assignee is None or ticket.assignee in booking.team.members.all()
            assert visit_words(story["book"].changes["visit"][1]) == window_words(booking.starts_at, booking.ends_at)
            assert (story["book"].at, story["book"].by) == (booking.made_at, booking.made_by)
            assert booking.reminded_at == (story["remind"].at if "remind" in story else None)
            assert (booking.ended_at is None) == (booking.starts_at > timezone.now())

    def test_every_fate_of_a_visit_can_be_seen(self) -> None:
        told = dict(Booking.objects.values_list("state").annotate(times=Count("pk")))
        assert told.pop("booked") >= 3
        assert told == {"asked": 1, "kept": 1, "nobody_came": 1}
        assert BookingConsent.objects.waiting().count() == 1
        assert Message.objects.filter(event__verb="book", recipient__residences__isnull=False).exists()
        assert Ticket.objects.get(times_nobody_came=1).events.filter(verb="miss").exists()

    def test_wang_comes_to_chen_on_the_next_day_that_is_worked(self) -> None:
        chen = User.objects.get(phone=self.demo.resident_phone)
        booking = Booking.objects.live().get(ticket__reporter=chen)
        assert booking.ticket.assignee == User.objects.get(username="worker")
        assert timezone.localdate(booking.starts_at) > timezone.localdate()

    def test_every_team_has_hours_and_windows_for_four_weeks(self) -> None:
        for team in Team.objects.all():
            assert {appointment.role for user in team.members.all() for appointment in user.appointments.all()} == {
                Role.WORKER
            }
            assert (team.shifts.count(), produce(team)) == (24, [])
            assert team.windows.filter(offered=True).count() > 60
        assert set(DispatchRule.objects.values_list("mode", flat=True)) == {"pool", "in_turn"}

    # ---------------------------------------------------------------- messages and photos
    def test_no_message_waits_to_be_sent(self) -> None:
        assert Message.objects.exists()
        assert Message.objects.unsent().count() == 0

    def test_nobody_is_told_what_they_did_themselves(self) -> None:
        told = Message.objects.exclude(recipient=None).exclude(event__verb="report")
        assert [
            message.pk for message in told.select_related("event") if message.event.by_id == message.recipient_id
        ] == []

    def test_photos_show_before_and_after(self) -> None:
        for photo in Photo.objects.select_related("event"):
            assert photo.event is not None
            assert photo.event.verb in {"report", "finish"}
            assert photo.uploaded_by_id == photo.event.by_id
            assert photo.width > photo.small_width
        assert len(set(Photo.objects.values_list("sha256", flat=True))) == SMALL["pictures"]

    def test_photos_are_files(self) -> None:
        with override_settings(MEDIA_ROOT=self.media):
            keys = Photo.objects.values_list("key", flat=True)
            assert [key for key in keys for size in ("large", "small") if not photo_path(key, size).exists()] == []

    # ---------------------------------------------------------------- the command
    def test_a_second_load_changes_nothing(self) -> None:
        before, said = _snapshot(), StringIO()
        call_command("load_demo", stdout=said)
        assert _snapshot() == before
        assert "nothing was changed" in said.getvalue()

    def test_it_says_how_to_sign_in(self) -> None:
        said = StringIO()
        call_command("load_demo", stdout=said)
        assert [word for word in (*KNOWN, "admin", PASSWORD, "19900000001") if word not in said.getvalue()] == []

    @override_settings(EMBEDDED=False, ANJU_DEMO=False)
    def test_a_real_installation_gets_no_demo_people(self) -> None:
        before = _snapshot()
        with pytest.raises(CommandError, match="--really"):
            call_command("load_demo", stdout=StringIO())
        assert _snapshot() == before

    def test_a_number_out_of_bounds_is_one_sentence(self) -> None:
        before = _snapshot()
        for given in ("--estates=5", "--estates=99999999", "--tickets=-1", "--tickets=5000001", "--tickets=x"):
            with pytest.raises(CommandError, match=r"^--\w+ takes a number from [\d,]+ to [\d,]+; nothing was changed"):
                call_command("load_demo", given, stdout=StringIO())
        assert _snapshot() == before

    def test_it_stops_when_a_name_it_needs_is_taken(self) -> None:
        with transaction.atomic():
            Organisation.objects.filter(name__startswith="水门家园服务中心").update(name="别的中心（示例）")
            with pytest.raises(TownInTheWay, match="dispatcher"):
                load_town(**SMALL)
            transaction.set_rollback(True)

    # ---------------------------------------------------------------- its parts
    def test_a_story_out_of_turn_is_refused(self) -> None:
        ticket = Ticket.objects.for_page().filter(closure=Closure.CONFIRMED)[0]
        story = Story(ticket, timezone.now(), "修好了")
        story.report()
        with pytest.raises(OutOfTurn):
            story.close("cancel", story.now, ticket.reporter)


def test_a_full_town_is_managed_as_the_register_says() -> None:
    modes = _modes(Random(1), 40)
    shares = {mode: modes.count(mode) for mode in ManagementMode}
    assert shares == {
        ManagementMode.COMPANY: 18,
        ManagementMode.HOME_CENTRE: 9,
        ManagementMode.FALLBACK: 5,
        ManagementMode.NOBODY: 8,
    }


@pytest.mark.parametrize(
    ("hours", "expected"), [(1, "11-22 09:00"), (3, "11-21 19:00"), (13, "11-21 09:00"), (15, "11-20 19:00")]
)
def test_service_hours_back_skip_the_nights(hours: int, expected: str) -> None:
    now = datetime(2026, 11, 22, 10, tzinfo=timezone.get_current_timezone())
    assert service_ago(now, hours).strftime("%m-%d %H:%M") == expected


def test_service_hours_back_from_the_night_begin_the_evening_before() -> None:
    now = datetime(2026, 11, 22, 5, 30, tzinfo=timezone.get_current_timezone())
    assert service_ago(now, 1).strftime("%m-%d %H:%M") == "11-21 19:00"
