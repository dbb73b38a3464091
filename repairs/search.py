"""Chinese search without an extension: every pair of neighbouring characters is a token in a `text[]` (GIN).

A trigram index makes two-character words slower, and most Chinese words have two (STACK.md, trap 13).
"""

import unicodedata
from collections.abc import Iterable

from estates.labels import plain_label


def fold(text: str) -> str:
    """Half-width, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def bigrams(word: str) -> list[str]:
    """Every two neighbouring characters of `word`: what a row must have in its tokens to contain it."""
    return [word[i : i + 2] for i in range(len(word) - 1)]


def search_text(parts: Iterable[str]) -> str:
    """What a ticket can be found by, folded, in one line; labels also in their plain form (一梯 → 1梯)."""
    folded = [fold(part) for part in parts if part]
    plain = [plain_label(part) for part in parts if part and len(part) <= 40]
    return "\n".join(dict.fromkeys(" ".join(line.split()) for line in [*folded, *plain]))


def tokens_of(text: str, scopes: Iterable[str]) -> list[str]:
    """The tokens stored for `text`; scopes ("org:7") let one index intersect place and words."""
    pairs = {pair for word in text.split() for pair in bigrams(word)}
    return sorted(pairs) + sorted(scopes)


def query_words(text: str) -> list[list[str]]:
    """The words of a query, each in the ways it may be spelled in a ticket: 三幢 is also 3幢."""
    return [list(dict.fromkeys((word, plain_label(word)))) for word in fold(text).split()]


def is_searchable(text: str) -> bool:
    """Whether any word has the two characters the index needs."""
    return any(len(word) > 1 for word in text.split())
