"""What stands on the pages of teams: each organisation's teams, and one team with its week, days off and people."""

from typing import Any, NamedTuple

from django.db.models import Count
from django.forms import Form
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Organisation
from repairs.forms.teams import DayOffForm, DispatchRuleForm, ShiftForm, ShiftsForm, TeamForm
from repairs.models import Booking, DayOff, DispatchRule, Shift, Team, Weekday
from repairs.queue import Desk
from repairs.rail import frame
from repairs.times import stretch


def _rail(user: User) -> dict[str, Any]:
    desk = Desk(user)
    return frame(desk) | {"at_teams": True}


def _joined(parts: list[str]) -> str:
    return pgettext("list", ", ").join(parts)


# ---------------------------------------------------------------- all teams
class TeamRow(NamedTuple):
    """A team in the list."""

    pk: int
    name: str
    trades: str
    members: str
    hours: int
    active: bool
    unhonoured: int


class House(NamedTuple):
    """One organisation: its teams, how it gives out jobs, and the forms of who manages it."""

    organisation: Organisation
    teams: list[TeamRow]
    mode: str
    limit: int | None
    rule_form: DispatchRuleForm | None
    team_form: TeamForm | None
    opened: bool


def teams_page(user: User, bound: Form | None = None, at: Organisation | None = None) -> dict[str, Any]:
    """Every team `user` may see; `bound` is a form about organisation `at` that has to be shown again."""
    seen = Team.objects.visible_to(user).order_by("-active", "name")
    teams = list(seen.prefetch_related("trades", "members"))
    hours = dict(Shift.objects.filter(team__in=teams).order_by().values_list("team").annotate(count=Count("pk")))
    rows: dict[int, list[TeamRow]] = {}
    unhonoured = dict(_unhonoured(teams).order_by().values_list("team").annotate(count=Count("pk")))
    for team in teams:
        rows.setdefault(team.organisation_id, []).append(_row(team, hours.get(team.pk, 0), unhonoured.get(team.pk, 0)))
    organisations = access.organisations_where(user, Permission.TICKET_ASSIGN)
    rules = {rule.organisation_id: rule for rule in DispatchRule.objects.filter(organisation__in=organisations)}
    managed = access.organisations_where(user, Permission.TEAM_MANAGE)
    houses = []
    for each in organisations:
        rule = rules.get(each.pk) or DispatchRule()
        rule.organisation = each
        again = bound if each == at else None
        houses.append(_house(each, rows.get(each.pk, []), rule, each in managed, again))
    return _rail(user) | {"houses": houses}


def _row(team: Team, hours: int, unhonoured: int) -> TeamRow:
    trades = _joined([trade.name for trade in team.trades.all()])
    members = _joined([member.display_name for member in team.members.all()])
    return TeamRow(team.pk, team.name, trades, members, hours, team.active, unhonoured)


def _house(organisation: Organisation, teams: list[TeamRow], rule: DispatchRule, manages: bool, bound: Any) -> House:
    rule_form = team_form = None
    if manages:
        rule_form = bound if isinstance(bound, DispatchRuleForm) else DispatchRuleForm(rule=rule)
        team_form = bound if isinstance(bound, TeamForm) else TeamForm(organisation=organisation)
    opened = isinstance(bound, TeamForm)
    return House(organisation, teams, str(rule.get_mode_display()), rule.open_jobs_most, rule_form, team_form, opened)


# ---------------------------------------------------------------- one team
class Stuck(NamedTuple):
    """An agreed visit the hours don't know any more."""

    ticket: int
    number: str
    when: str
    place: str


class Hour(NamedTuple):
    """One window of the week, with its form for who may change it."""

    shift: Shift
    form: ShiftForm | None
    opened: bool


class Off(NamedTuple):
    """Days off as they are read."""

    pk: int
    who: str
    days: str
    note: str


def _unhonoured(teams: list[Team]) -> Any:
    """Agreed visits to come whose window is no longer offered; they stand until somebody moves them."""
    coming = Booking.objects.live().filter(team__in=teams, starts_at__gt=timezone.now())
    return coming.filter(place__window__offered=False)


def team_page(team: Team, user: User, bound: Form | None = None) -> dict[str, Any]:
    """A team as managers change it and dispatchers read it; `bound` is the form that has to be shown again."""
    manages = team.organisation in access.organisations_where(user, Permission.TEAM_MANAGE)
    stuck = _unhonoured([team]).select_related(
        "ticket__estate", "ticket__building", "ticket__entrance", "ticket__dwelling"
    )
    context = _rail(user) | {
        "team": team,
        "row": _row(team, 0, 0),
        "manages": manages,
        "stuck": [
            Stuck(each.ticket_id, each.ticket.number, stretch(each.starts_at, each.ends_at), each.ticket.place.full)
            for each in stuck.order_by("starts_at")
        ],
        "week": _week(team, manages, bound),
        "days_off": _days_off(team),
    }
    return context | (_forms(team, bound) if manages else {})


def _forms(team: Team, bound: Form | None) -> dict[str, Any]:
    members = list(team.members.all())
    return {
        "team_form": bound if isinstance(bound, TeamForm) else TeamForm(organisation=team.organisation, team=team),
        "team_opened": isinstance(bound, TeamForm),
        "shifts_form": bound if isinstance(bound, ShiftsForm) else ShiftsForm(auto_id="new_%s"),
        "day_off_form": bound if isinstance(bound, DayOffForm) else DayOffForm(members=members),
    }


def _week(team: Team, manages: bool, bound: Form | None) -> list[tuple[str, list[Hour]]]:
    again = bound if isinstance(bound, ShiftForm) else None
    days: dict[int, list[Hour]] = {day.value: [] for day in Weekday}
    for shift in team.shifts.all():
        form = again if again and again.shift == shift else ShiftForm(shift=shift)
        days[shift.weekday].append(Hour(shift, form if manages else None, form is again))
    return [(str(Weekday(day).label), hours) for day, hours in days.items()]


def _days_off(team: Team) -> list[Off]:
    coming = DayOff.objects.filter(team=team, ends_on__gte=timezone.localdate()).select_related("person")
    return [Off(each.pk, each.person.display_name if each.person else "", _days(each), each.note) for each in coming]


def _days(off: DayOff) -> str:
    form = pgettext("date format", "F j")
    days = [date_format(day, form) for day in (off.starts_on, off.ends_on)]
    return days[0] if off.starts_on == off.ends_on else "–".join(days)
