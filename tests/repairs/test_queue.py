"""The queue: which tickets, in which order, page by page, and how many questions it asks the database."""

import re
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.models import User
from accounts.roles import Role
from estates.models import Appointment, Organisation
from estates.places import place_of
from repairs import actions
from repairs.models import Ticket
from repairs.queue import PAGE, Cursor, Desk, Listing, Only, read_cursor
from repairs.rail import HANDOVERS, counts
from repairs.spans import due, span
from tests.clients import signed_in
from tests.town import LONG_AGO, Town

_numbers = count()


def _set(ticket: Ticket, **columns: Any) -> Ticket:
    Ticket.objects.filter(pk=ticket.pk).update(**columns)
    return ticket


def _due(minutes: int) -> datetime:
    return timezone.now() + timedelta(minutes=minutes)


def _many(like: Ticket, number: int, **columns: Any) -> None:
    """`number` more tickets like one, straight into the table."""
    rows = []
    for each in range(number):
        row = Ticket.objects.get(pk=like.pk)
        row.pk, row.number = None, f"多-{next(_numbers)}"
        for name, value in columns.items():
            setattr(row, name, value(each) if callable(value) else value)
        rows.append(row)
    Ticket.objects.bulk_create(rows)


def _pages(user: User, listing: Listing = Listing.NEW) -> list[list[int]]:
    pages, after = [], None
    while True:
        page = Desk(user).page(listing, Only.ALL, after)
        pages.append([ticket.pk for ticket in page.tickets])
        after = page.after
        if after is None:
            return pages


# ---------------------------------------------------------------- which tickets
def test_each_listing_holds_its_own(town: Town) -> None:
    new, late_new = town.ticket(), _set(town.ticket(words="b"), due_at=_due(-5))
    in_hand, late = town.acknowledged(words="c"), _set(town.assigned(words="d"), due_at=_due(-5))
    waiting = town.finished(words="e")
    closed = town.ticket(words="f")
    _set(closed, state="closed", closure="rejected", closed_at=timezone.now(), due_at=_due(-5))

    desk = Desk(town.lin)
    found = {each: {ticket.pk for ticket in desk.page(each).tickets} for each in Listing}

    assert found == {
        Listing.NEW: {new.pk, late_new.pk},
        Listing.IN_HAND: {in_hand.pk, late.pk, waiting.pk},
        Listing.LATE: {late_new.pk, late.pk},
    }
    counted = {listing.value: len(tickets) for listing, tickets in found.items()}
    assert counts(desk) == {**counted, HANDOVERS: 0}


FILTERS: list[tuple[Only, dict[str, Any]]] = [
    (Only.URGENT, {"urgency": "danger"}),
    (Only.URGENT, {"urgency": "urgent"}),
    (Only.COMMON, {"scope": "entrance"}),
    (Only.COMMON, {"scope": "estate"}),
    (Only.HOMES, {"scope": "private"}),
    (Only.UNVERIFIED, {"phone_verified": False, "contact_agreed": True, "channel": "online"}),
    (Only.UNVERIFIED, {"phone_verified": False, "contact_agreed": False, "channel": "phone"}),
    (Only.REOPENED, {"times_reopened": 1}),
]


@pytest.mark.parametrize(("only", "columns"), FILTERS)
def test_a_filter_holds_its_own_and_its_count_says_so(town: Town, only: Only, columns: dict[str, Any]) -> None:
    plain = {"urgency": "normal", "scope": "unknown", "phone_verified": True, "times_reopened": 0}
    _set(town.ticket(words="a"), **plain)
    wanted = _set(town.ticket(words="b"), **(plain | columns))

    assert [ticket.pk for ticket in Desk(town.lin).page(Listing.NEW, only).tickets] == [wanted.pk]
    assert Desk(town.lin).tally(Listing.NEW).filters[only] == 1


def test_someone_called_by_the_desk_counts_as_known(town: Town) -> None:
    town.proxy()

    assert Desk(town.lin).tally(Listing.NEW).filters[Only.UNVERIFIED] == 0


def test_a_dispatcher_of_two_organisations_sees_both(town: Town) -> None:
    Appointment.objects.create(person=town.lin, organisation=town.company, role=Role.DISPATCHER, starts_on=LONG_AGO)
    both = {town.ticket().pk, town.ticket(place=place_of(town.garden_flat)).pk}

    assert {ticket.pk for ticket in Desk(town.lin).page(Listing.NEW).tickets} == both


