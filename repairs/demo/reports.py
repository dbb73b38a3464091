"""A year of reports: when, what, where, by whom and how; each a ticket as filing would make it."""

import bisect
import datetime
from dataclasses import dataclass
from random import Random
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from estates.duty import Duty, duty_organisations
from estates.models import Estate, Management, Organisation
from estates.places import Place, place_of
from repairs.demo.kinds import Kind
from repairs.demo.people import People, Resident
from repairs.demo.places import Places
from repairs.demo.seasons import moment_on
from repairs.models import Ticket
from repairs.promises import due_columns
from repairs.workflow import Channel

YEAR = 365
_CHANNELS = {Channel.ONLINE: 70, Channel.PHONE: 13, Channel.PATROL: 7, Channel.WALK_IN: 5, Channel.PROXY: 5}
_GUESTS = 0.06
_ON_BEHALF = {Channel.PHONE, Channel.WALK_IN}


class Duties:
    """Who was on duty where, on any day of the year; the register changes only on a few days."""

    def __init__(self, estates: list[Estate], today: datetime.date) -> None:
        first = today - datetime.timedelta(days=YEAR + 1)
        changes = {first}
        for starts_on, ends_on in Management.objects.values_list("starts_on", "ends_on"):
            changes |= {starts_on, ends_on + datetime.timedelta(days=1)} if ends_on else {starts_on}
        closures = Organisation.objects.exclude(closed_on=None).values_list("closed_on", flat=True)
        changes |= {closed_on for closed_on in closures if closed_on}
        self._days = sorted(day for day in changes if first <= day <= today)
        self._duties = [duty_organisations(estates, day) for day in self._days]

    def of(self, estate: Estate, day: datetime.date) -> Duty:
        """Who answered for `estate` on `day`."""
        return self._duties[bisect.bisect_right(self._days, day) - 1][estate.pk]


