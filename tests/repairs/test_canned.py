"""Ready-made answers: who writes them, where and in whose language they are offered, what the database refuses."""

import dataclasses
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from repairs import actions
from repairs.actions import answers
from repairs.canned import offers
from repairs.catalogue.files import project_files
from repairs.catalogue.loader import load_catalogue
from repairs.models import CannedAnswer, Supervision, Ticket
from repairs.placeholders import Placeholder, filled, known_variables
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town


@pytest.fixture
def bare(town: Town) -> Town:
    """The town without the project's own answers."""
    CannedAnswer.objects.all().delete()
    return town


def _own(town: Town, zh: str = "请拨打{phone}", en: str = "Please call {phone}", **fields: Any) -> CannedAnswer:
    given = {"organisation": town.centre, "verbs": ["comment"], "edited_at": timezone.now(), "edited_by": town.manager}
    return CannedAnswer.objects.create(text_zh=zh, text_en=en, **(given | fields))


def _common(zh: str, en: str = "English", **fields: Any) -> CannedAnswer:
    return CannedAnswer.objects.create(**{"code": "some", "verbs": ["comment"], "text_zh": zh, "text_en": en} | fields)


def _texts(ticket: Ticket, verb: str = "comment") -> list[str]:
    return [offer.text for offer in offers(ticket)[verb]]


def _sent(**fields: Any) -> dict[str, Any]:
    return {"text_zh": "好的", "text_en": "Fine", "verbs": ["comment", "decline"], "repair_type": ""} | fields


