"""The two text message companies through their own SDKs, against a company on this machine."""

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.checks import run_checks
from django.utils import timezone

from accounts.carrying import CarrierFailed, CarrierRefused, CarrierSilent
from accounts.sms import SmsFailed, SmsRefused, SmsSilent, send_sms, was_sent
from repairs.carriers.call_aliyun import AliyunCall
from tests.provider import Asked, Provider, certified, provider

PHONE, WORDS = "+8619900001234", "临江-2611-0001 厨房漏水：师傅已到场。"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=timezone.get_default_timezone())
TODAY = NOON.date()
ALIYUN, TENCENT = "accounts.sms_aliyun.AliyunSms", "accounts.sms_tencent.TencentSms"


@pytest.fixture
def company(settings: Any) -> Iterator[Provider]:
    """A company at an address of ours, and what it wants to be told."""
    settings.SMS_KEY_ID = settings.CALL_KEY_ID = "key"
    settings.SMS_KEY_SECRET = settings.CALL_KEY_SECRET = "secret"
    settings.SMS_SIGN, settings.SMS_TEMPLATE, settings.SMS_APP_ID = "安居报修", "SMS_1", "1400000000"
    settings.CALL_TEMPLATE = "TTS_1"
    with provider() as there:
        settings.SMS_ENDPOINT = settings.CALL_ENDPOINT = f"http://127.0.0.1:{there.port}"
        yield there


def _aliyun(code: str, status: int = 200) -> Any:
    return lambda asked: (status, json.dumps({"Code": code, "Message": "x", "RequestId": "1"}).encode())


def _tencent(code: str) -> Any:
    inner = {"SendStatusSet": [{"Code": code, "Message": "x", "PhoneNumber": PHONE}], "RequestId": "1"}
    return lambda asked: (200, json.dumps({"Response": inner}).encode())


def _query(asked: Asked) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query or asked.body.decode()).items()}


# ---------------------------------------------------------------- Aliyun
def test_aliyun_is_asked_by_the_approved_template_with_the_text_as_its_variable(
    company: Provider, settings: Any
) -> None:
    settings.SMS_BACKEND, company.answer = ALIYUN, _aliyun("OK")
    send_sms(PHONE, WORDS)
    asked = _query(company.asked[0])
    assert (asked["PhoneNumbers"], asked["SignName"], asked["TemplateCode"]) == ("19900001234", "安居报修", "SMS_1")
    assert json.loads(asked["TemplateParam"]) == {"text": WORDS}
    assert len(company.asked) == 1


def test_a_number_abroad_keeps_its_country(company: Provider, settings: Any) -> None:
    settings.SMS_BACKEND, company.answer = ALIYUN, _aliyun("OK")
    send_sms("+85291234567", WORDS)
    assert _query(company.asked[0])["PhoneNumbers"] == "85291234567"


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", 200, SmsRefused),
        ("isv.BLACK_KEY_CONTROL_LIMIT", 200, SmsRefused),
        ("isv.BUSINESS_LIMIT_CONTROL", 200, SmsFailed),
        ("isv.AMOUNT_NOT_ENOUGH", 200, SmsFailed),
        ("InvalidAccessKeyId.NotFound", 404, SmsFailed),
        ("ServiceUnavailable", 503, SmsFailed),
    ],
)
def test_aliyuns_codes_are_understood(
    company: Provider, settings: Any, code: str, status: int, error: type[SmsFailed]
) -> None:
    settings.SMS_BACKEND, company.answer = ALIYUN, _aliyun(code, status)
    with pytest.raises(SmsFailed, match=code) as raised:
        send_sms(PHONE, WORDS)
    assert (raised.type, len(company.asked)) == (error, 1)


def _list(*keys: str, code: str = "OK") -> Any:
    rows = {"SmsSendDetailDTO": [{"OutId": key, "PhoneNum": "19900001234"} for key in keys]}
    return lambda asked: (200, json.dumps({"Code": code, "SmsSendDetailDTOs": rows}).encode())


@pytest.mark.parametrize(("keys", "has"), [((), False), (("message-1", "message-7"), True), (("message-70",), False)])
def test_aliyun_is_asked_what_it_was_given(company: Provider, settings: Any, keys: tuple[str, ...], has: bool) -> None:
    settings.SMS_BACKEND, company.answer = ALIYUN, _list(*keys)
    assert was_sent(PHONE, "message-7", timezone.localdate()) is has


@pytest.mark.parametrize(("ago", "days"), [(0, 1), (1, 2), (9, 10), (29, 30), (400, 30), (-1, 1)])
def test_aliyun_is_asked_about_each_day_since_it_was_written_as_far_back_as_it_tells(
    company: Provider, settings: Any, ago: int, days: int
) -> None:
    settings.SMS_BACKEND, company.answer = ALIYUN, _list()
    with time_machine.travel(NOON):
        assert not was_sent(PHONE, "message-7", TODAY - timedelta(days=ago))
    asked = [_query(each)["SendDate"] for each in company.asked]
    assert asked == [f"{TODAY - timedelta(days=back):%Y%m%d}" for back in range(days)]


