"""Until its plan is posted, planned work promises the plan and its moment, and nobody reads that as a repair."""

from datetime import timedelta

import pytest
from django.utils import timezone

from repairs import actions
from repairs.canned import offers
from repairs.models import CannedAnswer, Handover, Message, Pause, PauseReason, Ticket
from repairs.timeline import timeline
from repairs.times import lately, moment
from repairs.workflow import Urgency
from tests.clients import signed_in
from tests.town import Town


def _told(verb: str) -> str:
    return Message.objects.filter(event__verb=verb, recipient__display_name="陈阿婆").latest("pk").text


def _posted(town: Town, ticket: Ticket) -> Ticket:
    day = timezone.localdate() + timedelta(days=20)
    actions.post_plan(ticket, by=town.lin, planned_for=day, note="换屋面卷材")
    return town.seen(ticket)


def test_pauses_tell_the_resident_by_when_the_plan_is_there(town: Town) -> None:
    ticket, day = town.planned(), timezone.localdate()
    actions.pause(ticket, by=town.lin, reason=PauseReason.PART, next_on=day + timedelta(days=3))
    paused = f"现承诺{moment(town.seen(ticket).restore_by)}前公布维修计划。"
    standing = Pause.objects.unended().get()
    actions.renew(town.seen(ticket), by=town.manager, seen=standing.pk, next_on=day + timedelta(days=6))
    renewed = f"现承诺{moment(town.seen(ticket).restore_by)}前公布维修计划。"
    actions.resume(town.seen(ticket), by=town.lin, seen=Pause.objects.unended().get().pk)

    assert paused in _told("pause")
    assert renewed in _told("renew")
    assert f"承诺{moment(town.seen(ticket).restore_by)}前公布维修计划。" in _told("resume")


def test_whoever_takes_it_over_promises_the_plan_too(town: Town) -> None:
    ticket = town.planned()
    actions.offer(ticket, by=town.lin, to=town.company, note="这幢归他们管")
    actions.accept(Handover.objects.for_page().get(), by=town.other_dispatcher)

    assert f"原来的承诺不变：{moment(ticket.restore_by)}前公布维修计划。" in _told("accept")


def test_a_posted_plan_promises_the_repair(town: Town) -> None:
    ticket = _posted(town, town.planned())
    next_on = timezone.localdate() + timedelta(days=3)
    actions.pause(ticket, by=town.lin, reason=PauseReason.PART, next_on=next_on)

    assert f"现承诺{moment(town.seen(ticket).restore_by)}前修好。" in _told("pause")


def test_each_line_of_the_story_says_what_was_promised_then(town: Town) -> None:
    ticket = town.planned()
    plan_by = ticket.restore_by
    ticket = _posted(town, ticket)

    notes = {line.title: line.note for line in timeline(ticket, town.chen)}

    assert f"承诺{moment(plan_by)}前公布维修计划。" in notes["已受理"]
    assert f"承诺{moment(ticket.restore_by)}前修好。" in notes["维修计划已公布"]


def test_raised_to_normal_the_repair_is_promised_and_the_older_lines_stay(town: Town) -> None:
    ticket = town.planned()
    plan_by = ticket.restore_by
    actions.set_urgency(ticket, by=town.lin, urgency=Urgency.NORMAL)
    ticket = town.seen(ticket)

    notes = {line.title: line.note for line in timeline(ticket, town.chen)}

    assert f"承诺{moment(plan_by)}前公布维修计划。" in notes["已受理"]
    assert f"承诺{moment(ticket.restore_by)}前修好。" in notes["紧急程度已更改"]


@pytest.mark.parametrize("urgency", [Urgency.PLANNED, Urgency.NORMAL])
def test_pages_name_what_is_promised_by_its_moment(town: Town, urgency: str) -> None:
    what = "公布维修计划" if urgency == Urgency.PLANNED else "修好"
    ticket = town.acknowledged(urgency=urgency)
    sent = signed_in(town.chen).get(f"/report/sent/{ticket.pk}/").content.decode()
    listed = signed_in(town.chen).get("/repairs/").content.decode()
    actions.assign(ticket, by=town.lin, worker=town.wang)
    given = signed_in(town.chen).get("/repairs/").content.decode()
    job = signed_in(town.wang).get(f"/jobs/{ticket.pk}/").content.decode()

    assert f"{lately(ticket.restore_by)} 前{what}" in sent
    assert f"承诺{lately(ticket.restore_by)}前{what}" in listed
    assert (f"承诺{lately(ticket.restore_by)}前公布维修计划" in given) == (urgency == Urgency.PLANNED)
    assert f"承诺 {moment(ticket.restore_by)} 前{what}" in job


def test_ready_made_words_promise_no_repair_before_the_plan(town: Town) -> None:
    ticket = town.planned()
    CannedAnswer.objects.filter(verbs__contains=["comment"]).update(text_zh="{promised}前修好")

    assert offers(ticket)["comment"] == []
    assert offers(_posted(town, ticket))["comment"]
