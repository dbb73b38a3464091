"""The variables a ready-made text may hold, such as {number}; no models here."""

import re
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


class Placeholder(StrEnum):
    """What is filled in from the ticket."""

    NUMBER = "number"
    HEADLINE = "headline"
    PLACE = "place"
    WORKER = "worker"
    WHEN = "when"
    PROMISED = "promised"
    ORGANISATION = "organisation"
    PHONE = "phone"


# A text in which every brace belongs to a known variable; the same words in Python and in PostgreSQL.
WELL_FORMED = r"^([^{}]|[{](" + "|".join(Placeholder) + ")[}])*$"
_BRACES = re.compile(r"[{](?:" + "|".join(Placeholder) + r")[}]|[{][^{}]*[}]?|[}]")
_KNOWN = re.compile(r"[{](" + "|".join(Placeholder) + ")[}]")


def known_variables(text: str) -> None:
    """Refuse, in one sentence, the first variable that stands for nothing; a lone brace is one."""
    wrong = next((each for each in _BRACES.findall(text) if not _KNOWN.fullmatch(each)), "")
    if wrong:
        known = pgettext("list", ", ").join(f"{{{name}}}" for name in Placeholder)
        sentence = _("“%(wrong)s” stands for nothing. What you can use: %(known)s.")
        raise ValidationError(sentence % {"wrong": wrong[:40], "known": known}, code="unknown_variable")


def used(text: str) -> frozenset[Placeholder]:
    """The variables of `text`."""
    return frozenset(Placeholder(name) for name in _KNOWN.findall(text))


def filled(text: str, values: dict[Placeholder, str]) -> str:
    """`text` with every variable replaced, each once: what a value itself contains is left as it is."""
    return _KNOWN.sub(lambda found: values[Placeholder(found[1])], text)
