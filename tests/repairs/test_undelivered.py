"""What could not be delivered: who sees it, how it is shown, and sending it again, once."""

from collections.abc import Iterator
from datetime import datetime
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from repairs import actions, tasks
from repairs.models import GaveUp, Message, TicketEvent
from tests.carrier import hire
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town

PAGE = "/desk/undelivered/"
DISPATCH = {"lin", "manager", "other_dispatcher", "clerk"}
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


def test_who_takes_reports_up_finds_the_list(town: Town) -> None:
    assert who_gets(town, PAGE) == {200: DISPATCH, 404: everybody_but(*DISPATCH), 302: {"nobody"}}


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
