"""移交: to whom, by whom, what an answer changes and what it never touches: the clock."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.roles import Role
from estates.models import Appointment, Organisation, OrganisationKind
from repairs import actions
from repairs.handovers import destinations, discreet
from repairs.models import (
    BookingState,
    DispatchMode,
    DispatchRule,
    Handover,
    HandoverState,
    Message,
    Pause,
    PauseReason,
    Ticket,
)
from repairs.timeline import timeline
from repairs.workflow import Closure, State
from tests.town import LONG_AGO, Town


def water(name: str = "鲤城自来水（示例）", kind: OrganisationKind = OrganisationKind.UTILITY) -> Organisation:
    """A utility nobody of which is in Anju."""
    return Organisation.objects.get_or_create(name=name, defaults={"kind": kind, "phone": "0595-2299 0000"})[0]


def offered(
    town: Town, ticket: Ticket | None = None, to: Organisation | None = None, note: str = "属贵司管"
) -> Handover:
    """Offered by Lin, to Qing's company if nobody else is named."""
    ticket = ticket or town.assigned()
    actions.offer(ticket, by=town.lin, to=to or town.company, note=note)
    return Handover.objects.for_page().get(ticket=ticket, state=HandoverState.OFFERED)


def _states() -> list[str]:
    return list(Handover.objects.order_by("pk").values_list("state", flat=True))


def _told(verb: str) -> list[str]:
    rows = Message.objects.filter(event__verb=verb, channel="app").order_by("recipient__display_name")
    return sorted(rows.values_list("recipient__display_name", flat=True))


# ---------------------------------------------------------------- until they accept
def test_an_offer_changes_nothing_but_the_story(town: Town) -> None:
    before = town.assigned()
    handover = offered(town, before)

    ticket = Ticket.objects.get()
    kept = ("organisation", "assignee", "state", "due_at", "restore_by", "mode", "version")
    assert [getattr(ticket, name) for name in kept] == [getattr(before, name) for name in kept]
    assert (handover.from_organisation, handover.to_organisation) == (town.centre, town.company)
    assert (handover.reason, handover.offered_by) == ("属贵司管", town.lin)


def test_a_report_nobody_took_up_is_not_offered(town: Town) -> None:
    with pytest.raises(actions.TicketMoved):
        offered(town, town.ticket())
    with pytest.raises(actions.TicketMoved):
        offered(town, town.finished())

    assert not Handover.objects.exists()


def test_it_is_offered_with_a_reason_and_to_one_at_a_time(town: Town) -> None:
    ticket = town.acknowledged()
    with pytest.raises(actions.MoveRefused):
        offered(town, ticket, note="  ")
    offered(town, ticket)
    with pytest.raises(actions.TicketMoved):
        offered(town, ticket, water())

    assert Handover.objects.count() == 1


def test_it_goes_to_utilities_and_to_those_of_the_district(town: Town) -> None:
    stranger = water("外县物业（示例）", OrganisationKind.COMPANY)
    closed = water("停办的水厂（示例）")
    Organisation.objects.filter(pk=closed.pk).update(closed_on=date(2024, 1, 1))
    city = water("市政所（示例）", OrganisationKind.MUNICIPAL)
    office = town.linjiang.office
    expected = {water(), city, town.company, town.community_office}

    assert set(destinations(town.acknowledged())) == expected
    for nobody in (stranger, closed, town.centre, office):
        with pytest.raises(actions.MoveRefused):
            offered(town, town.acknowledged(), nobody)


def test_strangers_neither_offer_nor_answer(town: Town) -> None:
    ticket = town.assigned()
    for stranger in (town.nadia, town.chen, town.wang, town.other_dispatcher, town.clerk):
        with pytest.raises(PermissionDenied):
            actions.offer(ticket, by=stranger, to=town.company, note="不归我们管")
    handover = offered(town, ticket)
    for stranger in (town.nadia, town.chen, town.lin, town.manager, town.clerk):
        with pytest.raises(PermissionDenied):
            actions.accept(handover, by=stranger)
        with pytest.raises(PermissionDenied):
            actions.turn_down(handover, by=stranger, note="不是我们的")

    assert _states() == ["offered"]


