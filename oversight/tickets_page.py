"""The tickets behind a figure: the same condition that counted them, a page at a time."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from oversight.addresses import overview_address, tickets_address
from oversight.figures import counts_of
from oversight.forms import Wanted
from oversight.frame import frame
from oversight.listings import Listing, Window, listed
from oversight.overview_page import Choice
from oversight.scope import Scope
from repairs.keyset import newest_first
from repairs.models.ticket import TicketQuerySet
from repairs.queue import for_desk
from repairs.queue_rows import rows_of
from repairs.times import lately, moment

# These hold as of now; the others within the window.
_NOW = {Listing.OPEN, Listing.LATE}
_CLOSED = {Listing.CONFIRMED, Listing.UNCONFIRMED, Listing.CANCELLED, Listing.REJECTED}
_PILLS = (Listing.OPEN, Listing.LATE, Listing.CONFIRMED, Listing.UNCONFIRMED)


def tickets_page(user: User, wanted: Wanted) -> dict[str, object]:
    """One listing, newest first, with the number it must agree with."""
    scope, window = Scope(user, wanted.street), Window(timezone.now(), wanted.days)
    estate = scope.estate(wanted.estate) if wanted.estate else None
    narrowed = scope.tickets().filter(_narrowed(wanted))
    column = "closed_at" if wanted.listing in _CLOSED else "filed_at"
    rows = _read(narrowed.filter(listed(wanted.listing, window)), wanted, column)
    counts = counts_of(narrowed, window)
    total = narrowed.filter(listed(wanted.listing, window)).count()
    everywhere = counts_of(scope.tickets(), window)
    return (
        frame(scope, everywhere, None if wanted.estate else wanted.listing)
        | rows
        | {
            "title": str(wanted.listing.label),
            "where": estate.name if estate else scope.name,
            "total": total,
            "about": _about(total, wanted.listing, window),
            "pills": [_pill(each, counts, wanted) for each in _PILLS],
            "back": overview_address(days=wanted.days, street=wanted.street),
            "closed": wanted.listing in _CLOSED,
        }
    )


def _narrowed(wanted: Wanted) -> Q:
    """The estate, building and type of repair asked for."""
    given = {"estate": wanted.estate, "building": wanted.building, "repair_type__code": wanted.type or None}
    return Q(**{name: value for name, value in given.items() if value is not None})


def _read(tickets: TicketQuerySet, wanted: Wanted, column: str) -> dict[str, object]:
    page = newest_first(for_desk(tickets), column, wanted.before)
    moments = [lately(getattr(ticket, column)) for ticket in page.rows]
    rows = list(zip(rows_of(page.rows, timezone.now()), (t.organisation.name for t in page.rows), moments, strict=True))
    here = _query(wanted)
    return {
        "rows": rows,
        "newer": "" if page.is_first else tickets_address(wanted.listing, **here),
        "older": tickets_address(wanted.listing, **here, before=page.older) if page.older else "",
    }


def _query(wanted: Wanted) -> dict[str, object]:
    return {
        "days": wanted.days,
        "street": wanted.street,
        "estate": wanted.estate,
        "building": wanted.building,
        "type": wanted.type,
    }


def _pill(listing: Listing, counts: dict[Listing, int], wanted: Wanted) -> tuple[Choice, int]:
    return Choice(tickets_address(listing, **_query(wanted)), str(listing.label), listing is wanted.listing), counts[
        listing
    ]


def _about(total: int, listing: Listing, window: Window) -> str:
    number = ngettext("%(count)s ticket", "%(count)s tickets", total) % {"count": f"{total:,}"}
    if listing in _NOW:
        return " · ".join([number, _("as of %(moment)s") % {"moment": moment(window.now)}])
    days = 90 if listing is Listing.RECURRING else window.days
    return " · ".join([number, ngettext("last %(count)d day", "last %(count)d days", days) % {"count": days}])
