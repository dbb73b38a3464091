"""One cell understood: what offices write ("１号楼 ", 502.0, "88.5㎡", "五层") brought to one form."""

import datetime
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils import timezone

from estates.labels import plain_label
from estates.models import DwellingKind
from estates.register.files import Formula, Value
from estates.register.reasons import RowRefused

# Full-width letters, digits and the marks between them; brackets stay as they are, names use them.
_HALF = {code: code - 0xFEE0 for code in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]}
_HALF |= {ord("．"): ".", ord("－"): "-", ord("＃"): "#", 0x3000: " "}
_DEFUSED = re.compile(r"'+[=+\-@\t\r]")
_HOME = {"住宅", "住房", "居住", "住家", "成套住宅", "非成套住宅", "公寓", "宿舍", "自住", "居民", "普通住宅", "home"}
_SHOP = {"店面", "店铺", "商铺", "商业", "门面", "门市", "门店", "铺面", "商店", "商服", "商业用房", "沿街店面", "shop"}
_KINDS = dict.fromkeys(_HOME, DwellingKind.HOME) | dict.fromkeys(_SHOP, DwellingKind.SHOP)
_AREA = re.compile(r"(?:约)?(\d+(?:\.\d+)?)(?:m2|m²|㎡|平方米|平方|平米|平)?")
_FLOOR = re.compile(r"第?(-?\d{1,3})(?:层|楼|f)?")
_BELOW = re.compile(r"(?:地下|负|b)(\d{1,2})(?:层|楼|f)?")
_YEAR = re.compile(r"(\d{4})(?:年|年代|年建|年底|\D\d{1,2}(?:\D.*)?|年\d{1,2}月.*)?")
_DAY = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})日?")
_PHONE = re.compile(r"[\d\s()（）+\-—、,，;；/转]{3,30}")
_CENT = Decimal("0.01")
_MOST_AREA = Decimal(100_000)
_FIRST_YEAR = 1900
_MOST_FLOORS = 120


def undefused(text: str) -> str:
    """Without the apostrophe our exports put before a cell that a spreadsheet might run."""
    return text[1:] if _DEFUSED.match(text) else text


def _plain(value: Value) -> str:
    """As text: 502.0 → 502, full-width digits → half-width, no spaces at the ends, no line breaks."""
    if isinstance(value, Formula) or value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if not isinstance(value, str):
        return str(value)
    text = undefused(value).translate(_HALF)
    return " ".join(text.split())


def name(value: Value, column: str, most: int) -> str:
    """A name as it is written; brackets and numerals stay."""
    text = _plain(value)
    return _measured(text, column, most)


def label(value: Value, column: str, most: int = 40, cell: str = "") -> str:
    """A local label: 502.0 and "５０２" are 502; a date is what Excel made of "3-1" and is refused."""
    if isinstance(value, datetime.date):
        raise RowRefused("date", cell=cell)
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", _plain(value)))
    text = re.sub(r"^(-?\d+)\.0+$", r"\1", text)
    return _measured(text, column, most)


def _measured(text: str, column: str, most: int) -> str:
    if not text:
        raise RowRefused("blank", column=column)
    if len(text) > most:
        raise RowRefused("too_long", column=column, most=most, text=text[:60])
    return text


def _compact(value: Value) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", _plain(value))).lower()


def area(value: Value) -> Decimal | None:
    """Square metres with two places; nothing for an empty cell."""
    if value is None:
        return None
    text = _compact(value).replace(",", "")
    match = _AREA.fullmatch(text)
    try:
        metres = Decimal(match[1]).quantize(_CENT, ROUND_HALF_UP) if match else Decimal(0)
    except InvalidOperation:
        metres = Decimal(0)
    if not 0 < metres <= _MOST_AREA:
        raise RowRefused("not_area", text=_said(value))
    return metres


def floor(value: Value) -> int | None:
    """A storey; below the ground it is negative."""
    if value is None:
        return None
    text = re.sub(r"\.0+$", "", plain_label(_plain(value)))
    if match := _BELOW.fullmatch(text):
        return -int(match[1])
    match = _FLOOR.fullmatch(text)
    if match is None or abs(int(match[1])) > _MOST_FLOORS or isinstance(value, datetime.date):
        raise RowRefused("not_floor", text=_said(value))
    return int(match[1])


def year(value: Value) -> int | None:
    """A year of construction, not in the future."""
    if value is None:
        return None
    last = timezone.localdate().year
    if isinstance(value, datetime.date):
        found = value.year
    else:
        match = _YEAR.fullmatch(re.sub(r"\.0+$", "", _compact(value)))
        found = int(match[1]) if match else 0
    if not _FIRST_YEAR <= found <= last:
        raise RowRefused("not_year", text=_said(value), last=last)
    return found


def kind(value: Value) -> DwellingKind | None:
    """Home or shop."""
    if value is None:
        return None
    found = _KINDS.get(_compact(value))
    if found is None:
        raise RowRefused("not_kind", text=_said(value))
    return found


def day(value: Value, column: str, *, required: bool) -> datetime.date | None:
    """A day: a date cell, 2024-01-31, 2024/1/31, 2024.1.31, 2024年1月31日 or 20240131."""
    if isinstance(value, datetime.date):
        return value
    text = re.sub(r"\s+\d{1,2}:.*$", "", _plain(value))
    text = _compact(text)
    if not text or text in {"至今", "长期", "无", "-"}:
        if required:
            raise RowRefused("blank", column=column)
        return None
    match = _DAY.fullmatch(text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    try:
        return datetime.date(int(match[1]), int(match[2]), int(match[3])) if match else _no_day(value)
    except ValueError:
        return _no_day(value)


def _no_day(value: Value) -> datetime.date:
    raise RowRefused("not_date", text=_said(value))


def phone(value: Value, column: str) -> str:
    """A telephone number as it is dialled or printed."""
    text = _measured(_plain(value), column, 30)
    if not _PHONE.fullmatch(text) or sum(char.isdigit() for char in text) < 3:
        raise RowRefused("not_phone", text=_said(value))
    return text


def _said(value: Value) -> str:
    return str(value)[:60]
