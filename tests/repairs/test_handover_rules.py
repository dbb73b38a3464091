"""Handing over at once from two sides, and what the database keeps by itself."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from repairs import actions
from repairs.models import Booking, Handover, Pause, Ticket, TicketEvent
from repairs.slots import next_slots
from tests.repairs.test_handovers import offered
from tests.town import Town


# ---------------------------------------------------------------- at once, on connections of their own
def _at_once(*do: Callable[[], object]) -> list[str]:
    gate, ends = Barrier(len(do)), list[str]()

    def run(one: Callable[[], object]) -> None:
        gate.wait()
        try:
            one()
            ends.append("done")
        except (actions.TicketMoved, PermissionDenied):
            ends.append("moved")
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[one]) for one in do]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def _fresh(handover: Handover) -> Handover:
    return Handover.objects.for_page().get(pk=handover.pk)


@pytest.mark.parametrize("verb", ["pause", "offer"])
def test_after_it_was_accepted_an_old_page_of_the_first_moves_nothing(town: Town, verb: str) -> None:
    """Neither a move that writes the row nor one that only tells; both need no version."""
    ticket = town.acknowledged()
    handover, old = offered(town, ticket), town.seen(ticket)
    actions.accept(_fresh(handover), by=town.other_dispatcher)
    told = TicketEvent.objects.filter(ticket=ticket).count()
    press: dict[str, Callable[[], object]] = {
        "pause": partial(
            actions.pause, old, by=town.lin, reason="part", next_on=timezone.localdate() + timedelta(days=2)
        ),
        "offer": partial(actions.offer, old, by=town.lin, to=town.community_office, note="请社区处理"),
    }

    with pytest.raises(actions.TicketMoved):
        press[verb]()
    assert (TicketEvent.objects.filter(ticket=ticket).count(), Pause.objects.count()) == (told, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("against", ["accept", "withdraw_offer", "arrive", "turn_down", "finish", "offer"])
def test_of_an_accepting_and_another_at_once_exactly_one_wins(against: str) -> None:
    town = Town()
    ticket = town.on_site() if against == "finish" else town.assigned()
    handover = offered(town, ticket)
    photo = town.photo(ticket, town.wang)
    others: dict[str, Callable[[], object]] = {
        "accept": partial(actions.accept, _fresh(handover), by=town.other_dispatcher),
        "withdraw_offer": partial(actions.withdraw_offer, town.seen(ticket), by=town.lin, seen=handover.pk),
        "turn_down": partial(actions.turn_down, _fresh(handover), by=town.other_dispatcher, note="不归我们管"),
        "arrive": partial(actions.arrive, town.seen(ticket), by=town.wang),
        "finish": partial(actions.finish, town.seen(ticket), by=town.wang, photos=[photo], note="好了"),
        "offer": partial(actions.offer, town.seen(ticket), by=town.lin, to=town.community_office, note="不归我们管"),
    }
    accepting = partial(actions.accept, _fresh(handover), by=town.other_dispatcher)
    ends = _at_once(accepting, others[against])

    assert ends == ["done", "moved"]
    accepted = TicketEvent.objects.filter(verb="accept").count()
    assert (Ticket.objects.get().organisation == town.company) == bool(accepted)
    assert accepted + TicketEvent.objects.filter(verb=against).exclude(verb="accept").count() == (
        2 if against == "offer" else 1
    )


@pytest.mark.django_db(transaction=True)
def test_a_time_booked_while_another_accepts_is_never_left_with_the_old_team() -> None:
    town = Town()
    town.team()
    ticket = town.assigned()
    handover = offered(town, ticket)
    when = next_slots(ticket, 1)[0].starts_at
    _at_once(
        partial(actions.accept, _fresh(handover), by=town.other_dispatcher),
        partial(actions.book, town.seen(ticket), by=town.chen, starts_at=when),
    )

    assert Ticket.objects.get().organisation == town.company
    assert not Booking.objects.live().exists()


# ---------------------------------------------------------------- what the database keeps by itself
def _row(town: Town, **fields: Any) -> Handover:
    given: dict[str, Any] = {
        "ticket": Ticket.objects.get(), "from_organisation": town.centre, "to_organisation": town.company,
        "reason": "属贵司管", "offered_at": timezone.now(), "offered_by": town.lin,
    }  # fmt: skip
    return Handover.objects.create(**given | fields)


def _decided(town: Town, **fields: Any) -> Handover:
    at = fields.get("offered_at", timezone.now())
    given = {"state": "withdrawn", "offered_at": at, "decided_at": timezone.now(), "decided_by": town.lin}
    return _row(town, **given | fields)


BROKEN: dict[str, Callable[[Town], object]] = {
    "handover_offered_is_single_for_a_ticket": lambda t: (_row(t), _row(t, to_organisation=t.community_office)),
    "handover_goes_to_another_organisation": lambda t: _row(t, to_organisation=t.centre),
    "handover_has_a_reason": lambda t: _row(t, reason=""),
    "handover_decided_has_who_and_when": lambda t: _decided(t, decided_by=None),
    "handover_is_decided_after_it_was_offered": lambda t: _decided(t, offered_at=timezone.now() + timedelta(days=1)),
    "handover_turned_down_says_why": lambda t: _decided(t, state="turned_down"),
    "handover_passed_outside_has_their_number": lambda t: _decided(t, state="passed_outside"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_what_breaks_its_rule(town: Town, name: str) -> None:
    town.assigned()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BROKEN[name](town)


@pytest.mark.parametrize(
    "fields",
    [
        {"decided_at": None},
        {"state": "offered"},
        {"state": "accepted", "outside_reference": "WAT-1"},
        {"state": "accepted", "decided_by": None, "decided_at": None},
    ],
)
def test_half_a_decision_is_none(town: Town, fields: dict[str, Any]) -> None:
    town.assigned()
    with pytest.raises(IntegrityError, match="handover_"), transaction.atomic():
        _decided(town, **fields)


def test_the_same_rows_unbroken_are_taken(town: Town) -> None:
    town.assigned()
    rows = [
        _row(town),
        _decided(town),
        _decided(town, state="turned_down", decision="不归我们管"),
        _decided(town, state="passed_outside", outside_reference="WAT-1"),
    ]
    assert len(rows) == Handover.objects.count()


def test_no_rule_of_a_handover_is_left_out() -> None:
    assert {constraint.name for constraint in Handover._meta.constraints} == set(BROKEN)
