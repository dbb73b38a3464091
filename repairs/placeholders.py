"""The variables a ready-made text may hold, such as {number}; no models here."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

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
_BRACES = re.compile(r"[{][a-z_]+[}]|[{][^{}]*[}]?|[}]")
_VARIABLE = re.compile(r"[{]([a-z_]+)[}]")


def known_variables(text: str, known: Iterable[str] = tuple(Placeholder)) -> None:
    """Refuse, in one sentence, the first variable that stands for nothing; a lone brace is one."""
    known = list(known)
    wrong = unknown(text, known)
    if not wrong:
        return
    names = pgettext("list", ", ").join(f"{{{name}}}" for name in known)
    sentence = (
        _("“%(wrong)s” stands for nothing. What you can use: %(known)s.")
        if known
        else _("“%(wrong)s” stands for nothing: this text has no variables.")
    )
    raise ValidationError(sentence % {"wrong": wrong[:40], "known": names}, code="unknown_variable")


def unknown(text: str, known: Iterable[str]) -> str:
    """The first variable or lone brace of `text` that none of the `known` names is; nothing if all is well."""
    whole = {f"{{{name}}}" for name in known}
    return next((each for each in _BRACES.findall(text) if each not in whole), "")


def names(text: str) -> frozenset[str]:
    """The names of the variables of `text`."""
    return frozenset(_VARIABLE.findall(text))


def used(text: str) -> frozenset[Placeholder]:
    """The variables of a ready-made answer."""
    return frozenset(Placeholder(name) for name in names(text))


def filled(text: str, values: Mapping[Any, object]) -> str:
    """`text` with every variable replaced, each once: what a value itself contains is left as it is."""
    return _VARIABLE.sub(lambda found: str(values[found[1]]), text)
