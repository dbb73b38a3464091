"""The last screen of a report: who, the code, and sending it; the number afterwards."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import LoginCode, SignIn, User
from accounts.sms import SmsFailed
from estates.places import place_of
from repairs.models import ReportDraft, Ticket
from repairs.workflow import Channel
from tests.repairs.reporting import PHONE, Reporter
from tests.town import Town

WHERE, WHAT, WHO, CODE = (reverse(f"repairs:report_{step}") for step in ("where", "what", "who", "code"))
OWN = {"contact_name": "陈阿婆", "contact_phone": "199 0000 7777", "agreed": "on"}
ANSWERS = {"Q3": "home", "Q8": "always", "Q25": "no", "Q4": "flat"}


def _ready(town: Town, user: User | None = None, **fields: Any) -> Reporter:
    """A browser in which only the last screen is left."""
    return Reporter(user).takes(town.draft(**{"answers": ANSWERS, **fields}))


def _own(user: User) -> dict[str, str]:
    return {**OWN, "contact_phone": user.phone or ""}


def _sent_address() -> str:
    return reverse("repairs:report_sent", args=[Ticket.objects.get().pk])


# ------------------------------------------------------------------ somebody who is not signed in
def test_the_right_code_sends_the_report_and_signs_in(town: Town) -> None:
    reporter = _ready(town)

    assert reporter.asks_for_a_code() == CODE
    assert reporter.press("report_send", code=reporter.code()) == _sent_address()

    ticket = reporter.sent()
    person = User.objects.get(phone=PHONE)
    assert (ticket.reporter, ticket.contact_phone, ticket.contact_name) == (person, PHONE, "陈")
    assert (ticket.phone_verified, ticket.contact_agreed, ticket.channel) == (True, True, Channel.ONLINE)
    assert person.notice_version
    assert ticket.number in reporter.get(reverse("repairs:my_repairs"))


def test_a_pasted_code_with_spaces_is_fine(town: Town) -> None:
    reporter = _ready(town)
    reporter.asks_for_a_code()
    code = reporter.code()

    assert reporter.press("report_send", code=f" {code[:3]} {code[3:]} ") == _sent_address()


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "000000 1"])
def test_a_code_that_is_none_says_so_and_keeps_everything(town: Town, code: str) -> None:
    reporter = _ready(town)
    reporter.asks_for_a_code()

    assert reporter.press("report_send", code=code) == CODE

    assert (Ticket.objects.count(), reporter.draft.contact_phone) == (0, PHONE)
    assert reporter.press("report_send", code=reporter.code()) == _sent_address()


def test_after_five_wrong_codes_the_report_still_goes_out_unverified(town: Town) -> None:
    reporter = _ready(town)
    reporter.asks_for_a_code()
    wrong = "000000" if reporter.code() != "000000" else "111111"
    for _try in range(5):
        assert reporter.press("report_send", code=wrong) == CODE

    assert reporter.press("report_send", code=reporter.code()) == CODE
    assert reporter.press("report_send_unverified") == _sent_address()
    assert SignIn.objects.filter(what=SignIn.What.FAILED).count() == 6


def test_without_a_code_the_report_goes_out_and_says_so(town: Town) -> None:
    reporter = _ready(town)
    reporter.asks_for_a_code()

    assert reporter.press("report_send_unverified") == _sent_address()

    ticket = reporter.sent()
    assert ticket.reporter.is_guest
    assert (ticket.contact_phone, ticket.phone_verified, ticket.contact_agreed) == (PHONE, False, False)
    assert "您的手机号还没验证" in reporter.get(_sent_address())
    assert "未验证" in Reporter(town.lin).get(reverse("repairs:desk_ticket", args=[ticket.pk]))


def test_when_no_message_can_be_sent_the_page_says_so_and_offers_the_same(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(phone: str, text: str) -> None:
        raise SmsFailed("provider down")

    monkeypatch.setattr("accounts.codes.send_sms", fails)
    reporter = _ready(town)

    assert reporter.asks_for_a_code() == CODE

    html = reporter.get(CODE)
    assert "短信暂时发不出去，请过一分钟再试。" in html
    assert reverse("repairs:report_send_unverified") in html
    assert 'name="code"' not in html
    assert reporter.press("report_send_unverified") == _sent_address()


def test_a_number_that_got_too_many_codes_still_reports(town: Town) -> None:
    _ready(town).asks_for_a_code()
    reporter = _ready(town, words="另一件事")

    assert reporter.asks_for_a_code() == CODE

    assert 'name="code"' not in reporter.get(CODE)
    assert LoginCode.objects.count() == 1
    assert reporter.press("report_send_unverified") == _sent_address()


def test_a_code_for_another_number_is_not_asked_for(town: Town) -> None:
    reporter = _ready(town)
    reporter.asks_for_a_code()
    code = reporter.code()
    ReportDraft.objects.update(contact_phone="+8619900008888")

    assert reporter.press("report_send", code=code) == CODE
    assert not Ticket.objects.exists()


def test_another_code_can_be_asked_for(town: Town) -> None:
    reporter = _ready(town)
    reporter.asks_for_a_code()
    LoginCode.objects.update(created_at="2026-01-01T00:00Z")
    first = reporter.code()

    assert reporter.press("report_code_again") == CODE
    assert (LoginCode.objects.count(), reporter.press("report_send", code=first)) == (2, CODE)
    assert reporter.press("report_send", code=reporter.code()) == _sent_address()


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("contact_name", "", "请写一下怎么称呼，只写姓也可以。"),
        ("contact_phone", "12345", "这不像手机号，请检查一下数字。"),
        ("agreed", "", "请先阅读隐私说明，再勾选同意。"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence_and_the_rest_kept(
    town: Town, field: str, typed: str, sentence: str
) -> None:
    reporter = _ready(town)
    said = {**OWN, field: typed} if typed or field != "agreed" else {**OWN, "agreed": ""}

    assert reporter.press("report_who_save", **said) == WHO

    html = reporter.get(WHO)
    assert html.count(sentence) == 1
    kept = {"contact_name": "陈阿婆", "contact_phone": "199 0000 7777"}
    assert [name for name, value in kept.items() if f'value="{value}"' in html] == [n for n in kept if n != field]
    assert (reporter.draft.contact_phone, LoginCode.objects.count()) == ("", 0)


def test_whoever_agreed_once_is_not_asked_again(town: Town) -> None:
    reporter = _ready(town)
    reporter.asks_for_a_code()
    assert 'name="agreed"' not in reporter.get(WHO)


def test_a_staff_number_signs_nobody_in_and_still_reports(town: Town) -> None:
    town.lin.phone = PHONE
    town.lin.save(update_fields=["phone"])
    reporter = _ready(town)
    reporter.asks_for_a_code()

    assert reporter.press("report_send", code=reporter.code()) == CODE
    assert reporter.press("report_send_unverified") == _sent_address()
    assert reporter.sent().reporter != town.lin


def test_a_guest_who_proves_the_number_later_keeps_the_report(town: Town) -> None:
    reporter = _ready(town)
    reporter.asks_for_a_code()
    reporter.press("report_send_unverified")
    first = reporter.sent()
    LoginCode.objects.update(created_at="2026-01-01T00:00Z")
    reporter.takes(town.draft(answers=ANSWERS, words="另一件事"))

    reporter.asks_for_a_code()
    reporter.press("report_send", code=reporter.code())

    first.refresh_from_db()
    assert (first.reporter, first.phone_verified) == (User.objects.get(phone=PHONE), True)


# ------------------------------------------------------------------ signed in
def test_a_resident_sends_with_name_and_number_filled_in(town: Town) -> None:
    reporter = _ready(town, town.chen)

    html = reporter.get(WHO)
    assert 'value="陈阿婆"' in html
    assert f'value="{(town.chen.phone or "").removeprefix("+86")}"' in html
    assert reporter.press("report_send", **_own(town.chen)) == _sent_address()

    ticket = reporter.sent()
    assert (ticket.reporter, ticket.phone_verified, ticket.dwelling) == (town.chen, True, town.flat502)


def test_another_number_than_one_s_own_is_not_called_verified(town: Town) -> None:
    reporter = _ready(town, town.chen)

    reporter.press("report_send", **OWN)

    assert (reporter.sent().contact_phone, reporter.sent().phone_verified) == (PHONE, False)


def test_reporting_for_someone_else_needs_their_consent(town: Town) -> None:
    reporter = _ready(town, town.neighbour)
    address = f"{reverse('repairs:report_send')}?for=other"
    theirs = {"contact_name": "陈阿婆", "contact_phone": town.chen.phone, "agreed": "on"}

    assert reporter.client.post(address, theirs)["Location"] == f"{WHO}?for=other"
    assert "请先征得对方同意，再勾选。" in reporter.get(f"{WHO}?for=other")
    reporter.client.post(address, {**theirs, "contact_agreed": "on"})

    ticket = reporter.sent()
    assert (ticket.channel, ticket.reporter, ticket.contact_phone) == (Channel.PROXY, town.neighbour, town.chen.phone)
    assert (ticket.contact_agreed, ticket.phone_verified) == (True, False)
    assert Ticket.objects.visible_to(town.chen).get() == ticket


def test_the_name_of_someone_else_is_not_put_into_one_s_own_place(town: Town) -> None:
    reporter = _ready(town, town.neighbour, channel=Channel.PROXY, contact_name="陈阿婆", contact_phone=town.chen.phone)

    assert "陈阿婆" not in reporter.get(WHO)
    assert "陈阿婆" in reporter.get(f"{WHO}?for=other")


@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.WALK_IN, Channel.PATROL])
@pytest.mark.parametrize("name", ["lin", "grid_worker"])
def test_the_staff_writes_down_what_they_were_told(town: Town, name: str, channel: Channel) -> None:
    staff: User = getattr(town, name)
    place = place_of(town.stair2 if name == "lin" else town.lane_stair)
    reporter = _ready(town, staff, place=place)

    reporter.press(
        "report_send", channel=channel, contact_name="陈", contact_phone=town.chen.phone, contact_agreed="on"
    )

    ticket = reporter.sent()
    assert (ticket.channel, ticket.reporter, ticket.contact_agreed) == (channel, staff, True)


@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.WALK_IN])
@pytest.mark.parametrize("missing", ["contact_name", "contact_phone", "contact_agreed", "channel"])
def test_a_call_without_a_name_a_number_or_consent_is_not_written_down(
    town: Town, channel: Channel, missing: str
) -> None:
    reporter = _ready(town, town.lin)
    said = {"channel": channel, "contact_name": "陈", "contact_phone": town.chen.phone, "contact_agreed": "on"}

    assert reporter.press("report_send", **{**said, missing: ""}) == WHO
    assert not Ticket.objects.exists()


def test_a_patrol_needs_nobody_s_name(town: Town) -> None:
    reporter = _ready(town, town.grid_worker, place=place_of(town.zhuxiang))

    assert reporter.press("report_send", channel=Channel.PATROL) == _sent_address()


@pytest.mark.parametrize("name", ["wang", "other_dispatcher", "street_officer", "chen"])
def test_nobody_else_reports_by_telephone(town: Town, name: str) -> None:
    reporter = _ready(town, getattr(town, name))

    reporter.press("report_send", **OWN, channel=Channel.PHONE, contact_agreed="on")

    assert (reporter.sent().channel, reporter.sent().contact_agreed) == (Channel.ONLINE, False)


# ------------------------------------------------------------------ danger
def test_danger_is_reported_without_name_number_or_consent(town: Town) -> None:
    reporter = Reporter()
    reporter.press("report_what", repair_type="GAS-SMELL")
    reporter.press("report_danger")
    reporter.press("report_where", place=place_of(town.stair2).ref)

    assert reporter.press("report_send", contact_name="", contact_phone="") == _sent_address()

    ticket = reporter.sent()
    assert (ticket.urgency, ticket.contact_phone, ticket.reporter.is_guest) == ("danger", "", True)
    assert ticket.reporter.notice_version == ""
    assert 'href="tel:119"' in reporter.get(_sent_address())


def test_danger_keeps_the_number_somebody_does_give(town: Town) -> None:
    reporter = _ready(town, repair_type=town.type("GAS-SMELL"), answers={})

    reporter.press("report_send", contact_name="陈", contact_phone="199 0000 7777")

    assert (reporter.sent().contact_phone, reporter.sent().phone_verified) == (PHONE, False)


def test_without_danger_a_report_says_whom_to_call(town: Town) -> None:
    reporter = _ready(town)

    assert reporter.press("report_send_unverified") == WHO
    assert reporter.press("report_send", code="123456") == CODE
    assert not Ticket.objects.exists()
