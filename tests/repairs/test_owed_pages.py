"""The pages of what came up the ladder and of orders: who gets what, the forms, and what they cost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from estates.models import Organisation
from repairs import actions
from repairs.models import CannedAnswer, Escalation, Handover, Supervision, Ticket, TicketEvent
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


def _step(town: Town, rung: int = 3, of: Ticket | None = None, **fields: Any) -> Escalation:
    ticket = of or town.ticket(**fields)
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


# ---------------------------------------------------------------- after another organisation took it over
OWN_WORDS = "502陈阿婆家漏水"
LISTS = {"order": "/desk/orders/", "step": "/desk/escalations/"}


def _left(town: Town, ticket: Ticket) -> Handover:
    """Ordered, and up at the manager, while the centre had it; then the company accepted it."""
    owed = _step(town, rung=1, of=ticket)
    _order(town, owed.ticket)
    return _accepted(town, owed.ticket)


def _accepted(town: Town, ticket: Ticket) -> Handover:
    actions.offer(town.seen(ticket), by=town.lin, to=town.company, note="属贵司管")
    handover = Handover.objects.for_page().latest("pk")
    actions.accept(handover, by=town.other_dispatcher)
    return handover


def _owed(town: Town, what: str) -> str:
    return f"{LISTS[what]}{(Supervision if what == 'order' else Escalation).objects.get().pk}/"


@pytest.mark.parametrize("what", LISTS)
def test_whoever_handed_it_over_is_led_to_the_offer_and_reads_the_place_but_not_the_words(
    town: Town, what: str
) -> None:
    handover = _left(town, town.assigned(words=OWN_WORDS))
    browser = signed_in(town.manager)
    for path in (LISTS[what], _owed(town, what)):
        page = browser.get(path).content.decode()
        assert f'href="/desk/handovers/{handover.pk}/"' in page
        assert f"/desk/tickets/{handover.ticket_id}/" not in page
        assert OWN_WORDS not in page
        for known in (handover.ticket.number, handover.ticket.place.public, handover.ticket.repair_type.name):
            assert known in page
    assert browser.get(f"/desk/handovers/{handover.pk}/").status_code == 200


@pytest.mark.parametrize("what", LISTS)
def test_without_an_offer_there_is_no_link(town: Town, what: str) -> None:
    handover = _left(town, town.assigned())
    Handover.objects.all().delete()
    for path in (LISTS[what], _owed(town, what)):
        page = signed_in(town.manager).get(path).content.decode()
        assert handover.ticket.number in page
        assert f"/desk/tickets/{handover.ticket_id}/" not in page
        assert 'href=""' not in page


def test_who_reported_it_at_work_is_led_to_the_offer_too_as_the_desk_is_closed_to_them(town: Town) -> None:
    handover = _left(town, town.assigned())
    Ticket.objects.update(reporter=town.manager)
    browser = signed_in(town.manager)
    assert browser.get(f"/desk/tickets/{handover.ticket_id}/").status_code == 403
    assert f'href="/desk/handovers/{handover.pk}/"' in browser.get("/desk/orders/").content.decode()


@pytest.mark.parametrize("what", LISTS)
def test_no_ready_made_words_are_filled_in_from_the_new_holder_s_ticket(town: Town, what: str) -> None:
    verbs = ["answer_order", "answer_climb"]
    CannedAnswer.objects.create(code="who", verbs=verbs, text_zh="{worker}会来", text_en="{worker} comes")
    ticket = town.assigned()
    before = _step(town, rung=1, of=ticket)
    _order(town, before.ticket)
    browser, path = signed_in(town.manager), _owed(town, what)
    assert "data-canned" in browser.get(path).content.decode()
    _accepted(town, ticket)
    assert "data-canned" not in browser.get(path).content.decode()


@pytest.mark.parametrize("what", LISTS)
def test_thirty_handed_over_cost_as_many_questions_as_one(town: Town, what: str) -> None:
    browser, counts = signed_in(town.manager), []
    browser.get(LISTS[what])
    for number in (1, 29):
        for each in range(number):
            _left(town, town.acknowledged(words=f"第{number}-{each}件"))
        with CaptureQueriesContext(connection) as captured:
            page = browser.get(LISTS[what])
        counts.append(len(captured))
    assert (len(page.context["rows"]), counts[0]) == (20, counts[1])


def _went_up(town: Town) -> Escalation:
    """Ordered of the centre, accepted by the company, and not answered."""
    ticket = town.acknowledged()
    order, late = _order(town, ticket), timezone.now() - timedelta(hours=1)
    Supervision.objects.filter(pk=order.pk).update(ordered_at=late - timedelta(days=2), answer_by=late)
    _accepted(town, ticket)
    actions.order_goes_up(Supervision.objects.for_list().get(pk=order.pk))
    return Escalation.objects.get(order=order)


def test_an_order_that_went_up_blames_whoever_was_ordered_with_their_telephone(town: Town) -> None:
    Organisation.objects.filter(pk=town.centre.pk).update(phone="0595-1111 0000")
    Organisation.objects.filter(pk=town.company.pk).update(phone="0595-2222 0000")
    step, browser = _went_up(town), signed_in(town.district_officer)
    for path in ("/oversight/escalations/", f"/desk/escalations/{step.pk}/"):
        page = browser.get(path).content.decode()
        assert "水门家园服务中心（示例）没有答复临江街道办（示例）的督办" in page
        assert ("0595-1111 0000" in page, "0595-2222 0000" in page) == (True, False)
        assert f'href="/desk/tickets/{step.ticket_id}/"' in page
    assert browser.get("/oversight/escalations/").context["rows"][0].late == town.centre.name


def test_six_orders_that_went_up_cost_as_many_questions_as_one(town: Town) -> None:
    browser, counts = signed_in(town.district_officer), []
    browser.get("/oversight/escalations/")
    for number in (1, 5):
        for _each in range(number):
            _went_up(town)
        with CaptureQueriesContext(connection) as captured:
            page = browser.get("/oversight/escalations/")
        counts.append(len(captured))
    assert (len(page.context["rows"]), counts[0]) == (6, counts[1])
