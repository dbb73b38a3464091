"""The texts of messages by name: each stands beside the code that says it, and all of them in `WORDINGS`."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext

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
        """The text in the active language, filled in."""
        return gettext(self.source) % values

    @property
    def verbs(self) -> tuple[str, ...]:
        """After which steps it is said."""
        return (self.key.split(".")[1], *self.also)

    @property
    def variables(self) -> tuple[str, ...]:
        """What is filled in, in the order of the text."""
        return tuple(dict.fromkeys(_FILLED_IN.findall(self.source)))
