"""Exactly once, with real parallel connections: the same press twice, twin drafts, two numbers at once."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from repairs import actions
from repairs.models import ReportDraft, Ticket, TicketEvent
from repairs.promises import due_columns
from tests.repairs.reporting import PHONE, Reporter
from tests.town import Town

T = TypeVar("T")
pytestmark = pytest.mark.django_db(transaction=True)
ANSWERS = {"Q3": "home", "Q8": "always", "Q25": "no", "Q4": "flat"}


@pytest.fixture
def town(transactional_db: None) -> Town:
    """The town, committed: every connection sees it."""
    return Town()


def _at_once(*jobs: Callable[[], T]) -> list[T]:
    """Start together, each with a connection of its own."""
    barrier = Barrier(len(jobs), timeout=20)

    def run(job: Callable[[], T]) -> T:
        try:
            barrier.wait()
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.fixture(autouse=True)
def _slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause where a second request could slip in: between looking for the ticket and making it."""

    def slow(*args: Any, **kwargs: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.15)")
        return due_columns(*args, **kwargs)

    monkeypatch.setattr("repairs.actions.filing.due_columns", slow)


def test_the_same_draft_filed_by_six_at_once_is_one_ticket(town: Town) -> None:
    draft = town.draft()

    tickets = _at_once(*[lambda: actions.file_report(draft, by=town.chen)] * 6)

    assert {ticket.pk for ticket in tickets} == {Ticket.objects.get().pk}
    assert TicketEvent.objects.count() == 1


def test_twin_drafts_of_one_browser_are_one_ticket(town: Town) -> None:
    first = town.draft()
    twins = [first, *[town.draft(browser=first.browser) for _twin in range(3)]]

    def filed(draft: ReportDraft) -> Callable[[], int]:
        return lambda: actions.file_report(draft, by=town.chen).pk

    assert set(_at_once(*[filed(draft) for draft in twins])) == {Ticket.objects.get().pk}


def test_reporters_at_once_get_numbers_of_their_own_without_a_gap(town: Town) -> None:
    people = [town.chen, town.neighbour, town.nadia] * 2
    drafts = [town.draft(words=str(number)) for number in range(len(people))]

    def filed(draft: ReportDraft, by: User) -> Callable[[], str]:
        return lambda: actions.file_report(draft, by=by).number

    numbers = _at_once(*[filed(draft, by) for draft, by in zip(drafts, people, strict=True)])

    assert sorted(int(number[-4:]) for number in numbers) == [1, 2, 3, 4, 5, 6]


def _copies(reporter: Reporter, number: int) -> list[Client]:
    """The same browser several times, as when a button is pressed before the first answer is there."""
    copies = []
    for _copy in range(number):
        client = Client()
        client.cookies.update(reporter.client.cookies)
        copies.append(client)
    return copies


def _presses(reporter: Reporter, number: int, name: str, **fields: Any) -> set[tuple[int, str]]:
    address = reverse(f"repairs:{name}")

    def press(client: Client) -> Callable[[], tuple[int, str]]:
        def send() -> tuple[int, str]:
            answer = client.post(address, fields)
            return answer.status_code, answer.headers.get("Location", "")

        return send

    return set(_at_once(*[press(client) for client in _copies(reporter, number)]))


def test_a_resident_s_button_pressed_five_times_at_once_makes_one_ticket(town: Town) -> None:
    reporter = Reporter(town.chen).takes(town.draft(answers=ANSWERS))
    fields = {"contact_name": "陈", "contact_phone": town.chen.phone, "agreed": "on"}

    answers = _presses(reporter, 5, "report_send", **fields)

    assert answers == {(302, reverse("repairs:report_sent", args=[Ticket.objects.get().pk]))}


def test_a_stranger_s_button_pressed_five_times_at_once_makes_one_ticket_and_one_guest(town: Town) -> None:
    draft = town.draft(answers=ANSWERS, contact_name="陈", contact_phone=PHONE)

    answers = _presses(Reporter().takes(draft), 5, "report_send_unverified")

    assert answers == {(302, reverse("repairs:report_sent", args=[Ticket.objects.get().pk]))}
    assert User.objects.guests().count() == 1


def test_the_code_pressed_five_times_at_once_makes_one_ticket(town: Town) -> None:
    reporter = Reporter().takes(town.draft(answers=ANSWERS))
    reporter.asks_for_a_code()

    answers = _presses(reporter, 5, "report_send", code=reporter.code())

    # The browser that got the sign-in is led to the number; the others, too late for it, are told the number.
    sent = reverse("repairs:report_sent", args=[Ticket.objects.get().pk])
    assert {status for status, _address in answers} == {302}
    assert all(re.search(sent, address.replace("%2F", "/")) for _status, address in answers)
