"""The overview: who gets what, and that every figure equals the list behind it."""

import re
from datetime import timedelta
from html import unescape
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from estates.models import Building, Dwelling, Entrance, Estate
from estates.places import Place, place_of
from oversight.chart import chart_of
from oversight.estate_rows import EstateRow, estate_rows, page_of
from oversight.figures import counts_of, figures_of, recurring_failures, weeks_of
from oversight.forms import Sort
from oversight.listings import Listing, Window
from oversight.scope import Scope
from repairs import actions
from repairs.models import Ticket
from repairs.workflow import Closure, State
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town

OVERVIEW, TICKETS = "/oversight/", "/oversight/tickets/"
_numbers = count()


def _window(days: int = 30) -> Window:
    return Window(timezone.now(), days)


def _many(like: Ticket, number: int, **columns: Any) -> None:
    """`number` more tickets like one, straight into the table."""
    rows = []
    for _ in range(number):
        row = Ticket.objects.get(pk=like.pk)
        row.pk, row.number = None, f"多-{next(_numbers)}"
        for name, value in columns.items():
            setattr(row, name, value)
        rows.append(row)
    Ticket.objects.bulk_create(rows)


def _closed(ticket: Ticket, closure: Closure, **columns: Any) -> None:
    """One like `ticket` that ended so, an hour ago unless said otherwise."""
    now = timezone.now()
    ended: dict[str, Any] = {"filed_at": now - timedelta(days=2), "closed_at": now - timedelta(hours=1)} | columns
    ended["finished_at"] = ended["closed_at"] if closure in {Closure.CONFIRMED, Closure.UNCONFIRMED} else None
    _many(ticket, 1, **{"state": State.CLOSED, "closure": closure, "due_at": None, **ended})


def _busy(town: Town) -> Ticket:
    """Some of everything in 水门新村, and one confirmed in the other street."""
    ticket = town.ticket()
    town.finished()
    _many(ticket, 2, due_at=timezone.now() - timedelta(hours=3))
    for closure, number in ((Closure.CONFIRMED, 3), (Closure.UNCONFIRMED, 2), (Closure.CANCELLED, 1)):
        for _ in range(number):
            _closed(ticket, closure)
    _closed(ticket, Closure.CONFIRMED, closed_at=timezone.now() - timedelta(days=40))
    _closed(town.ticket(place=place_of(town.garden_flat)), Closure.CONFIRMED)
    return ticket


def _page(user: User, path: str = OVERVIEW) -> str:
    return signed_in(user).get(path, headers={"accept-language": "en"}).content.decode()


# ---------------------------------------------------------------- who gets what
def test_only_overseers_have_an_overview(town: Town) -> None:
    overseers = {"manager", "community_officer", "street_officer", "other_street_officer", "district_officer"}
    for path in (OVERVIEW, TICKETS):
        assert who_gets(town, path) == {200: overseers, 404: everybody_but(*overseers), 302: {"nobody"}}


def test_an_overseer_sees_only_their_estates(town: Town) -> None:
    _busy(town)
    names = {"水门新村（示例）", "竹巷宿舍（示例）", "临海花园（示例）"}
    seen = {}
    for who in ("manager", "street_officer", "other_street_officer", "district_officer"):
        page = _page(getattr(town, who))
        seen[who] = {name for name in names if f"<b>{name}</b>" in page}
    assert seen == {
        "manager": {"水门新村（示例）"},
        "street_officer": {"水门新村（示例）", "竹巷宿舍（示例）"},
        "other_street_officer": {"临海花园（示例）"},
        "district_officer": names,
    }


def test_tickets_of_another_street_are_not_listed(town: Town) -> None:
    ticket = _busy(town)
    assert ticket.number in _page(town.street_officer, TICKETS)
    assert ticket.number not in _page(town.other_street_officer, TICKETS)


def test_an_estate_or_street_of_others_is_not_found(town: Town) -> None:
    for query in (f"?estate={town.garden.pk}", "?street=350502001"):
        assert signed_in(town.street_officer).get(TICKETS + query).status_code == 404
        assert signed_in(town.district_officer).get(TICKETS + query).status_code == 200
    assert signed_in(town.street_officer).get(f"{OVERVIEW}?street=350502001").status_code == 404


def test_the_district_looks_at_one_street(town: Town) -> None:
    _busy(town)
    page = _page(town.district_officer, f"{OVERVIEW}?street=350502001")
    assert ("临海花园（示例）" in page, "水门新村（示例）" in page) == (True, False)


def test_every_listed_ticket_opens_for_who_lists_it(town: Town) -> None:
    _busy(town)
    for user in (town.manager, town.street_officer, town.district_officer):
        browser = signed_in(user)
        found = set(re.findall(r'href="(/desk/tickets/\d+/)"', browser.get(TICKETS).content.decode()))
        assert found
        assert {browser.get(address).status_code for address in found} == {200}


