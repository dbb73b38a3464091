"""What stands on the overview: every word a string before the template sees it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from estates.models import ManagementMode
from oversight.addresses import overview_address, tickets_address
from oversight.chart import chart_of
from oversight.estate_rows import EstateRow, estate_rows, page_of
from oversight.figures import Figures, Recurring, figures_of, recurring_failures, weeks_of
from oversight.forms import DAYS, Asked, Sort
from oversight.frame import frame
from oversight.listings import RECURRING_DAYS, Listing, Window
from oversight.scope import Scope
from repairs.spans import span
from repairs.times import moment

_WEEKS = {7: 13, 30: 13, 365: 52}
_MODE_TONES = {
    ManagementMode.COMPANY: "jade",
    ManagementMode.HOME_CENTRE: "sea",
    ManagementMode.FALLBACK: "amber",
    ManagementMode.NOBODY: "rose",
}


class Choice(NamedTuple):
    """One of several ways to look at it."""

    href: str
    word: str
    current: bool


class Note(NamedTuple):
    """A line in small under a figure; `href` opens what it counts."""

    words: str
    tone: str = ""
    href: str = ""


class Card(NamedTuple):
    """One figure: its name, value and tone, the tickets behind it, small lines, and how it is counted."""

    name: str
    value: str
    tone: str
    href: str
    notes: list[Note]
    definition: str


class Cell(NamedTuple):
    """A number in the table that opens the tickets behind it."""

    value: str
    href: str
    tone: str
    label: str


class Line(NamedTuple):
    """One estate in the table."""

    name: str
    about: str
    promises: str
    mode: str
    tone: str
    organisation: str
    phone: str
    cells: list[Cell]


class Column(NamedTuple):
    """A heading that orders the table; `direction` is the value of aria-sort."""

    href: str
    word: str
    direction: str


class Again(NamedTuple):
    """A part that keeps breaking; `share` of the worst, in per cent."""

    words: str
    times: str
    share: int
    href: str


def overview_page(user: User, asked: Asked) -> dict[str, object]:
    """Everything on the overview; the same number of statements however many estates there are."""
    scope, window = Scope(user, asked.street), Window(timezone.now(), asked.days)
    tickets = scope.tickets()
    figures = figures_of(tickets, window)
    rows = estate_rows(scope, window)
    page = page_of(rows, asked.sort, asked.after)
    return frame(scope, figures.counts, None) | {
        "about": _about(rows, window),
        "windows": [Choice(_here(asked, days=days), _window_word(days), days == asked.days) for days in DAYS],
        "streets": _streets(scope, asked),
        "cards": _cards(figures, rows, window, asked),
        "chart": chart_of(weeks_of(tickets, window.now, _WEEKS[asked.days])),
        "recurring": _again(recurring_failures(tickets, window.now), asked),
        "columns": [_column(sort, asked) for sort in (Sort.NAME, Sort.MODE, *_COUNTED, Sort.RATE)],
        "lines": [_line(row, asked) for row in page.rows],
        "onward": _here(asked, sort=asked.sort.value, after=page.after) if page.after else "",
        "first": _here(asked, sort=asked.sort.value) if asked.after else "",
        "window_word": _window_word(asked.days),
    }


def _here(asked: Asked, **changes: object) -> str:
    return overview_address(**{"days": asked.days, "street": asked.street, **changes})


def _behind(listing: Listing, asked: Asked, **more: object) -> str:
    return tickets_address(listing, days=asked.days, street=asked.street, **more)


def _window_word(days: int) -> str:
    if days == DAYS[-1]:
        return _("Last year")
    return ngettext("Last %(count)d day", "Last %(count)d days", days) % {"count": days}


def _about(rows: list[EstateRow], window: Window) -> str:
    buildings, homes = sum(row.size.buildings for row in rows), sum(row.size.households for row in rows)
    parts = [
        ngettext("%(count)s estate", "%(count)s estates", len(rows)) % {"count": f"{len(rows):,}"},
        ngettext("%(count)s building", "%(count)s buildings", buildings) % {"count": f"{buildings:,}"},
        ngettext("%(count)s household", "%(count)s households", homes) % {"count": f"{homes:,}"},
        _("as of %(moment)s") % {"moment": moment(window.now)},
    ]
    return " · ".join(parts)


def _streets(scope: Scope, asked: Asked) -> list[Choice]:
    """The filter by street, where there is more than one."""
    if not scope.has_choice_of_street:
        return []
    everywhere = Choice(_here(asked, street=""), pgettext("streets", "All"), not asked.street)
    return [
        everywhere,
        *(Choice(_here(asked, street=each.code), each.name, each.code == asked.street) for each in scope.streets),
    ]


# ---------------------------------------------------------------- figures
def _cards(figures: Figures, rows: list[EstateRow], window: Window, asked: Asked) -> list[Card]:
    return [
        _open_card(figures, asked),
        _late_card(figures, window, asked),
        _confirmed_card(figures, asked),
        _unconfirmed_card(figures, asked),
        _time_card(figures, asked),
        _coverage_card(rows, asked),
    ]


def _card(listing: Listing, figures: Figures, asked: Asked, notes: list[Note], definition: str, tone: str = "") -> Card:
    value = figures.counts[listing]
    return Card(str(listing.label), f"{value:,}", tone if value else "", _behind(listing, asked), notes, definition)


def _open_card(figures: Figures, asked: Asked) -> Card:
    definition = _(
        "Reports not closed at this moment, whenever they were sent. Repaired ones that wait for the resident's word"
        " are among them."
    )
    notes = [_note(Listing.REPORTED, figures, asked, _("Reported: %(count)s"))]
    return _card(Listing.OPEN, figures, asked, notes, definition)


def _late_card(figures: Figures, window: Window, asked: Asked) -> Card:
    oldest = figures.oldest_due
    notes = [Note(_("Longest: %(time)s late") % {"time": span(window.now - oldest)})] if oldest else []
    definition = _(
        "Work is owed and the next promised moment has passed. What waits for the resident's word is not counted."
    )
    return _card(Listing.LATE, figures, asked, notes, definition, tone="rose")


def _confirmed_card(figures: Figures, asked: Asked) -> Card:
    notes = [Note(_("Period before: %(count)s") % {"count": f"{figures.confirmed_before:,}"})]
    definition = _("Closed in these days because the resident said that it is fixed.")
    return _card(Listing.CONFIRMED, figures, asked, notes, definition, tone="jade")


def _unconfirmed_card(figures: Figures, asked: Asked) -> Card:
    notes = [
        _note(Listing.CANCELLED, figures, asked, _("Taken back: %(count)s")),
        _note(Listing.REJECTED, figures, asked, _("Not accepted: %(count)s")),
    ]
    definition = _(
        "Closed in these days after seven days without an answer. Silence is not satisfaction: it is never added to"
        " the confirmed ones."
    )
    return _card(Listing.UNCONFIRMED, figures, asked, notes, definition)


def _note(listing: Listing, figures: Figures, asked: Asked, words: str) -> Note:
    return Note(words % {"count": f"{figures.counts[listing]:,}"}, "", _behind(listing, asked))


def _roughly(amount: timedelta) -> str:
    """A time to repair in the one unit that says enough: 90 minutes, 19 h, 4 d."""
    hours = round(amount / timedelta(hours=1))
    if hours < 2:
        return span(amount)
    if hours < 72:
        return pgettext("figure", "%(count)d h") % {"count": hours}
    return pgettext("figure", "%(count)d d") % {"count": round(hours / 24)}


def _time_card(figures: Figures, asked: Asked) -> Card:
    sample = figures.counts[Listing.TIMED]
    notes = [_note(Listing.TIMED, figures, asked, _("Sample: %(count)s"))]
    if figures.ninetieth is not None:
        notes.insert(0, Note(_("Nine in ten within %(time)s") % {"time": _roughly(figures.ninetieth)}))
    definition = _(
        "From the report to the end of the repair, for reports sent in these days. Those still being repaired count"
        " with the time passed so far; those taken back or not accepted don't count. Half took no longer than this."
    )
    value = _roughly(figures.median) if figures.median is not None else "–"
    return Card(
        _("Median time to repair"), value, "", _behind(Listing.TIMED, asked) if sample else "", notes, definition
    )


def _coverage_card(rows: list[EstateRow], asked: Asked) -> Card:
    managed = sum(row.duty.appointed for row in rows)
    left = len(rows) - managed
    words = ngettext("%(count)d estate has nobody", "%(count)d estates have nobody", left) % {"count": left}
    return Card(
        _("Managed estates"),
        f"{managed}/{len(rows)}",
        "",
        _here(asked, sort=Sort.MODE.value) + "#estates",
        [Note(words, "amber")] if left else [],
        _(
            "Estates with a company, a home centre or the community appointed today, out of all. Elsewhere the"
            " community or the street office answers without having been appointed."
        ),
    )


# ---------------------------------------------------------------- estates and what recurs
_COUNTED = (Sort.OPEN, Sort.LATE, Sort.CONFIRMED, Sort.UNCONFIRMED)


def _column(sort: Sort, asked: Asked) -> Column:
    up = sort in {Sort.NAME, Sort.MODE}
    direction = ("ascending" if up else "descending") if sort is asked.sort else ""
    return Column(_here(asked, sort=sort.value) + "#estates", str(sort.label), direction)


def _line(row: EstateRow, asked: Asked) -> Line:
    estate = row.estate
    size = [
        str(estate.year_built or ""),
        ngettext("%(count)s building", "%(count)s buildings", row.size.buildings) % {"count": row.size.buildings},
        ngettext("%(count)s household", "%(count)s households", row.size.households) % {"count": row.size.households},
    ]
    return Line(
        name=estate.name,
        about=" · ".join(part for part in size if part),
        promises=reverse("repairs:estate_promises", args=[estate.pk]),
        mode=str(row.mode.label),
        tone=_MODE_TONES[row.mode],
        organisation=row.duty.organisation.name,
        phone=row.duty.phone,
        cells=[*(_cell(row, Listing(sort.value), sort, asked) for sort in _COUNTED), _rate(row, asked)],
    )


def _cell(row: EstateRow, listing: Listing, sort: Sort, asked: Asked) -> Cell:
    value = row.counts[listing]
    tone = "rose" if value and listing is Listing.LATE else ""
    return Cell(str(value), _behind(listing, asked, estate=row.estate.pk), tone, str(sort.label))


def _rate(row: EstateRow, asked: Asked) -> Cell:
    words = "–" if row.rate is None else f"{row.rate:.1f}"
    return Cell(words, _behind(Listing.REPORTED, asked, estate=row.estate.pk), "", str(Sort.RATE.label))


def _again(found: Iterable[Recurring], asked: Asked) -> list[Again]:
    rows = list(found)
    return [
        Again(
            f"{each.building.estate} {each.building} · {each.type.name}",
            ngettext("%(count)d time", "%(count)d times", each.times) % {"count": each.times},
            round(each.times * 100 / rows[0].times),
            tickets_address(
                Listing.RECURRING,
                days=RECURRING_DAYS,
                street=asked.street,
                estate=each.building.estate_id,
                building=each.building.pk,
                type=each.type.code,
            ),
        )
        for each in rows
    ]
