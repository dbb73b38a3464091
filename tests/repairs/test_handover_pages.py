"""Handing over as people see it: the form, the list, the offer before and after, and who gets which page."""

import pytest
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from repairs import actions
from repairs.models import Handover, Ticket
from repairs.workflow import Closure, State
from tests.clients import everybody_but, signed_in, who_gets
from tests.repairs.test_handovers import offered, water
from tests.town import Town

# Those who see the ticket and may not hand it over.
READS = {"chen", "wang", "grid_worker"}
OFFICERS = {"community_officer", "street_officer", "district_officer"}
WORDS = "502室厨房水管爆了，找陈阿婆 13812345678"


def _get(town: Town, who: str, name: str, *args: object) -> str:
    return signed_in(getattr(town, who)).get(reverse(f"repairs:{name}", args=args)).content.decode()


# ---------------------------------------------------------------- who gets what
def test_who_gets_the_page_on_which_a_ticket_is_offered(town: Town) -> None:
    ticket = town.assigned()
    answers = who_gets(town, reverse("repairs:desk_hand_over", args=[ticket.pk]))

    assert answers == {
        200: {"lin", "manager", *OFFICERS},
        403: READS,
        404: everybody_but("lin", "manager", *OFFICERS, *READS),
        302: {"nobody"},
    }


def test_who_gets_the_list_of_numbers_to_write_down(town: Town) -> None:
    offered(town, to=water())
    address, officers = reverse("repairs:outside_numbers"), {*OFFICERS, "other_street_officer"}
    answers = who_gets(town, address)
    assert answers == {200: officers, 404: everybody_but(*officers), 302: {"nobody"}}

    reads = {who for who in officers if "鲤城自来水" in _get(town, who, "outside_numbers")}
    assert reads == OFFICERS


def test_the_officer_finds_the_form_from_the_list_and_from_the_ticket(town: Town) -> None:
    handover = offered(town, to=water())
    form = reverse("repairs:desk_hand_over", args=[handover.ticket_id])
    for page in (
        _get(town, "community_officer", "outside_numbers"),
        _get(town, "community_officer", "desk_ticket", handover.ticket_id),
    ):
        assert f'href="{form}"' in page
    found = {
        who: "/pass-outside/" in _get(town, who, "desk_hand_over", handover.ticket_id)
        for who in ("lin", "community_officer")
    }
    assert found == {"lin": False, "community_officer": True}


@pytest.mark.parametrize("verb", ["offer", "withdraw_offer", "pass_outside"])
def test_who_may_press_on_the_side_that_has_it(town: Town, verb: str) -> None:
    handover = offered(town, to=water())
    path = reverse(f"repairs:ticket_{verb}", args=[handover.ticket_id])
    answers = who_gets(town, path, post={"nonsense": "1"})

    may = OFFICERS if verb == "pass_outside" else {"lin", "manager"}
    sees = {"lin", "manager", *OFFICERS, *READS}
    assert answers[403] == sees - may
    assert answers[404] == everybody_but(*sees)
    assert answers[302] == {"nobody"}
    assert Handover.objects.get().state == "offered"


def test_who_sees_an_offer(town: Town) -> None:
    handover = offered(town)
    answers = who_gets(town, reverse("repairs:handover", args=[handover.pk]))

    sees = {"lin", "manager", "other_dispatcher"}
    assert answers == {200: sees, 404: everybody_but(*sees), 302: {"nobody"}}


@pytest.mark.parametrize("verb", ["accept", "turn_down"])
def test_only_the_organisation_asked_answers(town: Town, verb: str) -> None:
    handover = offered(town)
    answers = who_gets(town, reverse(f"repairs:handover_{verb}", args=[handover.pk]), post={"nonsense": "1"})

    assert answers == {
        422: {"other_dispatcher"},
        403: {"lin", "manager"},
        404: everybody_but("other_dispatcher", "lin", "manager"),
        302: {"nobody"},
    }


def test_who_has_a_list(town: Town) -> None:
    desks = {"lin", "manager", "other_dispatcher", "clerk"}
    assert who_gets(town, reverse("repairs:handovers")) == {200: desks, 404: everybody_but(*desks), 302: {"nobody"}}


# ---------------------------------------------------------------- what the receiver reads
def test_before_accepting_no_name_number_or_flat_is_shown(town: Town) -> None:
    handover = offered(town, town.assigned(words=WORDS), note="陈阿婆家 502，电话13812345678")
    for page in (_get(town, "other_dispatcher", "handover", handover.pk), _get(town, "other_dispatcher", "handovers")):
        for secret in ("502", "陈阿婆", "13812345678", "138****5678"):
            assert secret not in page
        assert "水门新村（示例） 3幢" in page
    assert "厨房水管爆了" in _get(town, "other_dispatcher", "handover", handover.pk)


