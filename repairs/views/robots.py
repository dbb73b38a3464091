"""The robots of an organisation's team chats: written by who manages there."""

from typing import Any

from django.contrib import messages as flash
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from accounts.roles import Permission
from estates import access
from estates.models import Organisation
from repairs import actions
from repairs.actions import reaching
from repairs.carriers.robot import robots_are_on
from repairs.forms.robots import TeamRobotForm
from repairs.models import TeamRobot
from repairs.queue import Desk
from repairs.rail import frame


def _managed(request: SignedInRequest) -> list[Organisation]:
    """Where this person manages; there is no such page for anybody else."""
    managed = access.organisations_where(request.user, Permission.TEAM_MANAGE)
    if not managed:
        raise Http404
    return managed


def _robot(request: SignedInRequest, pk: int) -> TeamRobot:
    return get_object_or_404(TeamRobot.objects.visible_to(request.user).select_related("organisation"), pk=pk)


def _render(request: SignedInRequest, page: str, status: int = 200, **context: Any) -> HttpResponse:
    desk = Desk(request.user)
    rail = frame(desk) | {"at_robots": True}
    return render(request, f"repairs/robots/{page}.html", rail | context, status=status)


@require_GET
@never_cache
def robots(request: SignedInRequest) -> HttpResponse:
    """Those of every organisation this person manages."""
    managed = _managed(request)
    seen = list(TeamRobot.objects.visible_to(request.user))
    houses = [(each, [robot for robot in seen if robot.organisation_id == each.pk]) for each in managed]
    return _render(request, "robots", houses=houses, can_speak=robots_are_on())


@require_GET
@never_cache
def robot_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """An empty form."""
    return _render(request, "robot", organisation=_organisation(request, pk), form=TeamRobotForm())


def _organisation(request: SignedInRequest, pk: int) -> Organisation:
    for each in _managed(request):
        if each.pk == pk:
            return each
    raise Http404


@require_POST
def robot_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """One more robot."""
    return _save(request, _organisation(request, pk), None)


@require_GET
@never_cache
def robot(request: SignedInRequest, pk: int) -> HttpResponse:
    """One to change; its address is not shown."""
    found = _robot(request, pk)
    return _render(request, "robot", organisation=found.organisation, robot=found, form=TeamRobotForm(robot=found))


@require_POST
def robot_save(request: SignedInRequest, pk: int) -> HttpResponse:
    """Another name, another address, or out of use."""
    found = _robot(request, pk)
    return _save(request, found.organisation, found)


def _save(request: SignedInRequest, organisation: Organisation, found: TeamRobot | None) -> HttpResponse:
    form = TeamRobotForm(request.POST, robot=found)
    if form.is_valid():
        try:
            reaching.save_robot(organisation, found, by=request.user, **form.cleaned_data)
        except actions.MoveRefused as refused:
            form.add_error("name", refused.sentence)
    if form.errors:
        return _render(request, "robot", 422, organisation=organisation, robot=found, form=form)
    flash.success(request, _("Saved."))
    return redirect("repairs:robots")


@require_POST
def robot_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """It says nothing any more."""
    reaching.remove_robot(_robot(request, pk), by=request.user)
    flash.success(request, _("The robot is removed and its address forgotten."))
    return redirect("repairs:robots")


@require_POST
def robot_try(request: SignedInRequest, pk: int) -> HttpResponse:
    """A test sentence into the chat."""
    reaching.try_robot(_robot(request, pk), by=request.user)
    flash.success(request, _("A test message is on its way. Look into the chat; this page shows whether it was taken."))
    return redirect("repairs:robots")