@dataclass
class Reports:
    """Makes reports."""

    random: Random
    places: Places
    people: People
    kinds: dict[str, Kind]
    duties: Duties
    now: datetime.datetime

    def year(self, count: int) -> list[Ticket]:
        """`count` reports, earliest first, more of a kind in its season; some parts break again and again."""
        today = timezone.localdate(self.now)
        days = [today - datetime.timedelta(days=back) for back in range(YEAR, -1, -1)]
        kinds = list(self.kinds.values())
        by_month = {month: [kind.weight_in(month) for kind in kinds] for month in range(1, 13)}
        weights = [sum(by_month[day.month]) * _in_use(YEAR - at) for at, day in enumerate(days)]
        again = self._weak_spots(count)
        made: list[Ticket] = []
        while len(made) < count - len(again):
            at = moment_on(self.random.choices(days, weights)[0], self.random, timezone.get_current_timezone())
            if at < self.now - datetime.timedelta(minutes=5):
                kind = self.random.choices(kinds, by_month[at.month])[0]
                made.append(self.make(kind, at, self._estate()))
        return made + again

    def _estate(self) -> Estate:
        sizes = [self.places.households(estate) for estate in self.places.estates]
        return self.random.choices(self.places.estates, sizes)[0]

    def _weak_spots(self, count: int) -> list[Ticket]:
        """The same part of the same building, three times and more within ninety days."""
        made: list[Ticket] = []
        spots = [
            ("ROF-ROOF", 7),
            ("DRN-STACK", 6),
            ("ELE-STAIR", 5),
            ("DOR-GATE", 4),
            ("FIR-EBIKE", 4),
            ("WAT-NONE", 3),
        ]
        for number, (code, times) in enumerate(spots[: max(1, count // 100)]):
            estate = self.places.estates[0 if number < 2 else (number * 3) % len(self.places.estates)]
            building = self.places.buildings[estate.pk][(2 - number) % len(self.places.buildings[estate.pk])]
            kind, living = self.kinds[code], self.people.residents[estate.pk]
            here = [each for each in living if each.dwelling.entrance.building == building]
            near = [each for each in here if _suffers(kind.at, each)] or here
            for _ in range(times if near else 0):
                at = self.now - datetime.timedelta(days=self.random.uniform(1, 85))
                made.append(self.make(kind, at, estate, who=self.random.choice(near), channel=Channel.ONLINE))
        return made

    def make(
        self,
        kind: Kind,
        at: datetime.datetime,
        estate: Estate,
        *,
        who: Resident | None = None,
        channel: Channel | None = None,
        words: str = "",
        guest: bool = False,
    ) -> Ticket:
        """One report, without its number; a guest's number was never proved."""
        guest = guest or (who is None and self.random.random() < _GUESTS)
        who = who or self.someone(kind, estate)
        place = _place(kind, who)
        answers = kind.answer(self.random)
        verdict = kind.judge(answers)
        duty = self.duties.of(estate, timezone.localdate(at))
        ticket = Ticket(
            repair_type=kind.type,
            urgency=verdict.urgency,
            scope=verdict.scope,
            street=estate.community.street,
            estate=estate,
            building=place.building,
            entrance=place.entrance,
            dwelling=place.dwelling,
            words=words or kind.say(self.random, who.dwelling.floor, at.month),
            answers=answers,
            organisation=duty.organisation,
            mode=duty.mode,
            filed_at=at,
            **(self._unproved(who) if guest else self._contact(estate, who, duty, channel or self._channel())),
        )
        for name, value in due_columns(ticket).items():
            setattr(ticket, name, value)
        return ticket

    def someone(self, kind: Kind, estate: Estate) -> Resident:
        """Who might have such a problem: a roof leaks into the top floor."""
        living = self.people.residents[estate.pk]
        return self.random.choice([each for each in living if _suffers(kind.at, each)] or living)

    def _channel(self) -> Channel:
        return self.random.choices(list(_CHANNELS), list(_CHANNELS.values()))[0]

    def _contact(self, estate: Estate, who: Resident, duty: Duty, channel: Channel) -> dict[str, Any]:
        """Who reported, over which channel, and whom to call about it."""
        contact = {"contact_name": who.user.display_name, "contact_phone": who.user.phone, "contact_agreed": True}
        grid = self._grid_workers(estate)
        if channel == Channel.PATROL and grid:
            return {"channel": channel, "reporter": self.random.choice(grid)}
        if channel in _ON_BEHALF:
            clerk = self.random.choice(self.people.staff[duty.organisation.pk, Role.DISPATCHER])
            return {"channel": channel, "reporter": clerk, **contact}
        if channel == Channel.PROXY:
            helper = self.random.choice(self.people.residents[estate.pk]).user
            if helper is not who.user:
                return {"channel": channel, "reporter": helper, **contact}
        return {"channel": Channel.ONLINE, "reporter": who.user, "phone_verified": True, **contact}

    def _grid_workers(self, estate: Estate) -> list[User]:
        return self.people.staff.get((estate.community.organisation_id or 0, Role.GRID_WORKER), [])

    def _unproved(self, who: Resident) -> dict[str, Any]:
        """Somebody whose code never arrived: known by nothing but their browser."""
        return {
            "channel": Channel.ONLINE,
            "reporter": User.objects.create_guest(who.user.display_name, date_joined=self.now),
            "contact_name": who.user.display_name,
            "contact_phone": f"+8619900008{self.random.randrange(1000):03d}",
        }


def _in_use(days_ago: int) -> float:
    """More people use it from month to month, and the last weeks are what a visitor sees."""
    return (1.6 - days_ago / YEAR) * (1.8 if days_ago < 25 else 1)


def _suffers(at: str, who: Resident) -> bool:
    floor, top = who.dwelling.floor, who.dwelling.entrance.building.storeys
    return {"top": floor == top, "ground": floor == 1, "below": floor != top}.get(at, True)


def _place(kind: Kind, who: Resident) -> Place:
    """As far down as such a report says where it is."""
    flat = place_of(who.dwelling)
    return {
        "stair": Place(flat.estate, flat.building, flat.entrance),
        "building": Place(flat.estate, flat.building),
        "estate": Place(flat.estate),
    }.get(kind.at, flat)
