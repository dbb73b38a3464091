import re

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import E164
from accounts.phones import NotAPhone, PhoneField, country_code, parse_phone

WRITTEN = {
    "13812345678": "+8613812345678",
    "138 1234 5678": "+8613812345678",
    "138-1234-5678": "+8613812345678",
    "+86 138 1234 5678": "+8613812345678",
    "008613812345678": "+8613812345678",
    "１３８１２３４５６７８": "+8613812345678",
    "＋８６ 13812345678": "+8613812345678",
    "19900001234": "+8619900001234",
    "+852 5123 4567": "+85251234567",
}


@pytest.mark.parametrize(("written", "kept"), WRITTEN.items())
def test_every_usual_way_of_writing_a_number_is_understood(written: str, kept: str) -> None:
    assert parse_phone(written) == kept


@pytest.mark.parametrize(
    "written", ["", "abc", "1381234567", "138123456789", "059522280119", "138CALLNOW1", "+", "+86"]
)
def test_what_cannot_receive_a_message_is_not_a_phone(written: str) -> None:
    with pytest.raises(NotAPhone):
        parse_phone(written)


@given(st.text(max_size=30))
def test_any_text_is_either_refused_or_e164(written: str) -> None:
    try:
        phone = parse_phone(written)
    except NotAPhone:
        return
    assert re.fullmatch(E164, phone)


def test_the_field_asks_for_the_number_keyboard_and_gives_e164() -> None:
    field = PhoneField()
    assert (field.widget.attrs["autocomplete"], field.widget.attrs["inputmode"]) == ("tel", "tel")
    assert field.clean(" 138 1234 5678 ") == "+8613812345678"
    with pytest.raises(ValidationError) as wrong:
        field.clean("123")
    assert [error.code for error in wrong.value.error_list] == ["invalid"]
    assert PhoneField(required=False).clean("") == ""


def test_the_country_is_read_from_the_number() -> None:
    assert [country_code("+8613812345678"), country_code("+85251234567")] == [86, 852]
