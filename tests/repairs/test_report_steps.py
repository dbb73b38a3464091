"""Reporting, screen by screen: where, what, the questions, the safety card; and a draft that loses nothing."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from estates.models import Building, Dwelling, DwellingKind, Estate
from estates.places import place_of
from repairs.drafts import COOKIE
from repairs.models import RepairType, ReportDraft
from repairs.place_lists import ESTATES_AT_ONCE, found, level_of, own_places
from tests.repairs.reporting import Reporter
from tests.town import Town

WHERE, WHAT, WORDS, WHO = (reverse(f"repairs:report_{step}") for step in ("where", "what", "words", "who"))
DANGER = reverse("repairs:report_danger")


def _question(code: str) -> str:
    return reverse("repairs:report_question", args=[code])


# ------------------------------------------------------------------ beginning
def test_a_resident_begins_with_their_own_flat(town: Town) -> None:
    reporter = Reporter(town.chen)

    assert reporter.client.get(reverse("repairs:report"))["Location"] == WHAT
    assert reporter.draft.place == place_of(town.flat502).ref


def test_someone_without_a_flat_begins_where_they_last_reported_from(town: Town) -> None:
    town.ticket(by=town.nadia, place=place_of(town.lane_stair))
    reporter = Reporter(town.nadia)

    reporter.get(reverse("repairs:report"))

    assert reporter.draft.place == place_of(town.lane_stair).ref


def test_a_stranger_begins_with_the_place_and_leaves_no_row_before_choosing(town: Town) -> None:
    reporter = Reporter()

    assert reporter.client.get(reverse("repairs:report"))["Location"] == WHERE
    assert not ReportDraft.objects.exists()


def test_a_link_fills_in_the_place(town: Town) -> None:
    reporter = Reporter(town.chen)

    reporter.get(f"{reverse('repairs:report')}?place=entrance-{town.lane_stair.pk}")

    assert reporter.draft.place == f"entrance-{town.lane_stair.pk}"


@pytest.mark.parametrize("link", ["entrance-999999", "street-1", "nonsense", "", "entrance-99999999999999999999"])
def test_a_link_to_no_place_says_so_and_goes_on(town: Town, link: str) -> None:
    answer = Reporter().client.get(f"{reverse('repairs:report')}?place={link}", follow=True)

    assert answer.redirect_chain[-1][0] == WHERE
    assert [str(message) for message in answer.context["messages"]] == ["请从列表里选一个地点。"]


def test_what_was_begun_is_offered_again_and_a_new_one_leaves_it_alone(town: Town) -> None:
    reporter = Reporter().takes(town.draft(words="没写完"))
    begun = reporter.draft

    assert "没写完" in reporter.get(reverse("repairs:report"))
    assert reporter.press("report_anew", place=f"estate-{town.zhuxiang.pk}") == WHAT

    assert reporter.draft.key != begun.key
    assert (reporter.draft.browser, reporter.draft.words) == (begun.browser, "")


def test_a_draft_survives_closing_the_browser_for_a_week_and_no_longer(town: Town) -> None:
    reporter = Reporter()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        reporter.press("report_where", place=place_of(town.flat502).ref)
        assert reporter.client.cookies[COOKIE]["max-age"] == 7 * 24 * 3600
        clock.shift(timedelta(days=6, hours=23))
        assert "502" in reporter.get(WHAT)
        clock.shift(timedelta(hours=2))
        assert "502" not in reporter.get(WHAT)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(town: Town) -> None:
    reporter = Reporter()
    reporter.press("report_where", place=place_of(town.flat502).ref)

    cookie = reporter.client.cookies[COOKIE]

    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.parametrize("cookie", ["", "x", "x.y", "0" * 40, "\x00.\x00"])
def test_a_cookie_nobody_made_begins_from_the_beginning(town: Town, cookie: str) -> None:
    client = Client()
    client.cookies[COOKIE] = cookie

    assert client.get(WORDS)["Location"] == WHERE


def test_a_draft_of_another_browser_is_not_opened_by_its_key(town: Town) -> None:
    theirs = town.draft(words="别人的")
    reporter = Reporter().takes(town.draft(words="我的"))

    reporter.press("report_words_save", draft=theirs.key, words="我改的")
    theirs.refresh_from_db()

    assert (theirs.words, reporter.draft.words) == ("别人的", "我改的")


def test_a_form_goes_on_belonging_to_its_draft_when_another_was_begun(town: Town) -> None:
    reporter = Reporter().takes(town.draft(words=""))
    first = reporter.draft
    reporter.press("report_anew", place=f"estate-{town.zhuxiang.pk}")

    reporter.press("report_words_save", draft=first.key, words="第一件")

    first.refresh_from_db()
    assert first.words == "第一件"


# ------------------------------------------------------------------ where
def test_the_place_is_found_by_tapping_down_to_the_flat(town: Town) -> None:
    shop = Dwelling.objects.create(entrance=town.stair2, label="店面3", kind=DwellingKind.SHOP)
    refs = [
        f"street-{town.linjiang.pk}",
        f"estate-{town.shuimen.pk}",
        f"building-{town.building3.pk}",
        f"entrance-{town.stair2.pk}",
    ]

    assert [row.ref for row in level_of("").deeper] == [f"street-{town.haibin.pk}", refs[0]]
    assert [[row.ref for row in level_of(ref).deeper] for ref in refs] == [
        [refs[1], f"estate-{town.zhuxiang.pk}"],
        [refs[2]],
        [refs[3]],
        [],
    ]
    assert [level_of(ref).up for ref in refs] == ["", *refs[:3]]
    assert [[row.ref for row in level_of(ref).shared] for ref in refs] == [[], [refs[1]], [refs[2]], [refs[3]]]
    flats, shops = level_of(refs[3]).homes, level_of(refs[3]).shops
    assert ([row.label for row in flats], [row.ref for row in shops]) == (["501", "502"], [f"dwelling-{shop.pk}"])


@pytest.mark.parametrize("text", ["水门", "smxc", "门新", " 水 门 ", "ＳＭ"])
def test_an_estate_is_found_by_name_or_initials(town: Town, text: str) -> None:
    assert [row.label for row in found(text)] == ["水门新村（示例）"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "xyz", "'"])
def test_a_search_without_result_says_what_to_do(town: Town, text: str) -> None:
    assert "按街道选" in Reporter().client.get(WHERE, {"q": text}).content.decode()


def test_many_estates_are_asked_for_by_their_first_letter(town: Town) -> None:
    names = [f"{name}{number}村" for name in ("东门", "西门") for number in range(ESTATES_AT_ONCE)]
    for name in names:
        Estate.objects.create(community=town.seaside, name=name)
    ref = f"street-{town.haibin.pk}"

    assert [tuple(letter) for letter in level_of(ref).letters] == [("D", 15), ("L", 1), ("X", 15)]
    assert [row.label for row in level_of(ref, "L").deeper] == ["临海花园（示例）"]
    assert level_of(ref).deeper == []


def test_the_own_place_stands_first_and_nobody_else_s(town: Town) -> None:
    assert [row.ref for row in own_places(town.chen)] == [place_of(town.flat502).ref]
    assert [row.ref for row in own_places(town.nadia)] == []


@pytest.mark.parametrize("place", ["", "street-1", "dwelling-999999", "dwelling-0", "x" * 41])
def test_a_place_nobody_offered_is_refused_in_one_sentence(town: Town, place: str) -> None:
    reporter = Reporter()
    address = f"{WHERE}?in=estate-{town.shuimen.pk}"

    answer = reporter.client.post(address, {"place": place}, follow=True)

    assert answer.redirect_chain[-1][0] == address
    assert [str(message) for message in answer.context["messages"]] == ["请从列表里选一个地点。"]
    assert not ReportDraft.objects.exists()


# ------------------------------------------------------------------ what
def test_the_type_s_questions_come_one_by_one_and_then_the_words(town: Town) -> None:
    reporter = Reporter().takes(town.draft(repair_type=None, words=""))
    ReportDraft.objects.update(words_done=False)

    assert reporter.press("report_what", repair_type="DRN-PIPE") == _question("Q3")
    assert reporter.press("report_question", "Q3", answer="home") == _question("Q8")
    reporter.answers_everything()

    assert reporter.next() == WORDS
    assert set(reporter.draft.answers) == {"Q3", "Q8", "Q25", "Q4"}


def test_going_back_shows_what_was_answered(town: Town) -> None:
    reporter = Reporter().takes(town.draft(answers={"Q3": "stair"}))

    html = reporter.get(_question("Q3"))

    assert 'value="stair"' in html
    assert html.count("checked") == 1


def test_another_type_keeps_only_the_answers_it_asks_for(town: Town) -> None:
    reporter = Reporter().takes(town.draft(answers={"Q3": "stair", "Q8": "rain", "Q4": "flat"}))

    reporter.press("report_what", repair_type="WAT-NONE")

    assert reporter.draft.answers == {"Q4": "flat"}


@pytest.mark.parametrize("answer", ["", "nonsense"])
def test_a_question_without_an_answer_asks_again(town: Town, answer: str) -> None:
    reporter = Reporter().takes(town.draft())

    assert reporter.press("report_question", "Q3", answer=answer) == _question("Q3")

    assert "请选一个，选“不清楚”也可以。" in reporter.get(_question("Q3"))
    assert reporter.draft.answers == {}


@pytest.mark.parametrize("name", ["", "NO-SUCH", "DRN"])
def test_a_type_nobody_offered_is_refused_in_one_sentence(town: Town, name: str) -> None:
    reporter = Reporter().takes(town.draft(repair_type=None))

    answer = reporter.client.post(WHAT, {"repair_type": name}, follow=True)

    assert [str(message) for message in answer.context["messages"]] == ["请从列表里选哪里坏了。"]
    assert reporter.draft.repair_type is None


def test_advice_stands_on_the_screen_after_the_answer(town: Town) -> None:
    advice = "先找家里的进水总阀"
    reporter = Reporter().takes(town.draft(repair_type=town.type("WAT-BURST"), danger_seen=True))

    after = reporter.press("report_question", "Q5", answer="cannot_stop")

    assert advice in reporter.get(after)
    assert advice not in reporter.get(_question("Q5"))


@pytest.mark.parametrize("step", [_question("Q3"), WORDS, WHO])
def test_a_retired_type_leads_back_to_the_types(town: Town, step: str) -> None:
    reporter = Reporter().takes(town.draft())
    RepairType.objects.filter(code="DRN-PIPE").update(active=False)

    answer = reporter.client.get(step, follow=True)

    assert answer.redirect_chain[-1][0] == WHAT
    assert [str(message) for message in answer.context["messages"]] == [
        "您之前选的项目已不在列表里，请重新选哪里坏了。"
    ]


@pytest.mark.parametrize("step", [WORDS, WHO])
def test_a_vanished_place_leads_back_to_the_places(town: Town, step: str) -> None:
    gone = Building.objects.create(estate=town.shuimen, label="9幢")
    reporter = Reporter().takes(town.draft(place=place_of(gone)))
    gone.delete()

    answer = reporter.client.get(step, follow=True)

    assert answer.redirect_chain[-1][0] == WHERE
    assert [str(message) for message in answer.context["messages"]] == ["您之前选的地点已不在列表里，请重新选一下。"]


# ------------------------------------------------------------------ danger
def test_a_dangerous_type_shows_its_card_before_anything_else_is_asked(town: Town) -> None:
    reporter = Reporter()

    assert reporter.press("report_what", repair_type="GAS-SMELL") == DANGER

    assert 'href="tel:119"' in reporter.get(DANGER)
    assert reporter.press("report_danger") == WHERE


def test_the_danger_list_holds_every_dangerous_type_and_no_other(town: Town) -> None:
    html = Reporter().get(f"{WHAT}?category=danger")

    offered = {code for code in RepairType.objects.values_list("code", flat=True) if f'value="{code}"' in html}
    assert offered == set(RepairType.objects.filter(urgency="danger").values_list("code", flat=True))


def test_an_answer_that_means_danger_shows_the_card_at_once(town: Town) -> None:
    reporter = Reporter().takes(town.draft(repair_type=town.type("GAS-RISER")))

    assert reporter.press("report_question", "Q2", answer="gas") == DANGER


def test_another_danger_shows_another_card(town: Town) -> None:
    reporter = Reporter().takes(town.draft(repair_type=town.type("WAT-BURST")))
    ReportDraft.objects.update(danger_seen=True)

    assert reporter.press("report_question", "Q25", answer="electrics") == DANGER


def test_a_card_that_names_the_organisation_waits_for_the_place_unless_in_danger(town: Town) -> None:
    reporter = Reporter()

    assert reporter.press("report_what", repair_type="WAT-BURST") == WHERE
    assert reporter.press("report_where", place=place_of(town.flat502).ref) == DANGER
    assert town.centre.phone in reporter.get(DANGER)


def test_every_first_screen_has_a_way_out_for_danger(town: Town) -> None:
    for address in (WHERE, WHAT):
        html = Reporter().get(address)
        assert f"{WHAT}?category=danger" in html
        assert 'href="tel:119"' in html
