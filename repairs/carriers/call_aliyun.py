"""Calls through Aliyun (阿里云语音服务), by its own SDK: the extra `aliyun`."""

import json

from django.conf import settings

from accounts.carrying import CarrierFailed, CarrierRefused, CarrierSilent
from accounts.phones import is_mobile
from accounts.sms_aliyun import aliyun_config, aliyun_says

# What no further try changes.
_FOR_GOOD = frozenset({"isv.INVALID_CALLED_NUMBER", "isv.CALLED_NUMBER_ILLEGAL", "isv.MOBILE_NUMBER_ILLEGAL"})


class AliyunCall:
    """Reads an approved template aloud whose one variable is the text."""

    needs = ("alibabacloud_dyvmsapi20170525", "aliyun")
    asks_for = ("CALL_KEY_ID", "CALL_KEY_SECRET", "CALL_TEMPLATE")

    def ring(self, phone: str, text: str) -> None:
        """Hand the call over."""
        from alibabacloud_dyvmsapi20170525.client import Client
        from alibabacloud_dyvmsapi20170525.models import SingleCallByTtsRequest

        request = SingleCallByTtsRequest(
            called_number=_dialled(phone),
            called_show_number=settings.CALL_SHOWN_NUMBER or None,
            tts_code=settings.CALL_TEMPLATE,
            tts_param=json.dumps({settings.CALL_TEMPLATE_VARIABLE: text}, ensure_ascii=False),
            play_times=2,
        )
        config = aliyun_config(
            settings.CALL_KEY_ID, settings.CALL_KEY_SECRET, settings.CALL_ENDPOINT or "https://dyvmsapi.aliyuncs.com"
        )
        client = Client(config)
        code, _said = aliyun_says(
            lambda runtime: client.single_call_by_tts_with_options(request, runtime),
            settings.CARRIER_TIMEOUT,
            CarrierSilent,
        )
        if code in _FOR_GOOD:
            raise CarrierRefused(code)
        if code != "OK":
            raise CarrierFailed(code)


def _dialled(phone: str) -> str:
    """At home without the country code; a landline keeps the nought of its area, a short number has none."""
    digits = phone.removeprefix("+86")
    return f"0{digits}" if phone != digits and not is_mobile(phone) and len(digits) > 6 else digits