def test_a_manager_who_lives_elsewhere_does_not_oversee_their_own_home(town: Town) -> None:
    town.ticket(by=town.manager, place=place_of(town.garden_flat))
    assert counts_of(Scope(town.manager).tickets(), _window())[Listing.OPEN] == 0


@pytest.mark.parametrize("query", ["?days=x", "?sort=x&after=_", "?after=9_x", "?list=x&estate=abc", "?before=1_1"])
def test_an_address_that_makes_no_sense_shows_the_usual(town: Town, query: str) -> None:
    _busy(town)
    browser = signed_in(town.street_officer)
    assert [browser.get(path + query).status_code for path in (OVERVIEW, TICKETS)] == [200, 200]


# ---------------------------------------------------------------- figures
def test_the_figures_count_what_they_say(town: Town) -> None:
    _busy(town)
    counts = counts_of(Scope(town.street_officer).tickets(), _window())
    expected = {
        Listing.OPEN: 4,
        Listing.LATE: 2,
        Listing.CONFIRMED: 3,
        Listing.UNCONFIRMED: 2,
        Listing.CANCELLED: 1,
        Listing.REJECTED: 0,
    }
    assert {each: counts[each] for each in expected} == expected


def test_unconfirmed_is_never_part_of_confirmed(town: Town) -> None:
    ticket = town.ticket()
    for closure in (Closure.UNCONFIRMED, Closure.CANCELLED, Closure.REJECTED, Closure.DUPLICATE, Closure.HANDED_OVER):
        _closed(ticket, closure)
    tickets, window = Scope(town.street_officer).tickets(), _window()
    assert counts_of(tickets, window)[Listing.CONFIRMED] == 0
    assert sum(weeks_of(tickets, window.now, 4).confirmed) == 0


