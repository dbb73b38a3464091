"""What a resident does with their ticket: one verb, one address."""

from collections.abc import Callable

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from repairs import actions
from repairs.forms.resident import CancelForm, NotFixedForm, RemarkForm, SeenForm
from repairs.handovers import with_handover
from repairs.models import Photo, Ticket
from repairs.receiving import receive_photos
from repairs.ticket_page import ticket_page


def mine(request: SignedInRequest, pk: int) -> Ticket:
    """A ticket of this resident's, whatever else they may see."""
    return get_object_or_404(with_handover(Ticket.objects.of_resident(request.user).for_page()), pk=pk)


def _seen(ticket: Ticket, form: SeenForm | NotFixedForm) -> Ticket:
    ticket.version = form.cleaned_data["version"]
    return ticket


def moved_on(request: HttpRequest) -> None:
    """Say that the page was out of date."""
    flash.warning(request, _("Something changed in the meantime. Here is how it stands now."))


def _press(request: SignedInRequest, ticket: Ticket, verb: Callable[[], object], thanks: str) -> HttpResponse:
    """Do it, say so, and show the ticket as it stands."""
    try:
        verb()
    except actions.TicketMoved:
        moved_on(request)
    else:
        flash.success(request, thanks)
    return redirect("repairs:ticket", ticket.pk)


@require_POST
def ticket_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """修好了."""
    ticket = mine(request, pk)
    form = SeenForm(request.POST)
    if not form.is_valid():
        moved_on(request)
        return redirect("repairs:ticket", pk)
    thanks = _("Thank you. The repair is closed as confirmed by you.")
    return _press(request, ticket, lambda: actions.confirm(_seen(ticket, form), by=request.user), thanks)


@require_POST
def ticket_not_fixed(request: SignedInRequest, pk: int) -> HttpResponse:
    """没有修好: opens the same ticket again."""
    ticket = mine(request, pk)
    form = NotFixedForm(request.POST, request.FILES)
    pictures = _pictures(request, ticket, form)
    if pictures is None:
        return render(request, "repairs/ticket.html", ticket_page(ticket, request.user, not_fixed=form), status=422)
    thanks = _("It is open again. The organisation on duty sends someone to look at it once more.")
    note = form.cleaned_data["note"]
    return _press(
        request,
        ticket,
        lambda: actions.not_fixed(_seen(ticket, form), by=request.user, note=note, photos=pictures),
        thanks,
    )


@require_POST
def ticket_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """The resident takes the report back."""
    ticket = mine(request, pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return render(request, "repairs/ticket.html", ticket_page(ticket, request.user, cancel=form), status=422)
    thanks = _("Your report is cancelled. Nobody will come.")
    note = form.cleaned_data["note"]
    return _press(request, ticket, lambda: actions.cancel(_seen(ticket, form), by=request.user, note=note), thanks)


@require_POST
def ticket_comment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Words and pictures for the people who repair it."""
    ticket = mine(request, pk)
    form = RemarkForm(request.POST, request.FILES)
    pictures = _pictures(request, ticket, form)
    if pictures is None:
        return render(request, "repairs/ticket.html", ticket_page(ticket, request.user, remark=form), status=422)
    note = form.cleaned_data["note"]
    thanks = _("Added. The people who repair it read it.")
    return _press(request, ticket, lambda: actions.comment(ticket, by=request.user, note=note, photos=pictures), thanks)


def _pictures(request: SignedInRequest, ticket: Ticket, form: RemarkForm) -> list[Photo] | None:
    """The pictures waiting for this remark, or `None` when the form (its errors say why) has to be shown again."""
    valid = form.is_valid()
    sent = form.cleaned_data.get("photos", [])
    _taken, refused = receive_photos(sent, ticket=ticket, by=request.user)
    for sentence in refused:
        form.add_error("photos", sentence)
    if not valid or refused:
        return None
    return list(Photo.objects.waiting(ticket, request.user))
