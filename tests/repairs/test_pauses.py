"""挂起: who may pause a clock, for how long, what it moves, and that it ends by itself, once."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.urls import reverse
from django.utils import timezone

from repairs import actions, tasks
from repairs.models import Message, Pause, PauseReason, Ticket, TicketEvent
from repairs.pauses import elapsed
from repairs.workflow import Clock, State, Urgency
from tests.clients import signed_in
from tests.town import Town

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())
SATURDAY = date(2026, 11, 28)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _tuesday_morning() -> Iterator[None]:
    with time_machine.travel(TUESDAY, tick=False):
        yield


def _paused(town: Town, ticket: Ticket | None = None, next_on: date = SATURDAY, **given: Any) -> Pause:
    ticket = ticket or town.assigned()
    actions.pause(ticket, by=town.lin, reason=PauseReason.PART, next_on=next_on, **given)
    return Pause.objects.unended().get(ticket=ticket)


def _urgent(town: Town) -> Ticket:
    """Two days on the clock, day and night."""
    ticket = town.ticket()
    actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency=Urgency.URGENT)
    return town.seen(ticket)


def _verbs(ticket: Ticket) -> list[str]:
    return list(TicketEvent.objects.filter(ticket=ticket).order_by("pk").values_list("verb", flat=True))


# ---------------------------------------------------------------- what a pause moves
def test_the_promise_moves_by_the_time_the_clock_stands_still(town: Town) -> None:
    pause = _paused(town, _urgent(town))

    ticket = Ticket.objects.get()
    assert pause.until == at(28)
    # 48 hours from Tuesday 9:00, and the clock stands still from then to Saturday 0:00.
    assert ticket.restore_by == at(30)
    # Two hours to arrive are put off as well.
    assert (ticket.due_at, ticket.due_clock) == (at(28, 2), Clock.ARRIVE)


def test_days_promised_to_the_close_of_a_day_move_by_whole_days(town: Town) -> None:
    ticket = town.assigned()
    assert ticket.restore_by == at(29, 20)
    _paused(town, ticket)

    # Wednesday, Thursday and Friday are lost; Tuesday never counted.
    assert Ticket.objects.get().restore_by == at(29, 20) + timedelta(days=3)


def test_going_on_earlier_gives_back_what_was_not_needed(town: Town) -> None:
    pause = _paused(town, _urgent(town))
    with time_machine.travel(at(24, 12), tick=False):
        actions.resume(Ticket.objects.for_page().get(), by=town.lin, seen=pause.pk)

    pause.refresh_from_db()
    assert Ticket.objects.get().restore_by == at(26, 12)
    assert (pause.ended_at, pause.ended_by) == (at(24, 12), town.lin)


def test_a_pause_does_not_make_good_what_was_late_already(town: Town) -> None:
    ticket = _urgent(town)
    with time_machine.travel(at(27), tick=False):
        _paused(town, ticket)

    assert Ticket.objects.get().restore_by == at(26, 9)


def test_the_time_used_is_told_with_and_without_pauses(town: Town) -> None:
    ticket = _urgent(town)
    with time_machine.travel(at(24, 12), tick=False):
        _paused(town, ticket)

    assert elapsed(ticket, at(29)) == (timedelta(days=4, hours=15), timedelta(days=1, hours=3))


def test_rework_counts_from_the_reopening_and_no_pause_before_it(town: Town) -> None:
    pause = _paused(town)
    with time_machine.travel(at(24, 12), tick=False):
        actions.resume(Ticket.objects.for_page().get(), by=town.lin, seen=pause.pk)
    with time_machine.travel(at(27, 9), tick=False):
        ticket = Ticket.objects.for_page().get()
        actions.arrive(ticket, by=town.wang)
        actions.finish(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)], note="换好了")
        actions.not_fixed(ticket, by=town.chen, note="还在滴水")
        promised = Ticket.objects.get().restore_by
        _paused(town, Ticket.objects.for_page().get(), next_on=date(2026, 11, 29))

    # Five days after Friday; Saturday is lost.
    assert (promised, Ticket.objects.get().restore_by) == (
        at(27, 20) + timedelta(days=5),
        at(27, 20) + timedelta(days=6),
    )


# ---------------------------------------------------------------- what is refused
@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2026, 11, 24), date(2026, 12, 2)])
def test_only_one_of_the_next_seven_days_is_taken(town: Town, day: date) -> None:
    with pytest.raises(actions.MoveRefused, match="七天"):
        _paused(town, next_on=day)

    assert not Pause.objects.exists()


def test_the_seventh_day_is_taken(town: Town) -> None:
    assert _paused(town, next_on=date(2026, 12, 1)).next_on == date(2026, 12, 1)


def test_nothing_excuses_not_looking_at_a_report(town: Town) -> None:
    with pytest.raises(actions.TicketMoved):
        _paused(town, town.ticket())


def test_what_is_paused_is_not_paused_again(town: Town) -> None:
    ticket = _paused(town).ticket
    with pytest.raises(actions.TicketMoved):
        _paused(town, ticket)


def test_an_old_page_neither_ends_nor_renews_another_pause(town: Town) -> None:
    pause = _paused(town)
    ticket = Ticket.objects.for_page().get()
    actions.renew(ticket, by=town.manager, seen=pause.pk, next_on=date(2026, 11, 30))
    for press in (
        partial(actions.resume, ticket, by=town.lin, seen=pause.pk),
        partial(actions.renew, ticket, by=town.manager, seen=pause.pk, next_on=SATURDAY),
    ):
        with pytest.raises(actions.TicketMoved):
            press()


# ---------------------------------------------------------------- renewed, and over
def test_a_renewal_by_the_manager_keeps_the_history(town: Town) -> None:
    first = _paused(town, _urgent(town))
    with time_machine.travel(at(27, 9), tick=False):
        ticket = Ticket.objects.for_page().get()
        actions.renew(ticket, by=town.manager, seen=first.pk, next_on=date(2026, 12, 1))

    rows = list(Pause.objects.values_list("started_by", "until", "ended_at", "renews"))
    december = datetime(2026, 12, 1, tzinfo=timezone.get_default_timezone())
    assert rows == [
        (town.lin.pk, at(28), at(27, 9), None),
        (town.manager.pk, december, None, first.pk),
    ]
    assert Ticket.objects.get().restore_by == december + timedelta(days=2)


@pytest.mark.parametrize(("moment", "ended"), [(at(27, 23, 59), False), (at(28), True), (at(30), True)])
def test_a_pause_ends_by_itself_on_its_day(town: Town, moment: datetime, ended: bool) -> None:
    pause = _paused(town, _urgent(town))
    due = Ticket.objects.get().due_at
    with time_machine.travel(moment, tick=False):
        tasks.end_pauses(0)

    pause.refresh_from_db()
    # However late the job came: over since the day began.
    assert (pause.ended_at, pause.ended_by) == (at(28) if ended else None, None)
    assert (_verbs(pause.ticket)[-1], Ticket.objects.get().due_at) == ("pause_ends" if ended else "pause", due)


@pytest.mark.parametrize("ending", ["cancel", "decline"])
def test_a_closed_ticket_is_not_paused_any_more(town: Town, ending: str) -> None:
    pause = _paused(town)
    by = town.chen if ending == "cancel" else town.lin
    getattr(actions, ending)(Ticket.objects.for_page().get(), by=by, note="不用了")

    pause.refresh_from_db()
    assert (pause.ended_at, pause.ended_by) == (TUESDAY, by)


def test_finishing_ends_the_pause(town: Town) -> None:
    ticket = town.on_site()
    pause = _paused(town, ticket)
    actions.finish(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)], note="配件到了，换好了")

    pause.refresh_from_db()
    assert (pause.ended_at, Ticket.objects.get().due_at) == (TUESDAY, None)


def test_pausing_again_before_the_clock_s_job_came_by(town: Town) -> None:
    ticket = _paused(town).ticket
    with time_machine.travel(at(28, 9), tick=False):
        _paused(town, ticket, next_on=date(2026, 11, 30))

    assert _verbs(ticket)[-3:] == ["pause", "pause_ends", "pause"]


# ---------------------------------------------------------------- what people read
def test_the_resident_reads_why_and_until_when(town: Town) -> None:
    ticket = _paused(town, note="厂家周五发货").ticket
    html = signed_in(town.chen).get(reverse("repairs:ticket", args=[ticket.pk])).content.decode()

    assert "已挂起：等配件，最迟11月28日继续。之后：" in html
    assert "承诺12月2日 20:00前修好。" in html
    assert "厂家周五发货" in html
    told = Message.objects.filter(event__verb="pause", channel="app", recipient=town.chen).values_list(
        "text", flat=True
    )
    assert "已挂起：等配件，最迟11月28日继续。现承诺12月2日 20:00前修好。" in told[0]


def test_with_an_agreed_visit_the_pause_is_said_too(town: Town) -> None:
    town.team()
    booking = town.booked(
        town.assigned(),
    )
    _paused(town, booking.ticket)
    html = signed_in(town.chen).get(reverse("repairs:ticket", args=[booking.ticket_id])).content.decode()

    assert "已挂起：等配件，最迟11月28日继续。</p>" in html


def test_the_worker_reads_it_on_the_job(town: Town) -> None:
    ticket = _paused(town).ticket
    html = signed_in(town.wang).get(reverse("repairs:job", args=[ticket.pk])).content.decode()

    assert "已挂起</span> 等配件，最迟11月28日继续</p>" in html


def test_a_pause_that_is_over_is_not_shown(town: Town) -> None:
    ticket = _paused(town).ticket
    with time_machine.travel(at(28, 9), tick=False):
        html = signed_in(town.chen).get(reverse("repairs:ticket", args=[ticket.pk])).content.decode()

    assert "已挂起" not in html


def _panel(town: Town, ticket: Ticket, who: str = "lin") -> list[str]:
    html = signed_in(getattr(town, who)).get(reverse("repairs:desk_ticket", args=[ticket.pk])).content.decode()
    return [
        verb for verb in ("pause", "resume", "renew") if reverse(f"repairs:ticket_{verb}", args=[ticket.pk]) in html
    ]


def test_the_desk_is_offered_what_makes_sense(town: Town) -> None:
    ticket = town.assigned()
    assert _panel(town, ticket) == ["pause"]
    _paused(town, ticket)

    assert (_panel(town, ticket), _panel(town, ticket, "manager")) == (["resume"], ["resume", "renew"])


def test_the_desk_pauses_and_ends_it_from_its_page(town: Town) -> None:
    ticket, browser = town.assigned(), signed_in(town.lin)
    sent = {"version": ticket.version, "reason": "part", "next_on": "2026-11-28", "note": ""}
    browser.post(reverse("repairs:ticket_pause", args=[ticket.pk]), sent)
    pause = Pause.objects.get()
    sent = {"version": ticket.version, "seen_pause": pause.pk, "note": "配件提前到了"}
    answer = browser.post(reverse("repairs:ticket_resume", args=[ticket.pk]), sent, follow=True)

    assert _verbs(ticket)[-2:] == ["pause", "resume"]
    assert "继续处理，已告知居民。" in answer.content.decode()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"next_on": "2026-12-02"}, "请选择今后七天内的一天。"),
        ({"next_on": "明天"}, "请选择今后七天内的一天。"),
        ({"reason": "holiday"}, "请选择原因。"),
    ],
)
def test_what_can_t_be_is_answered_in_one_sentence(town: Town, wrong: dict[str, str], sentence: str) -> None:
    ticket = town.assigned()
    sent = {"version": ticket.version, "reason": "part", "next_on": "2026-11-28"} | wrong
    answer = signed_in(town.lin).post(reverse("repairs:ticket_pause", args=[ticket.pk]), sent)

    assert (answer.status_code, Pause.objects.count()) == (422, 0)
    assert answer.content.decode().count(sentence) == 1


def test_the_manager_renews_from_the_page(town: Town) -> None:
    pause = _paused(town)
    sent = {"version": pause.ticket.version, "seen_pause": pause.pk, "next_on": "2026-11-30"}
    address = reverse("repairs:ticket_renew", args=[pause.ticket_id])

    assert signed_in(town.lin).post(address, sent).status_code == 403
    html = signed_in(town.manager).post(address, sent, follow=True).content.decode()
    assert "已延长 1 次" in html


# ---------------------------------------------------------------- at once, on connections of their own
def _at_once(*do: Callable[[], object]) -> list[str]:
    gate, ends = Barrier(len(do)), list[str]()

    def run(one: Callable[[], object]) -> None:
        gate.wait()
        try:
            one()
            ends.append("done")
        except actions.TicketMoved:
            ends.append("moved")
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[one]) for one in do]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_pause_at_once_one_is_told_so() -> None:
    town = Town()
    seen = [town.assigned()]
    seen += [town.seen(seen[0]) for _again in range(5)]

    ends = _at_once(*[partial(_paused, town, each) for each in seen])

    assert (ends, Pause.objects.count()) == (["done"] + ["moved"] * 5, 1)


@pytest.mark.django_db(transaction=True)
def test_the_clock_s_job_run_twice_at_once_ends_a_pause_once() -> None:
    town = Town()
    tickets = [_paused(town, town.assigned(words=f"漏水 {number}")).ticket for number in range(5)]
    with time_machine.travel(at(28, 9), tick=False):
        _at_once(*[partial(tasks.end_pauses, 0)] * 4)

    assert [_verbs(ticket).count("pause_ends") for ticket in tickets] == [1] * 5
    assert Pause.objects.unended().count() == 0


# ---------------------------------------------------------------- what the database keeps by itself
def _row(town: Town, **fields: Any) -> Pause:
    given: dict[str, Any] = {
        "ticket": Ticket.objects.get(), "reason": "part", "started_at": TUESDAY, "started_by": town.lin,
        "until": at(28), "ended_at": at(25),
    }  # fmt: skip
    return Pause.objects.create(**given | fields)


BROKEN: dict[str, Callable[[Town], object]] = {
    "pause_of_one_ticket_is_single": lambda t: (_row(t, ended_at=None), _row(t, ended_at=None)),
    "pause_is_renewed_once": lambda t: (first := _row(t), _row(t, renews=first), _row(t, renews=first)),
    "pause_lasts_seven_days_at_most": lambda t: _row(t, until=TUESDAY + timedelta(days=7, seconds=1)),
    "pause_ends_within_its_time": lambda t: _row(t, ended_at=at(28, 1)),
    "pause_ended_by_somebody_says_when": lambda t: _row(t, ended_at=None, ended_by=t.lin),
    "pause_has_a_listed_reason": lambda t: _row(t, reason="holiday"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_what_breaks_its_rule(town: Town, name: str) -> None:
    town.assigned()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BROKEN[name](town)


def test_the_same_rows_unbroken_are_taken(town: Town) -> None:
    town.assigned()
    assert _row(town, renews=_row(town, until=TUESDAY + timedelta(days=7)), ended_at=None)


@pytest.mark.parametrize("fields", [{"until": TUESDAY}, {"ended_at": TUESDAY - timedelta(seconds=1)}])
def test_time_goes_forward_in_a_pause(town: Town, fields: dict[str, datetime]) -> None:
    town.assigned()
    with pytest.raises(IntegrityError, match="pause_"), transaction.atomic():
        _row(town, **fields)


def test_no_rule_of_a_pause_is_left_out() -> None:
    assert {constraint.name for constraint in Pause._meta.constraints} == set(BROKEN)


def test_a_pause_stands_in_no_state_but_those_in_hand(town: Town) -> None:
    with pytest.raises(actions.TicketMoved):
        _paused(town, town.finished())

    assert Ticket.objects.get().state == State.FINISHED
