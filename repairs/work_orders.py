"""A ticket on one sheet of A4, for people without a phone: what, where, when, lines to fill in, places to sign."""

from accounts.phones import shown_phone
from repairs.models import Booking, BookingState, Ticket
from repairs.qr import qr_code
from repairs.times import moment, window

BLANK_LINES = 6
# Above this many letters the words stand in small type; beyond the second they end in the ticket behind the code.
MANY_WORDS = 200
WORDS_SHOWN = 600


def sheet(ticket: Ticket, address: str, *, named: bool) -> dict[str, object]:
    """The context of `repairs/work_order.html`; name and number in full only when `named` (and written down)."""
    visit = Booking.objects.filter(ticket=ticket, state=BookingState.BOOKED).first()
    # Lines broken by hand would make one page into three.
    words = " ".join(ticket.words.split())
    return {
        "ticket": ticket,
        "words": words if len(words) <= WORDS_SHOWN else f"{words[:WORDS_SHOWN]}…",
        "small": len(words) > MANY_WORDS,
        "code": qr_code(address),
        "filed": moment(ticket.filed_at),
        "promised": moment(ticket.restore_by),
        "window": window(visit.starts_at, visit.ends_at) if visit else "",
        "named": named,
        "name": ticket.contact_name if named else ticket.masked_name,
        "phone": _phone(ticket, named),
        "blank_lines": range(BLANK_LINES),
    }


def _phone(ticket: Ticket, named: bool) -> str:
    if not ticket.contact_phone:
        return ""
    return shown_phone(ticket.contact_phone) if named else ticket.masked_phone
