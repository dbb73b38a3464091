"""The pages of what came up the ladder and of orders: who gets what, the forms, and what they cost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from repairs import actions
from repairs.models import Escalation, Supervision, Ticket, TicketEvent
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town

OFFICES = {"community_officer", "street_officer", "other_street_officer", "district_officer"}
ANSWERING = OFFICES | {"manager"}
ORDERING = OFFICES - {"community_officer"}
PAGES = {
    "/desk/escalations/": ANSWERING,
    "/desk/orders/": ANSWERING,
    "/oversight/escalations/": ANSWERING,
    "/oversight/orders/": ORDERING,
}


def _day(days: int = 3) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def _step(town: Town, rung: int = 3, **fields: Any) -> Escalation:
    ticket = town.ticket(**fields)
    office = {1: town.centre, 2: town.community_office, 3: town.linjiang.office, 4: town.district.office}[rung]
    event = TicketEvent.objects.create(ticket=ticket, verb="climb", at=timezone.now(), changes={"climb": _kept(rung)})
    return Escalation.objects.create(
        ticket=ticket, clock="acknowledge", round=0, rung=rung, organisation=office, at=event.at, percent=200,
        reason="late", met="people", event=event,
    )  # fmt: skip


def _kept(rung: int) -> dict[str, Any]:
    told = {"rung": rung, "clock": "acknowledge", "percent": 200, "reason": "late", "met": "people"}
    return told | {"organisation": "临江街道办（示例）", "phone": "1", "late": "水门家园服务中心（示例）"}


def _order(town: Town, ticket: Ticket | None = None) -> Supervision:
    ticket = ticket or town.ticket()
    day = timezone.localdate() + timedelta(days=3)
    actions.order(ticket, by=town.street_officer, note="三天内修好并答复", answer_on=day)
    return Supervision.objects.latest("pk")


# ---------------------------------------------------------------- who gets what
@pytest.mark.parametrize("path", PAGES)
def test_the_lists_are_for_who_answers_or_orders(town: Town, path: str) -> None:
    allowed = PAGES[path]
    assert who_gets(town, path) == {200: allowed, 404: everybody_but(*allowed), 302: {"nobody"}}


def test_a_step_is_answered_by_its_office_and_seen_by_who_works_there(town: Town) -> None:
    step = _step(town)
    seen = {"lin", "manager", "grid_worker", "community_officer", "district_officer"}
    expected = {200: {"street_officer"}, 403: seen, 404: everybody_but("street_officer", *seen), 302: {"nobody"}}
    assert who_gets(town, f"/desk/escalations/{step.pk}/") == expected
    posted = who_gets(town, f"/desk/escalations/{step.pk}/answer/", post={"answer": "noted"})
    assert posted == {302: {"street_officer", "nobody"}, 403: seen, 404: everybody_but("street_officer", *seen)}


def test_an_order_is_answered_by_the_organisation_and_seen_by_who_works_there(town: Town) -> None:
    order = _order(town)
    seen = {"lin", "grid_worker", "community_officer", "street_officer", "district_officer"}
    expected = {200: {"manager"}, 403: seen, 404: everybody_but("manager", *seen), 302: {"nobody"}}
    assert who_gets(town, f"/desk/orders/{order.pk}/") == expected
    posted = who_gets(town, f"/desk/orders/{order.pk}/answer/", post={"note": "已修好"})
    assert posted == {302: {"manager", "nobody"}, 403: seen, 404: everybody_but("manager", *seen)}


def test_the_street_and_the_district_of_a_ticket_order(town: Town) -> None:
    ticket = town.ticket()
    seen = {"lin", "manager", "grid_worker", "community_officer"}
    posted = who_gets(town, f"/tickets/{ticket.pk}/order/", post={})
    ordering = {"street_officer", "district_officer"}
    # The reporter has a page of their own; theirs is not the staff's.
    refused = seen | {"chen"}
    assert posted == {422: ordering, 403: refused, 404: everybody_but(*ordering, *refused), 302: {"nobody"}}


# ---------------------------------------------------------------- answering
def test_taking_note_from_the_list_leads_back_to_it(town: Town) -> None:
    step, browser = _step(town), signed_in(town.street_officer)
    page = browser.get("/oversight/escalations/").content.decode()
    assert 'name="next" value="/oversight/escalations/?show=open"' in page
    said = {"answer": "noted", "note": "已催促", "next": "/oversight/escalations/?show=open"}
    answer = browser.post(f"/desk/escalations/{step.pk}/answer/", said)
    assert (answer.status_code, answer["location"]) == (302, "/oversight/escalations/?show=open")
    assert browser.get("/oversight/escalations/").context["rows"] == []
    assert "已催促" in browser.get("/oversight/escalations/?show=answered").content.decode()


def test_ordering_from_the_list_gives_an_order_with_its_day(town: Town) -> None:
    step = _step(town)
    said = {"answer": "ordered", "note": "明天修好", "answer_on": _day(1)}
    signed_in(town.street_officer).post(f"/desk/escalations/{step.pk}/answer/", said)
    assert (Escalation.objects.get().answer, Supervision.objects.get().text) == ("ordered", "明天修好")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"answer": ""}, "请选择怎样处理。"),
        ({"answer": "handed", "note": ""}, "请写明交给了谁。"),
        ({"answer": "ordered", "note": "", "answer_on": "2026-12-24"}, "请写明要求做什么。"),
        ({"answer": "ordered", "note": "修好"}, "请选择今后三十天内的一天。"),
        ({"answer": "ordered", "note": "修好", "answer_on": "1999-01-01"}, "请选择今后三十天内的一天。"),
        ({"answer": "ordered", "note": "修好", "answer_on": "明天"}, "请选择今后三十天内的一天。"),
    ],
)
def test_a_bad_answer_gets_one_sentence_and_keeps_what_was_typed(
    town: Town, said: dict[str, str], sentence: str
) -> None:
    step = _step(town)
    answer = signed_in(town.street_officer).post(f"/desk/escalations/{step.pk}/answer/", said)
    page = answer.content.decode()
    assert (answer.status_code, page.count(sentence)) == (422, 1)
    assert said.get("note", "") in page
    assert Escalation.objects.get().answer == ""


def test_a_manager_answers_but_is_not_offered_to_order(town: Town) -> None:
    step = _step(town, rung=1)
    page = signed_in(town.manager).get(f"/desk/escalations/{step.pk}/").content.decode()
    assert ('value="noted"' in page, 'value="ordered"' in page) == (True, False)


def test_who_comes_second_is_told_and_nothing_changes(town: Town) -> None:
    step = _step(town)
    browser = signed_in(town.street_officer)
    for _press in range(2):
        answer = browser.post(f"/desk/escalations/{step.pk}/answer/", {"answer": "noted"}, follow=True)
    assert "已有人先回应" in answer.content.decode()
    assert TicketEvent.objects.filter(verb="answer_climb").count() == 1


def test_an_order_is_given_and_answered_on_the_ticket_s_page(town: Town) -> None:
    ticket = town.ticket()
    officer, manager = signed_in(town.street_officer), signed_in(town.manager)
    assert "/order/" in officer.get(f"/desk/tickets/{ticket.pk}/").content.decode()
    officer.post(f"/tickets/{ticket.pk}/order/", {"version": 0, "note": "请修好", "answer_on": _day()})
    order = Supervision.objects.get()
    page = manager.get(f"/desk/tickets/{ticket.pk}/").content.decode()
    assert f"/desk/orders/{order.pk}/answer/" in page
    answer = manager.post(f"/desk/orders/{order.pk}/answer/", {"note": ""})
    assert (answer.status_code, "请写明已做或将做什么。" in answer.content.decode()) == (422, True)
    manager.post(f"/desk/orders/{order.pk}/answer/", {"note": "今天修", "next": f"/desk/tickets/{ticket.pk}/"})
    assert "按时答复" in officer.get("/oversight/orders/?show=answered").content.decode()


def test_the_bad_day_of_an_order_stands_at_its_field(town: Town) -> None:
    ticket = town.ticket()
    said = {"version": 0, "note": "请修好", "answer_on": _day(40)}
    answer = signed_in(town.street_officer).post(f"/tickets/{ticket.pk}/order/", said)
    page = answer.content.decode()
    assert (answer.status_code, page.count("请选择今后三十天内的一天。"), "请修好" in page) == (422, 1, True)


def test_an_address_elsewhere_is_not_followed(town: Town) -> None:
    step = _step(town)
    said = {"answer": "noted", "next": "https://elsewhere.example/"}
    answer = signed_in(town.street_officer).post(f"/desk/escalations/{step.pk}/answer/", said)
    assert answer["location"] == "/desk/escalations/"


# ---------------------------------------------------------------- lists
def test_each_side_sees_its_own(town: Town) -> None:
    order = _order(town)
    pages = {
        "street_officer": "/oversight/orders/", "other_street_officer": "/oversight/orders/",
        "district_officer": "/oversight/orders/", "manager": "/desk/orders/", "community_officer": "/desk/orders/",
    }  # fmt: skip
    seen = {
        who: order.ticket.number in signed_in(getattr(town, who)).get(path).content.decode()
        for who, path in pages.items()
    }
    assert seen == dict.fromkeys(pages, False) | {"street_officer": True, "manager": True}


def test_a_late_order_is_red_and_counted_in_the_rail(town: Town) -> None:
    order = _order(town)
    late = timezone.now() - timedelta(hours=1)
    Supervision.objects.update(ordered_at=late - timedelta(days=2), answer_by=late)
    page = signed_in(town.street_officer).get("/oversight/orders/?show=late").content.decode()
    assert order.ticket.number in page
    assert '<span class="tint rose">逾期未答复</span>' in page
    assert '<span class="n rose">1</span>' in page


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/oversight/escalations/", "street_officer"), ("/oversight/orders/", "street_officer"),
        ("/desk/orders/", "manager"), ("/desk/escalations/", "street_officer"),
    ],
)  # fmt: skip
def test_thirty_cost_as_many_questions_as_one(town: Town, path: str, who: str) -> None:
    browser, counts = signed_in(getattr(town, who)), []
    browser.get(path)
    for number in (1, 29):
        for each in range(number):
            _order(town, _step(town, words=f"第{number}-{each}件").ticket)
        with CaptureQueriesContext(connection) as captured:
            page = browser.get(path)
        counts.append(len(captured))
    assert len(page.context["rows"]) == 20
    assert counts[0] == counts[1]
    older = browser.get(path, {"before": page.context["page"].older})
    assert len(older.context["rows"]) == 10


@pytest.mark.parametrize("query", ["?show=x", "?show=late&before=1_1", "?before=_"])
def test_nonsense_in_the_address_counts_as_not_given(town: Town, query: str) -> None:
    for path in PAGES:
        assert signed_in(town.street_officer).get(f"{path}{query}").status_code == 200


def test_ready_made_words_are_offered_for_the_answer_to_a_step(town: Town) -> None:
    step = _step(town)
    for path in (f"/desk/tickets/{step.ticket_id}/", f"/desk/escalations/{step.pk}/"):
        page = signed_in(town.street_officer).get(path).content.decode()
        assert page.count(f'data-canned="climb_{step.pk}_note"') == 2
        assert f'id="climb_{step.pk}_note"' in page
