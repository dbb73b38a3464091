"""Visits as a calendar that a phone or a computer subscribes to: where, what kind, which ticket; nobody by name.

Whoever has the address reads it without signing in, so it says no more than a slip of paper on the dashboard may: the
place down to the stair and the kind of repair. The resident's own words, which may name anybody, stay inside.
"""

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from accounts.models import User
from accounts.roles import Permission
from estates import access
from repairs.actions.calendars import feed_token
from repairs.models import Booking, BookingState, CalendarFeed, Team, Ticket
from repairs.models.visit import LIVE, BookingQuerySet
from repairs.times import moment
from repairs.visit_calendar import shanghai

SHANGHAI = ZoneInfo("Asia/Shanghai")
KEPT_FOR = timedelta(days=14)
VISITS_MOST = 1000
_SHOWN = LIVE | {BookingState.KEPT}


def find_feed(secret: str) -> CalendarFeed | None:
    """The feed of an address: not revoked, and its maker may still see what it shows."""
    feeds = CalendarFeed.objects.filter(token=feed_token(secret), revoked_at__isnull=True, made_by__is_active=True)
    feed = feeds.select_related("made_by", "team").first()
    if feed is None:
        return None
    if feed.team is None:
        return feed if access.has_role(feed.made_by, Permission.TICKET_WORK) else None
    held = access.organisations_where(feed.made_by, Permission.TICKET_ASSIGN)
    return feed if feed.team.organisation_id in {each.pk for each in held} else None


def visits_of(feed: CalendarFeed) -> BookingQuerySet:
    """What stands from two weeks ago on, with the place and the kind of repair, in one query."""
    since = timezone.now() - KEPT_FOR
    visits = Booking.objects.filter(state__in=_SHOWN, ends_at__gt=since).order_by("starts_at", "pk")
    if feed.team_id:
        visits = visits.filter(team=feed.team_id)
    else:
        visits = visits.filter(ticket__in=Ticket.objects.visible_to(feed.made_by).filter(assignee=feed.person_id))
    places = ("estate", "building", "entrance", "dwelling", "repair_type")
    return visits.select_related(*(f"ticket__{part}" for part in places))[:VISITS_MOST]


def written(feed: CalendarFeed) -> bytes:
    """The calendar as RFC 5545 wants it, with the rules of Shanghai's time in it."""
    calendar = Calendar()
    calendar.add("prodid", "-//Anju//Visits//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", feed.team.name if feed.team else _("My visits"))
    calendar.add("refresh-interval", timedelta(minutes=15), parameters={"value": "DURATION"})
    calendar.add_component(shanghai())
    for visit in visits_of(feed):
        calendar.add_component(_event(visit))
    return bytes(calendar.to_ical())


def _event(visit: Booking) -> Event:
    ticket = visit.ticket
    event = Event()
    event.add("uid", f"visit-{visit.pk}@anju")
    event.add("dtstamp", visit.ended_at or visit.made_at)
    event.add("dtstart", _local(visit.starts_at))
    event.add("dtend", _local(visit.ends_at))
    event.add("summary", f"{ticket.repair_type.name} · {ticket.place.public}")
    event.add("location", ticket.place.public)
    event.add("description", ticket.number)
    event.add("status", "TENTATIVE" if visit.state == BookingState.ASKED else "CONFIRMED")
    return event


def _local(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI)


def etag(calendar: bytes) -> str:
    """Changes when anything in the calendar does."""
    return f'"{hashlib.sha256(calendar).hexdigest()[:32]}"'


class Line(NamedTuple):
    """One calendar a person may subscribe to: their own (no team) or a team's, and its address if there is one."""

    title: str
    team: Team | None
    feed: CalendarFeed | None
    since: str


def lines_for(user: User) -> list[Line]:
    """Their own visits, when they carry repairs out, and the teams whose work they give out."""
    feeds = list(CalendarFeed.objects.visible_to(user).filter(revoked_at__isnull=True).select_related("made_by"))
    of_team = {feed.team_id: feed for feed in feeds}
    own = [_line(_("My visits"), None, of_team.get(None))] if access.has_role(user, Permission.TICKET_WORK) else []
    teams = Team.objects.visible_to(user).working()
    return own + [_line(team.name, team, of_team.get(team.pk)) for team in teams]


def _line(title: str, team: Team | None, feed: CalendarFeed | None) -> Line:
    return Line(title, team, feed, moment(feed.made_at) if feed else "")