def test_a_message_that_aliyun_was_given_a_week_ago_is_found(company: Provider, settings: Any) -> None:
    settings.SMS_BACKEND = ALIYUN
    company.answer = lambda asked: _list(*["message-7"] * (_query(asked)["SendDate"] == "20261117"))(asked)
    with time_machine.travel(NOON):
        assert was_sent(PHONE, "message-7", date(2026, 11, 14))
        assert len(company.asked) == 8
        assert not was_sent(PHONE, "message-7", date(2026, 11, 18))


def test_a_question_that_aliyun_does_not_answer_sent_nothing(company: Provider, settings: Any) -> None:
    settings.SMS_BACKEND, settings.SMS_TIMEOUT = ALIYUN, 1
    company.free.clear()
    with pytest.raises(SmsFailed) as raised:
        was_sent(PHONE, "message-7", timezone.localdate())
    assert raised.type is SmsFailed


def test_a_message_carries_its_name_to_aliyun_and_to_tencent(company: Provider, settings: Any) -> None:
    settings.SMS_BACKEND, company.answer = ALIYUN, _aliyun("OK")
    send_sms(PHONE, WORDS, "message-7")
    assert _query(company.asked[0])["OutId"] == "message-7"
    settings.SMS_BACKEND, company.answer = TENCENT, _tencent("Ok")
    send_sms(PHONE, WORDS, "message-7")
    assert json.loads(company.asked[1].body)["SessionContext"] == "message-7"


def test_where_aliyun_does_not_say_what_it_has_nothing_is_sent(company: Provider, settings: Any) -> None:
    settings.SMS_BACKEND, company.answer = ALIYUN, _list(code="isv.BUSINESS_LIMIT_CONTROL")
    with pytest.raises(SmsFailed):
        was_sent(PHONE, "message-7", timezone.localdate())


# ---------------------------------------------------------------- Tencent
def test_tencent_is_asked_by_the_approved_template_with_the_text_as_its_variable(
    company: Provider, settings: Any
) -> None:
    settings.SMS_BACKEND, company.answer = TENCENT, _tencent("Ok")
    send_sms(PHONE, WORDS)
    asked = json.loads(company.asked[0].body)
    assert asked == {
        "PhoneNumberSet": [PHONE],
        "SmsSdkAppId": "1400000000",
        "SignName": "安居报修",
        "TemplateId": "SMS_1",
        "TemplateParamSet": [WORDS],
    }


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("InvalidParameterValue.IncorrectPhoneNumber", SmsRefused),
        ("FailedOperation.PhoneNumberInBlacklist", SmsRefused),
        ("LimitExceeded.PhoneNumberDailyLimit", SmsFailed),
        ("FailedOperation.InsufficientBalanceInSmsPackage", SmsFailed),
    ],
)
def test_tencents_codes_are_understood(company: Provider, settings: Any, code: str, error: type[SmsFailed]) -> None:
    settings.SMS_BACKEND, company.answer = TENCENT, _tencent(code)
    with pytest.raises(SmsFailed, match=code) as raised:
        send_sms(PHONE, WORDS)
    assert raised.type is error


def test_tencent_refusing_the_whole_request_is_a_failure(company: Provider, settings: Any) -> None:
    error = {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "x"}, "RequestId": "1"}
    settings.SMS_BACKEND = TENCENT
    company.answer = lambda asked: (200, json.dumps({"Response": error}).encode())
    with pytest.raises(SmsFailed, match=r"AuthFailure\.SignatureFailure"):
        send_sms(PHONE, WORDS)


# ---------------------------------------------------------------- both
@pytest.mark.parametrize("backend", [ALIYUN, TENCENT])
@pytest.mark.parametrize("answer", [(502, b"<html>Bad gateway"), (200, b"not json at all")])
def test_nonsense_is_a_failure(company: Provider, settings: Any, backend: str, answer: tuple[int, bytes]) -> None:
    settings.SMS_BACKEND, company.answer = backend, lambda asked: answer
    with pytest.raises(SmsFailed):
        send_sms(PHONE, WORDS)


@pytest.mark.parametrize("backend", [ALIYUN, TENCENT])
def test_a_company_that_hangs_is_left_by_its_own_sdk(company: Provider, settings: Any, backend: str) -> None:
    settings.SMS_BACKEND, settings.SMS_TIMEOUT = backend, 1
    company.free.clear()
    from django.utils.module_loading import import_string

    with pytest.raises(SmsSilent):  # not through `send_sms`, whose thread would leave it too
        import_string(backend)().send(PHONE, WORDS)


