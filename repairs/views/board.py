"""The week board, and the desk's verbs of a visit: agree, move, give up, a household's answer on the telephone."""

from collections.abc import Callable

from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from repairs import actions, desk_page
from repairs.board import board_page
from repairs.desk_visit import visit_page
from repairs.forms.desk_visits import (
    DeskAnswerForm,
    DeskBookForm,
    DeskForm,
    DeskRebookForm,
    DeskUnbookForm,
    NextForm,
    WeekForm,
)
from repairs.models import Ticket
from repairs.queue import Desk
from repairs.rail import frame
from repairs.views.desk import staff_ticket


@require_GET
@never_cache
def board(request: SignedInRequest) -> HttpResponse:
    """Teams and days, windows and what is booked in them, and what is not planned yet."""
    desk = Desk(request.user)
    if not desk.organisations:
        raise Http404
    rail = frame(desk, on_board=True)
    return render(request, "repairs/desk/board.html", rail | board_page(desk, WeekForm(request.GET).monday()))


@require_GET
@never_cache
def desk_visit(request: SignedInRequest, pk: int) -> HttpResponse:
    """One ticket's visit: choose a time, ask other households, move it, give it up."""
    ticket = _planned(request, pk)
    return _show(request, ticket, NextForm(request.GET).address())


def _planned(request: SignedInRequest, pk: int) -> Ticket:
    ticket = staff_ticket(request, pk)
    if not actions.plans_visits(ticket, request.user):
        raise PermissionDenied
    return ticket


def _show(request: SignedInRequest, ticket: Ticket, next_url: str, form: DeskForm | None = None) -> HttpResponse:
    desk = Desk(request.user)
    rail = frame(desk)
    page = visit_page(ticket, request.user, next_url, **({form.verb: form} if form else {}))
    return render(request, "repairs/desk/visit_page.html", rail | page, status=422 if form else 200)


def _press(request: SignedInRequest, form: DeskForm, do: Callable[[], object], said: str, blame: str) -> HttpResponse:
    """Do it and say so; what can't be had is a sentence, on the board or at the form, and changes nothing."""
    ticket = form.ticket
    valid = form.is_valid()
    home = form.cleaned_data.get("next") or desk_page.ticket_address(ticket)
    if not actions.may(ticket, form.verb, request.user):
        return _moved_on(request, home)
    if valid:
        try:
            do()
        except actions.TicketMoved:
            return _moved_on(request, home)
        except actions.MoveRefused as refused:
            form.add_error(blame, refused.sentence)
        else:
            flash.success(request, said % {"number": ticket.number})
            return redirect(home)
    if form.to_board:
        for sentence in (each for errors in form.errors.values() for each in errors):
            flash.error(request, f"{ticket.number} {sentence}")
        return redirect(home)
    return _show(request, staff_ticket(request, ticket.pk), form.cleaned_data.get("next") or "", form)


def _moved_on(request: SignedInRequest, home: str) -> HttpResponse:
    flash.warning(request, _("Someone changed this ticket first. Here is how it stands now; nothing was changed."))
    return redirect(home)


@require_POST
def desk_book(request: SignedInRequest, pk: int) -> HttpResponse:
    """Agree a time; with other households it stands when all have agreed."""
    form = DeskBookForm(request.POST, ticket=_planned(request, pk), user=request.user)

    def do() -> object:
        given = form.cleaned_data
        window = given["window"]
        doors = given["households"]
        when = {"starts_at": window.starts_at, "team": window.team}
        return actions.book(form.ticket, by=request.user, households=doors, **when)

    return _press(request, form, do, _("%(number)s has its time."), "window")


@require_POST
def desk_rebook(request: SignedInRequest, pk: int) -> HttpResponse:
    """Another time; households that agreed are asked again."""
    form = DeskRebookForm(request.POST, ticket=_planned(request, pk), user=request.user)

    def do() -> object:
        window, seen = form.cleaned_data["window"], form.cleaned_data["seen"]
        when = {"starts_at": window.starts_at, "team": window.team}
        return actions.rebook(form.ticket, by=request.user, seen=seen, **when)

    return _press(request, form, do, _("%(number)s has moved."), "window")


@require_POST
def desk_unbook(request: SignedInRequest, pk: int) -> HttpResponse:
    """The agreed time is off; the report stands."""
    form = DeskUnbookForm(request.POST, ticket=_planned(request, pk), user=request.user)

    def do() -> object:
        given = form.cleaned_data
        return actions.unbook(form.ticket, by=request.user, seen=given["seen"], note=given["note"])

    return _press(request, form, do, _("The visit of %(number)s is off; everybody has been told."), "note")


@require_POST
def desk_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """A household answered on the telephone."""
    form = DeskAnswerForm(request.POST, ticket=_planned(request, pk), user=request.user)

    def do() -> object:
        said = form.said()
        return (actions.agree if said.agrees else actions.refuse)(said.consent, by=request.user)

    return _press(request, form, do, _("The answer of the household is written down."), "answer")
