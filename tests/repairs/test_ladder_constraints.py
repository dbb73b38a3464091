"""Every rule of the ladder and of orders that the database keeps by itself: each refuses the row that breaks it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from repairs.models import Escalation, Supervision, TicketEvent
from tests.town import Town

SENT = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())

# ---------------------------------------------------------------- steps of the ladder
BROKEN: dict[str, dict[str, Any]] = {
    "escalation_answered_has_who_and_when": {"answer": "noted"},
    "escalation_handed_says_to_whom": {"answer": "handed", "answered_at": SENT},
    "escalation_told_has_an_organisation": {"organisation": None},
    "escalation_is_of_a_promise_or_an_order": {"clock": ""},
    "escalation_has_a_listed_rung": {"rung": 5},
}


def _row(town: Town, **fields: Any) -> Escalation:
    ticket = town.ticket()
    event = TicketEvent.objects.create(ticket=ticket, verb="climb", at=SENT)
    given = {"clock": "acknowledge", "round": 0, "rung": 1, "organisation": town.centre, "reason": "late"}
    return Escalation.objects.create(ticket=ticket, at=SENT, met="people", event=event, **given | fields)


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_a_step_that_contradicts_itself(town: Town, name: str) -> None:
    fields = BROKEN[name] | ({"answered_by": town.manager} if "answered_at" in BROKEN[name] else {})
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        _row(town, **fields)


def test_the_database_refuses_a_second_step(town: Town) -> None:
    row = _row(town)
    row.pk, row.event = None, TicketEvent.objects.create(ticket=row.ticket, verb="climb", at=SENT)
    with pytest.raises(IntegrityError, match="escalation_takes_each_step_once"), transaction.atomic():
        row.save(force_insert=True)


def test_every_rule_of_a_step_has_its_failing_row() -> None:
    named = {constraint.name for constraint in Escalation._meta.constraints}
    assert named == {*BROKEN, "escalation_takes_each_step_once"}


# ---------------------------------------------------------------- orders
ORDERS: dict[str, dict[str, Any]] = {
    "supervision_says_what_is_ordered": {"text": ""},
    "supervision_is_dated_within_thirty_days": {"answer_by": SENT + timedelta(days=32)},
    "supervision_answered_has_words_who_and_when": {"answer": "已修好"},
    "supervision_orders_somebody_else": {},
    "supervision_has_a_listed_level": {"level": "city"},
    "supervision_goes_up_when_its_day_is_over": {"went_up_at": SENT},
}


def _order(town: Town, **fields: Any) -> Supervision:
    given = {
        "ticket": town.ticket(), "level": "street", "office": town.linjiang.office, "organisation": town.centre,
        "ordered_by": town.street_officer, "ordered_at": SENT, "text": "请修好",
        "answer_by": SENT + timedelta(days=3),
    }  # fmt: skip
    return Supervision.objects.create(**given | fields)


@pytest.mark.parametrize("name", ORDERS)
def test_the_database_refuses_an_order_that_contradicts_itself(town: Town, name: str) -> None:
    own = {"office": town.centre} if name == "supervision_orders_somebody_else" else {}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        _order(town, **ORDERS[name] | own)


def test_the_database_refuses_a_second_order_while_the_first_waits(town: Town) -> None:
    first = _order(town)
    with pytest.raises(IntegrityError, match="supervision_waits_for_one_answer"), transaction.atomic():
        _order(town, ticket=first.ticket)
    Supervision.objects.update(answer="已修好", answered_at=SENT, answered_by=town.manager)
    assert _order(town, ticket=first.ticket)


def test_every_rule_of_an_order_has_its_failing_row() -> None:
    named = {constraint.name for constraint in Supervision._meta.constraints}
    assert named == {*ORDERS, "supervision_waits_for_one_answer"}
