"""The administration's pages of the texts of messages: every text listed, checked, tried on a real ticket, put back."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Language, User
from accounts.sms import parts_of
from repairs import actions
from repairs.forms.wordings import WordingForm
from repairs.models import Message, MessageTemplate, Ticket
from repairs.times import moment, window
from repairs.wording import WORDINGS, own_texts
from repairs.wording_preview import preview
from repairs.wording_variables import MEANINGS, meaning
from repairs.workflow import Urgency
from tests.clients import signed_in
from tests.town import Town

KEY = "resident.report"
LIST = "/admin/repairs/messagetemplate/"
PEOPLE = ["chen", "lin", "manager", "street_officer", "district_officer", "wang"]


def _address(page: str = "wording", key: str = KEY, language: str = "zh-hans") -> str:
    return reverse(f"admin:repairs_messagetemplate_{page}", args=[key, language])


def _own(town: Town, text: str = "{organisation}收到了，{by}前受理。", **fields: Any) -> MessageTemplate:
    given = {"key": KEY, "language": "zh-hans", "edited_at": timezone.now(), "edited_by": town.admin}
    return MessageTemplate.objects.create(text=text, **(given | fields))


def _press(client: Client, page: str, text: str, key: str = KEY, **given: str) -> Any:
    return client.post(_address(page, key), {"text": text, "seen": "", "number": "", **given})


def _errors(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["form"].errors)


def _stored() -> tuple[Any, ...]:
    return (
        list(MessageTemplate.objects.order_by("pk").values_list("key", "language", "text")),
        Message.objects.count(),
        dict(own_texts()),
    )


# ---------------------------------------------------------------- who comes in
@pytest.mark.parametrize("name", PEOPLE)
def test_only_administrators_come_in(town: Town, name: str) -> None:
    row, client = _own(town), signed_in(getattr(town, name))
    answers = [client.get(LIST), client.get(_address())]
    answers += [_press(client, page, "新") for page in ("wording_preview", "wording_save", "wording_back")]

    assert {answer.status_code for answer in answers} <= {302, 403}
    assert MessageTemplate.objects.get().text == row.text


def test_whoever_may_only_open_the_administration_gets_nothing_here(town: Town) -> None:
    row = _own(town)
    User.objects.filter(pk=town.admin.pk).update(is_superuser=False)
    client = signed_in(User.objects.get(pk=town.admin.pk))
    answers = [client.get(LIST), client.get(_address()), client.get(f"{LIST}{row.pk}/change/")]
    answers += [_press(client, page, "新") for page in ("wording_preview", "wording_save", "wording_back")]

    assert {answer.status_code for answer in answers} == {403}


def test_an_administrator_gets_the_pages_and_nothing_for_what_is_no_text(town: Town) -> None:
    client = signed_in(town.admin)

    assert client.get(_address()).status_code == 200
    assert client.get(_address(key="resident.nothing")).status_code == 404
    assert client.get(_address(language="fr")).status_code == 404
    assert [client.get(_address(page)).status_code for page in ("wording_save", "wording_preview")] == [405, 405]
    assert client.get(f"{LIST}add/").status_code == 403


# ---------------------------------------------------------------- the list
def test_every_text_is_listed_in_both_languages_with_its_state(town: Town) -> None:
    _own(town)
    _own(town, "Seen by {queue}", key="resident.finish", language="en")
    _own(town, "旧步骤", key="resident.gone")
    page = signed_in(town.admin).get(LIST)

    versions = [v for group in page.context["groups"] for row in group.rows for v in row.versions]
    assert len(versions) == 2 * len(WORDINGS)
    assert {(v.address, v.state) for v in versions if v.state} == {
        (_address(), "own"),
        (_address(key="resident.finish", language="en"), "unfit"),
    }
    html = page.content.decode()
    assert html.count("自己的文案没有在用") == 1
    assert [row.text for row in page.context["left_over"]] == ["旧步骤"]


@pytest.mark.parametrize("key", sorted(WORDINGS))
def test_every_variable_is_explained_and_every_built_in_text_could_be_saved(key: str) -> None:
    wording = WORDINGS[key]
    assert all(str(meaning(wording, name)) for name in wording.variables)
    for language in Language:
        text = wording.built_in(language)
        form = WordingForm({"text": text, "seen": ""}, wording=wording, language=language, own=None)
        assert (form.errors, form.cleaned_data["text"]) == ({}, text)


def test_no_variable_is_explained_that_no_text_has() -> None:
    assert set(MEANINGS) == {name for wording in WORDINGS.values() for name in wording.variables}


# ---------------------------------------------------------------- what is refused
@pytest.mark.parametrize("button", ["wording_save", "wording_preview"])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{by}前受理，{flat}", "“{flat}”不是可用的变量。可以用的有：{organisation}、{by}。"),
        ("{by}前受理，{phone}", "“{phone}”不是可用的变量。可以用的有：{organisation}、{by}。"),
        ("{by}前受理，{organisation", "“{organisation”不是可用的变量。可以用的有：{organisation}、{by}。"),
        ("{organisation}收到", "请保留 {by}（承诺的最晚时间）：收到消息的人需要知道。"),
        ("{by}" + "好" * 300, "太长：大约要 6 条短信，最多 5 条。"),
        (" \n ", "请写一段文案，或在下面恢复内置文案。"),
    ],
)
def test_what_would_mislead_is_refused_in_one_sentence_and_stays_typed(
    town: Town, button: str, text: str, says: str
) -> None:
    answer = _press(signed_in(town.admin), button, text)

    assert (answer.status_code, _errors(answer)) == (200, {"text": [says]})
    assert answer.context["form"]["text"].value() == text
    assert _stored() == ([], 0, {})


def test_a_text_without_variables_says_that_it_has_none(town: Town) -> None:
    answer = _press(signed_in(town.admin), "wording_save", "{when}修好了", key="resident.finish")

    assert _errors(answer) == {"text": ["“{when}”不是可用的变量：这条文案没有变量。"]}


def test_a_variable_that_nobody_needs_may_go(town: Town) -> None:
    assert _press(signed_in(town.admin), "wording_save", "收到，{by}前受理。").status_code == 302
    assert own_texts() == {(KEY, "zh-hans"): "收到，{by}前受理。"}


# ---------------------------------------------------------------- saving
def test_what_is_saved_is_one_paragraph_and_sent_from_then_on(town: Town) -> None:
    client = signed_in(town.admin)
    assert _press(client, "wording_save", "  收到了。\r\n{by}前受理。 ").status_code == 302
    row = MessageTemplate.objects.get()
    ticket = town.ticket()

    assert (row.text, row.edited_by) == ("收到了。 {by}前受理。", town.admin)
    assert Message.objects.get(channel="app").text.startswith(f"{ticket.number} 厨房下水管漏水：收到了。 ")
    assert row.text in client.get(_address()).content.decode()


def test_whoever_saw_an_older_text_reads_the_new_one_and_keeps_what_was_typed(town: Town) -> None:
    client, row = signed_in(town.admin), _own(town)
    answer = _press(client, "wording_save", "我的，{by}。")
    form = answer.context["form"]

    assert (list(form.errors), form["text"].value(), MessageTemplate.objects.get().text) == (
        ["text"],
        "我的，{by}。",
        row.text,
    )
    assert row.text in answer.content.decode()
    again = _press(client, "wording_save", "我的，{by}。", seen=form["seen"].value())
    assert (again.status_code, MessageTemplate.objects.get().text) == (302, "我的，{by}。")


def test_the_built_in_text_typed_again_is_no_own_text(town: Town) -> None:
    client, built_in = signed_in(town.admin), WORDINGS[KEY].built_in("zh-hans")
    assert _press(client, "wording_save", built_in).status_code == 302
    assert not MessageTemplate.objects.exists()

    row = _own(town)
    assert _press(client, "wording_save", built_in, seen=row.edited_at.isoformat()).status_code == 302
    assert not MessageTemplate.objects.exists()


def test_going_back_takes_the_own_text_away_and_keeps_it_in_the_list_of_changes(town: Town) -> None:
    client = signed_in(town.admin)
    _press(client, "wording_save", "收到，{by}前受理。")
    seen = MessageTemplate.objects.get().edited_at.isoformat()

    assert client.post(_address("wording_back"), {"seen": "2020-01-01T00:00:00Z"}).status_code == 302
    assert MessageTemplate.objects.count() == 1
    assert client.post(_address("wording_back"), {"seen": seen}).status_code == 302
    assert MessageTemplate.objects.count() == 0
    changes = client.get(_address()).context["changes"]
    assert [(change.back, change.text) for change in changes] == [
        (True, "收到，{by}前受理。"),
        (False, "收到，{by}前受理。"),
    ]


def test_the_log_leads_to_the_page_of_the_text(town: Town) -> None:
    row, client = _own(town), signed_in(town.admin)

    assert client.get(f"{LIST}{row.pk}/change/").headers["Location"] == _address()
    assert client.get(f"{LIST}{row.pk + 1}/change/").headers["Location"] == LIST


# ---------------------------------------------------------------- the preview
def _tried(town: Town, text: str, key: str = KEY, **given: str) -> Any:
    return _press(signed_in(town.admin), "wording_preview", text, key, **given).context["tried"]


def test_the_preview_is_the_newest_real_message_and_stores_nothing(town: Town) -> None:
    town.ticket()
    ticket = town.ticket(words="厕所漏水")
    before = _stored()
    answer = _press(signed_in(town.admin), "wording_preview", "{organisation}收到！{by}")
    tried = answer.context["tried"]
    real = Message.objects.get(ticket=ticket, channel="app")

    head = real.text.removesuffix(real.sentence)
    assert tried.text.startswith(f"{head}水门家园服务中心（示例）收到！")
    assert (tried.remark, tried.parts, tried.phone) == ("", parts_of(tried.text), ticket.masked_phone)
    assert ticket.number in tried.source
    assert (town.chen.phone or "")[3:] not in answer.content.decode()
    assert _stored() == before


def test_what_the_built_in_text_previews_is_what_was_sent(town: Town) -> None:
    town.finished()
    for message in Message.objects.filter(channel="app", audience="resident"):
        wording = WORDINGS[f"resident.{message.event.verb}"]
        assert preview(wording, "zh-hans", wording.built_in("zh-hans")).text == message.text


def test_the_preview_speaks_the_language_of_the_text(town: Town) -> None:
    town.ticket()

    assert preview(WORDINGS[KEY], "en", "Got it, {by}.").text.endswith(": Got it, " + _by_in_english() + ".")


def _by_in_english() -> str:
    with translation.override("en"):
        return moment(Ticket.objects.get().acknowledge_by)


def test_a_ticket_may_be_named_and_must_be_there(town: Town) -> None:
    first = town.ticket()
    town.ticket(words="厕所漏水")

    assert first.number in _tried(town, "{by}", number=f" {first.number} ").source
    answer = _press(signed_in(town.admin), "wording_preview", "{by}", number="临江-1999-0001")
    assert (list(_errors(answer)), answer.context["tried"]) == (["number"], None)


def test_of_another_variant_the_newest_ticket_that_uses_it_is_shown_and_it_says_so(town: Town) -> None:
    planned, normal = town.ticket(), town.ticket(words="厕所漏水")
    actions.acknowledge(planned, by=town.lin, repair_type=planned.repair_type, urgency=Urgency.PLANNED, note="可以缓")
    actions.acknowledge(normal, by=town.lin, repair_type=normal.repair_type, urgency=Urgency.NORMAL)
    key, text = "resident.acknowledge.plan", "{by}"

    newest, named = _tried(town, text, key), _tried(town, text, key, number=normal.number)
    elsewhere = _tried(town, text, key, number=town.ticket(words="灯坏了").number)

    assert all(planned.number in each.source for each in (newest, named, elsewhere))
    assert newest.remark.startswith("这一步最新的消息用的是另一条文案")
    assert named.remark.startswith(f"{normal.number} 在这一步用的是另一条文案")
    assert "没有发过这一步的消息" in elsewhere.remark


def test_where_nobody_was_told_it_the_meanings_stand_in_the_places(town: Town) -> None:
    tried = _tried(town, "{organisation}收到，{by}")

    assert (tried.text, tried.source, tried.phone) == ("［负责这件报修的单位］收到，［承诺的最晚时间］", "", "")
    assert tried.remark.startswith("最近没有人收到过")


@pytest.mark.usefixtures("by_day")
def test_households_read_when_and_nothing_of_the_ticket(town: Town) -> None:
    town.team()
    visit = town.booked(households=[town.flat501])
    tried = _tried(town, "{when}开门", key="household.book")

    assert tried.text == f"{window(visit.starts_at, visit.ends_at)}开门"
    assert (tried.phone, tried.parts, tried.remark) == ("", 0, "")


def test_the_staff_reads_theirs(town: Town) -> None:
    town.team()
    ticket = town.acknowledged()
    actions.offer(ticket, by=town.manager, to=town.company, note="归他们管")

    tried = _tried(town, "{from}问：{place}", key="staff.offer")
    assert tried.text == f"{ticket.number} {ticket.repair_type.name}：{town.centre.name}问：{ticket.place.public}"
    assert tried.phone == ""


def test_every_text_has_a_preview(town: Town) -> None:
    town.finished()
    for key, wording in WORDINGS.items():
        assert preview(wording, "zh-hans", wording.built_in("zh-hans")).text, key


def test_the_list_costs_the_same_for_none_and_for_all_edited(town: Town) -> None:
    def page() -> None:
        signed_in(town.admin).get(LIST)

    page()
    with CaptureQueriesContext(connection) as none:
        page()
    for key in WORDINGS:
        _own(town, "好", key=key)
    with CaptureQueriesContext(connection) as every:
        page()
    assert len(none) == len(every)


# ---------------------------------------------------------------- how many text messages
@pytest.mark.parametrize(
    ("text", "sign", "parts"),
    [
        ("x" * 70, "", 1),
        ("好" * 71, "", 2),
        ("好" * 134, "", 2),
        ("好" * 135, "", 3),
        ("x" * 67, "安居", 2),
        ("😀" * 36, "", 2),
    ],
)
def test_text_messages_are_counted_as_they_are_paid_for(settings: Any, text: str, sign: str, parts: int) -> None:
    settings.SMS_SIGN = sign
    assert parts_of(text) == parts
