"""The verbs of a team: who belongs to it, when it goes out, and how its organisation gives out jobs.

Each locks the team's row, changes it, and brings the windows in line in the same transaction; it returns the agreed
visits that no longer fit, so that somebody moves them.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, time

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Organisation
from repairs.models import Booking, Category, DayOff, DispatchRule, Shift, Team, Weekday
from repairs.slots import broke
from repairs.times import window
from repairs.windows import default_week, lock_team, produce


class HoursRefused(Exception):
    """Not like this; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class HoursMoved(Exception):
    """Somebody else changed this first: the form was filled in on an older sight of it."""


def _require(by: User, organisation: Organisation) -> None:
    if organisation not in access.organisations_where(by, Permission.TEAM_MANAGE):
        raise PermissionDenied


def _locked(pk: int, by: User) -> Team:
    team = lock_team(pk)
    _require(by, team.organisation)
    return team


@contextmanager
def _told_by(model: type[models.Model]) -> Iterator[None]:
    """What the database refuses, in the sentence of the constraint that refused."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as refused:
        for constraint in model._meta.constraints:
            if broke(refused, constraint.name):
                raise HoursRefused(str(constraint.violation_error_message)) from refused
        raise


# ---------------------------------------------------------------- the team
@transaction.atomic
def add_team(
    organisation: Organisation,
    *,
    by: User,
    name: str,
    trades: Iterable[Category],
    members: Iterable[User],
    held_back: int,
) -> Team:
    """A new team, without hours yet."""
    _require(by, organisation)
    team = Team(organisation=organisation, name=name, held_back=held_back)
    with _told_by(Team):
        team.save(force_insert=True)
    team.trades.set(trades)
    team.members.set(_working_there(organisation, members))
    return team


@transaction.atomic
def change_team(
    team: Team,
    *,
    by: User,
    seen: str,
    name: str,
    trades: Iterable[Category],
    members: Iterable[User],
    held_back: int,
    active: bool,
) -> list[Booking]:
    """Its name, trades, people and share held back; a team given up offers nothing any more."""
    row = _locked(team.pk, by)
    if row.mark() != seen:
        raise HoursMoved
    row.name, row.held_back, row.active = name, held_back, active
    with _told_by(Team):
        row.save(update_fields=["name", "held_back", "active"])
    row.trades.set(trades)
    row.members.set(_working_there(row.organisation, members))
    return produce(row)


def _working_there(organisation: Organisation, people: Iterable[User]) -> list[User]:
    here = {appointment.person_id for appointment in access.appointed(organisation, Permission.TICKET_WORK)}
    chosen = list(people)
    for person in chosen:
        if person.pk not in here:
            raise HoursRefused(_("%(name)s doesn't work here and can't join the team.") % {"name": person.display_name})
    return chosen


# ---------------------------------------------------------------- its week
@transaction.atomic
def add_shifts(
    team: Team, *, by: User, weekdays: Iterable[int], starts: time, ends: time, capacity: int
) -> list[Booking]:
    """The same window on several weekdays: all of them or none."""
    row = _locked(team.pk, by)
    for weekday in weekdays:
        try:
            with _told_by(Shift):
                Shift.objects.create(team=row, weekday=weekday, starts=starts, ends=ends, capacity=capacity)
        except HoursRefused as refused:
            said = {"weekday": Weekday(weekday).label, "reason": refused.sentence}
            raise HoursRefused(_("%(weekday)s: %(reason)s") % said) from refused
    return produce(row)


@transaction.atomic
def add_default_week(team: Team, *, by: User) -> list[Booking]:
    """The default hours, wherever the team has nothing at that time yet."""
    row = _locked(team.pk, by)
    there = list(row.shifts.all())
    Shift.objects.bulk_create(
        new
        for new in default_week(row)
        if not any(old.weekday == new.weekday and old.starts < new.ends and new.starts < old.ends for old in there)
    )
    return produce(row)


def _seen(shift: Shift, seen: str) -> Shift:
    row = Shift.objects.filter(pk=shift.pk).first()
    if row is None or row.mark() != seen:
        raise HoursMoved
    return row


@transaction.atomic
def change_shift(shift: Shift, *, by: User, seen: str, starts: time, ends: time, capacity: int) -> list[Booking]:
    """Another time or more or fewer visits; fewer than are booked already is refused."""
    team = _locked(shift.team_id, by)
    row = _seen(shift, seen)
    row.starts, row.ends, row.capacity = starts, ends, capacity
    with _told_by(Shift):
        row.save(update_fields=["starts", "ends", "capacity"])
    unhonoured = produce(team)
    # Those windows are still offered: it is their room that doesn't reach.
    crowded = [each for each in unhonoured if each.place and each.place.window.offered]
    crowded = [each for each in crowded if timezone.localtime(each.starts_at).time() == starts]
    if crowded:
        raise HoursRefused(_too_small(crowded[0]))
    return unhonoured


def _too_small(booking: Booking) -> str:
    booked = Booking.objects.live().filter(place__window__places=booking.place_id).count()
    return _("%(when)s already has %(count)d visits booked. Move one of them first, or keep room for all.") % {
        "when": window(booking.starts_at, booking.ends_at),
        "count": booked,
    }


@transaction.atomic
def remove_shift(shift: Shift, *, by: User, seen: str) -> list[Booking]:
    """This time is no longer offered."""
    team = _locked(shift.team_id, by)
    _seen(shift, seen).delete()
    return produce(team)


# ---------------------------------------------------------------- days off
@transaction.atomic
def add_day_off(
    team: Team, *, by: User, person: User | None, starts_on: date, ends_on: date, note: str = ""
) -> list[Booking]:
    """The whole team, or one of its people, doesn't go out from – to."""
    row = _locked(team.pk, by)
    if person is not None and not row.members.filter(pk=person.pk).exists():
        raise HoursRefused(_("%(name)s is not in this team.") % {"name": person.display_name})
    with _told_by(DayOff):
        DayOff.objects.create(team=row, person=person, starts_on=starts_on, ends_on=ends_on, note=note)
    return produce(row)


@transaction.atomic
def remove_day_off(day_off: DayOff, *, by: User) -> list[Booking]:
    """They go out after all."""
    team = _locked(day_off.team_id, by)
    if not DayOff.objects.filter(pk=day_off.pk).delete()[0]:
        raise HoursMoved
    return produce(team)


# ---------------------------------------------------------------- how jobs are given out
@transaction.atomic
def set_dispatch_rule(
    organisation: Organisation, *, by: User, seen: str, mode: str, open_jobs_most: int | None
) -> DispatchRule:
    """How this organisation finds a worker for a job, and how many one may have open."""
    _require(by, organisation)
    DispatchRule.objects.get_or_create(organisation=organisation)
    rule = DispatchRule.objects.select_for_update().get(organisation=organisation)
    if rule.mark() != seen:
        raise HoursMoved
    rule.mode, rule.open_jobs_most = mode, open_jobs_most
    with _told_by(DispatchRule):
        rule.save(update_fields=["mode", "open_jobs_most"])
    return rule
