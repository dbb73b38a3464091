"""How long a clock stands still without a manager, seven days in all; and the time used as it is said."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from repairs import actions
from repairs.models import Pause, PauseReason, Ticket
from repairs.pauses import used_words
from tests.clients import signed_in
from tests.town import Town

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())
THURSDAY = TUESDAY + timedelta(days=2)
NEXT_TUESDAY = TUESDAY + timedelta(days=7)


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=False):
        yield


def _paused(town: Town, ticket: Ticket, next_on: date) -> Pause:
    actions.pause(ticket, by=town.lin, reason=PauseReason.PART, next_on=next_on)
    return Pause.objects.unended().get(ticket=ticket)


def _paused_to_the_last_minute(town: Town) -> Ticket:
    """Paused for seven days by Lin, who goes on a minute before they are over."""
    pause = _paused(town, town.assigned(), date(2026, 12, 1))
    with time_machine.travel(pause.until - timedelta(minutes=1), tick=False):
        actions.resume(town.seen(pause.ticket), by=town.lin, seen=pause.pk)
    return town.seen(pause.ticket)


def test_seven_days_in_all_are_the_most_without_a_manager(town: Town) -> None:
    ticket, day = _paused_to_the_last_minute(town), date(2026, 12, 7)
    with time_machine.travel(NEXT_TUESDAY, tick=False):
        with pytest.raises(actions.MoveRefused, match="累计最多挂起七天"):
            _paused(town, ticket, day)
        assert Pause.objects.count() == 1
        actions.pause(ticket, by=town.manager, reason=PauseReason.PART, next_on=day)

    assert Pause.objects.count() == 2


def test_what_is_left_of_the_seven_days_may_be_used_later(town: Town) -> None:
    pause = _paused(town, town.assigned(), date(2026, 11, 28))
    with time_machine.travel(THURSDAY, tick=False):
        actions.resume(town.seen(pause.ticket), by=town.lin, seen=pause.pk)
        with pytest.raises(actions.MoveRefused):
            _paused(town, town.seen(pause.ticket), date(2026, 12, 2))
        assert _paused(town, town.seen(pause.ticket), date(2026, 12, 1))


def test_rework_has_seven_days_of_its_own(town: Town) -> None:
    ticket = _paused_to_the_last_minute(town)
    with time_machine.travel(NEXT_TUESDAY, tick=False):
        actions.arrive(ticket, by=town.wang)
        actions.finish(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)], note="换好了")
        actions.not_fixed(ticket, by=town.chen, note="还在滴水")
        assert _paused(town, town.seen(ticket), date(2026, 12, 8))


def test_what_was_typed_is_kept_where_a_manager_is_needed(town: Town) -> None:
    ticket = _paused_to_the_last_minute(town)
    sent = {"version": ticket.version, "reason": "utility", "next_on": "2026-12-07", "note": "等水务公司"}
    with time_machine.travel(NEXT_TUESDAY, tick=False):
        answer = signed_in(town.lin).post(reverse("repairs:ticket_pause", args=[ticket.pk]), sent)

    html = answer.content.decode()
    assert (answer.status_code, html.count("累计最多挂起七天")) == (422, 1)
    assert 'value="2026-12-07"' in html
    assert "等水务公司" in html


@pytest.mark.parametrize(
    ("urgency", "words"),
    [
        ("urgent", "720 hours"),
        ("normal", "360 hours, within service hours"),
        ("planned", "264 hours, within service hours"),
    ],
)
def test_thirty_days_are_said_in_the_time_of_their_clock(town: Town, urgency: str, words: str) -> None:
    ticket = town.acknowledged(urgency)
    with time_machine.travel(TUESDAY + timedelta(days=30), tick=False), translation.override("en"):
        assert used_words(ticket) == words


def test_service_hours_are_said_with_and_without_the_pauses(town: Town) -> None:
    ticket = _paused(town, town.acknowledged(), date(2026, 11, 26)).ticket
    with time_machine.travel(NEXT_TUESDAY, tick=False), translation.override("en"):
        assert used_words(ticket) == "84 hours, without pauses 61 hours, within service hours"
