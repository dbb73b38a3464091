"""Handing a ticket over, from both sides: offer it, take it back, pass it outside; and accept it or not."""

from collections.abc import Callable

from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from accounts.roles import Permission
from estates import access
from repairs import actions, handover_page
from repairs.forms.handovers import (
    AcceptForm,
    FindForm,
    HandoversForm,
    OfferForm,
    OutsideForm,
    TurnDownForm,
    WithdrawForm,
)
from repairs.forms.staff import VerbForm
from repairs.keyset import newest_first
from repairs.models import Handover, Ticket
from repairs.queue import Desk
from repairs.views.desk import staff_ticket
from repairs.views.pressing import entitled


# ---------------------------------------------------------------- the side that has it
@require_GET
@never_cache
def desk_hand_over(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose to whom, or what becomes of the offer that stands."""
    ticket = staff_ticket(request, pk)
    if not any(actions.entitled(ticket, verb, request.user) for verb in ("offer", "pass_outside")):
        raise PermissionDenied
    context = handover_page.hand_over_page(ticket, request.user, FindForm(request.GET))
    return render(request, "repairs/desk/hand_over.html", context)


def _press(request: SignedInRequest, form: VerbForm, do: Callable[[], object], said: str, blame: str) -> HttpResponse:
    """Do it and say so; what can't be done is a sentence at the form, and changes nothing."""
    ticket = form.ticket
    valid = form.is_valid()
    if not actions.may(ticket, form.verb, request.user):
        return _moved_on(request, ticket)
    if valid:
        try:
            do()
        except actions.TicketMoved:
            return _moved_on(request, ticket)
        except actions.MoveRefused as refused:
            form.add_error(blame, refused.sentence)
        else:
            flash.success(request, said % {"number": ticket.number})
            return redirect("repairs:desk_ticket", ticket.pk)
    context = handover_page.hand_over_page(ticket, request.user, FindForm(), form)
    return render(request, "repairs/desk/hand_over.html", context, status=422)


def _moved_on(request: SignedInRequest, ticket: Ticket) -> HttpResponse:
    flash.warning(request, _("Someone changed this ticket first. Here is how it stands now; nothing was changed."))
    still = Ticket.objects.visible_to(request.user).filter(pk=ticket.pk).exists()
    return redirect("repairs:desk_ticket", ticket.pk) if still else redirect("repairs:handovers")


@require_POST
def ticket_offer(request: SignedInRequest, pk: int) -> HttpResponse:
    """移交: the other organisation is asked; until they accept it stays here."""
    form = OfferForm(request.POST, ticket=entitled(request, pk, "offer"), user=request.user)

    def do() -> object:
        given = form.cleaned_data
        return actions.offer(form.seen(), by=request.user, to=given["to"], note=given["note"])

    return _press(request, form, do, _("%(number)s is offered. Until they accept, it stays with you."), "to")


@require_POST
def ticket_withdraw_offer(request: SignedInRequest, pk: int) -> HttpResponse:
    """We go on ourselves."""
    form = WithdrawForm(request.POST, ticket=entitled(request, pk, "withdraw_offer"), user=request.user)

    def do() -> object:
        given = form.cleaned_data
        return actions.withdraw_offer(form.ticket, by=request.user, seen=given["seen_offer"], note=given["note"])

    return _press(request, form, do, _("The offer of %(number)s is taken back; they have been told."), "note")


@require_POST
def ticket_pass_outside(request: SignedInRequest, pk: int) -> HttpResponse:
    """They have it under a number of their own: the ticket ends as handed over."""
    form = OutsideForm(request.POST, ticket=entitled(request, pk, "pass_outside"), user=request.user)

    def do() -> object:
        given = form.cleaned_data
        words = {"reference": given["reference"], "note": given["note"]}
        return actions.pass_outside(form.seen(), by=request.user, seen=given["seen_offer"], **words)

    said = _("%(number)s is handed over; the resident has been told whom to call.")
    return _press(request, form, do, said, "reference")


# ---------------------------------------------------------------- both sides
@require_GET
@never_cache
def handovers(request: SignedInRequest) -> HttpResponse:
    """What is offered to this desk and waits for its answer; or what it offered, and what became of it."""
    if not Desk(request.user).organisations:
        raise Http404
    asked = HandoversForm(request.GET)
    rows = (
        Handover.objects.from_desk(request.user) if asked.ours() else Handover.objects.to_desk(request.user).offered()
    )
    page = newest_first(rows.for_page(), "offered_at", asked.cursor())
    context = handover_page.handovers_page(request.user, page, ours=asked.ours())
    return render(request, "repairs/desk/handovers.html", context)


@require_GET
@never_cache
def outside_numbers(request: SignedInRequest) -> HttpResponse:
    """What was handed to somebody outside Anju and waits for an officer to write their number down."""
    if not access.has_role(request.user, Permission.HANDOVER_RECORD):
        raise Http404
    rows = Handover.objects.to_record(request.user).for_page()
    page = newest_first(rows, "offered_at", HandoversForm(request.GET).cursor())
    context = handover_page.numbers_page(request.user, page)
    return render(request, "repairs/desk/outside_numbers.html", context)


@require_GET
@never_cache
def handover(request: SignedInRequest, pk: int) -> HttpResponse:
    """One offer: what the receiver decides by, without name, telephone or flat."""
    found = get_object_or_404(Handover.objects.visible_to(request.user).for_page(), pk=pk)
    return render(request, "repairs/desk/handover.html", handover_page.handover_page(found, request.user))


# ---------------------------------------------------------------- the side that is asked
def _asked(request: SignedInRequest, pk: int) -> Handover:
    found = get_object_or_404(Handover.objects.visible_to(request.user).for_page(), pk=pk)
    if not Handover.objects.to_desk(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    return found


def _answer(
    request: SignedInRequest, offer: Handover, form: VerbForm, do: Callable[[], object], said: str, onward: str
) -> HttpResponse:
    if form.is_valid():
        try:
            do()
        except actions.TicketMoved:
            flash.warning(request, _("Something changed in the meantime. Here is how it stands now."))
            return redirect("repairs:handover", offer.pk)
        flash.success(request, said % {"number": offer.ticket.number})
        return redirect(onward, *([offer.ticket_id] if onward == "repairs:desk_ticket" else []))
    context = handover_page.handover_page(offer, request.user, form)
    return render(request, "repairs/desk/handover.html", context, status=422)


@require_POST
def handover_accept(request: SignedInRequest, pk: int) -> HttpResponse:
    """We take it: the ticket opens with everything in it."""
    offer = _asked(request, pk)
    form = AcceptForm(request.POST, ticket=offer.ticket, user=request.user)

    def do() -> object:
        form.seen()
        return actions.accept(offer, by=request.user, note=form.cleaned_data["note"])

    said = _("%(number)s is yours now, with its promises as they stand.")
    return _answer(request, offer, form, do, said, "repairs:desk_ticket")


@require_POST
def handover_turn_down(request: SignedInRequest, pk: int) -> HttpResponse:
    """We don't take it, and say why."""
    offer = _asked(request, pk)
    form = TurnDownForm(request.POST, ticket=offer.ticket, user=request.user)

    def do() -> object:
        return actions.turn_down(offer, by=request.user, note=form.cleaned_data["note"])

    return _answer(
        request, offer, form, do, _("%(number)s stays with them; they have been told why."), "repairs:handovers"
    )
