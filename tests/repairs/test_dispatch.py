"""Who does a job: given, taken from the pool, handed back; and how many one person may have open."""

from threading import Barrier, Thread

import pytest
from django.db import connections

from repairs import actions
from repairs.models import (
    Booking,
    DispatchMode,
    DispatchRule,
    Ticket,
)
from repairs.workflow import State, Urgency
from tests.town import Town


def test_a_worker_takes_a_job_only_where_workers_take_jobs(town: Town) -> None:
    ticket = town.acknowledged()
    assert not actions.may(ticket, "take", town.wang)

    DispatchRule.objects.create(organisation=town.centre, mode=DispatchMode.POOL)
    actions.take(ticket, by=town.wang)
    assert Ticket.objects.get().assignee == town.wang


def test_the_limit_of_open_jobs_is_kept_but_not_in_danger(town: Town) -> None:
    DispatchRule.objects.create(organisation=town.centre, open_jobs_most=1)
    town.assigned()
    second = town.acknowledged(words="客厅漏水")
    with pytest.raises(actions.MoveRefused) as refused:
        actions.assign(second, by=town.lin, worker=town.wang)
    assert refused.value.sentence == "王建国手上已有 1 单，到了本单位的上限，请换一位。"

    second.urgency = Urgency.DANGER
    actions.assign(second, by=town.lin, worker=town.wang)
    assert Ticket.objects.filter(assignee=town.wang).count() == 2


def test_handing_back_needs_a_reason_and_keeps_the_agreed_time(town: Town) -> None:
    town.team()
    ticket = town.assigned()
    town.booked(ticket)
    with pytest.raises(actions.MoveRefused):
        actions.hand_back(ticket, by=town.wang, note=" ")
    actions.hand_back(ticket, by=town.wang, note="要换立管，我一个人做不了")

    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.assignee, Booking.objects.live().count()) == (State.ACKNOWLEDGED, None, 1)


@pytest.mark.django_db(transaction=True)
def test_of_ten_workers_who_grab_one_wins() -> None:
    town = Town()
    DispatchRule.objects.create(organisation=town.centre, mode=DispatchMode.POOL)
    ticket = town.acknowledged()
    gate, won = Barrier(10), []

    def grab(worker_pk: int) -> None:
        seen, worker = Town.seen(ticket), type(town.wang).objects.get(pk=worker_pk)
        gate.wait()
        try:
            actions.take(seen, by=worker)
            won.append(worker_pk)
        except actions.TicketMoved:
            pass
        connections.close_all()

    threads = [Thread(target=grab, args=[pk]) for pk in [town.wang.pk, town.guo.pk] * 5]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
