"""The texts of messages by name: each stands beside the code that says it, and all of them in `WORDINGS`.

An administrator may put a text of their own in the place of one, for each language. These are read at most twice a
minute by a process and kept: everything that is told to anybody passes here.
"""

import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.utils import translation
from django.utils.translation import gettext

from repairs.models import MessageTemplate
from repairs.placeholders import filled, unknown

logger = logging.getLogger(__name__)

# How old the own texts may be that a process sends.
TEXTS_LIVE = 30.0
_FILLED_IN = re.compile(r"%\((\w+)\)s")
WORDINGS: dict[str, "Wording"] = {}


@dataclass(frozen=True)
class Wording:
    """One text that is sent: `key` says to whom, after which verb and in which case, "resident.acknowledge.plan".

    `source` is the English text, marked with `gettext_noop`; `also`: the other verbs after which the same is said.
    To "all": to the resident and to the people who work.
    """

    key: str
    source: str
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Every text has a name of its own."""
        if WORDINGS.setdefault(self.key, self) is not self:
            raise ValueError(self.key)

    def say(self, **values: object) -> str:
        """The text in the active language, filled in: the administrator's own if there is one, else the built-in."""
        language = translation.get_language() or ""
        own = own_texts().get((self.key, language))
        trial = _trial.get()
        if trial is not None:
            trial.said.add(self.key)
            own = trial.text if (trial.key, trial.language) == (self.key, language) else own
        return gettext(self.source) % values if own is None else filled(own, values)

    def built_in(self, language: str) -> str:
        """The built-in text as an administrator reads and writes it, with {variables}."""
        with translation.override(language):
            return _FILLED_IN.sub(r"{\1}", gettext(self.source))

    def fits(self, text: str) -> bool:
        """Whether everything in `text` can be filled in; an upgrade may have taken a variable away."""
        return not unknown(text, self.variables)

    @property
    def audience(self) -> str:
        """To whom it is said: one of `Audience`, or "all"."""
        return self.key.partition(".")[0]

    @property
    def verbs(self) -> tuple[str, ...]:
        """After which steps it is said."""
        return (self.key.split(".")[1], *self.also)

    @property
    def variables(self) -> tuple[str, ...]:
        """What is filled in, in the order of the text."""
        return tuple(dict.fromkeys(_FILLED_IN.findall(self.source)))


_kept: tuple[float, Mapping[tuple[str, str], str]] | None = None
_complained: set[str] = set()


def own_texts() -> Mapping[tuple[str, str], str]:
    """The administrators' own texts that can be sent, by key and language."""
    global _kept
    now = time.monotonic()
    if _kept is None or now - _kept[0] > TEXTS_LIVE:
        _kept = now, {(row.key, row.language): row.text for row in MessageTemplate.objects.all() if _can_be_sent(row)}
    return _kept[1]


def forget() -> None:
    """Read the own texts anew the next time."""
    global _kept
    _kept = None


def _can_be_sent(row: MessageTemplate) -> bool:
    # Nobody asks for the text of a step that is no more.
    if row.key not in WORDINGS or WORDINGS[row.key].fits(row.text):
        return True
    if row.text not in _complained:
        _complained.add(row.text)
        logger.warning("The own text %s uses a variable there is no more; the built-in text is sent instead.", row)
    return False


@dataclass
class Trial:
    """An own text that is tried out; `said`: the keys of all texts that were said meanwhile."""

    key: str
    language: str
    text: str
    said: set[str] = field(default_factory=set)


_trial: ContextVar[Trial | None] = ContextVar("trial", default=None)


@contextmanager
def trying(key: str, language: str, text: str) -> Iterator[Trial]:
    """Within, and in this thread alone, `text` is said in place of what is stored; nothing is stored."""
    trial = Trial(key, language, text)
    token = _trial.set(trial)
    try:
        yield trial
    finally:
        _trial.reset(token)
