"""Text messages through Aliyun (阿里云短信服务), by its own SDK: the extra `aliyun`."""

import json
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from accounts.carrying import CarrierSilent
from accounts.phones import CHINA, country_code
from accounts.sms import SmsFailed, SmsRefused, SmsSilent

# What no further try changes; everything else (flow control, no money, a template that is still looked at) may pass.
_FOR_GOOD = frozenset(
    {"isv.MOBILE_NUMBER_ILLEGAL", "isv.BLACK_KEY_CONTROL_LIMIT", "isv.PARAM_LENGTH_LIMIT", "isv.PARAM_NOT_SUPPORT_URL"}
)
# Of so many days, today among them, it tells what it was given.
_KEPT_DAYS = 30


class AliyunSms:
    """One message by an approved template whose one variable is the text."""

    needs = ("alibabacloud_dysmsapi20170525", "aliyun")
    asks_for = ("SMS_KEY_ID", "SMS_KEY_SECRET", "SMS_SIGN", "SMS_TEMPLATE")

    def send(self, phone: str, text: str, key: str = "") -> None:
        """Hand the message over; `SmsRefused` for a number or words that are never taken."""
        from alibabacloud_dysmsapi20170525.models import SendSmsRequest

        request = SendSmsRequest(
            phone_numbers=_dialled(phone),
            sign_name=settings.SMS_SIGN,
            template_code=settings.SMS_TEMPLATE,
            template_param=json.dumps({settings.SMS_TEMPLATE_VARIABLE: text}, ensure_ascii=False),
            out_id=key or None,
        )
        code, _said = aliyun_says(
            lambda runtime: _client().send_sms_with_options(request, runtime), settings.SMS_TIMEOUT, SmsSilent
        )
        if code in _FOR_GOOD:
            raise SmsRefused(code)
        if code != "OK":
            raise SmsFailed(code)

    def has(self, phone: str, key: str, since: date) -> bool:
        """Whether Aliyun was given that message on any day from `since` on, as far back as it tells."""
        today = timezone.localdate()
        days = min(max((today - since).days + 1, 1), _KEPT_DAYS)
        return any(key in self._names(phone, today - timedelta(days=ago)) for ago in range(days))

    def _names(self, phone: str, day: date) -> set[str]:
        from alibabacloud_dysmsapi20170525.models import QuerySendDetailsRequest

        request = QuerySendDetailsRequest(
            phone_number=_dialled(phone), send_date=f"{day:%Y%m%d}", page_size=50, current_page=1
        )
        code, said = aliyun_says(
            lambda runtime: _client().query_send_details_with_options(request, runtime),
            settings.SMS_TIMEOUT / 2,
            SmsSilent,
        )
        if code != "OK":
            raise SmsFailed(code)
        found = said.sms_send_detail_dtos.sms_send_detail_dto if said.sms_send_detail_dtos else []
        return {each.out_id for each in found}


def _client() -> Any:
    from alibabacloud_dysmsapi20170525.client import Client

    address = settings.SMS_ENDPOINT or "https://dysmsapi.aliyuncs.com"
    return Client(aliyun_config(settings.SMS_KEY_ID, settings.SMS_KEY_SECRET, address))


def aliyun_config(key_id: str, key_secret: str, address: str) -> Any:
    """How to reach one of Aliyun's services."""
    from alibabacloud_tea_openapi.utils_models import Config

    there = urlsplit(address)
    return Config(access_key_id=key_id, access_key_secret=key_secret, endpoint=there.netloc, protocol=there.scheme)


def aliyun_says(ask: Any, seconds: float, silence: type[CarrierSilent]) -> tuple[str, Any]:
    """What the service answers to `ask(runtime)`: a code of Aliyun's, and all of it if it was heard; never waits longer
    than `seconds`. Raises `silence` when it may have taken what nobody heard it take."""
    from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
    from darabonba.exceptions import DaraException, UnretryableException
    from darabonba.runtime import RuntimeOptions
    from requests import RequestException

    half = int(seconds * 500)  # milliseconds, for connecting and for reading
    runtime = RuntimeOptions(connect_timeout=half, read_timeout=half, autoretry=False, max_attempts=1)
    try:
        said = ask(runtime).body
        code = str(said.code if said else None)
    except AlibabaCloudException as refusal:
        said, code = None, str(refusal.code)
    except (DaraException, UnretryableException, RequestException, OSError) as failure:
        if _never_left(failure):
            return type(failure).__name__, None
        raise silence("no answer") from failure
    if code in {"None", ""}:
        raise silence("an answer that says neither yes nor no")  # of something on the way, such as a gateway
    return code, said


def _never_left(failure: BaseException | None) -> bool:
    """Whether it broke while connecting; the SDK wraps what happened several times, and not by `from` alone."""
    from ssl import SSLCertVerificationError

    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    while failure is not None:
        if isinstance(failure, ConnectTimeoutError | NewConnectionError | SSLCertVerificationError):
            return True
        failure = getattr(failure, "inner_exception", None) or failure.__cause__ or failure.__context__
    return False


def _dialled(phone: str) -> str:
    """At home without the country code, elsewhere with it and without the plus."""
    return phone.removeprefix("+86") if country_code(phone) == CHINA else phone.removeprefix("+")