@pytest.mark.parametrize("backend", [ALIYUN, TENCENT])
def test_a_company_that_can_not_be_reached_is_a_failure(company: Provider, settings: Any, backend: str) -> None:
    settings.SMS_BACKEND, settings.SMS_ENDPOINT = backend, "http://127.0.0.1:9"
    with pytest.raises(SmsFailed):
        send_sms(PHONE, WORDS)


# ---------------------------------------------------------------- calls
@pytest.mark.parametrize(
    ("phone", "dialled"),
    [
        ("+8659522280119", "059522280119"),
        ("+861065221234", "01065221234"),
        (PHONE, "19900001234"),
        ("+8612345", "12345"),
    ],
)
def test_aliyun_reads_a_sentence_aloud(company: Provider, phone: str, dialled: str) -> None:
    company.answer = _aliyun("OK")
    AliyunCall().ring(phone, WORDS)
    asked = _query(company.asked[0])
    assert (asked["CalledNumber"], asked["TtsCode"]) == (dialled, "TTS_1")
    assert json.loads(asked["TtsParam"]) == {"text": WORDS}


@pytest.mark.parametrize(
    ("code", "error"), [("isv.INVALID_CALLED_NUMBER", CarrierRefused), ("isv.BUSINESS_LIMIT_CONTROL", CarrierFailed)]
)
def test_a_call_that_is_not_made_is_known(company: Provider, code: str, error: type[CarrierFailed]) -> None:
    company.answer = _aliyun(code)
    with pytest.raises(CarrierFailed) as raised:
        AliyunCall().ring(PHONE, WORDS)
    assert raised.type is error


def test_a_call_that_nobody_heard_being_taken_may_ring_all_the_same(company: Provider, settings: Any) -> None:
    settings.CARRIER_TIMEOUT = 1
    company.free.clear()
    with pytest.raises(CarrierSilent):
        AliyunCall().ring(PHONE, WORDS)
    assert len(company.asked) == 1


def _hangs_up(asked: Asked) -> tuple[int, bytes]:
    raise ConnectionResetError  # the server closes the connection without a word


@pytest.mark.parametrize(
    "answer",
    [
        _hangs_up,
        lambda asked: (502, b"<html>Bad gateway"),
        lambda asked: (503, b"{}"),
        lambda asked: (200, b"not json at all"),
        lambda asked: (200, b"null"),
        lambda asked: (200, b"{}"),
    ],
)
def test_what_broke_after_aliyun_was_asked_may_have_been_taken(company: Provider, settings: Any, answer: Any) -> None:
    settings.SMS_BACKEND, company.answer = ALIYUN, answer
    with pytest.raises(CarrierSilent):
        AliyunCall().ring(PHONE, WORDS)
    with pytest.raises(SmsSilent):
        send_sms(PHONE, WORDS)
    assert len(company.asked) == 2


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://nobody.invalid"])
def test_where_aliyun_was_not_reached_nothing_was_taken(settings: Any, company: Provider, address: str) -> None:
    settings.SMS_BACKEND, settings.SMS_ENDPOINT, settings.CALL_ENDPOINT = ALIYUN, address, address
    with pytest.raises(CarrierFailed) as call:
        AliyunCall().ring(PHONE, WORDS)
    with pytest.raises(SmsFailed) as message:
        send_sms(PHONE, WORDS)
    assert (call.type, message.type) == (CarrierFailed, SmsFailed)


def test_whoever_only_says_to_be_aliyun_is_told_nothing(company: Provider, settings: Any, tmp_path: Path) -> None:
    with provider(certified(tmp_path)) as somebody:
        settings.CALL_ENDPOINT = f"https://127.0.0.1:{somebody.port}"
        with pytest.raises(CarrierFailed) as raised:
            AliyunCall().ring(PHONE, WORDS)
    assert (raised.type, somebody.asked) == (CarrierFailed, [])


# ---------------------------------------------------------------- what has to be there
def _said() -> list[str]:
    return [f"{each.msg} {each.hint or ''}" for each in run_checks(tags=["carriers"])]


def test_what_is_chosen_and_whole_is_nothing_to_complain_of(company: Provider, settings: Any) -> None:
    for chosen in (ALIYUN, TENCENT, "accounts.sms.FileSms"):
        settings.SMS_BACKEND = chosen
        assert _said() == []


def test_a_missing_extra_says_what_to_install(company: Provider, settings: Any, monkeypatch: Any) -> None:
    settings.SMS_BACKEND = TENCENT
    monkeypatch.setitem(sys.modules, "tencentcloud", None)
    monkeypatch.delitem(sys.modules, "tencentcloud.sms", raising=False)
    assert "anju[tencent]" in _said()[0]


def test_a_missing_setting_is_named(company: Provider, settings: Any) -> None:
    settings.SMS_BACKEND, settings.SMS_SIGN = ALIYUN, ""
    assert _said() == [f"SMS_BACKEND names {ALIYUN}, which needs SMS_SIGN. "]
    settings.SMS_BACKEND = "accounts.sms.Nobody"
    assert "not there" in _said()[0]