def test_the_receiver_accepts_and_reads_everything(town: Town) -> None:
    handover = offered(town, town.assigned(words=WORDS))
    browser = signed_in(town.other_dispatcher)
    sent = {"version": handover.ticket.version, "note": ""}
    answer = browser.post(reverse("repairs:handover_accept", args=[handover.pk]), sent, follow=True)

    assert answer.redirect_chain == [(reverse("repairs:desk_ticket", args=[handover.ticket_id]), 302)]
    page = answer.content.decode()
    assert "已由你们接手，原来的承诺不变。" in page
    assert "502" in page


def test_turning_down_without_a_reason_is_one_sentence_and_nothing_else(town: Town) -> None:
    handover = offered(town)
    sent = {"version": handover.ticket.version, "note": " "}
    answer = signed_in(town.other_dispatcher).post(reverse("repairs:handover_turn_down", args=[handover.pk]), sent)

    assert (answer.status_code, Handover.objects.get().state) == (422, "offered")
    assert answer.content.decode().count("请写明原因，对方还要另找单位。") == 1


def test_whoever_answers_what_was_taken_back_is_told_and_nothing_happens(town: Town) -> None:
    handover = offered(town)
    actions.withdraw_offer(handover.ticket, by=town.lin, seen=handover.pk)
    sent = {"version": handover.ticket.version, "note": "不归我们管"}
    browser = signed_in(town.other_dispatcher)
    for verb in ("accept", "turn_down"):
        page = browser.post(reverse(f"repairs:handover_{verb}", args=[handover.pk]), sent, follow=True)
        assert "刚才情况有变化" in page.content.decode()
        assert "厨房" not in page.content.decode()

    assert Handover.objects.get().state == "withdrawn"


def test_the_rail_counts_what_waits_for_this_desk(town: Town) -> None:
    offered(town)

    counted = '移交给我们的<span class="n rose">1</span>'
    assert counted in _get(town, "other_dispatcher", "queue", "new")
    assert counted not in _get(town, "lin", "queue", "new")


def test_the_message_about_an_offer_leads_to_it_and_once_accepted_to_the_ticket(town: Town) -> None:
    handover = offered(town)
    offer = f'href="{reverse("repairs:handover", args=[handover.pk])}"'
    assert offer in _get(town, "other_dispatcher", "messages")
    actions.accept(handover, by=town.other_dispatcher)

    ticket = f'href="{reverse("repairs:ticket", args=[handover.ticket_id])}"'
    assert ticket in _get(town, "other_dispatcher", "messages")
    assert offer in _get(town, "lin", "messages")


# ---------------------------------------------------------------- what the first reads
def test_the_first_sees_to_whom_and_since_when(town: Town) -> None:
    handover = offered(town)
    desk = _get(town, "lin", "desk_ticket", handover.ticket_id)
    page = _get(town, "lin", "desk_hand_over", handover.ticket_id)

    assert "起等对方答复" in desk
    assert "已请清源物业（示例）接手" in page
    assert reverse("repairs:ticket_withdraw_offer", args=[handover.ticket_id]) in page
    assert reverse("repairs:ticket_pass_outside", args=[handover.ticket_id]) not in page


def test_after_accepting_the_first_follows_the_story_while_it_is_open(town: Town) -> None:
    handover = offered(town, town.assigned(words=WORDS))
    actions.accept(handover, by=town.other_dispatcher)
    ticket = town.seen(handover.ticket)
    actions.comment(ticket, by=town.other_dispatcher, note="明天上午到")
    actions.internal_note(ticket, by=town.other_dispatcher, note="内部的话")
    page = _get(town, "lin", "handover", handover.pk)

    assert "明天上午到" in page
    for secret in ("内部的话", "13812345678", "502"):
        assert secret not in page
    actions.cancel(ticket, by=town.chen)
    assert "明天上午到" not in _get(town, "lin", "handover", handover.pk)


def test_the_list_of_organisations_is_grouped_and_can_be_searched(town: Town) -> None:
    water()
    ticket = town.acknowledged()
    address = reverse("repairs:desk_hand_over", args=[ticket.pk])
    browser = signed_in(town.lin)
    everyone, found, nothing = (browser.get(address, {"q": q}).content.decode() for q in ("", "自来水", "没有这家"))

    assert '<optgroup label="水电气单位">' in everyone
    assert "鲤城自来水（示例）（需电话联系）" in everyone
    assert "清源物业（示例）</option>" in everyone
    assert "清源物业" not in found
    assert "没有名称含“没有这家”的单位。" in nothing


