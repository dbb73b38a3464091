"""What could not be delivered: who sees it, how it is shown, and sending it again, once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from estates.models import Appointment, Organisation
from repairs import actions, tasks
from repairs.models import Escalation, GaveUp, Message, TeamRobot, Ticket, TicketEvent
from tests.carrier import hire
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town

PAGE = "/desk/undelivered/"
DISPATCH = {"lin", "manager", "other_dispatcher", "clerk"}
OFFICES = {"community_officer", "street_officer", "other_street_officer", "district_officer"}
DAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _by_day() -> Iterator[None]:
    """At night nothing goes out."""
    with time_machine.travel(DAY, tick=True):
        yield


def _dead(town: Town, why: GaveUp = GaveUp.REFUSED, **fields: Any) -> Message:
    """A text message about a new ticket of Chen's that was given up."""
    sms = Message.objects.filter(ticket=town.ticket(**fields), channel="sms")
    sms.update(gave_up_at=timezone.now(), gave_up_because=why, next_try_at=None)
    return sms.get()


def test_who_takes_reports_up_and_the_offices_find_the_list(town: Town) -> None:
    readers = DISPATCH | OFFICES
    assert who_gets(town, PAGE) == {200: readers, 404: everybody_but(*readers), 302: {"nobody"}}


def test_only_the_desk_of_the_ticket_sends_again(town: Town) -> None:
    path, desk = f"{PAGE}{_dead(town).pk}/resend/", {"lin", "manager"}
    assert who_gets(town, path, post={}) == {302: desk | {"nobody"}, 404: everybody_but(*desk)}


def test_each_desk_sees_its_own_with_the_number_masked_and_the_reason(town: Town) -> None:
    dead = _dead(town)
    own, other = (signed_in(each).get(PAGE).content.decode() for each in (town.lin, town.other_dispatcher))

    assert dead.ticket.number in own
    assert "拒收这个号码" in own
    assert dead.phone[3:] not in own
    assert f"{dead.phone[3:6]}****{dead.phone[-4:]}" in own
    assert dead.ticket.number not in other


# ---------------------------------------------------------------- what went to an office itself
def _climbed(town: Town) -> Ticket:
    """Late, and up to the street; nothing but the escalation was told."""
    ticket = town.acknowledged("urgent")
    with time_machine.travel(timezone.now() + timedelta(hours=4)):
        tasks.climb_the_ladder(0)
    Message.objects.exclude(channel="app").delete()
    return ticket


def _given_up(ticket: Ticket, town: Town, channel: str, **address: Any) -> Message:
    step = Escalation.objects.get(ticket=ticket, organisation=town.linjiang.office)
    now = timezone.now()
    said = {"audience": "staff", "text": "x", "sentence": "x", "created_at": now, **address}
    return Message.objects.create(
        event=step.event, ticket=ticket, channel=channel, gave_up_at=now, gave_up_because="tired", **said
    )


def _addresses(town: Town) -> dict[str, dict[str, Any]]:
    """Of the street's office: one of its people, its telephone, its chat."""
    office = town.linjiang.office
    assert office is not None
    Organisation.objects.filter(pk=office.pk).update(phone="0595-22280555")
    robot = TeamRobot.objects.create(
        organisation=office, name="街道群", url="feishu://0123456789", changed_at=DAY, changed_by=town.manager
    )
    return {
        "email": {"recipient": town.street_officer, "email": "street@example.com"},
        "call": {"phone": "+8659522280555"},
        "robot": {"robot": robot},
    }


@pytest.mark.parametrize("channel", ["email", "call", "robot"])
def test_an_office_finds_what_went_to_its_own_and_sends_it_again(town: Town, channel: str) -> None:
    ticket = _climbed(town)
    dead = _given_up(ticket, town, channel, **_addresses(town)[channel])
    readers = {
        name
        for name in (*DISPATCH, *OFFICES)
        if dead.ticket.number in signed_in(getattr(town, name)).get(PAGE).content.decode()
    }
    # The late organisation reads of it as of everything about its tickets.
    assert readers == {"street_officer", "lin", "manager"}
    path = f"{PAGE}{dead.pk}/resend/"
    assert who_gets(town, path, post={}) == {302: {*readers, "nobody"}, 404: everybody_but(*readers)}
    written = TicketEvent.objects.get(verb="resend")
    assert written.by_id in {town.street_officer.pk, town.lin.pk, town.manager.pk}


def test_what_somebody_was_told_for_another_house_is_no_business_of_this_one(town: Town) -> None:
    """The street's officer also works for the company next door, and is told of a ticket there."""
    Appointment.objects.create(
        person=town.street_officer, organisation=town.company, role=Role.COMMUNITY_OFFICER, starts_on="2020-01-01"
    )
    ticket = _climbed(town)
    dead = _given_up(ticket, town, "email", **_addresses(town)["email"])
    page = signed_in(town.other_dispatcher).get(PAGE)
    assert dead.ticket.number not in page.content.decode()
    assert dead.ticket.number in signed_in(town.street_officer).get(PAGE).content.decode()


