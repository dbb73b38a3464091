"""Who could go, best first, and why: trade, time, how full the day is, who was there before. Four statements at most.

The order is the same for the same facts: those who can (not away, not busy then, below the limit), then whom the agreed
team sends, then the trade, then the day's load, in which having been at this door weighs as much as two jobs.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import BooleanField, Count, Exists, OuterRef, Q, Subquery, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Appointment
from repairs.models import Booking, DayOff, DispatchRule, Team, Ticket
from repairs.workflow import State, Urgency

AT_WORK = [State.ASSIGNED, State.ON_SITE]
# Whoever is in no team is judged by the trade residents read beside their name; what is not listed says nothing.
TRADE_WORDS = {
    "WAT": ("水电", "水工", "管道", "综合"),
    "DRN": ("水电", "管道", "疏通", "综合"),
    "ELE": ("水电", "电工", "综合"),
    "GAS": ("燃气",),
    "ROF": ("泥瓦", "瓦工", "防水", "综合"),
    "FAC": ("泥瓦", "瓦工", "外墙", "综合"),
    "DOR": ("门", "锁", "木工", "综合"),
    "LFT": ("电梯",),
    "FIR": ("消防",),
    "RDP": ("泥瓦", "市政", "综合"),
    "ENV": ("保洁", "环卫", "绿化", "综合"),
    "PUB": ("木工", "综合"),
}


class Suggestion(NamedTuple):
    """One person who may go, and what speaks for and against it."""

    appointment: Appointment
    suits: int  # 2: a team of theirs, or their trade, does this kind of repair; 1: nothing is known; 0: not theirs
    away: bool  # a day off then
    busy: bool  # another agreed visit at that time
    full: bool  # as many open jobs as the organisation allows
    agreed: bool  # belongs to the team whose window is booked
    in_hand: int
    today: int
    here: int  # 2: was in this flat, 1: in this building
    booked: bool  # whether there is an agreed time at all

    @property
    def person(self) -> User:
        """Who."""
        return self.appointment.person

    @property
    def can_go(self) -> bool:
        """Whether nothing speaks against it."""
        return bool(self.suits) and not (self.away or self.busy or self.full)

    @property
    def rank(self) -> tuple[object, ...]:
        """Smaller is better."""
        hindered = self.away or self.busy or self.full
        return hindered, not self.agreed, -self.suits, self.today - 2 * self.here, self.in_hand, self.person.pk

    @property
    def words(self) -> str:
        """郭志强 · 电工 · 那个时段空闲 · 今天 2 单 · 来过这户"""
        parts = [self.person.display_name, self.appointment.trade or str(self.appointment.get_role_display())]
        if not self.suits:
            parts.append(_("not this kind of repair"))
        parts.append(self._time())
        if self.full:
            parts.append(_("at the limit"))
        if self.today:
            parts.append(ngettext("%(count)d job today", "%(count)d jobs today", self.today) % {"count": self.today})
        if self.here:
            parts.append(_("was in this flat before") if self.here == 2 else _("was in this building before"))
        return " · ".join(parts)

    def _time(self) -> str:
        if self.away:
            return _("day off then") if self.booked else _("day off today")
        if self.booked:
            return _("has another visit then") if self.busy else _("free at that time")
        if not self.in_hand:
            return _("free")
        return ngettext("%(count)d job in hand", "%(count)d jobs in hand", self.in_hand) % {"count": self.in_hand}


def suggestions(ticket: Ticket) -> list[Suggestion]:
    """Everybody of the organisation who may work, best first."""
    appointments = access.appointed(ticket.organisation, Permission.TICKET_WORK)
    keys = [each.person_id for each in appointments]
    booking = Booking.objects.live().filter(ticket=ticket).first()
    known = {person.pk: person for person in _facts(ticket, keys, booking)}
    loads = {load["assignee"]: load for load in _loads(ticket, keys, booking)}
    found = [
        _weigh(each, ticket, known[each.person_id], loads.get(each.person_id, {}), booking) for each in appointments
    ]
    return sorted(found, key=lambda one: one.rank)


def _weigh(
    appointment: Appointment, ticket: Ticket, person: Any, load: dict[str, int], booking: Booking | None
) -> Suggestion:
    in_hand = load.get("in_hand", 0)
    spoken = any(word in appointment.trade for word in TRADE_WORDS.get(ticket.repair_type.category.code, ()))
    return Suggestion(
        appointment=appointment,
        suits=2 if person.able or spoken else 0 if person.in_team or appointment.trade else 1,
        away=person.own_day_off or (person.in_team and not person.team_at_work),
        busy=bool(load.get("busy")),
        full=person.limit is not None and in_hand >= person.limit and ticket.urgency != Urgency.DANGER,
        agreed=person.agreed,
        in_hand=in_hand,
        today=load.get("today", 0),
        here=2 if person.in_flat else 1 if person.in_building else 0,
        booked=booking is not None,
    )


def _facts(ticket: Ticket, people: list[int], booking: Booking | None) -> Any:
    """What the register of teams and the old tickets know of each; one statement, `Exists` and no joins."""
    day = timezone.localtime(booking.starts_at).date() if booking else timezone.localdate()
    off = DayOff.objects.filter(starts_on__lte=day, ends_on__gte=day)
    theirs = Team.objects.working().filter(organisation=ticket.organisation_id, members=OuterRef("pk"))
    was = Ticket.objects.filter(assignee=OuterRef("pk"), arrived_at__isnull=False).exclude(pk=ticket.pk)
    no = Value(value=False, output_field=BooleanField())
    return User.objects.filter(pk__in=people).annotate(
        in_team=Exists(theirs),
        able=Exists(theirs.able(ticket.repair_type.category_id)),
        team_at_work=Exists(theirs.exclude(Exists(off.filter(team=OuterRef("pk"), person__isnull=True)))),
        agreed=Exists(theirs.filter(pk=booking.team_id)) if booking else no,
        own_day_off=Exists(off.filter(person=OuterRef("pk"), team__organisation=ticket.organisation_id)),
        in_flat=Exists(was.filter(dwelling=ticket.dwelling_id)) if ticket.dwelling_id else no,
        in_building=Exists(was.filter(building=ticket.building_id)) if ticket.building_id else no,
        limit=Subquery(DispatchRule.objects.filter(organisation=ticket.organisation_id).values("open_jobs_most")[:1]),
    )


def is_away(person: User, organisation: int, day: date) -> bool:
    """Whether `person` has a day off there then: their own, or every team of theirs is off; one statement."""
    off = DayOff.objects.filter(starts_on__lte=day, ends_on__gte=day)
    theirs = Team.objects.working().filter(organisation=organisation, members=person)
    at_work = theirs.exclude(Exists(off.filter(team=OuterRef("pk"), person__isnull=True)))
    own = off.filter(person=person, team__organisation=organisation)
    rows = User.objects.filter(pk=person.pk).filter(Q(Exists(own)) | (Q(Exists(theirs)) & ~Q(Exists(at_work))))
    return bool(rows.exists())


def _loads(ticket: Ticket, people: list[int], booking: Booking | None) -> Any:
    """Per person: jobs in hand, jobs of today, and whether another visit is agreed in the same time; one statement."""
    today, tomorrow = _day(timezone.now())
    live = Booking.objects.live().filter(ticket=OuterRef("pk"))
    elsewhere = Exists(live.exclude(starts_at__gte=today, starts_at__lt=tomorrow))
    clash = live.filter(starts_at__lt=booking.ends_at, ends_at__gt=booking.starts_at) if booking else live.none()
    working = Q(state__in=AT_WORK)
    return (
        Ticket.objects.filter(assignee__in=people)
        .filter(working | Q(finished_at__gte=today))
        .exclude(pk=ticket.pk)
        .alias(elsewhere=elsewhere, clash=Exists(clash))
        .order_by()
        .values("assignee")
        .annotate(
            in_hand=Count("pk", filter=working),
            today=Count("pk", filter=Q(finished_at__gte=today) | (working & Q(elsewhere=False))),
            busy=Count("pk", filter=working & Q(clash=True)),
        )
    )


def _day(now: datetime) -> tuple[datetime, datetime]:
    midnight = datetime.combine(timezone.localtime(now).date(), time(), timezone.get_current_timezone())
    return midnight, midnight + timedelta(days=1)
