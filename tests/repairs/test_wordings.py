"""The texts of messages by name: each has its variables in both languages, and no name stands twice."""

import re

import pytest
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import Language
from repairs.timeline import TITLES
from repairs.wording import WORDINGS, Wording

EVERY = sorted(WORDINGS)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("key", EVERY)
def test_the_built_in_text_has_exactly_its_variables(key: str, language: str) -> None:
    with translation.override(language):
        text = gettext(WORDINGS[key].source)

    assert sorted(re.findall(r"%\((\w+)\)s", text)) == sorted(WORDINGS[key].variables)
    assert text.count("%") == len(WORDINGS[key].variables)
    assert not set("{}") & set(text)


@pytest.mark.parametrize("key", EVERY)
def test_a_key_says_to_whom_and_after_which_step(key: str) -> None:
    assert key.split(".")[0] in {"resident", "household", "staff", "all"}
    assert set(WORDINGS[key].verbs) <= set(TITLES)


def test_no_two_texts_have_the_same_name() -> None:
    with pytest.raises(ValueError, match=r"resident\.report"):
        Wording("resident.report", "Another text")
