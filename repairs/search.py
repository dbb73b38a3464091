"""Chinese search without an extension: every pair of neighbouring characters is a token in a `text[]` (GIN).

A trigram index makes two-character words slower, and most Chinese words have two (STACK.md, trap 13).
"""

import unicodedata
from collections.abc import Iterable

from estates.labels import plain_label


def fold(text: str) -> str:
    """Half-width, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def _bigrams(word: str) -> list[str]:
    return [word[i : i + 2] for i in range(len(word) - 1)]


def search_text(parts: Iterable[str]) -> str:
    """What a ticket can be found by, folded, in one line; labels also in their plain form (一梯 → 1梯)."""
    folded = [fold(part) for part in parts if part]
    plain = [plain_label(part) for part in parts if part and len(part) <= 40]
    return "\n".join(dict.fromkeys(" ".join(line.split()) for line in [*folded, *plain]))


def tokens_of(text: str, scopes: Iterable[str]) -> list[str]:
    """The tokens stored for `text`; scopes ("org:7") let one index intersect place and words."""
    pairs = {pair for word in text.split() for pair in _bigrams(word)}
    return sorted(pairs) + sorted(scopes)


def query_tokens(text: str) -> list[str]:
    """The tokens a row must have to contain every word of `text`; empty when no word has two characters."""
    return sorted({pair for word in fold(text).split() for pair in _bigrams(word)})
