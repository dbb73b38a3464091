"""The register given back in the columns it is brought in by; what is exported and brought in again changes nothing."""

import csv
import datetime
import io
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.db.models import Q
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from accounts.models import User
from accounts.roles import Role
from estates import access
from estates.access import RegisterReach
from estates.models import (
    Appointment,
    Dwelling,
    DwellingKind,
    Management,
    ManagementMode,
    Organisation,
    OrganisationKind,
    RegisterKind,
)
from estates.register import words
from estates.register.columns import COLUMNS
from estates.register.organisations import organisations_within

Cell = str | int | Decimal | datetime.date | None
_RUNS = re.compile(r"'*[=+\-@\t\r]")
_DWELLING_KINDS = {DwellingKind.HOME.value: "住宅", DwellingKind.SHOP.value: "店面"}


def defused(text: str) -> str:
    """An apostrophe before whatever a spreadsheet would run as a formula; bringing it in takes it away again."""
    return f"'{text}" if _RUNS.match(text) else text


def headings(kind: RegisterKind) -> list[str]:
    """The header row."""
    return [column.heading for column in COLUMNS[kind]]


def rows(kind: RegisterKind, user: User) -> Iterator[list[Cell]]:
    """Every row of that kind within a person's reach, in the order of the columns."""
    reach = access.register_reach(user)
    if kind == RegisterKind.DWELLINGS:
        yield from _dwellings(reach)
    elif kind == RegisterKind.ORGANISATIONS:
        yield from _organisations(reach)
    elif kind == RegisterKind.MANAGEMENTS:
        yield from _managements(reach)
    else:
        yield from _staff(reach)


def _places(reach: RegisterReach, estate: str) -> Q:
    if reach.everything:
        return Q()
    street = f"{estate}__community__street__in"
    return Q(**{street: reach.streets}) | Q(**{f"{estate}__in": reach.estates})


def _dwellings(reach: RegisterReach) -> Iterator[list[Cell]]:
    building = "entrance__building"
    estate = f"{building}__estate"
    order = (f"{estate}__community__street__code", f"{estate}__community__name", f"{estate}__name_key", f"{estate}_id")
    labels = (f"{building}__label_key", f"{building}_id", "entrance__label_key", "entrance_id", "label_key", "pk")
    found = Dwelling.objects.filter(_places(reach, estate)).order_by(*order, *labels)
    fields = (
        f"{estate}__community__street__name_zh",
        f"{estate}__community__name",
        f"{estate}__name",
        f"{building}__label",
        "entrance__label",
        "label",
        "floor",
        "area",
        "kind",
        f"{building}__year_built",
    )
    for *above, kind, year in found.values_list(*fields).iterator(chunk_size=2000):
        yield [*above, _DWELLING_KINDS[kind], year]


def _organisations(reach: RegisterReach) -> Iterator[list[Cell]]:
    for each in _reached_organisations(reach):
        yield [each.name, words.written(words.ORGANISATION_KINDS, OrganisationKind(each.kind)), each.phone]


def _reached_organisations(reach: RegisterReach) -> Iterable[Organisation]:
    found = Organisation.objects.order_by("name", "pk")
    return found if reach.everything else found.filter(pk__in=organisations_within(reach))


def _managements(reach: RegisterReach) -> Iterator[list[Cell]]:
    zones = Q(zone__community__street__in=reach.streets)
    found = Management.objects.filter(Q() if reach.everything else _places(reach, "estate") | zones)
    order = ("estate__name_key", "zone__name", "starts_on", "pk")
    related = ("organisation", "estate__community__street", "zone__community__street")
    for each in found.select_related(*related).order_by(*order):
        place = each.estate or each.zone
        if place is None:
            continue
        above: list[Cell] = [place.community.street.name_zh, place.community.name, place.name]
        mode = words.written(words.MODES, ManagementMode(each.mode))
        yield [*above, each.organisation.name if each.organisation else None, mode, each.starts_on, each.ends_on]


def _staff(reach: RegisterReach) -> Iterator[list[Cell]]:
    found = Appointment.objects.filter(person__username__isnull=False).select_related("person", "organisation")
    if not reach.everything:
        found = found.filter(organisation__in=organisations_within(reach))
    for each in found.order_by("organisation__name", "person__username", "role", "starts_on", "pk"):
        person, role = each.person, words.written(words.ROLES, Role(each.role))
        about: list[Cell] = [person.username, person.display_name, each.organisation.name, role, each.trade]
        yield [*about, each.starts_on, each.ends_on]


def as_csv(header: list[str], lines: Iterable[list[Cell]]) -> Iterator[bytes]:
    """CSV in pieces, in UTF-8 with the mark Excel wants to see."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    for line in _with(header, lines):
        writer.writerow([defused("" if cell is None else str(cell)) for cell in line])
        if buffer.tell() > 64 * 1024:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _with(header: list[str], lines: Iterable[list[Cell]]) -> Iterator[list[Cell]]:
    yield [*header]
    yield from lines


def as_xlsx(header: list[str], lines: Iterable[list[Cell]]) -> bytes:
    """An Excel file; text stays text whatever it looks like."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    for line in _with(header, lines):
        sheet.append([_written(sheet, cell) for cell in line])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _written(sheet: object, cell: Cell) -> object:
    if not isinstance(cell, str):
        return cell
    written = WriteOnlyCell(sheet, value=defused(cell))  # type: ignore[arg-type]
    written.data_type = "s"
    return written
