"""The week board and the desk's own booking: what stands there, who may, what is refused and why."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from estates.models import Appointment
from estates.places import place_of
from repairs import actions
from repairs.models import Booking, BookingConsent, BookingState, Team, Ticket, Window, WindowPlace
from repairs.slots import next_slots
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import LONG_AGO, Town

DESKS = {"lin", "manager", "other_dispatcher", "clerk"}
DESK = {"lin", "manager"}
BOARD = "/desk/board/"
TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=True):
        yield


def _html(browser: Client, path: str = BOARD) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def _post(town: Town, verb: str, ticket: Ticket, **sent: object) -> tuple[int, str]:
    path = reverse(f"repairs:desk_{verb}", args=[ticket.pk])
    answer = signed_in(town.lin).post(path, sent, follow=True)
    return answer.status_code, answer.content.decode()


def _window(hour: int, day: int = 25) -> Window:
    return Window.objects.get(starts_at=TUESDAY.replace(day=day, hour=hour))


# ---------------------------------------------------------------- the board
def test_the_board_is_for_whoever_has_a_desk(town: Town) -> None:
    assert who_gets(town, BOARD) == {200: DESKS, 302: {"nobody"}, 404: everybody_but(*DESKS)}


def test_a_booked_job_stands_in_its_window_with_its_worker_and_what_is_left(town: Town) -> None:
    town.team()
    booking = town.booked(town.assigned())
    page = _html(signed_in(town.lin))
    window = page.partition(f'id="w{booking.place.window_id}"')[2].partition('<div class="window"')[0]  # type: ignore[union-attr]

    for said in ("10:00–12:00", "余 1 / 2", "厨房下水管漏水", "水门新村（示例） 3幢 2梯 502", "王建国"):
        assert said in window
    assert f'id="t{booking.ticket_id}"' not in page.partition('<table class="cards"')[0]


def test_what_has_no_time_stands_at_the_side_first_due_first(town: Town) -> None:
    town.team()
    later, sooner, planned = town.acknowledged(), town.acknowledged(), town.ticket()
    town.booked(planned)
    Ticket.objects.filter(pk=sooner.pk).update(due_at=timezone.now())
    side = _html(signed_in(town.lin)).partition('<table class="cards"')[0]

    assert 0 < side.index(f'id="t{sooner.pk}"') < side.index(f'id="t{later.pk}"')
    assert f'id="t{planned.pk}"' not in side


def test_another_organisation_s_teams_and_jobs_are_not_there(town: Town) -> None:
    town.team("清源班", organisation=town.company)
    theirs = town.ticket(place=place_of(town.garden_flat), words="花园里的路灯倒了")
    page = _html(signed_in(town.lin))

    assert "清源班" in _html(signed_in(town.other_dispatcher))
    assert "清源班" not in page
    assert f'id="t{theirs.pk}"' not in page


@pytest.mark.parametrize("week", ["2026-12-03", "nonsense", "9999-12-31", "0001-01-01"])
def test_a_week_is_any_day_of_it_and_nonsense_is_this_week(town: Town, week: str) -> None:
    town.team()
    page = _html(signed_in(town.lin), f"{BOARD}?week={week}")

    assert ("周一 11月30日" in page) == (week == "2026-12-03")


def _full(town: Town, workers: int, teams: int) -> None:
    """So many workers and teams, and every place of the coming week booked."""
    for number in range(workers):
        person = User.objects.create_user(username=f"w{number}", display_name=f"师傅{number}")
        Appointment.objects.create(
            person=person, organisation=town.centre, role=Role.WORKER, trade="电工", starts_on=LONG_AGO
        )
    for number in range(teams):
        town.team(f"班组{number}", capacity=1)
    like = town.assigned()
    places = list(WindowPlace.objects.free().filter(window__starts_at__lt=TUESDAY + timedelta(days=5)))
    tickets = []
    for number, _place in enumerate(places):
        ticket = Ticket.objects.get(pk=like.pk)
        ticket.pk, ticket.number = None, f"满-{number}"
        tickets.append(ticket)
    Ticket.objects.bulk_create(tickets)
    windows = Window.objects.in_bulk([place.window_id for place in places])
    Booking.objects.bulk_create(
        Booking(
            ticket=ticket, place=place, team_id=windows[place.window_id].team_id, state="booked",
            starts_at=windows[place.window_id].starts_at, ends_at=windows[place.window_id].ends_at,
            made_at=timezone.now(), made_by=town.lin,
        )
        for ticket, place in zip(tickets, places, strict=True)
    )  # fmt: skip


def test_a_full_week_of_forty_workers_costs_as_many_questions_as_an_empty_one(town: Town) -> None:
    town.team()
    town.booked()
    lin = signed_in(town.lin)
    lin.get(BOARD)
    counts = []
    for workers, teams in ((0, 0), (38, 11)):
        if teams:
            _full(town, workers, teams)
        with CaptureQueriesContext(connection) as captured:
            assert lin.get(BOARD).status_code == 200
        counts.append(len(captured))

    assert Booking.objects.count() > 150
    assert counts[0] == counts[1] <= 8


# ---------------------------------------------------------------- who may
@pytest.mark.parametrize("verb", ["book", "rebook", "unbook", "answer"])
def test_only_the_desk_plans_and_never_by_a_link(town: Town, verb: str) -> None:
    town.team()
    path = reverse(f"repairs:desk_{verb}", args=[town.booked(town.assigned()).ticket_id])
    seen = DESK | {"wang", "grid_worker", "community_officer", "street_officer", "district_officer", "chen"}

    assert signed_in(town.lin).get(path).status_code == 405
    expected = {422: DESK, 403: seen - DESK, 404: everybody_but(*seen), 302: {"nobody"}}
    assert who_gets(town, path, post={}) == expected
    assert Booking.objects.get().state == BookingState.BOOKED


# ---------------------------------------------------------------- booking from the desk
def test_the_desk_books_a_common_part_too(town: Town) -> None:
    town.team()
    ticket = town.acknowledged(place=place_of(town.stair2))
    status, page = _post(town, "book", ticket, window=_window(14).pk)

    assert (status, "已约好时间。" in page) == (200, True)
    assert Booking.objects.get().starts_at == _window(14).starts_at


def test_a_clerk_who_took_the_call_plans_the_visit_too(town: Town) -> None:
    town.team()
    ticket = town.proxy()
    page = signed_in(town.lin).get(reverse("repairs:desk_ticket", args=[ticket.pk])).content.decode()

    assert signed_in(town.lin).get(reverse("repairs:desk_visit", args=[ticket.pk])).status_code == 200
    assert reverse("repairs:desk_book", args=[ticket.pk]) in page


def test_several_flats_are_asked_and_answer_on_the_telephone(town: Town) -> None:
    town.team()
    ticket = town.acknowledged()
    assert "2梯 501" in _html(signed_in(town.lin), f"/desk/tickets/{ticket.pk}/visit/")
    _post(town, "book", ticket, window=_window(14).pk, households=[town.flat501.pk])
    consent = BookingConsent.objects.get()
    assert Booking.objects.get().state == BookingState.ASKED

    _post(town, "answer", ticket, consent=consent.pk, answer="agree")
    consent.refresh_from_db()
    assert (consent.answered_by, Booking.objects.get().state) == (town.lin, BookingState.BOOKED)


def test_a_refusal_on_the_telephone_gives_the_place_back(town: Town) -> None:
    town.team()
    booking = town.booked(town.acknowledged(), households=[town.flat501])
    _post(town, "answer", booking.ticket, consent=BookingConsent.objects.get().pk, answer="refuse")

    assert not Booking.objects.live().exists()


def test_a_flat_of_another_building_is_not_asked(town: Town) -> None:
    town.team()
    status, _page = _post(town, "book", town.acknowledged(), window=_window(14).pk, households=[town.garden_flat.pk])

    assert status == 422
    assert not Booking.objects.exists()


def test_moving_and_giving_up(town: Town) -> None:
    town.team()
    booking = town.booked(town.acknowledged())
    _post(town, "rebook", booking.ticket, window=_window(16).pk, seen=booking.pk)
    moved = Booking.objects.live().get()
    assert moved.starts_at == _window(16).starts_at

    _post(town, "unbook", booking.ticket, seen=moved.pk, note="师傅病了")
    assert not Booking.objects.live().exists()


def test_a_booking_somebody_moved_meanwhile_stays_as_it_is(town: Town) -> None:
    town.team()
    old = town.booked(town.acknowledged())
    actions.rebook(old.ticket, by=town.chen, seen=old.pk, starts_at=_window(8).starts_at)
    _status, page = _post(town, "rebook", old.ticket, window=_window(16).pk, seen=old.pk)

    assert "没有" in page
    assert Booking.objects.live().get().starts_at == _window(8).starts_at


@pytest.mark.parametrize("on_board", [True, False])
@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("full", "刚被"),
        ("trade", "电工班不做这一类维修：排水与化粪池。"),
        ("worker", "王建国那个时段已有上门："),
        ("past", "这个时间已经过了或者马上就到，请选晚一点的。"),
        ("foreign", "请从列出的时间里选一个。"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_changes_nothing(town: Town, why: str, sentence: str, on_board: bool) -> None:
    town.team(capacity=1 if why == "full" else 2)
    first = town.assigned(words="阳台漏水")
    actions.book(first, by=town.lin, starts_at=_window(14).starts_at)
    window = _window(14)
    if why == "past":
        window = Window.objects.create(team=window.team, starts_at=TUESDAY, ends_at=TUESDAY + timedelta(hours=1))
    elif why in {"trade", "foreign"}:
        team = town.team("电工班", "ELE", organisation=town.company if why == "foreign" else town.centre)
        window = Window.objects.get(team=team, starts_at=window.starts_at)
    ticket = town.assigned() if why == "worker" else town.acknowledged()
    status, page = _post(town, "book", ticket, window=window.pk, next=BOARD if on_board else "")

    assert (status, sentence in page) == (200 if on_board else 422, True)
    assert Booking.objects.count() == 1


def test_whoever_knows_better_plans_the_worker_twice(town: Town) -> None:
    town.team()
    town.booked(town.assigned(words="阳台漏水"))
    ticket = town.assigned()
    at = Window.objects.get(starts_at=next_slots(ticket, 1)[0].starts_at)
    status, page = _post(town, "book", ticket, window=at.pk)
    assert (status, 'name="anyway"' in page) == (422, True)

    _post(town, "book", ticket, window=at.pk, anyway="on")
    assert Booking.objects.live().count() == 2


def test_a_foreign_address_is_not_followed(town: Town) -> None:
    town.team()
    ticket = town.acknowledged()
    path = reverse("repairs:desk_book", args=[ticket.pk])
    answer = signed_in(town.lin).post(path, {"window": _window(14).pk, "next": "//elsewhere.example/"})

    assert answer["Location"] == f"/desk/tickets/{ticket.pk}/"


# ---------------------------------------------------------------- panel and queue
def test_the_panel_says_what_is_agreed_and_what_was_missed(town: Town) -> None:
    town.team()
    ticket = town.booked(town.acknowledged()).ticket
    Ticket.objects.filter(pk=ticket.pk).update(times_nobody_home=2, times_nobody_came=1)
    panel = _html(signed_in(town.lin), f"/desk/in-hand/?selected={ticket.pk}").partition('id="panel"')[2]

    for said in ("今天 10:00–12:00", "水电班", "家里没人 2 次", "师傅没来 1 次"):
        assert said in panel


def test_the_panel_says_what_is_wished(town: Town) -> None:
    ticket = town.ticket()
    actions.wish(ticket, by=town.chen, visit_wish="ring_first")

    assert "先给我打电话" in _html(signed_in(town.lin), f"/desk/new/?selected={ticket.pk}").partition('id="panel"')[2]


def test_a_row_of_the_queue_shows_the_agreed_time(town: Town) -> None:
    town.team()
    town.booked(town.acknowledged())

    assert "今天 10:00–12:00" in _html(signed_in(town.lin), "/desk/in-hand/").partition('id="rows"')[2]
    assert Team.objects.count() == 1
