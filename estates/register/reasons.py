"""Why a row or a whole file is not taken. Stored as a code with its words filled in later, in the reader's language."""

from typing import Any, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

_ROWS = {
    "formula": _("Cell %(cell)s holds a formula. Paste it as a value first."),
    "date": _("Cell %(cell)s holds a date where a label belongs. Format the column as text first."),
    "blank": _("“%(column)s” is empty."),
    "hollow": _("“%(column)s” is missing: the merged cells %(cells)s are empty."),
    "too_long": _("“%(column)s” is longer than %(most)s characters: %(text)s"),
    "not_area": _("“%(text)s” is not a floor area."),
    "not_floor": _("“%(text)s” is not a floor."),
    "not_year": _("“%(text)s” is not a year between 1900 and %(last)s."),
    "not_kind": _("“%(text)s” is not a known use. Write 住宅 or 店面."),
    "not_date": _("“%(text)s” is not a date. Write it like 2024-01-31."),
    "not_phone": _("“%(text)s” is not a telephone number."),
    "not_choice": _("“%(text)s” is none of: %(known)s."),
    "no_street": _("There is no street “%(street)s”."),
    "ambiguous": _("“%(text)s” could be %(one)s or %(other)s."),
    "not_yours": _("“%(place)s” is not among the estates you answer for."),
    "twice": _("Already in row %(row)s."),
    "year_differs": _("The year differs from row %(row)s, which stands for the same building."),
    "not_your_organisation": _("“%(name)s” is not among the organisations you answer for."),
    "not_your_role": _("You may not appoint a %(role)s."),
    "not_your_person": _("“%(username)s” belongs to somebody who works elsewhere."),
    "not_a_username": _("“%(username)s” is not a username: letters, digits and . _ - only."),
    "no_organisation": _("There is no organisation “%(name)s”."),
    "no_estate": _("There is no estate “%(name)s”."),
    "many_estates": _("There are several estates “%(name)s”. Add columns for street and community."),
    "overlaps": _("“%(place)s” already has a management from %(start)s to %(end)s."),
    "overlaps_open": _("“%(place)s” already has a management from %(start)s without an end."),
    "ends_before": _("The last day is before the first."),
    "nobody_named": _("“Nobody” manages it, but an organisation is named."),
    "nobody_missing": _("Name the organisation that manages it."),
    "office_closed": _("A street office can't change into something else."),
}
_FILES = {
    "empty": _("The file is empty."),
    "too_big": _("The file is larger than %(most)s MB. Split it, for example by street."),
    "unpacks_too_big": _("Unpacked, the file is larger than %(most)s MB. Split it, for example by street."),
    "too_many_rows": _("The sheet has more than %(most)s rows. Split it, for example by street."),
    "not_a_table": _("This is not a table. Send an Excel file (.xlsx) or a CSV file."),
    "old_excel": _("This is an old Excel file (.xls) or one with a password. Save it as .xlsx without a password."),
    "macros": _("This file holds macros. Save it as .xlsx without macros."),
    "damaged": _("The file is damaged and can't be read. Open it in Excel, save it again and send it once more."),
    "no_header": _("No header row was found. We look for words such as %(words)s in the first %(rows)s rows."),
    "missing_columns": _("These columns are missing: %(columns)s."),
    "no_rows": _("There are no rows under the header."),
    "formulas": _("The file is full of formulas (the first is in cell %(cell)s). Paste them as values first."),
    "lost": _("The file is no longer in our store. Please send it again."),
}
SENTENCES = _ROWS | _FILES


class Refusal(NamedTuple):
    """One row that is not taken; `row` as Excel numbers it."""

    row: int
    code: str
    words: dict[str, Any]
    cells: list[str]

    def stored(self) -> dict[str, Any]:
        """As it is kept."""
        return {"row": self.row, "code": self.code, "words": self.words, "cells": self.cells}


class RowRefused(Exception):
    """This row is not taken."""

    def __init__(self, code: str, **words: Any) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


class FileRefused(Exception):
    """This file is not taken at all."""

    def __init__(self, code: str, **words: Any) -> None:
        super().__init__(code)
        self.code = code
        self.words = words

    def stored(self) -> dict[str, Any]:
        """As it is kept."""
        return {"code": self.code, "words": self.words}


def sentence(code: str, words: dict[str, Any]) -> str:
    """What the reader is told. Names of columns among the words are in the reader's language too."""
    said = {key: gettext(value) if key in {"column", "role"} else value for key, value in words.items()}
    if "columns" in said:
        said["columns"] = gettext(", ").join(gettext(each) for each in said["columns"])
    if "known" in said:
        said["known"] = gettext(", ").join(said["known"])
    return str(SENTENCES[code] % said)