# ---------------------------------------------------------------- in which order
def test_danger_goes_first_then_what_is_due_next(town: Town) -> None:
    later, sooner = _set(town.ticket(words="a"), due_at=_due(60)), _set(town.ticket(words="b"), due_at=_due(-90))
    danger = _set(town.ticket(words="c"), due_at=_due(120), urgency="danger")

    assert _pages(town.lin) == [[danger.pk, sooner.pk, later.pk]]


def test_what_waits_for_the_resident_comes_last(town: Town) -> None:
    waiting, working = town.finished(words="a"), town.acknowledged(words="b")

    assert _pages(town.lin, Listing.IN_HAND) == [[working.pk, waiting.pk]]


@pytest.mark.parametrize("listing", [Listing.NEW, Listing.IN_HAND, Listing.LATE])
def test_the_pages_together_are_the_whole_list_in_order(town: Town, listing: Listing) -> None:
    first = getattr(town, {Listing.NEW: "ticket", Listing.IN_HAND: "finished", Listing.LATE: "assigned"}[listing])()
    moment = _due(-1000)
    _many(first, PAGE, due_at=lambda each: moment + timedelta(minutes=each % 5), urgency="danger")
    _many(first, PAGE, due_at=lambda each: moment + timedelta(minutes=each % 5), urgency="normal")
    _many(first, 5, urgency="normal", version=1)
    expected = [ticket.pk for ticket in sorted(Desk(town.lin).tickets(), key=_place_in_line)]
    if listing is Listing.LATE:
        expected = [pk for pk in expected if Ticket.objects.get(pk=pk).due_at < timezone.now()]  # type: ignore[operator]

    pages = _pages(town.lin, listing)

    assert [pk for page in pages for pk in page] == expected
    assert [len(page) for page in pages[:-1]] == [PAGE] * (len(pages) - 1)


def _place_in_line(ticket: Ticket) -> tuple[bool, bool, datetime, int]:
    # One moment for all of them: a clock that ticks between two would put them in the order they were read.
    return ticket.urgency != "danger", ticket.due_at is None, ticket.due_at or ticket.filed_at, ticket.pk


def test_nothing_is_shown_twice_or_lost_while_reports_arrive(town: Town) -> None:
    first = _set(town.ticket(), due_at=_due(30))
    _many(Ticket.objects.get(pk=first.pk), PAGE + 5, due_at=lambda each: _due(30 + each))
    before = set(Ticket.objects.values_list("pk", flat=True))
    page = Desk(town.lin).page(Listing.NEW)

    _many(Ticket.objects.get(pk=first.pk), 3, due_at=_due(5), version=2)
    rest = Desk(town.lin).page(Listing.NEW, Only.ALL, page.after)

    seen = [ticket.pk for ticket in (*page.tickets, *rest.tickets)]
    assert len(seen) == len(set(seen))
    assert set(seen) == before


@pytest.mark.parametrize("text", ["", "1", "1_", "2__5", "1_yesterday_5", "1_2026-11-22T10:00:00_5", "0__-3", "0__x"])
def test_a_cursor_we_did_not_write_counts_as_none(text: str) -> None:
    assert read_cursor(text) is None


@pytest.mark.parametrize("at", [None, datetime.fromisoformat("2026-11-22T10:00:00.123456+00:00")])
def test_a_cursor_comes_back_as_it_went(at: datetime | None) -> None:
    assert read_cursor(str(Cursor(1, at, 7))) == Cursor(1, at, 7)


# ---------------------------------------------------------------- how many questions
def _statements(browser: Client, path: str) -> list[str]:
    browser.get(path)  # the first visit notes that the person is here
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(path).status_code == 200
    return [query["sql"] for query in captured]


@pytest.mark.parametrize("path", ["/desk/new/", "/desk/in-hand/", "/desk/late/", "/desk/new/?q=漏水"])
def test_thirty_rows_cost_as_many_questions_as_one(town: Town, path: str) -> None:
    first = _set(town.acknowledged() if "in-hand" in path else town.ticket(), due_at=_due(-5))
    lin = signed_in(town.lin)
    one = len(_statements(lin, path))
    _many(Ticket.objects.get(pk=first.pk), 29, due_at=_due(-5))

    thirty = len(_statements(lin, path))

    assert thirty == one
    assert thirty <= 8


