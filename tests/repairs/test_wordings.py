"""The texts of messages by name: each has its variables in both languages, and an administrator may write their own."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.models import Language
from repairs import actions, tasks
from repairs.actions.wordings import TextMoved, go_back, rewrite
from repairs.messages.sentences import ASSIGN, FINISH
from repairs.models import Message, MessageTemplate, Ticket
from repairs.timeline import TITLES
from repairs.times import moment
from repairs.wording import TEXTS_LIVE, WORDINGS, Wording, forget, own_texts, trying
from tests.town import Town

EVERY = sorted(WORDINGS)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("key", EVERY)
def test_the_built_in_text_has_exactly_its_variables(key: str, language: str) -> None:
    with translation.override(language):
        text = gettext(WORDINGS[key].source)

    assert sorted(re.findall(r"%\((\w+)\)s", text)) == sorted(WORDINGS[key].variables)
    assert text.count("%") == len(WORDINGS[key].variables)
    assert not set("{}") & set(text)


@pytest.mark.parametrize("key", EVERY)
def test_a_key_says_to_whom_and_after_which_step(key: str) -> None:
    assert key.split(".")[0] in {"resident", "household", "staff", "all"}
    assert set(WORDINGS[key].verbs) <= set(TITLES)


def test_no_two_texts_have_the_same_name() -> None:
    with pytest.raises(ValueError, match=r"resident\.report"):
        Wording("resident.report", "Another text")


# ---------------------------------------------------------------- an administrator's own text
def _own(town: Town, text: str = "{organisation}已收到，{by}前受理。", **fields: Any) -> MessageTemplate:
    given = {"key": "resident.report", "language": "zh-hans", "edited_at": timezone.now(), "edited_by": town.admin}
    return MessageTemplate.objects.create(text=text, **(given | fields))


def _told(ticket: Ticket) -> str:
    return Message.objects.get(ticket=ticket, channel="app", event__verb="report", audience="resident").sentence


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"text": ""}, "message_template_says_something"),
        ({"text": " \n"}, "message_template_says_something"),
        ({"language": "fr"}, "message_template_language_is_listed"),
        ({"key": "resident.finish"}, "message_template_is_single"),
    ],
)
def test_the_database_refuses(town: Town, fields: dict[str, Any], constraint: str) -> None:
    _own(town, key="resident.finish")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        _own(town, **fields)


def test_the_own_text_is_sent_in_its_language_and_the_other_stays_built_in(town: Town) -> None:
    _own(town)
    chinese = town.ticket()
    town.chen.language = "en"
    town.chen.save()

    assert _told(chinese) == f"水门家园服务中心（示例）已收到，{moment(chinese.acknowledge_by)}前受理。"
    assert _told(town.ticket()).startswith("We have your report. ")


def test_what_a_variable_brings_is_never_filled_in_again(town: Town) -> None:
    _own(town, "{words} 100% （{organisation}）", key="resident.comment")
    ticket = town.acknowledged()
    actions.comment(ticket, by=town.lin, note="{by} %(by)s {organisation}")

    (said,) = Message.objects.filter(event__verb="comment", channel="app").values_list("sentence", flat=True)
    assert said == "{by} %(by)s {organisation} 100% （水门家园服务中心（示例））"


def test_what_is_already_written_stays_as_it_was(town: Town, settings: Any) -> None:
    ticket = town.ticket()
    before = list(Message.objects.order_by("pk").values_list("text", flat=True))
    rewrite(WORDINGS["resident.report"], "zh-hans", "收到。", by=town.admin, seen=None)
    tasks.deliver_messages()

    assert list(Message.objects.exclude(audience="staff").order_by("pk").values_list("text", flat=True)) == before
    assert "收到。" not in Path(settings.SMS_FILE).read_text()
    assert _told(town.ticket(words="又漏了")) == "收到。"
    assert _told(ticket) in before[0]


def test_a_text_that_lost_a_variable_is_not_sent_and_says_so_once(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    _own(town, "{organisation}收到，{queue_number}号")
    for words in ("漏水", "又漏水"):
        forget()
        assert _told(town.ticket(words=words)).startswith("已收到您的报修")
    assert [record.message for record in caplog.records if record.name == "repairs.wording"] == [
        "The own text resident.report (zh-hans) uses a variable there is no more; the built-in text is sent instead."
    ]


def test_own_texts_are_read_in_one_statement_twice_a_minute(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("repairs.wording.time.monotonic", lambda: now)

    def counted() -> int:
        with CaptureQueriesContext(connection) as asked:
            ASSIGN.say(worker="王")
            own_texts()
        return len(asked)

    first, again = counted(), counted()
    now += TEXTS_LIVE + 1
    assert (first, again, counted()) == (1, 0, 1)


def test_saying_something_costs_microseconds(town: Town) -> None:
    _own(town, "{worker}来", key="resident.assign")
    ASSIGN.say(worker="王")
    started = time.perf_counter()
    for _each in range(1000):
        ASSIGN.say(worker="王")

    assert (time.perf_counter() - started) / 1000 < 100e-6


def test_a_trial_holds_for_its_own_text_and_thread_alone(town: Town) -> None:
    with trying("resident.assign", "zh-hans", "{worker}试") as trial, ThreadPoolExecutor(1) as other:
        assert ASSIGN.say(worker="王") == "王试"
        assert FINISH.say() == gettext(FINISH.source)
        assert other.submit(lambda: translation.get_language() and ASSIGN.built_in("en")).result() == (
            "{worker} will come to repair it."
        )
    assert trial.said == {"resident.assign", "resident.finish"}
    assert ASSIGN.say(worker="王") != "王试"


# ---------------------------------------------------------------- the verbs
def test_an_administrator_writes_it_changes_it_and_goes_back(town: Town) -> None:
    wording = WORDINGS["resident.finish"]
    rewrite(wording, "zh-hans", "一", by=town.admin, seen=None)
    first = MessageTemplate.objects.get()
    rewrite(wording, "zh-hans", "二", by=town.admin, seen=first.edited_at)
    second = MessageTemplate.objects.get()
    assert (second.text, second.edited_by, own_texts()) == ("二", town.admin, {("resident.finish", "zh-hans"): "二"})

    go_back(wording.key, "zh-hans", by=town.admin, seen=second.edited_at)
    assert (MessageTemplate.objects.count(), own_texts()) == (0, {})
    log = LogEntry.objects.order_by("pk").values_list("user", "action_flag", "object_repr", "change_message")
    name = "resident.finish (zh-hans)"
    assert list(log) == [(town.admin.pk, flag, name, text) for flag, text in ((1, "一"), (2, "二"), (3, "二"))]


def test_whoever_saw_an_older_text_is_refused(town: Town) -> None:
    row = _own(town)
    wording, older = WORDINGS[row.key], row.edited_at - timedelta(seconds=1)

    for seen in (None, older):
        with pytest.raises(TextMoved):
            rewrite(wording, "zh-hans", "新", by=town.admin, seen=seen)
        with pytest.raises(TextMoved):
            go_back(row.key, "zh-hans", by=town.admin, seen=seen)
    assert (MessageTemplate.objects.get().text, LogEntry.objects.count()) == (row.text, 0)


@pytest.mark.parametrize("name", ["chen", "lin", "manager", "street_officer", "district_officer"])
def test_nobody_but_an_administrator_writes_it(town: Town, name: str) -> None:
    row = _own(town)
    with pytest.raises(PermissionDenied):
        rewrite(WORDINGS["resident.finish"], "en", "Done", by=getattr(town, name), seen=None)
    with pytest.raises(PermissionDenied):
        go_back(row.key, "zh-hans", by=getattr(town, name), seen=row.edited_at)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_it_at_once_one_is_told_so() -> None:
    town, start = Town(), Barrier(2)

    def write(text: str) -> bool:
        start.wait()
        try:
            rewrite(WORDINGS["resident.finish"], "en", text, by=town.admin, seen=None)
        except TextMoved:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(write, ["One", "Two"])) == [False, True]
    assert LogEntry.objects.count() == MessageTemplate.objects.count() == 1
