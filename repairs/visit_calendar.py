"""One agreed visit as an iCalendar file (RFC 5545) for the resident's phone."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneStandard

from repairs.models import Booking, Ticket

# Summer time ended for good at two in the morning; from then on the clock has one rule.
_LAST_CHANGE = datetime(1991, 9, 15, 2)  # noqa: DTZ001 - local time, as the standard wants it


def shanghai() -> Timezone:
    """Asia/Shanghai since 1991: always eight hours ahead."""
    rule = TimezoneStandard()
    rule.add("dtstart", _LAST_CHANGE)
    rule.add("tzoffsetfrom", timedelta(hours=9))
    rule.add("tzoffsetto", timedelta(hours=8))
    rule.add("tzname", "CST")
    zone = Timezone()
    zone.add("tzid", "Asia/Shanghai")
    zone.add_component(rule)
    return zone


def calendar_of(booking: Booking, ticket: Ticket) -> bytes:
    """The file: what, where, when and the desk's number; nobody's name.

    The same UID however often the visit moves, and a SEQUENCE that rises: the phone moves its entry, it adds none.
    """
    event = Event()
    event.add("uid", f"visit-{ticket.number}@anju")
    event.add("sequence", Booking.objects.filter(ticket=ticket, pk__lt=booking.pk).count())
    event.add("dtstamp", booking.made_at)
    event.add("dtstart", timezone.localtime(booking.starts_at))
    event.add("dtend", timezone.localtime(booking.ends_at))
    event.add("summary", _("Repair at home: %(what)s") % {"what": ticket.repair_type.name})
    event.add("location", ticket.place.full)
    words = {"number": ticket.number, "organisation": ticket.organisation.name, "phone": ticket.organisation.phone}
    event.add("description", _("Number %(number)s. %(organisation)s: %(phone)s") % words)
    event.add("status", "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//Anju//Visit//ZH")
    calendar.add("version", "2.0")
    calendar.add_component(shanghai())
    calendar.add_component(event)
    return bytes(calendar.to_ical())
