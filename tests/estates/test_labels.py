"""Labels people wrote differently are the same label; sorting follows the numbers."""

import pytest

from estates.labels import label_key, name_key, pinyin_initials, plain_label


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("一梯", "1梯"),
        ("１ 梯", "1梯"),
        ("十梯", "10梯"),
        ("十二幢", "12幢"),
        ("二十一号楼", "21号楼"),
        ("一百零三", "103"),
        ("二〇一", "201"),
        ("C区９号楼", "c区9号楼"),
        ("B梯", "b梯"),
    ],
)
def test_labels_are_read_as_people_mean_them(written: str, plain: str) -> None:
    assert plain_label(written) == plain


def test_the_tenth_building_follows_the_ninth() -> None:
    assert sorted(["10号楼", "9号楼", "1号楼", "二号楼"], key=label_key) == ["1号楼", "二号楼", "9号楼", "10号楼"]


def test_a_numeral_in_a_name_stays_a_word() -> None:
    assert name_key("三元 新村（示例）") == "三元新村(示例)"


def test_an_estate_is_found_by_the_first_letters_of_its_name() -> None:
    assert pinyin_initials("水门新村") == "smxc"
