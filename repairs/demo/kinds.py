"""What residents write and workers answer, by type of repair: `words.toml` joined with the catalogue's rules."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from random import Random

from repairs.demo import names
from repairs.demo.seasons import factor, fits
from repairs.models import RepairType
from repairs.models.catalogue import TriageRule
from repairs.triage import Verdict, rules_of, weigh

_WORDS = Path(__file__).with_name("words.toml")
# Some leave these out: what they would say about their family is theirs to tell.
_SENSITIVE = "Q21"
_EXTRAS = [
    "家里老人腿脚不便，麻烦早点来看看。",
    "已经好几天了，一直没人管。",
    "麻烦来之前打个电话。",
    "邻居也说有这个问题。",
    "谢谢师傅。",
]
_EXTRAS_AT_HOME = ["白天家里没人，下午六点以后方便。", "周末都在家。", "家里只有老人在，说话大声一点。"]
# Reports from inside a flat, by who sends them: anybody, the top floor, the ground floor, whoever lives below somebody.
AT_HOME = {"flat", "top", "ground", "below"}


@dataclass(frozen=True)
class Kind:
    """One type of repair as the demo uses it; `at` is how far down the place is known."""

    type: RepairType
    rules: list[TriageRule]
    weight: float
    season: str
    at: str
    words: list[str]
    fixes: list[str]
    answers: dict[str, list[str]]

    def weight_in(self, month: int) -> float:
        """How often it is reported in that month, compared with the other kinds."""
        return self.weight * factor(self.season, month)

    def say(self, random: Random, floor: int | None, month: int) -> str:
        """What a resident writes."""
        fitting = [words for words in self.words if fits(words, month)]
        text = random.choice(fitting or self.words).format(
            floor=names.spoken_floor(floor or 3), room=random.choice(names.ROOMS)
        )
        if "\n" in text or random.random() > 0.35:
            return text
        return f"{text}\n{random.choice(_EXTRAS + _EXTRAS_AT_HOME if self.at in AT_HOME else _EXTRAS)}"

    def answer(self, random: Random) -> dict[str, str]:
        """Answers that fit the words."""
        chosen = {question: random.choice(codes) for question, codes in self.answers.items()}
        if _SENSITIVE in chosen and random.random() < 0.4:
            del chosen[_SENSITIVE]
        return chosen

    def judge(self, answers: dict[str, str]) -> Verdict:
        """What the catalogue's own rules make of the answers."""
        return weigh(self.type, answers, self.rules)


def read_kinds() -> dict[str, Kind]:
    """Every type of the catalogue that is in use, with its words; one query and one for each type's rules."""
    told = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    types = RepairType.objects.filter(active=True, code__in=told).select_related("category", "safety_card")
    return {each.code: _kind(each, told[each.code]) for each in types.order_by("code")}


def _kind(repair_type: RepairType, told: dict[str, object]) -> Kind:
    return Kind(type=repair_type, rules=rules_of(repair_type), **{"season": "", **told})  # type: ignore[arg-type]