# ---------------------------------------------------------------- accepted
def test_accepted_it_is_theirs_with_every_promise_as_it_stood(town: Town) -> None:
    before = town.assigned()
    handover = offered(town, before)
    actions.accept(handover, by=town.other_dispatcher)

    ticket = Ticket.objects.get()
    assert (ticket.organisation, ticket.state, ticket.assignee) == (town.company, State.ACKNOWLEDGED, None)
    promised = ("filed_at", "acknowledged_at", "acknowledge_by", "restore_by", "due_at", "mode")
    assert [getattr(ticket, name) for name in promised] == [getattr(before, name) for name in promised]
    handover.refresh_from_db()
    assert (handover.state, handover.decided_by) == ("accepted", town.other_dispatcher)


def test_who_hears_of_it(town: Town) -> None:
    handover = offered(town)
    assert _told("offer") == ["苏清"]
    actions.accept(handover, by=town.other_dispatcher)

    assert _told("accept") == sorted(["林秀英", "黄经理", "王建国", "陈阿婆"])


def test_the_receiver_is_told_without_the_words_of_the_resident(town: Town) -> None:
    offered(town, town.assigned(words="502 陈阿婆 13812345678 水管爆了"))

    text = Message.objects.get(event__verb="offer").text
    assert "排水管漏水" in text
    for secret in ("502", "陈阿婆", "13812345678"):
        assert secret not in text


def test_the_receiver_finds_it_by_words_and_the_first_no_more(town: Town) -> None:
    handover = offered(town)
    actions.accept(handover, by=town.other_dispatcher)

    tokens = Ticket.objects.values_list("tokens", flat=True).get()
    assert f"org:{town.company.pk}" in tokens
    assert f"org:{town.centre.pk}" not in tokens


def test_whoever_handed_it_over_sees_the_offer_and_the_ticket_no_more(town: Town) -> None:
    handover = offered(town)
    assert not Ticket.objects.visible_to(town.other_dispatcher).exists()
    actions.accept(handover, by=town.other_dispatcher)

    sees = {
        name: (
            Ticket.objects.visible_to(getattr(town, name)).exists(),
            Handover.objects.visible_to(getattr(town, name)).exists(),
        )
        for name in ("lin", "wang", "other_dispatcher", "street_officer", "chen", "nadia", "neighbour")
    }
    assert sees == {
        "lin": (False, True),
        "wang": (False, False),
        "other_dispatcher": (True, True),
        "street_officer": (True, False),
        "chen": (True, False),
        "nadia": (False, False),
        "neighbour": (False, False),
    }


def test_the_agreed_visit_of_the_first_is_off_and_everybody_told(town: Town) -> None:
    town.team()
    booking = town.booked(town.assigned(), households=[town.flat501])
    actions.accept(offered(town, town.seen(booking.ticket)), by=town.other_dispatcher)

    booking.refresh_from_db()
    assert (booking.state, booking.place) == (BookingState.CANCELLED, None)
    assert "吴邻居" in _told("accept")
    told = Message.objects.get(event__verb="accept", recipient=town.chen).text
    assert "清源物业" in told
    assert "取消" in told


def test_a_pause_stands_and_the_receiver_ends_it(town: Town) -> None:
    ticket = town.assigned()
    day = timezone.localdate() + timedelta(days=3)
    actions.pause(ticket, by=town.lin, reason=PauseReason.OWNERS, next_on=day)
    due = Ticket.objects.get().due_at
    actions.accept(offered(town, town.seen(ticket)), by=town.other_dispatcher)

    assert Ticket.objects.get().due_at == due
    actions.resume(town.seen(ticket), by=town.other_dispatcher, seen=Pause.objects.unended().get().pk)
    assert not Pause.objects.unended().exists()