def test_offering_from_the_page(town: Town) -> None:
    ticket = town.acknowledged()
    address = reverse("repairs:ticket_offer", args=[ticket.pk])
    sent = {"version": ticket.version, "to": town.company.pk, "note": ""}
    browser = signed_in(town.lin)
    refused = browser.post(address, sent)
    assert (refused.status_code, refused.content.decode().count("请写明原因，对方要据此决定是否接手。")) == (422, 1)
    page = browser.post(address, sent | {"note": "管道归你们"}, follow=True).content.decode()

    assert "已提出移交。对方接手之前，仍由你们负责。" in page
    assert Handover.objects.get().reason == "管道归你们"


def test_writing_the_outside_number_down_from_the_page(town: Town) -> None:
    handover = offered(town, to=water())
    address = reverse("repairs:ticket_pass_outside", args=[handover.ticket_id])
    sent = {"version": handover.ticket.version, "seen_offer": handover.pk, "reference": "", "note": ""}
    browser = signed_in(town.community_officer)
    assert browser.post(address, sent).status_code == 422
    page = browser.post(address, sent | {"reference": "WAT-0815"}, follow=True).content.decode()

    assert "已移交，已告诉居民该找谁。" in page
    assert "WAT-0815" in page
    assert Ticket.objects.get().closure == Closure.HANDED_OVER


def test_ready_made_words_are_offered_to_both_sides(town: Town) -> None:
    ticket = town.acknowledged()
    assert "data-canned" in _get(town, "lin", "desk_hand_over", ticket.pk)
    handover = offered(town, ticket)

    page = _get(town, "other_dispatcher", "handover", handover.pk)
    assert "data-canned" in page
    assert "502" not in page


# ---------------------------------------------------------------- what the resident reads
def test_the_resident_reads_that_it_is_offered_and_stays_for_now(town: Town) -> None:
    handover = offered(town)

    assert "正在请清源物业（示例）接手。对方接手之前，仍由水门家园服务中心（示例）负责" in _get(
        town, "chen", "ticket", handover.ticket_id
    )


def test_the_resident_reads_whom_to_call_and_may_open_it_again(town: Town) -> None:
    handover = offered(town, to=water())
    actions.pass_outside(handover.ticket, by=town.street_officer, seen=handover.pk, reference="WAT-0815")
    page = _get(town, "chen", "ticket", handover.ticket_id)

    assert "鲤城自来水（示例）已接手，对方受理编号：WAT-0815。想问进度请拨打0595-2299 0000。" in page
    assert 'href="tel:0595-22990000"' in page
    assert reverse("repairs:ticket_not_fixed", args=[handover.ticket_id]) in page
    sent = {"not_fixed-version": Ticket.objects.get().version, "not_fixed-note": "没有人来"}
    signed_in(town.chen).post(reverse("repairs:ticket_not_fixed", args=[handover.ticket_id]), sent)
    assert Ticket.objects.get().state == State.ACKNOWLEDGED


# ---------------------------------------------------------------- the same number of statements
@pytest.mark.parametrize(("who", "side"), [("other_dispatcher", ""), ("lin", "ours")])
def test_one_offer_costs_as_many_statements_as_thirty(
    town: Town, who: str, side: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    offered(town, town.acknowledged(words="漏水 0"))
    browser = signed_in(getattr(town, who))
    address = reverse("repairs:handovers") + f"?side={side}"
    browser.get(address)  # the first page of a session writes it
    with django_assert_num_queries(5):
        browser.get(address)
    for number in range(1, 30):
        offered(town, town.acknowledged(words=f"漏水 {number}"))
    with django_assert_num_queries(5):
        page = browser.get(address).content.decode()

    assert page.count("排水管漏水") >= 20
    assert "before=" in page


def test_the_list_of_numbers_costs_the_same_for_one_and_for_thirty(
    town: Town, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    offered(town, town.acknowledged(words="漏水 0"), to=water())
    browser, address = signed_in(town.community_officer), reverse("repairs:outside_numbers")
    browser.get(address)
    with django_assert_num_queries(5):
        browser.get(address)
    for number in range(1, 30):
        offered(town, town.acknowledged(words=f"漏水 {number}"), to=water())
    with django_assert_num_queries(5):
        page = browser.get(address).content.decode()
    assert page.count("排水管漏水") == 20