def test_the_office_finds_the_list_in_its_rail_and_the_ticket_from_there(town: Town) -> None:
    ticket = _climbed(town)
    _given_up(ticket, town, "email", **_addresses(town)["email"])
    page = signed_in(town.street_officer).get(PAGE).content.decode()
    assert f'href="{PAGE}"' in page
    assert f'href="/desk/tickets/{ticket.pk}/"' in page
    assert signed_in(town.street_officer).get(f"/desk/tickets/{ticket.pk}/").status_code == 200


def test_thirty_cost_an_office_as_many_questions_as_one(town: Town) -> None:
    officer, counts = signed_in(town.street_officer), []
    ticket, addresses = _climbed(town), _addresses(town)
    officer.get(PAGE)
    event = Escalation.objects.get(ticket=ticket, organisation=town.linjiang.office).event
    _given_up(ticket, town, "email", **addresses["email"])
    for more in (0, 29):
        for number in range(more):
            again = TicketEvent.objects.create(ticket=ticket, verb="climb", at=event.at, note=str(number))
            Message.objects.create(
                event=again, ticket=ticket, channel="robot", audience="staff", text="x", created_at=event.at,
                gave_up_at=timezone.now(), gave_up_because="tired", **addresses["robot"],
            )  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            page = officer.get(PAGE)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 11
    assert len(page.context["rows"]) == 20


def test_what_went_to_an_office_is_found_along_its_indexes(town: Town) -> None:
    """Among two thousand that went to others."""
    ticket = _climbed(town)
    _addresses(town)
    event, now = Escalation.objects.filter(ticket=ticket)[0].event, timezone.now()
    said = {"audience": "staff", "text": "x", "created_at": now, "gave_up_at": now, "gave_up_because": "tired"}
    Message.objects.bulk_create(
        Message(event=event, ticket=ticket, channel="call", phone=f"+86595333{number:05}", **said)
        for number in range(2000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE repairs_message")
    asked = Message.objects.of_desk(town.street_officer).undelivered()
    plan = asked.order_by("-gave_up_at", "-pk")[:21].explain()
    assert all(f"message_undelivered_{each}" in plan for each in ("recipient", "phone", "robot")), plan


def test_what_still_tries_or_arrived_is_not_in_the_list(town: Town) -> None:
    trying = town.ticket()
    assert trying.number not in signed_in(town.lin).get(PAGE).content.decode()


@pytest.mark.parametrize("why", GaveUp)
def test_sent_again_it_goes_once_and_the_staff_reads_who_did_it(town: Town, settings: Any, why: GaveUp) -> None:
    asked, settings.SMS_PHONE_DAY_CAP = hire(settings), 0
    dead = _dead(town, why)
    for _ in range(2):
        signed_in(town.lin).post(f"{PAGE}{dead.pk}/resend/")
        tasks.deliver_messages()

    assert asked == [(dead.phone, dead.text)]
    written = TicketEvent.objects.get(verb="resend")
    assert (written.by, written.internal, written.ticket) == (town.lin, True, dead.ticket)


def test_the_resident_does_not_read_of_it_and_the_desk_does(town: Town) -> None:
    dead = _dead(town)
    actions.resend(dead, by=town.lin)
    pages = (
        signed_in(town.chen).get(f"/tickets/{dead.ticket_id}/"),
        signed_in(town.lin).get(f"/desk/tickets/{dead.ticket_id}/"),
    )
    assert ["消息再发一次" in page.content.decode() for page in pages] == [False, True]


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_send_once(settings: Any) -> None:
    town, start, moved = Town(), Barrier(2), []
    asked, dead = hire(settings), _dead(town)

    def press() -> None:
        start.wait()
        try:
            actions.resend(dead, by=town.lin)
        except actions.TicketMoved as late:
            moved.append(late)
        finally:
            connections.close_all()

    presses = [Thread(target=press) for _ in range(2)]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    tasks.deliver_messages()
    assert (len(asked), len(moved), TicketEvent.objects.filter(verb="resend").count()) == (1, 1, 1)


def test_thirty_cost_as_many_questions_as_one_and_the_older_ones_have_a_page(town: Town) -> None:
    lin, counts = signed_in(town.lin), []
    lin.get(PAGE)
    oldest = _dead(town)
    for more in (0, 29):
        for number in range(more):
            _dead(town, words=f"第{number}件")
        with CaptureQueriesContext(connection) as captured:
            page = lin.get(PAGE)
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 9
    older = lin.get(PAGE, {"before": page.context["page"].older})
    assert [len(each.context["rows"]) for each in (page, older)] == [20, 10]
    assert older.context["rows"][-1].pk == oldest.pk