def test_where_jobs_go_round_the_receiver_s_turn_is_asked_for(town: Town) -> None:
    DispatchRule.objects.create(organisation=town.company, mode=DispatchMode.IN_TURN)
    worker = town.guo
    Appointment.objects.create(person=worker, organisation=town.company, role=Role.WORKER, starts_on=LONG_AGO)
    handover = offered(town)
    actions.accept(handover, by=town.other_dispatcher)
    actions.give_in_turn(handover.ticket_id)

    assert Ticket.objects.get().assignee == worker


def test_the_story_names_who_acted_for_whom_at_the_time(town: Town) -> None:
    actions.accept(offered(town), by=town.other_dispatcher, note="我们明天来")
    lines = timeline(Ticket.objects.for_page().get(), town.other_dispatcher)

    assert [(line.title, line.who) for line in lines[:3]] == [
        ("已由其他单位接手", "您"),
        ("请其他单位接手", f"{town.centre} 林秀英"),
        ("已派师傅", f"{town.centre} 林秀英"),
    ]
    assert lines[0].note == f"{town.centre} → {town.company}\n我们明天来"


# ---------------------------------------------------------------- turned down, taken back
def test_turned_down_with_a_reason_it_stays_with_the_first_who_are_told(town: Town) -> None:
    handover = offered(town)
    with pytest.raises(actions.MoveRefused):
        actions.turn_down(handover, by=town.other_dispatcher, note="")
    actions.turn_down(handover, by=town.other_dispatcher, note="不是我们的管段")

    ticket = Ticket.objects.get()
    assert (ticket.organisation, ticket.assignee, _states()) == (town.centre, town.wang, ["turned_down"])
    assert _told("turn_down") == ["林秀英", "黄经理"]
    assert offered(town, town.seen(ticket), water())


def test_taken_back_it_can_t_be_accepted_any_more(town: Town) -> None:
    handover = offered(town)
    actions.withdraw_offer(handover.ticket, by=town.lin, seen=handover.pk)
    with pytest.raises(actions.TicketMoved):
        actions.accept(handover, by=town.other_dispatcher)

    assert (_states(), Ticket.objects.get().organisation) == (["withdrawn"], town.centre)
    assert _told("withdraw_offer") == ["苏清"]


def test_an_old_page_takes_no_newer_offer_back(town: Town) -> None:
    first = offered(town)
    actions.turn_down(first, by=town.other_dispatcher, note="不是我们的")
    second = offered(town, first.ticket, water())
    with pytest.raises(actions.TicketMoved):
        actions.withdraw_offer(second.ticket, by=town.lin, seen=first.pk)

    assert _states() == ["turned_down", "offered"]


def test_a_ticket_that_moved_since_the_receiver_looked_is_not_accepted(town: Town) -> None:
    handover = offered(town)
    actions.arrive(town.seen(handover.ticket), by=town.wang)
    with pytest.raises(actions.TicketMoved):
        actions.accept(handover, by=town.other_dispatcher)

    assert (Ticket.objects.get().state, _states()) == (State.ON_SITE, ["offered"])


@pytest.mark.parametrize("ending", ["finish", "cancel", "decline"])
def test_what_is_done_or_closed_is_offered_to_nobody_any_more(town: Town, ending: str) -> None:
    ticket = town.on_site() if ending == "finish" else town.assigned()
    offered(town, ticket)
    if ending == "finish":
        actions.finish(town.seen(ticket), by=town.wang, photos=[town.photo(ticket, town.wang)], note="换好了")
    else:
        by = town.chen if ending == "cancel" else town.lin
        getattr(actions, ending)(town.seen(ticket), by=by, note="不用了")

    assert _states() == ["withdrawn"]


# ---------------------------------------------------------------- outside Anju
def _outside(town: Town, **given: Any) -> Ticket:
    handover = offered(town, given.pop("ticket", None), to=water())
    told: dict[str, Any] = {"by": town.community_officer, "reference": "WAT-0815"} | given
    actions.pass_outside(town.seen(handover.ticket), seen=handover.pk, **told)
    return town.seen(handover.ticket)


