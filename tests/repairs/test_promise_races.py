"""Two who press at once on what is promised: one wins, the other is told, and the columns say what the winner wrote."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from repairs import actions
from repairs.actions import TicketMoved
from repairs.models import ClockRun, Ticket, TicketEvent
from repairs.promises import due_columns
from repairs.workflow import Clock, Urgency
from tests.clients import signed_in
from tests.repairs.states import SENT, moment
from tests.town import Town

pytestmark = pytest.mark.django_db(transaction=True)
TENTH, TWELFTH = date(2026, 12, 10), date(2026, 12, 12)


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with moment(SENT):
        yield


def at_once(*presses: Callable[[], object]) -> Counter[str]:
    """Each press from a connection of its own, all at the same moment: how many were done and how many came second."""
    ready, ended = Barrier(len(presses)), Counter[str]()

    def press(verb: Callable[[], object]) -> None:
        try:
            ready.wait(timeout=30)
            verb()
            ended["done"] += 1
        except TicketMoved:
            ended["moved"] += 1
        finally:
            connections.close_all()

    threads = [Thread(target=press, args=[verb]) for verb in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return ended


def consistent(ticket: Ticket) -> bool:
    """What is owed by when is what the ticket as it stands would be promised."""
    stands = Ticket.objects.get(pk=ticket.pk)
    return all(getattr(stands, name) == value for name, value in due_columns(stands).items())


def test_of_two_who_change_the_urgency_one_wins() -> None:
    town = Town()
    ticket = town.acknowledged()
    first, second = town.seen(ticket), town.seen(ticket)

    ended = at_once(
        lambda: actions.set_urgency(first, by=town.lin, urgency=Urgency.URGENT),
        lambda: actions.set_urgency(second, by=town.manager, urgency=Urgency.DANGER),
    )

    stands = Ticket.objects.get(pk=ticket.pk)
    event = TicketEvent.objects.get(verb="set_urgency")
    assert ended == {"done": 1, "moved": 1}
    assert event.changes["urgency"] == ["normal", stands.urgency]
    assert consistent(ticket)


def test_of_two_who_post_the_plan_one_wins() -> None:
    town = Town()
    ticket = town.planned()
    first, second = town.seen(ticket), town.seen(ticket)

    ended = at_once(
        lambda: actions.post_plan(first, by=town.lin, planned_for=TENTH, note="换落水管"),
        lambda: actions.post_plan(second, by=town.manager, planned_for=TWELFTH, note="换落水管"),
    )

    stands = Ticket.objects.get(pk=ticket.pk)
    event = TicketEvent.objects.get(verb="post_plan")
    assert ended == {"done": 1, "moved": 1}
    assert stands.planned_for is not None
    assert stands.planned_for.isoformat() == event.changes["planned_for"]
    assert timezone.localdate(stands.restore_by) == stands.planned_for
    assert ClockRun.objects.filter(clock=Clock.PLAN).count() == 1
    assert consistent(ticket)


def test_a_plan_and_another_urgency_at_once_leave_one_of_both() -> None:
    """Whoever comes second is told: a plan belongs to planned work only, and the page of a changed urgency is old."""
    town = Town()
    ticket = town.planned()
    first, second = town.seen(ticket), town.seen(ticket)

    ended = at_once(
        lambda: actions.post_plan(first, by=town.lin, planned_for=TENTH, note="换落水管"),
        lambda: actions.set_urgency(second, by=town.manager, urgency=Urgency.URGENT),
    )

    assert ended["done"] >= 1
    assert ended["done"] + ended["moved"] == 2
    assert consistent(ticket)


def test_whoever_saw_another_urgency_on_the_page_is_told(town: Town) -> None:
    ticket = town.acknowledged()
    actions.set_urgency(town.seen(ticket), by=town.manager, urgency=Urgency.DANGER)
    page = {"version": ticket.version, "was": "normal", "urgency": "urgent", "note": "没有那么急"}

    answer = signed_in(town.lin).post(reverse("repairs:ticket_set_urgency", args=[ticket.pk]), page, follow=True)

    assert Ticket.objects.get().urgency == Urgency.DANGER
    assert "有人先一步处理了这张工单" in answer.content.decode()