# ---------------------------------------------------------------- what the database refuses
@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"text_en": ""}, "canned_answer_stands_in_both_languages"),
        ({"text_zh": ""}, "canned_answer_stands_in_both_languages"),
        ({"text_zh": "{phone} {flat}"}, "canned_answer_knows_its_variables"),
        ({"text_en": "{phone"}, "canned_answer_knows_its_variables"),
        ({"text_en": "phone}\n"}, "canned_answer_knows_its_variables"),
        ({"verbs": []}, "canned_answer_is_for_verbs_with_words"),
        ({"verbs": ["comment", "arrive"]}, "canned_answer_is_for_verbs_with_words"),
        ({"code": ""}, "canned_answer_has_a_code_or_an_organisation_and_writer"),
        ({"code": "replaced-and-tested"}, "canned_answer_code_is_used_once"),
        ({"edited_at": timezone.now()}, "cannedanswer_edit_has_its_editor"),
    ],
)
def test_the_database_refuses(town: Town, fields: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        _common(**{"zh": "好", **fields} if "text_zh" not in fields else {"zh": fields.pop("text_zh"), **fields})


@pytest.mark.parametrize("fields", [{"edited_at": None, "edited_by": None}, {"code": "x"}])
def test_an_organisations_answer_has_its_writer_and_no_code(town: Town, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="canned_answer_has_a_code_or_an_organisation"), transaction.atomic():
        _own(town, **fields)


# ---------------------------------------------------------------- variables
@pytest.mark.parametrize(
    ("text", "wrong"),
    [("{phone} {flat}", "{flat}"), ("{", "{"), ("a } b", "}"), ("{ phone }", "{ phone }"), ("{{phone}}", "{")],
)
def test_an_unknown_variable_is_named_in_one_sentence(text: str, wrong: str) -> None:
    with translation.override("en"), pytest.raises(ValidationError) as refused:
        known_variables(text)
    (sentence,) = refused.value.messages
    assert sentence.startswith(f"“{wrong}” stands for nothing. What you can use: {{number}}, ")


def test_every_known_variable_is_taken() -> None:
    known_variables(" ".join(f"{{{name}}}" for name in Placeholder) + "\n第二行")


def test_what_a_value_contains_is_left_as_it_is() -> None:
    assert filled("{headline}/{phone}", {Placeholder.HEADLINE: "{phone}", Placeholder.PHONE: "1"}) == "{phone}/1"


# ---------------------------------------------------------------- what is offered
def test_the_real_ticket_is_filled_in(bare: Town) -> None:
    _own(bare, zh="{number}|{headline}|{place}|{worker}|{organisation}|{phone}|{promised}")
    ticket = bare.assigned()

    number, headline, place, worker, organisation, phone, promised = _texts(ticket)[0].split("|")

    assert (number, headline, place) == (ticket.number, "厨房下水管漏水", ticket.place.full)
    assert (worker, organisation, phone) == ("王建国", "水门家园服务中心（示例）", "0595-2228 0119")
    assert "月" in promised


def test_an_answer_about_a_visit_waits_for_the_visit(bare: Town) -> None:
    bare.team()
    _own(bare, zh="{when}上门")
    ticket = bare.acknowledged()
    assert _texts(ticket) == []

    visit = bare.booked(ticket)
    assert _texts(ticket) == [
        f"{timezone.localtime(visit.starts_at):%-m月%-d日 %H:%M}–{timezone.localtime(visit.ends_at):%H:%M}上门"
    ]


def test_an_answer_does_not_promise_what_is_over(bare: Town) -> None:
    _own(bare, zh="最迟{promised}前修好", verbs=["comment"])
    ticket = bare.acknowledged()
    assert len(_texts(ticket)) == 1
    with time_machine.travel(ticket.restore_by, tick=False):
        assert _texts(ticket) == []


def test_the_most_particular_comes_first_and_foreign_ones_never(bare: Town) -> None:
    _common("大家的")
    _own(bare, zh="中心的")
    _own(bare, zh="下水管的", repair_type=bare.type("DRN-PIPE"))
    _own(bare, zh="电的", repair_type=bare.type("ELE-STAIR"))
    _own(bare, zh="别家的", organisation=bare.company)
    _own(bare, zh="不用的", active=False)
    _own(bare, zh="退单的", verbs=["decline"])

    assert _texts(bare.acknowledged()) == ["下水管的", "中心的", "大家的"]


def test_the_resident_reads_their_language_and_colleagues_theirs(bare: Town) -> None:
    _own(bare, zh="中文", en="English", verbs=["decline", "finish", "nobody_home", "hand_back", "internal_note"])
    bare.chen.language = "en"
    bare.chen.save()
    ticket = bare.acknowledged()

    with translation.override("zh-hans"):
        said = {verb: [(each.text, each.language) for each in found] for verb, found in offers(ticket).items()}

    resident, colleagues = [("English", "en")], [("中文", "zh-hans")]
    assert said == {
        "decline": resident, "finish": resident, "nobody_home": resident, "comment": [],
        "hand_back": colleagues, "internal_note": colleagues, "offer": [], "turn_down": [],
        "post_plan": [], "order": [], "answer_order": [], "answer_climb": [], "set_urgency": [],
    }  # fmt: skip


def test_the_projects_answers_come_with_the_catalogue(town: Town) -> None:
    said = offers(town.on_site())
    assert {verb: bool(found) for verb, found in said.items()} == dict.fromkeys(said, True)
    assert "{" not in "".join(each.text for found in said.values() for each in found)


# ---------------------------------------------------------------- the pages where words are needed
@pytest.mark.parametrize("verb", ["decline", "comment", "internal_note", "hand_back"])
def test_the_desk_offers_them_at_the_field(bare: Town, verb: str) -> None:
    _own(bare, zh="请拨打{phone}", verbs=[verb])
    page = signed_in(bare.lin).get(f"/desk/tickets/{bare.assigned().pk}/").content.decode()
    assert page.count(">请拨打0595-2228 0119</p>") == 1
    assert page.count(f'data-canned="{verb}_note"') == 1
    assert f'id="{verb}_note"' in page


@pytest.mark.parametrize(("verb", "stage"), [("finish", "on_site"), ("finish", "assigned"), ("nobody_home", "on_site")])
def test_the_worker_is_offered_them_also_for_later(bare: Town, verb: str, stage: str) -> None:
    _own(bare, zh="换好了", verbs=[verb])
    page = signed_in(bare.wang).get(f"/jobs/{getattr(bare, stage)().pk}/").content.decode()
    assert page.count(f'data-canned="{verb}_note"') == 1


def test_a_form_shown_again_still_offers_them(bare: Town) -> None:
    _own(bare, verbs=["decline"])
    ticket = bare.acknowledged()
    sent = {"version": ticket.version, "note": ""}
    answer = signed_in(bare.lin).post(f"/tickets/{ticket.pk}/decline/", sent)
    assert (answer.status_code, answer.content.decode().count('data-canned="decline_note"')) == (422, 1)


def _statements(browser: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        browser.get(path)
    return [each["sql"] for each in asked if "repairs_cannedanswer" in each["sql"]]


def test_a_ticket_asks_for_them_once_however_many_and_a_list_never(bare: Town) -> None:
    ticket = bare.assigned()
    for number in range(12):
        _own(bare, zh=f"{number} {{when}}{{worker}}", verbs=["comment", "decline", "finish"])
    lin, wang = signed_in(bare.lin), signed_in(bare.wang)
    pages = [f"/desk/tickets/{ticket.pk}/", f"/desk/in-hand/?selected={ticket.pk}", "/desk/in-hand/"]
    assert [len(_statements(lin, path)) for path in pages] == [1, 1, 0]
    assert [len(_statements(wang, path)) for path in (f"/jobs/{ticket.pk}/", "/jobs/")] == [1, 0]


# ---------------------------------------------------------------- who writes them
def test_managers_find_the_list(town: Town) -> None:
    assert who_gets(town, "/desk/answers/") == {200: {"manager"}, 404: everybody_but("manager"), 302: {"nobody"}}


@pytest.mark.parametrize("post", [None, {}])
def test_only_the_manager_of_the_organisation_changes_an_answer(town: Town, post: dict[str, object] | None) -> None:
    path = f"/desk/answers/{_own(town).pk}/" + ("" if post is None else "save/")
    expected = 200 if post is None else 422
    assert who_gets(town, path, post=post) == {expected: {"manager"}, 404: everybody_but("manager"), 302: {"nobody"}}


@pytest.mark.parametrize(("tail", "post"), [("new", None), ("add", {})])
def test_only_the_manager_adds_one(town: Town, tail: str, post: dict[str, object] | None) -> None:
    path = f"/desk/organisations/{town.centre.pk}/answers/{tail}/"
    expected = 200 if post is None else 422
    assert who_gets(town, path, post=post) == {expected: {"manager"}, 404: everybody_but("manager"), 302: {"nobody"}}


def test_another_organisations_answers_are_not_there(town: Town) -> None:
    foreign, manager = _own(town, zh="别家的", organisation=town.company), signed_in(town.manager)
    assert "别家的" not in manager.get("/desk/answers/").content.decode()
    assert manager.get(f"/desk/answers/{foreign.pk}/").status_code == 404
    assert manager.post(f"/desk/answers/{foreign.pk}/save/", _sent()).status_code == 404
    assert manager.get(f"/desk/organisations/{town.company.pk}/answers/new/").status_code == 404


def test_a_common_answer_is_read_and_not_changed(town: Town) -> None:
    common = CannedAnswer.objects.common().get(code="replaced-and-tested")
    manager = signed_in(town.manager)
    assert common.text_zh in manager.get("/desk/answers/").content.decode()
    assert manager.get(f"/desk/answers/{common.pk}/").status_code == 403
    assert manager.post(f"/desk/answers/{common.pk}/save/", _sent()).status_code == 403


def test_the_verbs_themselves_refuse_a_dispatcher(town: Town) -> None:
    given: dict[str, Any] = {"repair_type": None, "verbs": ["comment"], "text_zh": "好", "text_en": "OK"}
    with pytest.raises(PermissionDenied):
        answers.add_answer(town.centre, by=town.lin, **given)
    answer = _own(town)
    with pytest.raises(PermissionDenied):
        answers.change_answer(answer, by=town.lin, seen=timezone.now(), active=False, **given)


def test_a_new_answer_is_offered_at_once(bare: Town) -> None:
    sent = _sent(text_zh="好的，{worker}明天到", repair_type=bare.type("DRN-PIPE").pk)
    answer = signed_in(bare.manager).post(f"/desk/organisations/{bare.centre.pk}/answers/add/", sent)
    made = CannedAnswer.objects.get()
    assert (answer.status_code, made.organisation, made.edited_by) == (302, bare.centre, bare.manager)
    assert _texts(bare.assigned()) == ["好的，王建国明天到"]


def test_an_unknown_variable_is_refused_at_its_field(bare: Town) -> None:
    sent = _sent(text_en="Call {telephone}")
    answer = signed_in(bare.manager).post(f"/desk/organisations/{bare.centre.pk}/answers/add/", sent)
    assert (answer.status_code, CannedAnswer.objects.count()) == (422, 0)
    assert "“{telephone}”不是可用的变量" in answer.content.decode()


def test_two_managers_at_once_do_not_overwrite_each_other(bare: Town) -> None:
    answer = _own(bare)
    first, second = (_sent(text_zh=words, seen=answer.mark(), active="on") for words in ("第一", "第二"))
    manager = signed_in(bare.manager)
    for sent in (first, second):
        manager.post(f"/desk/answers/{answer.pk}/save/", sent)
    answer.refresh_from_db()
    assert (answer.text_zh, answer.verbs) == ("第一", ["comment", "decline"])
    assert "别人先改过了" in manager.get(f"/desk/answers/{answer.pk}/").content.decode()


def test_an_answer_taken_out_of_use_is_offered_no_more(bare: Town) -> None:
    answer = _own(bare)
    ticket = bare.acknowledged()
    assert len(_texts(ticket)) == 1
    signed_in(bare.manager).post(f"/desk/answers/{answer.pk}/save/", _sent(seen=answer.mark()))
    assert _texts(ticket) == []
    assert "停用" in signed_in(bare.manager).get("/desk/answers/").content.decode()


# ---------------------------------------------------------------- the common ones
def test_an_administrator_writes_a_common_answer(bare: Town) -> None:
    sent = {
        "code": "thanks",
        "position": 1,
        "active": "on",
        "verbs": ["comment"],
        "text_zh": "谢谢",
        "text_en": "Thanks",
    }
    admin = signed_in(bare.admin)
    assert admin.post("/admin/repairs/cannedanswer/add/", sent | {"text_en": "{x}"}).status_code == 200
    assert admin.post("/admin/repairs/cannedanswer/add/", sent).status_code == 302
    made = CannedAnswer.objects.get()
    assert (made.code, made.verbs, made.edited_by, made.organisation) == ("thanks", ["comment"], bare.admin, None)


def test_an_organisations_answer_is_not_the_administrators(bare: Town) -> None:
    own = _own(bare)
    assert signed_in(bare.admin).get(f"/admin/repairs/cannedanswer/{own.pk}/change/").status_code == 302


def test_loading_the_catalogue_again_leaves_an_organisations_answers_alone(town: Town) -> None:
    own = _own(town)
    result = load_catalogue(dataclasses.replace(project_files(), version=project_files().version + 1))
    own.refresh_from_db()
    assert (own.active, result.kept, result.retired) == (True, [], 0)


@pytest.mark.parametrize(("verb", "who"), [("post_plan", "lin"), ("order", "street_officer"), ("set_urgency", "lin")])
def test_plans_orders_and_urgency_have_ready_made_words_too(town: Town, verb: str, who: str) -> None:
    page = signed_in(getattr(town, who)).get(f"/desk/tickets/{town.planned().pk}/").content.decode()
    assert page.count(f'data-canned="{verb}_note"') == 2


def test_the_answer_to_an_order_has_them_on_both_of_its_pages(town: Town) -> None:
    ticket = town.assigned()
    day = timezone.localdate() + timedelta(days=3)
    actions.order(ticket, by=town.street_officer, note="请答复", answer_on=day)
    order = Supervision.objects.get()
    for path in (f"/desk/tickets/{ticket.pk}/", f"/desk/orders/{order.pk}/"):
        page = signed_in(town.manager).get(path).content.decode()
        field = re.search(r'<textarea[^>]*id="([^"]*_note)"', page.partition(f"/desk/orders/{order.pk}/answer/")[2])
        assert field
        # The one with a visit is not offered: none is agreed.
        assert page.count(f'data-canned="{field[1]}"') == 1