def test_their_number_ends_it_as_handed_over(town: Town) -> None:
    ticket = _outside(town)

    assert (ticket.state, ticket.closure, ticket.due_at) == (State.CLOSED, Closure.HANDED_OVER, None)
    row = Handover.objects.get()
    assert (row.state, row.outside_reference, row.decided_by) == ("passed_outside", "WAT-0815", town.community_officer)
    told = Message.objects.get(event__verb="pass_outside", recipient=town.chen).text
    for part in ("鲤城自来水", "WAT-0815", "0595-2299 0000"):
        assert part in told


def test_a_street_officer_may_write_the_number_down_and_the_first_hear_it(town: Town) -> None:
    _outside(town, by=town.street_officer)

    assert _told("pass_outside") == ["林秀英", "王建国", "陈阿婆", "黄经理"]


def test_without_a_number_it_stays(town: Town) -> None:
    with pytest.raises(actions.MoveRefused):
        _outside(town, reference="  ")

    assert (Ticket.objects.get().state, _states()) == (State.ASSIGNED, ["offered"])


def test_who_is_in_anju_accepts_it_themselves(town: Town) -> None:
    handover = offered(town)
    with pytest.raises(actions.MoveRefused, match="清源物业"):
        actions.pass_outside(handover.ticket, by=town.community_officer, seen=handover.pk, reference="1")

    assert _states() == ["offered"]


def test_not_repaired_by_them_it_opens_again_with_the_first(town: Town) -> None:
    ticket = _outside(town)
    actions.not_fixed(ticket, by=town.chen, note="自来水公司没有来")

    again = Ticket.objects.get()
    assert (again.state, again.organisation, again.times_reopened) == (State.ACKNOWLEDGED, town.centre, 1)
    assert again.due_at is not None


# ---------------------------------------------------------------- what may be read before
def test_numbers_names_and_flats_are_hidden_and_nothing_else(town: Town) -> None:
    ticket = town.assigned()
    said = "502漏到402，找陈阿婆 138 1234 5678，水表号12"

    assert discreet(said, ticket) == "***漏到402，找*** ***，水表号12"


# ---------------------------------------------------------------- who writes an outside number down
def test_whoever_is_late_does_not_end_it_with_a_number(town: Town) -> None:
    for by in (town.lin, town.manager):
        with pytest.raises(PermissionDenied):
            _outside(town, by=by, ticket=town.assigned())
        Handover.objects.all().delete()


def test_where_anybody_works_no_number_counts_and_where_nobody_answers_nothing_is_offered(town: Town) -> None:
    office = town.linjiang.office
    ticket = town.assigned()
    assert office not in destinations(ticket)
    with pytest.raises(actions.MoveRefused):
        offered(town, ticket, to=office)

    Handover.objects.create(
        ticket=ticket, from_organisation=town.centre, to_organisation=office,
        reason="归街道", offered_at=timezone.now(), offered_by=town.lin,
    )  # fmt: skip
    with pytest.raises(actions.MoveRefused, match="街道办"):
        actions.pass_outside(
            town.seen(ticket), by=town.community_officer, seen=Handover.objects.get().pk, reference="1"
        )
    assert _states() == ["offered"]


def test_the_officers_of_the_community_hear_that_a_number_is_waited_for(town: Town) -> None:
    handover = offered(town, to=water())
    assert _told("offer") == [town.community_officer.display_name]
    assert "0595-2299 0000" in Message.objects.get(event__verb="offer").text
    actions.withdraw_offer(town.seen(handover.ticket), by=town.lin, seen=handover.pk)
    assert _told("withdraw_offer") == [town.community_officer.display_name]


def test_where_the_community_has_nobody_the_street_hears_it(town: Town) -> None:
    Appointment.objects.filter(organisation=town.community_office).delete()
    offered(town, to=water())

    assert _told("offer") == [town.street_officer.display_name]
