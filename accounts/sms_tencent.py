"""Text messages through Tencent (腾讯云短信), by its own SDK: the extra `tencent`."""

from urllib.parse import urlsplit

from django.conf import settings

from accounts.sms import SmsFailed, SmsRefused, SmsSilent

# What no further try changes.
_FOR_GOOD = frozenset(
    {
        "FailedOperation.ContainSensitiveWord",
        "FailedOperation.PhoneNumberInBlacklist",
        "InvalidParameterValue.ContentLengthLimit",
        "InvalidParameterValue.IncorrectPhoneNumber",
        "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter",
    }
)


class TencentSms:
    """One message by an approved template whose one variable is the text."""

    needs = ("tencentcloud.sms", "tencent")
    asks_for = ("SMS_KEY_ID", "SMS_KEY_SECRET", "SMS_SIGN", "SMS_TEMPLATE", "SMS_APP_ID")

    def send(self, phone: str, text: str, key: str = "") -> None:
        """Hand the message over; `SmsRefused` for a number or words that are never taken."""
        code = self._ask(phone, text, key)
        if code in _FOR_GOOD:
            raise SmsRefused(code)
        if code != "Ok":
            raise SmsFailed(code)

    def _ask(self, phone: str, text: str, key: str) -> str:
        from tencentcloud.common.credential import Credential
        from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
        from tencentcloud.common.profile.client_profile import ClientProfile
        from tencentcloud.common.profile.http_profile import HttpProfile
        from tencentcloud.sms.v20210111 import models
        from tencentcloud.sms.v20210111.sms_client import SmsClient

        there = urlsplit(settings.SMS_ENDPOINT or "https://sms.tencentcloudapi.com")
        profile = HttpProfile(protocol=there.scheme, endpoint=there.netloc, reqTimeout=settings.SMS_TIMEOUT)
        request = models.SendSmsRequest()
        request.PhoneNumberSet = [phone]
        request.SmsSdkAppId = settings.SMS_APP_ID
        request.SignName = settings.SMS_SIGN
        request.TemplateId = settings.SMS_TEMPLATE
        request.TemplateParamSet = [text]
        if key:
            request.SessionContext = key  # stands beside the message in Tencent's own lists
        credential = Credential(settings.SMS_KEY_ID, settings.SMS_KEY_SECRET)
        client = SmsClient(credential, settings.SMS_REGION, ClientProfile(httpProfile=profile))
        try:
            return str(client.SendSms(request).SendStatusSet[0].Code)
        except TencentCloudSDKException as refusal:
            if refusal.code == "ClientNetworkError":
                raise SmsSilent(str(refusal.code)) from refusal
            return str(refusal.code)