def test_the_panel_costs_the_same_with_many_workers_photos_and_old_repairs(town: Town) -> None:
    ticket = town.ticket()
    lin = signed_in(town.lin)
    path = f"/desk/new/?selected={ticket.pk}"
    few = len(_statements(lin, path))
    event = ticket.events.get()
    for number in range(6):
        photo = town.photo(ticket, town.chen)
        type(photo).objects.filter(pk=photo.pk).update(event=event)
        _worker(town.centre, number)
        town.assigned(words=f"old {number}")

    assert len(_statements(lin, path)) == few


def _worker(organisation: Organisation, number: int) -> None:
    person = User.objects.create_user(username=f"worker{number}", display_name=f"师傅{number}")
    Appointment.objects.create(person=person, organisation=organisation, role=Role.WORKER, starts_on=LONG_AGO)


def test_a_long_story_costs_the_ticket_page_no_more(town: Town) -> None:
    ticket = town.assigned()
    lin = signed_in(town.lin)
    path = f"/desk/tickets/{ticket.pk}/"
    few = len(_statements(lin, path))
    for number in range(10):
        actions.comment(ticket, by=town.chen, note=f"{number}", photos=[town.photo(ticket, town.chen)])

    assert len(_statements(lin, path)) == few


def test_the_counts_come_from_the_open_tickets_alone(town: Town) -> None:
    like = town.ticket()
    gone = {"state": "closed", "closure": "rejected", "closed_at": timezone.now(), "due_at": None}
    _many(Ticket.objects.get(pk=like.pk), 3000, **gone)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE repairs_ticket")

    [counted] = [sql for sql in _statements(signed_in(town.lin), "/desk/new/") if "COUNT(" in sql and "MIN(" in sql]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + counted)
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert re.search(r"ticket_counted|ticket_queue|ticket_open_\w+|ticket_jobs", plan)
    assert "Seq Scan on repairs_ticket" not in plan


# ---------------------------------------------------------------- time in words
@pytest.mark.parametrize(
    ("minutes", "chinese", "english"),
    [
        (0.5, "不到 1 分钟", "less than a minute"),
        (1, "1 分钟", "1 minute"),
        (42, "42 分钟", "42 minutes"),
        (60, "1 小时", "1 hour"),
        (110, "1 小时 50 分", "1 h 50 min"),
        (125, "2 小时 05 分", "2 h 05 min"),
        (24 * 60, "1 天", "1 day"),
        (26 * 60, "1 天 2 小时", "1 d 2 h"),
        (75 * 60, "3 天", "3 days"),
    ],
)
def test_a_stretch_of_time_in_words(minutes: float, chinese: str, english: str) -> None:
    amount = timedelta(minutes=minutes)
    with translation.override("zh-hans"):
        assert span(amount) == chinese
    with translation.override("en"):
        assert span(amount) == english


@pytest.mark.parametrize(
    ("left", "words", "tone"),
    [
        (-90, "1 h 30 min late", "rose"),
        (6, "6 minutes left", "rose"),
        (23, "23 minutes left", "rose"),
        (79, "1 h 19 min left", "amber"),
        (200, "3 h 20 min left", ""),
    ],
)
def test_the_nearer_the_promise_the_warmer_the_colour(left: int, words: str, tone: str) -> None:
    now = timezone.now()
    at = now + timedelta(minutes=left)
    with translation.override("en"):
        assert due(at, since=at - timedelta(minutes=240), now=now) == (words, tone)


@pytest.mark.parametrize("listing", list(Listing))
def test_an_index_serves_the_order_of_a_page(town: Town, listing: Listing) -> None:
    town.acknowledged()
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        # A small table is read whole, whatever the index; and a sort would do for so few rows.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        Desk(town.lin).page(listing)
        keys = next(each["sql"] for each in asked if "LIMIT" in each["sql"])
        cursor.execute(f"EXPLAIN {keys}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert ("Index Scan using ticket_queue" in plan, "Sort" in plan) == (True, False), plan
