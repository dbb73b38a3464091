"""The pages of teams: seen by who assigns, changed by who manages; one verb, one address."""

from collections.abc import Callable

from django import forms
from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from accounts.roles import Permission
from estates import access
from estates.models import Organisation
from repairs import teams_page
from repairs.actions import hours
from repairs.forms.teams import DayOffForm, DispatchRuleForm, SeenForm, ShiftForm, ShiftsForm, TeamForm
from repairs.models import Booking, DispatchRule, Team

Verb = Callable[[], object]


def _team(request: SignedInRequest, pk: int) -> Team:
    teams = Team.objects.visible_to(request.user).select_related("organisation")
    return get_object_or_404(teams.prefetch_related("trades", "members", "shifts"), pk=pk)


def _managed(request: SignedInRequest, pk: int) -> Team:
    """A team this person may change; seen but not theirs to change is a 403."""
    team = _team(request, pk)
    if team.organisation not in access.organisations_where(request.user, Permission.TEAM_MANAGE):
        raise PermissionDenied
    return team


def _organisation(request: SignedInRequest, pk: int) -> Organisation:
    """An organisation whose teams this person manages."""
    seen = {each.pk: each for each in access.organisations_where(request.user, Permission.TICKET_ASSIGN)}
    if pk not in seen:
        raise Http404
    if seen[pk] not in access.organisations_where(request.user, Permission.TEAM_MANAGE):
        raise PermissionDenied
    return seen[pk]


@require_GET
@never_cache
def teams(request: SignedInRequest) -> HttpResponse:
    """Every team of the organisations in which this person assigns."""
    if not access.organisations_where(request.user, Permission.TICKET_ASSIGN):
        raise Http404
    return render(request, "repairs/teams/teams.html", teams_page.teams_page(request.user))


@require_GET
@never_cache
def team(request: SignedInRequest, pk: int) -> HttpResponse:
    """One team: its week, days off and people."""
    return render(request, "repairs/teams/team.html", teams_page.team_page(_team(request, pk), request.user))


def _press(request: SignedInRequest, pk: int, form: forms.Form, do: Verb, said: str) -> HttpResponse:
    """Do it and say so, with how many agreed visits no longer fit; a refusal stands at the form as filled in."""
    if form.is_valid():
        try:
            _say(request, do(), said)
        except hours.HoursMoved:
            _moved(request)
        except hours.HoursRefused as refused:
            form.add_error(None, refused.sentence)
    if form.errors:
        context = teams_page.team_page(_team(request, pk), request.user, form)
        return render(request, "repairs/teams/team.html", context, status=422)
    return redirect("repairs:team", pk)


def _say(request: SignedInRequest, unhonoured: object, said: str) -> None:
    flash.success(request, said)
    if isinstance(unhonoured, list) and unhonoured:
        sentence = ngettext(
            "%(count)d agreed visit no longer fits. It stands until you move it: see below.",
            "%(count)d agreed visits no longer fit. They stand until you move them: see below.",
            len(unhonoured),
        )
        flash.warning(request, sentence % {"count": len(unhonoured)})


def _moved(request: SignedInRequest) -> None:
    flash.warning(request, _("Somebody changed this first. Here is how it stands now; nothing was changed."))


@require_POST
def team_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """A new team of an organisation."""
    organisation = _organisation(request, pk)
    form = TeamForm(request.POST, organisation=organisation)
    if form.is_valid():
        try:
            made = hours.add_team(organisation, by=request.user, **form.cleaned_data)
        except hours.HoursRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            flash.success(request, _("%(team)s is there. Now give it its hours.") % {"team": made.name})
            return redirect("repairs:team", made.pk)
    context = teams_page.teams_page(request.user, form, organisation)
    return render(request, "repairs/teams/teams.html", context, status=422)


@require_POST
def dispatch_rule_save(request: SignedInRequest, pk: int) -> HttpResponse:
    """How an organisation gives out its jobs."""
    organisation = _organisation(request, pk)
    rule = DispatchRule.objects.filter(organisation=organisation).first() or DispatchRule()
    rule.organisation = organisation
    form = DispatchRuleForm(request.POST, rule=rule)
    if not form.is_valid():
        context = teams_page.teams_page(request.user, form, organisation)
        return render(request, "repairs/teams/teams.html", context, status=422)
    try:
        hours.set_dispatch_rule(organisation, by=request.user, **form.cleaned_data)
        flash.success(request, _("Saved."))
    except hours.HoursMoved:
        _moved(request)
    return redirect("repairs:teams")


@require_POST
def team_save(request: SignedInRequest, pk: int) -> HttpResponse:
    """Its name, trades, people and share held back."""
    row = _managed(request, pk)
    form = TeamForm(request.POST, organisation=row.organisation, team=row)
    return _press(request, pk, form, lambda: hours.change_team(row, by=request.user, **form.cleaned_data), _("Saved."))


@require_POST
def shifts_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """One window on several weekdays."""
    row, form = _managed(request, pk), ShiftsForm(request.POST, auto_id="new_%s")
    return _press(request, pk, form, lambda: hours.add_shifts(row, by=request.user, **form.cleaned_data), _("Saved."))


@require_POST
def shifts_default(request: SignedInRequest, pk: int) -> HttpResponse:
    """The default week, in one press."""
    row = _managed(request, pk)
    said = _("Monday to Saturday, 08–10, 10–12, 14–16 and 16–18: what was missing is there now.")
    _say(request, hours.add_default_week(row, by=request.user), said)
    return redirect("repairs:team", pk)


@require_POST
def shift_save(request: SignedInRequest, pk: int, shift: int) -> HttpResponse:
    """Another time, more or fewer visits."""
    row = _managed(request, pk)
    changed = row.shifts.filter(pk=shift).first()
    if changed is None:
        _moved(request)
        return redirect("repairs:team", pk)
    form = ShiftForm(request.POST, shift=changed)
    return _press(
        request, pk, form, lambda: hours.change_shift(changed, by=request.user, **form.cleaned_data), _("Saved.")
    )


@require_POST
def shift_remove(request: SignedInRequest, pk: int, shift: int) -> HttpResponse:
    """This time is no longer offered."""
    row, form = _managed(request, pk), SeenForm(request.POST)
    gone = row.shifts.filter(pk=shift).first()
    if gone is None or not form.is_valid():
        _moved(request)
        return redirect("repairs:team", pk)
    seen = form.cleaned_data["seen"]
    return _press(
        request, pk, form, lambda: hours.remove_shift(gone, by=request.user, seen=seen), _("The window is gone.")
    )


@require_POST
def day_off_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """The team, or one of its people, doesn't go out."""
    row = _managed(request, pk)
    form = DayOffForm(request.POST, members=row.members.all())
    return _press(request, pk, form, lambda: hours.add_day_off(row, by=request.user, **form.cleaned_data), _("Saved."))


@require_POST
def day_off_remove(request: SignedInRequest, pk: int, day_off: int) -> HttpResponse:
    """They go out after all."""
    row = _managed(request, pk)
    gone = row.days_off.filter(pk=day_off).first()
    unhonoured: list[Booking] = hours.remove_day_off(gone, by=request.user) if gone else []
    _say(request, unhonoured, _("The days off are gone."))
    return redirect("repairs:team", pk)
