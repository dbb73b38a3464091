"""What the staff does with a ticket: one verb, one address."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.phones import shown_phone
from accounts.requests import SignedInRequest
from repairs import actions
from repairs.forms.staff import (
    AcknowledgeForm,
    AssignForm,
    CommentForm,
    ContactForm,
    DeclineForm,
    HandBackForm,
    InternalNoteForm,
)
from repairs.models import TicketEvent
from repairs.views.desk import staff_ticket
from repairs.views.pressing import entitled, page, press, to_ticket


@require_POST
def ticket_acknowledge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take it up and, if somebody was chosen, give it to them at once."""
    ticket = entitled(request, pk, "acknowledge")
    form = AcknowledgeForm(request.POST, ticket=ticket, user=request.user)
    return press(request, form, lambda: _take_up(form), _("%(number)s is taken up."), "worker")


@transaction.atomic
def _take_up(form: AcknowledgeForm) -> TicketEvent:
    given = form.cleaned_data
    said = {name: given[name] for name in ("repair_type", "urgency", "note")}
    event = actions.acknowledge(form.seen(), by=form.user, **said)
    return actions.assign(form.ticket, by=form.user, worker=given["worker"]) if given["worker"] else event


@require_POST
def ticket_assign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give the job to somebody."""
    ticket = entitled(request, pk, "assign")
    form = AssignForm(request.POST, ticket=ticket, user=request.user)
    said = _("%(number)s has its worker.")
    return press(
        request,
        form,
        lambda: actions.assign(form.seen(), by=request.user, worker=form.cleaned_data["worker"]),
        said,
        "worker",
    )


@require_POST
def ticket_hand_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """The worker can't do it; the dispatcher, or the clock, finds somebody else. An agreed time stands."""
    ticket = entitled(request, pk, "hand_back")
    form = HandBackForm(request.POST, ticket=ticket, user=request.user)
    said = _("%(number)s is handed back. Somebody else goes.")
    return press(
        request,
        form,
        lambda: actions.hand_back(form.seen(), by=request.user, note=form.cleaned_data["note"]),
        said,
        "note",
    )


@require_POST
def ticket_decline(request: SignedInRequest, pk: int) -> HttpResponse:
    """Not accepted, for a reason the resident reads."""
    ticket = entitled(request, pk, "decline")
    form = DeclineForm(request.POST, ticket=ticket, user=request.user)
    said = _("%(number)s is not accepted; the resident has been told why.")
    return press(
        request, form, lambda: actions.decline(form.seen(), by=request.user, note=form.cleaned_data["note"]), said
    )


@require_POST
def desk_comment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say something the resident reads."""
    ticket = entitled(request, pk, "comment")
    form = CommentForm(request.POST, ticket=ticket, user=request.user)
    said = _("Sent to the resident.")
    return press(
        request, form, lambda: actions.comment(ticket, by=request.user, note=form.cleaned_data["note"]), said, "note"
    )


@require_POST
def ticket_internal_note(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say something only colleagues read."""
    ticket = entitled(request, pk, "internal_note")
    form = InternalNoteForm(request.POST, ticket=ticket, user=request.user)
    said = _("Your note is kept.")
    return press(
        request, form, lambda: actions.internal_note(ticket, by=request.user, note=form.cleaned_data["note"]), said
    )


@require_POST
@never_cache
def ticket_contact(request: SignedInRequest, pk: int) -> HttpResponse:
    """Name and number in full, for a reason that is kept on record; never cached."""
    ticket = staff_ticket(request, pk)
    if not actions.may_reveal(ticket, request.user):
        raise PermissionDenied
    form = ContactForm(request.POST)
    if not form.is_valid():
        return page(request, pk, form)
    actions.reveal_contact(ticket, by=request.user, reason=form.cleaned_data["reason"])
    shown = shown_phone(ticket.contact_phone) if ticket.contact_phone else ""
    context = {"ticket": ticket, "page": to_ticket(ticket, request.user), "shown_phone": shown}
    return render(request, "repairs/desk/contact.html", context)
