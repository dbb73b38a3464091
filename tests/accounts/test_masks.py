import pytest

from accounts.masks import mask_login, mask_name, mask_phone

PHONES = {
    "+8613812345678": "138****5678",
    "+85251234567": "+852 ****4567",
    "+6591234567": "+65 ****4567",
    "+1234567": "+1 ****",
    "": "",
    None: "",
}
NAMES = {"陈大文": "陈**", "陈文": "陈*", "陈": "陈*", "欧阳大文": "欧**", "John Smith": "J***", "": "", " 李 ": "李*"}
LOGINS = {"chen.wei": "ch***", "abc": "***", "": "", "13812345678": "13***"}


@pytest.mark.parametrize(("phone", "shown"), PHONES.items())
def test_a_phone_shows_enough_to_be_recognised_and_too_little_to_be_called(phone: str | None, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(("name", "shown"), NAMES.items())
def test_a_name_shows_its_first_letter(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(("typed", "shown"), LOGINS.items())
def test_what_was_typed_as_a_username_is_kept_in_part(typed: str, shown: str) -> None:
    assert mask_login(typed) == shown
