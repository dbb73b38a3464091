"""Every promise of a ticket as both sides read it, and the sentence that leads the resident's page."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from repairs import actions
from repairs.clocks import Amount, Basis
from repairs.models import ClockRun, PauseReason, Ticket
from repairs.next_step import next_step
from repairs.promise_facts import facts_of, with_facts
from repairs.promises_page import shown
from repairs.queue import for_desk
from repairs.queue_rows import rows_of
from repairs.workflow import Clock, Urgency
from tests.clients import signed_in
from tests.repairs.states import HOUR, READ, SENT, STATES, finish, given, late, moment, tell
from tests.town import Town


def rows(ticket: Ticket, *, plain: bool = False) -> list[tuple[str, str, str]]:
    """Name, word and tone of each promise, in English."""
    with translation.override("en"):
        return [(row.title, row.word, row.tone) for row in shown(ticket, plain=plain)]


def lines(ticket: Ticket, title: str) -> list[str]:
    """What is said of one promise beside that."""
    with translation.override("en"):
        return next(row.lines for row in shown(ticket) if row.title == title)


def test_what_was_met_in_time_is_kept_and_what_runs_says_how_long(town: Town) -> None:
    ticket, at = tell(town, "acknowledged")
    with moment(at):
        assert rows(ticket) == [
            ("Take up", "Kept", "jade"),
            ("Arrive", "1 d 23 h left", "sea"),
            ("Repair", "5 days left", "sea"),
        ]
        assert lines(ticket, "Arrive") == [
            "Promised by November 26 09:00",
            "If it is not met, the manager of 水门家园服务中心（示例） hears of it tomorrow 16:12",
        ]


def test_what_was_met_late_says_by_how_much(town: Town) -> None:
    with moment(SENT):
        ticket = town.ticket()
    with moment(SENT + 9 * HOUR):
        actions.acknowledge(town.seen(ticket), by=town.lin, repair_type=ticket.repair_type, urgency="normal")
        assert rows(town.seen(ticket))[0] == ("Take up", "Met 1 hour late", "rose")
        assert lines(town.seen(ticket), "Take up") == [
            "Promised by today 17:00, met today 18:00",
            "Took 9 hours of 8 hours on its clock",
        ]


def test_a_pause_says_why_and_until_when_and_counts_apart_in_the_end(town: Town) -> None:
    ticket, at = tell(town, "paused")
    with moment(at):
        assert rows(ticket)[-1] == ("Repair", "Paused", "amber")
        assert lines(ticket, "Repair")[1] == (
            "The clock stands still: waiting for a part; goes on by November 27 at the latest."
        )
    with moment(SENT + 75 * HOUR):
        finish(town, ticket)
        # From Tuesday 09:00 to Friday 12:00, paused for all but Friday's four hours; service days have twelve.
        assert lines(town.seen(ticket), "Repair")[1] == (
            "Took 39 hours on its clock, 4 hours of 60 hours without the pauses"
        )


def test_what_was_late_before_a_pause_stays_late(town: Town) -> None:
    with moment(SENT):
        ticket = town.on_site(urgency="urgent")
    with moment(SENT + 49 * HOUR):
        actions.pause(town.seen(ticket), by=town.lin, reason=PauseReason.PART, next_on=date(2026, 11, 27))
        late_ = town.seen(ticket)
        assert rows(late_)[-2:] == [("Make safe", "1 d 21 h late", "rose"), ("Repair", "1 hour late", "rose")]
        with translation.override("en"):
            words = next_step(late_, facts=facts_of(late_))
    assert words == (
        "It should have been made safe by November 24 13:00."
        " 水门家园服务中心（示例） owes you an answer: 0595-2228 0119."
        " Paused: waiting for a part; goes on by November 27 at the latest."
    )


def test_taking_up_is_never_paused(town: Town) -> None:
    ticket, at = tell(town, "new")
    with moment(at):
        assert rows(ticket)[0] == ("Take up", "7 hours left", "sea")


def test_late_names_who_was_told_and_who_is_next(town: Town) -> None:
    ticket, at = tell(town, "new, late")
    with moment(at):
        told = lines(ticket, "Take up")
        with translation.override("en"):
            sentence = next_step(ticket, facts=facts_of(ticket))
    names = "the manager of 水门家园服务中心（示例）, 新门社区居委会（示例）, 临江街道办（示例）"
    assert told[1:] == [
        f"Told: {names}",
        "If it is not met, 鲤城区住建局（示例） hears of it tomorrow 09:00",
    ]
    assert sentence.endswith(f"Already told: {names}.")


def test_rework_has_a_run_of_its_own(town: Town) -> None:
    ticket, at = tell(town, "reworked")
    with moment(at):
        assert rows(ticket)[2:] == [("Repair", "Kept", "jade"), ("Repair, rework", "Kept", "jade")]


def test_planned_work_has_a_survey_a_plan_and_its_day(town: Town) -> None:
    ticket, at = tell(town, "plan posted")
    with moment(at):
        assert [title for title, _word, _tone in rows(ticket)] == ["Take up", "Survey", "Post the plan", "Planned day"]


def test_a_report_taken_back_claims_neither_kept_nor_broken(town: Town) -> None:
    ticket, at = tell(town, "cancelled")
    with moment(at):
        assert rows(ticket)[1:] == [
            ("Arrive", "Ended before it was due", "grey"),
            ("Repair", "Ended before it was due", "grey"),
        ]


def test_one_that_was_late_when_it_ended_was_not_kept(town: Town) -> None:
    with moment(SENT):
        ticket = town.acknowledged()
    with moment(SENT + 60 * HOUR):
        actions.cancel(town.seen(ticket), by=town.chen)
        assert rows(town.seen(ticket))[1] == ("Arrive", "Not kept", "rose")


def test_the_estate_s_own_stricter_promise_says_so(town: Town) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    amounts = {(Urgency.NORMAL, Clock.ARRIVE): Amount(Basis.SERVICE, 8 * HOUR)}
    actions.set_pledges(town.shuimen, by=town.manager, mode="home_centre", starts_on=tomorrow, amounts=amounts)
    words = "This estate's own promise, stricter than the usual one"
    with moment(timezone.make_aware(datetime.combine(tomorrow, time(12)))):
        ticket = town.acknowledged()
        assert [words in lines(ticket, title) for title in ("Take up", "Arrive", "Repair")] == [False, True, False]
        actions.arrive(given(town, ticket), by=town.wang)
        assert words in lines(town.seen(ticket), "Arrive")
        # More urgent, the house promises more than that.
        actions.set_urgency(town.seen(ticket), by=town.lin, urgency="urgent")
        assert words not in lines(town.seen(ticket), "Arrive")


# ---------------------------------------------------------------- before kept times were written
def test_of_a_ticket_without_kept_times_only_what_is_certain_is_said(town: Town) -> None:
    ticket, at = tell(town, "finished")
    ClockRun.objects.all().delete()
    with moment(at):
        assert rows(ticket) == [("Take up", "Kept", "jade"), ("Arrive", "Kept", "jade"), ("Repair", "Kept", "jade")]
        assert lines(ticket, "Repair") == ["Promised by November 29 20:00, met today 09:00"]


def test_of_an_old_rework_nothing_is_said_about_the_first_run(town: Town) -> None:
    ticket, at = tell(town, "reworked")
    ClockRun.objects.all().delete()
    with moment(at):
        assert [title for title, _word, _tone in rows(ticket)] == ["Take up", "Repair, rework"]


def test_of_an_old_ticket_that_was_taken_back_nothing_is_claimed(town: Town) -> None:
    ticket, at = tell(town, "cancelled")
    ClockRun.objects.all().delete()
    with moment(at):
        assert rows(ticket) == [("Take up", "Kept", "jade")]


# ---------------------------------------------------------------- as it is read
@pytest.mark.parametrize("state", STATES)
def test_read_with_the_ticket_or_alone_it_is_the_same(town: Town, state: str) -> None:
    ticket, at = tell(town, state)
    read = with_facts(Ticket.objects.for_page()).get(pk=ticket.pk)
    with moment(at):
        assert facts_of(read) == facts_of(ticket)
        assert shown(read) == shown(ticket) != []


def test_both_sides_read_the_same_promises_each_in_its_words(town: Town) -> None:
    ticket, at = tell(town, "acknowledged")
    with moment(at):
        resident = signed_in(town.chen).get(f"/tickets/{ticket.pk}/").content.decode()
        staff = signed_in(town.lin).get(f"/desk/tickets/{ticket.pk}/").content.decode()
    assert "这次报修的全部承诺" in resident
    assert "师傅到" in resident
    assert "本单承诺" in staff
    assert "到场" in staff
    assert "承诺11月26日 09:00前" in resident
    assert "承诺11月26日 09:00前" in staff


def test_a_resident_who_waits_for_an_agreed_time_still_reads_what_is_late(town: Town) -> None:
    with moment(SENT):
        town.team()
        ticket = town.booked(town.acknowledged()).ticket
        Ticket.objects.filter(pk=ticket.pk).update(due_at=SENT - HOUR)
        late(town, ticket, READ)
    with moment(SENT):
        assert "还没有人来" in signed_in(town.chen).get(f"/tickets/{ticket.pk}/").content.decode()


# ---------------------------------------------------------------- a line of the queue
@pytest.mark.parametrize(
    ("state", "words", "tone"),
    [
        ("new", "Take up: 7 hours left", ""),
        ("acknowledged", "Arrive: 1 d 23 h left", ""),
        ("in danger, on site", "Make safe: 1 hour left", ""),
        ("made safe", "Repair: 23 hours left", ""),
        ("survey owed", "Survey: 7 days left", ""),
        ("plan posted", "Planned day: 16 days left", ""),
        ("late after rungs", "Arrive: 7 hours late", "rose"),
        ("finished", "", ""),
    ],
)
def test_a_line_of_the_queue_names_the_promise_that_is_due(town: Town, state: str, words: str, tone: str) -> None:
    ticket, at = tell(town, state)
    with moment(at), translation.override("en"), CaptureQueriesContext(connection) as asked:
        row = rows_of(for_desk(Ticket.objects.filter(pk=ticket.pk)), at)[0]
    assert (row.due.words.replace("\N{NO-BREAK SPACE}", " "), row.due.tone, len(asked)) == (words, tone, 1)


def test_the_desk_reads_it_in_chinese(town: Town) -> None:
    with moment(SENT):
        town.acknowledged()
    with moment(SENT + 47 * HOUR):
        html = signed_in(town.lin).get(reverse("repairs:queue", args=["in-hand"])).content.decode()
    assert '<span class="due text-wrap rose">到场 剩\N{NO-BREAK SPACE}1\N{NO-BREAK SPACE}小时</span>' in html