def _links(page: str) -> list[tuple[str, str]]:
    """Addresses of listings with the number that leads there."""
    found = re.findall(r'<a[^>]*href="(/oversight/tickets/[^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL)
    said = [(unescape(href), re.sub(r"<svg.*?</svg>|<[^>]*>", " ", words, flags=re.DOTALL)) for href, words in found]
    return [(href, numbers[-1]) for href, words in said if (numbers := re.findall(r"[\d.]+", words))]


@pytest.mark.parametrize("who", ["manager", "street_officer", "district_officer"])
@pytest.mark.parametrize("days", [7, 30, 365])
def test_every_number_opens_exactly_the_tickets_it_counts(town: Town, who: str, days: int) -> None:
    _busy(town)
    user: User = getattr(town, who)
    links = [
        (href, number)
        for href, number in _links(_page(user, f"{OVERVIEW}?days={days}"))
        if "." not in number and "timed" not in href
    ]
    assert len(links) > 10
    for href, number in links:
        listed = re.findall(r'href="(/desk/tickets/\d+/)"', _page(user, href))
        assert (href, len(set(listed))) == (href, int(number))


def test_the_sample_of_the_time_to_repair_can_be_opened(town: Town) -> None:
    _busy(town)
    sample = re.search(r'href="([^"]*list=timed[^"]*)">Sample: (\d+)<', _page(town.street_officer))
    assert sample is not None
    assert f"{sample[2]} tickets" in _page(town.street_officer, unescape(sample[1]))


def test_unfinished_work_counts_in_the_time_to_repair(town: Town) -> None:
    ticket, now = town.ticket(), timezone.now()
    _many(ticket, 2, filed_at=now - timedelta(days=9))
    _closed(ticket, Closure.CONFIRMED, filed_at=now - timedelta(hours=2), closed_at=now - timedelta(hours=1))
    figures = figures_of(Scope(town.street_officer).tickets().exclude(pk=ticket.pk), Window(now, 30))
    assert figures.median == timedelta(days=9)


def test_reports_taken_back_do_not_make_it_faster(town: Town) -> None:
    ticket, now = town.ticket(), timezone.now()
    _closed(ticket, Closure.CANCELLED, filed_at=now - timedelta(minutes=9), closed_at=now - timedelta(minutes=1))
    figures = figures_of(Scope(town.street_officer).tickets().exclude(pk=ticket.pk), Window(now, 30))
    assert (figures.median, figures.counts[Listing.TIMED]) == (None, 0)


def test_a_repair_that_lapses_counts_as_not_confirmed(town: Town) -> None:
    ticket = town.finished()
    actions.lapse(ticket)
    counts = counts_of(Scope(town.street_officer).tickets(), _window())
    assert (counts[Listing.CONFIRMED], counts[Listing.UNCONFIRMED]) == (0, 1)


def test_what_the_resident_confirms_is_counted(town: Town) -> None:
    ticket = town.finished()
    actions.confirm(ticket, by=town.chen)
    assert counts_of(Scope(town.street_officer).tickets(), _window())[Listing.CONFIRMED] == 1


# ---------------------------------------------------------------- weeks and what recurs
def test_weeks_add_up_to_the_window(town: Town) -> None:
    _busy(town)
    now = timezone.now()
    tickets = Scope(town.street_officer).tickets()
    weeks = weeks_of(tickets, now, 13)
    counts = counts_of(tickets, Window(now, 91))
    assert (sum(weeks.reported), sum(weeks.confirmed)) == (counts[Listing.REPORTED], counts[Listing.CONFIRMED])
    assert weeks.confirmed[-6:] == [1, 0, 0, 0, 0, 3]


def test_the_chart_says_the_same_in_its_table(town: Town) -> None:
    _busy(town)
    weeks = weeks_of(Scope(town.street_officer).tickets(), timezone.now(), 13)
    chart = chart_of(weeks)
    assert [row.reported for row in chart.rows] == weeks.reported
    assert [drawing.reported.count(",") for drawing in chart.drawings] == [13, 13]


def test_the_third_failure_of_a_part_within_ninety_days_is_shown(town: Town) -> None:
    ticket, now = town.ticket(), timezone.now()
    tickets = Scope(town.street_officer).tickets()
    _many(ticket, 1)
    _many(ticket, 3, filed_at=now - timedelta(days=91))
    _closed(ticket, Closure.CANCELLED)
    assert recurring_failures(tickets, timezone.now()) == []
    _many(ticket, 1)
    (found,) = recurring_failures(tickets, timezone.now())
    assert (found.building, found.type, found.times) == (town.building3, ticket.repair_type, 3)


# ---------------------------------------------------------------- estates
def _rows(user: User) -> dict[str, EstateRow]:
    return {row.estate.name: row for row in estate_rows(Scope(user), _window())}


def test_every_estate_names_who_is_on_duty(town: Town) -> None:
    rows = _rows(town.district_officer)
    assert {name: (row.duty.organisation, row.mode.value) for name, row in rows.items()} == {
        "水门新村（示例）": (town.centre, "home_centre"),
        "竹巷宿舍（示例）": (town.community_office, "nobody"),
        "临海花园（示例）": (town.company, "company"),
    }


def test_reports_are_related_to_households(town: Town) -> None:
    town.ticket()
    rows = _rows(town.street_officer)
    assert (rows["水门新村（示例）"].size.households, rows["水门新村（示例）"].rate) == (2, 50.0)
    Dwelling.objects.filter(entrance=town.lane_stair).delete()
    assert _rows(town.street_officer)["竹巷宿舍（示例）"].rate is None


def _estates(town: Town, number: int) -> None:
    for each in range(number):
        estate = Estate.objects.create(community=town.xinmen, name=f"编号{each:03d}小区（示例）")
        stair = Entrance.objects.create(building=Building.objects.create(estate=estate, label="1幢"), label="1梯")
        Dwelling.objects.create(entrance=stair, label="101")


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_of_estates_follow_each_other_without_gaps(town: Town, sort: Sort) -> None:
    _busy(town)
    _estates(town, 125)
    rows = estate_rows(Scope(town.district_officer), _window())
    seen, after, pages = [], "", 0
    while pages == 0 or after:
        page = page_of(rows, sort, after)
        seen += page.rows
        after, pages = page.after, pages + 1
    assert pages == 3
    assert seen == sorted(rows, key=lambda row: row.key(sort))


def test_the_table_is_ordered_by_what_its_heading_says(town: Town) -> None:
    _busy(town)
    late = page_of(estate_rows(Scope(town.district_officer), _window()), Sort.LATE, "").rows
    assert [row.counts[Listing.LATE] for row in late] == [2, 0, 0]
    page = _page(town.district_officer, f"{OVERVIEW}?sort=name")
    assert page.count('aria-sort="ascending"') == 1


def _queries(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)


def test_the_overview_asks_as_much_for_one_estate_as_for_thirty(town: Town) -> None:
    _busy(town)
    browser = signed_in(town.street_officer)
    browser.get(OVERVIEW)
    before = _queries(browser, OVERVIEW)
    _estates(town, 30)
    for estate in Estate.objects.filter(name__startswith="编号"):
        town.ticket(place=Place(estate))
    assert _queries(browser, OVERVIEW) == before


def test_a_list_asks_as_much_for_one_ticket_as_for_thirty(town: Town) -> None:
    ticket = town.assigned()
    browser = signed_in(town.street_officer)
    browser.get(TICKETS)
    before = _queries(browser, TICKETS)
    _many(ticket, 30)
    assert _queries(browser, TICKETS) == before


def test_pages_of_a_list_follow_each_other_without_gaps(town: Town) -> None:
    _many(town.ticket(), 49)
    browser, path, seen = signed_in(town.street_officer), TICKETS, []
    while path:
        page = browser.get(path).content.decode()
        seen += re.findall(r'href="(/desk/tickets/\d+/)"', page)
        onward = re.search(r'rel="next" href="([^"]*)"', page)
        path = unescape(onward[1]) if onward else ""
    assert len(seen) == len(set(seen)) == 50


def test_an_overseer_of_nothing_yet_is_told_so(town: Town) -> None:
    town.centre.managements.all().delete()
    assert "No estates yet" in _page(town.manager)
