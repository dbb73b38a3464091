"""班组: who goes out together, what they can do and when, and how each organisation gives out its jobs."""

import datetime
from itertools import chain

from accounts.models import User
from accounts.roles import Role
from estates.models import Organisation
from repairs.demo.organisations import Organisations
from repairs.demo.people import People
from repairs.models import Category, DayOff, DispatchMode, DispatchRule, Shift, Team, Window, WindowPlace
from repairs.windows import DEFAULT_HOURS, DEFAULT_WEEKDAYS, default_week, produce, wanted_on
from repairs.workdays import Calendar, calendar

_WATER = ("水电防水班", ["WAT", "DRN", "ELE", "ROF"])
_ALL_ROUND: tuple[str, list[str]] = ("综合班", [])


def build_teams(people: People, organisations: Organisations, today: datetime.date) -> list[Team]:
    """Two teams at each centre, one at each company, with hours, trades, members, and windows for four weeks."""
    teams, members = [], {}
    for organisation in chain(organisations.centres, organisations.companies):
        workers = people.staff.get((organisation.pk, Role.WORKER), [])
        if organisation.closed_on is None:
            for (name, trades), own in _split(organisation, workers, organisations):
                team = Team(organisation=organisation, name=name)
                teams.append(team)
                members[name, organisation.pk] = (trades, own)
    Team.objects.bulk_create(teams)
    trades_of = {category.code: category for category in Category.objects.all()}
    for team in teams:
        trades, own = members[team.name, team.organisation_id]
        team.members.set(own)
        team.trades.set([trades_of[code] for code in trades])
    Shift.objects.bulk_create([shift for team in teams for shift in default_week(team)])
    _give_out(organisations)
    DayOff.objects.create(
        team=teams[1],
        person=members[teams[1].name, teams[1].organisation_id][1][-1],
        starts_on=today + datetime.timedelta(days=6),
        ends_on=today + datetime.timedelta(days=8),
        note="回老家办事",
    )
    kept = calendar()
    for team in teams:
        produce(team, kept)
    return teams


def _split(
    organisation: Organisation, workers: list[User], organisations: Organisations
) -> list[tuple[tuple[str, list[str]], list[User]]]:
    if organisation in organisations.centres:
        half = len(workers) // 2
        return [(_WATER, workers[:half]), (_ALL_ROUND, workers[half:])]
    return [(_ALL_ROUND, workers)]


def _give_out(organisations: Organisations) -> None:
    """The demo's own centre has a dispatcher who assigns; elsewhere workers take jobs, or get them in turn."""
    DispatchRule.objects.bulk_create(
        [
            DispatchRule(organisation=organisations.centres[1], mode=DispatchMode.POOL),
            DispatchRule(organisation=organisations.companies[0], mode=DispatchMode.IN_TURN, open_jobs_most=12),
        ]
    )


def last_worked_day(today: datetime.date, kept: Calendar) -> datetime.date:
    """The day before today on which teams last went out."""
    day = today - datetime.timedelta(days=1)
    while kept.weekday(day) not in DEFAULT_WEEKDAYS:
        day -= datetime.timedelta(days=1)
    return day


def windows_past(team: Team, day: datetime.date) -> list[WindowPlace]:
    """The windows of a day that is over, as they had been produced; the first place of each, earliest first."""
    first = []
    for wanted in wanted_on(day, default_week(team)[: len(DEFAULT_HOURS)], team.held_back):
        window = Window.objects.create(team=team, starts_at=wanted.starts_at, ends_at=wanted.ends_at)
        free = wanted.places - wanted.held
        places = [WindowPlace(window=window, number=n + 1, held=n >= free) for n in range(wanted.places)]
        first.append(WindowPlace.objects.bulk_create(places)[0])
    return first
