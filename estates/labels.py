"""Local labels ("3号楼", "一梯", "５０２") made comparable, without changing what people wrote."""

import re
import unicodedata

_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMERAL = re.compile("[〇零一二两三四五六七八九十百]+")
_PADDED = 4


def _numeral_value(text: str) -> str:
    """A Chinese numeral below a thousand as digits: 十二 → 12, 一百零三 → 103, 二〇一 → 201."""
    if not set(text) & {"十", "百"}:
        return "".join(str(_DIGITS[char]) for char in text)
    total, current = 0, 0
    for char in text:
        if char in "十百":
            total += (current or 1) * (10 if char == "十" else 100)
            current = 0
        else:
            current = _DIGITS[char]
    return str(total + current)


def plain_label(text: str) -> str:
    """`text` in half-width lower case, without spaces, Chinese numerals as digits."""
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
    return _NUMERAL.sub(lambda match: _numeral_value(match.group()), folded)


def label_key(text: str) -> str:
    """The key labels are unique and sorted by: numbers padded, so that 10号楼 follows 9号楼."""
    return re.sub(r"\d+", lambda match: match.group().zfill(_PADDED), plain_label(text))


def name_key(text: str) -> str:
    """The key a name is unique by: half-width, lower case, no spaces; numerals stay (三元 is not 3元)."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def pinyin_initials(name: str) -> str:
    """First letters as people type them on a phone: 水门新村 → smxc."""
    # Here and not above: its dictionaries take 58 MB, which a web worker that never names an estate need not hold.
    from pypinyin import Style, lazy_pinyin

    return "".join(part for part in lazy_pinyin(name, style=Style.FIRST_LETTER) if part.isalnum()).lower()[:80]
