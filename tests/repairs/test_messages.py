"""Who is told what: written with the event, delivered by the worker, never twice."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.sms import SmsFailed
from repairs import actions, tasks
from repairs.delivery import deliver_next
from repairs.models import Message, RepairType, Ticket
from repairs.slots import next_slots
from repairs.workflow import Closure, State, Urgency
from tests.carrier import hire, raises
from tests.town import Town

DAY = datetime(2026, 11, 24, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _by_day() -> Iterator[None]:
    """At night nothing goes out."""
    with time_machine.travel(DAY, tick=True):
        yield


def _sent(settings: Any) -> list[dict[str, str]]:
    file = Path(settings.SMS_FILE)
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_every_step_that_concerns_the_resident_is_told_in_the_app_and_by_sms(town: Town) -> None:
    ticket = town.finished()

    told = list(Message.objects.exclude(audience="staff").order_by("pk").values_list("event__verb", "channel"))
    steps = ["report", "acknowledge", "assign", "arrive", "finish"]
    assert told == [(step, channel) for step in steps for channel in ("app", "sms")]
    assert all(ticket.number in text for text in Message.objects.values_list("text", flat=True))


def test_nobody_is_told_what_they_did_themselves(town: Town) -> None:
    ticket = town.finished()
    actions.comment(ticket, by=town.chen, note="谢谢")
    actions.confirm(ticket, by=town.chen)

    told = Message.objects.filter(event__verb__in=["comment", "confirm"])
    assert not told.exclude(audience="staff").exists()
    assert {message.recipient for message in told} == {town.lin, town.manager, town.wang}


def test_internal_notes_are_told_to_nobody(town: Town) -> None:
    ticket = town.acknowledged()
    before = Message.objects.count()
    actions.internal_note(ticket, by=town.lin, note="住户脾气急")

    assert Message.objects.count() == before


def test_a_number_nobody_proved_gets_no_sms(town: Town) -> None:
    town.ticket(contact_phone="+8619900009999")

    assert set(Message.objects.values_list("channel", flat=True)) == {"app"}


def test_the_one_a_clerk_reported_for_is_told_by_sms(town: Town) -> None:
    ticket = town.proxy()
    actions.acknowledge(ticket, by=town.manager, repair_type=ticket.repair_type, urgency=Urgency.NORMAL)

    assert Message.objects.get(event__verb="acknowledge", channel="sms").phone == town.chen.phone


def test_messages_speak_the_language_of_the_one_who_reads_them(town: Town) -> None:
    town.chen.language = "en"
    town.chen.save()
    town.ticket()

    assert "We have your report" in Message.objects.filter(channel="app").get().text


def test_the_worker_sends_each_message_once(town: Town, settings: Any) -> None:
    town.finished()
    tasks.deliver_messages()
    tasks.deliver_messages()
    tasks.deliver_messages()

    assert len(_sent(settings)) == 5
    assert not Message.objects.unsent().exists()


def test_the_job_is_there_exactly_when_the_ticket_is(town: Town) -> None:
    with transaction.atomic():
        town.ticket()
        transaction.set_rollback(True)
    assert ProcrastinateJob.objects.count() == 0

    town.ticket()
    asked = ProcrastinateJob.objects.order_by("id").values_list("task_name", "args")
    assert list(asked) == [("repairs.tasks.deliver_messages", {"channel": each}) for each in ("app", "sms")]


def test_a_provider_that_fails_is_asked_again_later_and_others_go_first(town: Town, settings: Any) -> None:
    town.ticket()

    asked = hire(settings, raises(SmsFailed("the line is down")))
    tasks.deliver_messages()
    waiting = Message.objects.unsent().get()
    assert (waiting.tries, waiting.last_error) == (1, "the line is down")
    assert deliver_next() is False

    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        tasks.deliver_messages()
    assert len(asked) == 2
    assert not Message.objects.unsent().exists()


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_send_no_message_twice(settings: Any) -> None:
    town = Town()
    for number in range(6):
        town.ticket(words=f"第{number}处漏水")
    start = Barrier(8)

    def work() -> None:
        start.wait()
        try:
            while deliver_next():
                pass
        finally:
            connections.close_all()

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tasks.deliver_messages()

    texts = [line["text"] for line in _sent(settings)]
    assert len(texts) == len(set(texts)) == 6


def test_the_same_event_cannot_have_two_messages_for_one_person(town: Town) -> None:
    town.ticket()
    for channel in ("app", "sms"):
        message = Message.objects.get(channel=channel)
        message.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            message.save(force_insert=True)


def test_seven_days_of_silence_close_as_unconfirmed_and_not_a_day_earlier(town: Town) -> None:
    ticket = town.finished()
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23)):
        tasks.close_unanswered(0)
    assert town.seen(ticket).state == State.FINISHED

    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        tasks.close_unanswered(0)
    assert town.seen(ticket).closure == Closure.UNCONFIRMED
    assert Message.objects.filter(event__verb="lapse", channel="app").count() == 1


def test_old_drafts_and_their_pictures_are_swept_and_sent_ones_stay(town: Town) -> None:
    draft = town.draft()
    kept = town.photo(draft=draft)
    actions.file_report(draft, by=town.chen)
    lost = town.photo(draft=town.draft(words="没有发出"))
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        tasks.sweep_drafts(0)

    assert list(type(kept).objects.values_list("pk", flat=True)) == [kept.pk]
    assert not type(lost).objects.filter(pk=lost.pk).exists()
    assert Ticket.objects.count() == 1


def test_nobody_has_to_be_at_home_for_a_common_part(town: Town) -> None:
    town.team()
    ticket = town.acknowledged(repair_type=town.type("DRN-STACK"))
    Ticket.objects.filter(pk=ticket.pk).update(scope="entrance")
    RepairType.objects.filter(code="DRN-STACK").update(needs_entry=False)
    ticket = town.seen(ticket)
    actions.book(ticket, by=town.lin, starts_at=next_slots(ticket, 1)[0].starts_at)

    assert Message.objects.filter(channel="app").latest("pk").text.endswith("来修，您不用在场。")


def test_the_one_a_clerk_reported_for_is_told_what_the_same_clerk_does_next(town: Town) -> None:
    town.team()
    ticket = town.proxy()
    actions.book(ticket, by=town.lin, starts_at=next_slots(ticket, 1)[0].starts_at)

    told = Message.objects.filter(event__verb="book").order_by("pk").values_list("channel", "recipient", "phone")
    assert list(told) == [("app", town.chen.pk, ""), ("sms", None, town.chen.phone)]
