"""Phone numbers as people write them, and the one form they are kept in (E.164)."""

import re
import unicodedata
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

CHINA = 86
# Mainland mobiles by shape, not by the ranges in use: new ones open every year, and the demo uses 1990000xxxx.
CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")
WRITTEN = re.compile(r"[\d\s()+.\-]+")


class NotAPhone(ValueError):
    """What was written is not a number that can receive a message."""


def parse_phone(written: str) -> str:
    """Bring "138 1234 5678", "+86…" or full-width digits to E.164; raises `NotAPhone`."""
    plain = unicodedata.normalize("NFKC", written).strip()
    if not WRITTEN.fullmatch(plain):
        raise NotAPhone
    try:
        number = phonenumbers.parse(plain, "CN")
    except phonenumbers.NumberParseException as error:
        raise NotAPhone from error
    digits = phonenumbers.national_significant_number(number)
    fits = CHINESE_MOBILE.fullmatch(digits) if number.country_code == CHINA else phonenumbers.is_possible_number(number)
    if not fits:
        raise NotAPhone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def dialled(written: str) -> str:
    """Any number that can be rung, a landline too, in E.164; "" for what is none."""
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", written), "CN")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_mobile(phone: str) -> bool:
    """Whether a phone in E.164 reads text messages."""
    try:
        return parse_phone(phone) == phone
    except NotAPhone:
        return False


def country_code(phone: str) -> int:
    """The country code of a phone in E.164."""
    return phonenumbers.parse(phone).country_code or 0


def shown_phone(phone: str) -> str:
    """A phone in E.164 as people read it out: `138 1234 5678` at home, with the country code elsewhere."""
    number = phonenumbers.parse(phone)
    digits = phonenumbers.national_significant_number(number)
    if number.country_code == CHINA and CHINESE_MOBILE.fullmatch(digits):
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class PhoneField(forms.CharField):
    """A phone number, written in any usual way; its value is E.164 or "" when left out."""

    default_error_messages = {
        "required": _("Please write your mobile number."),
        "invalid": _("This does not look like a mobile number. Please check the digits."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mobile number"))
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Tell the phone which keyboard to show and what to fill in."""
        return {**super().widget_attrs(widget), "autocomplete": "tel", "inputmode": "tel", "type": "tel"}

    def clean(self, value: Any) -> str:
        """The number in E.164."""
        written = super().clean(value)
        if not written:
            return ""
        try:
            return parse_phone(written)
        except NotAPhone as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
