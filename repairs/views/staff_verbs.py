"""What the staff does with a ticket: one verb, one address."""

from collections.abc import Callable

from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.phones import shown_phone
from accounts.requests import SignedInRequest
from accounts.roles import Permission
from estates import access
from repairs import actions, desk_page, job_page
from repairs.forms.staff import (
    AcknowledgeForm,
    ArriveForm,
    AssignForm,
    CommentForm,
    ContactForm,
    DeclineForm,
    FinishForm,
    HandBackForm,
    InternalNoteForm,
    VerbForm,
)
from repairs.models import Photo, Ticket, TicketEvent
from repairs.receiving import receive_photos
from repairs.views.desk import staff_ticket


def _on_the_way(ticket: Ticket, user: User) -> bool:
    """Who only sees their own jobs works from the phone page."""
    return Permission.TICKET_VIEW not in access.permissions_in(user, ticket.estate, ticket.organisation)


def _page(request: SignedInRequest, pk: int, form: VerbForm | ContactForm) -> HttpResponse:
    """The page the form stood on, as the ticket stands now, with what was typed and what is wrong with it."""
    ticket = staff_ticket(request, pk)
    if _on_the_way(ticket, request.user):
        return render(request, "repairs/jobs/job.html", job_page.job_page(ticket, request.user, form), status=422)
    return render(request, "repairs/desk/ticket.html", desk_page.ticket_page(ticket, request.user, form), status=422)


def _to_ticket(ticket: Ticket, user: User) -> str:
    return "repairs:job" if _on_the_way(ticket, user) else "repairs:desk_ticket"


def _entitled(request: SignedInRequest, pk: int, verb: str) -> Ticket:
    ticket = staff_ticket(request, pk)
    if not actions.entitled(ticket, verb, request.user):
        raise PermissionDenied
    return ticket


def _press(
    request: SignedInRequest, form: VerbForm, do: Callable[[], TicketEvent], said: str, blame: str | None = None
) -> HttpResponse:
    """Do it and say so; a ticket that moved on is shown as it stands, a refusal at the form (field `blame`)."""
    ticket, page = form.ticket, _to_ticket(form.ticket, request.user)
    if not actions.may(ticket, form.verb, request.user):
        return _moved_on(request, page, ticket.pk)
    if form.is_valid():
        try:
            do()
        except actions.TicketMoved:
            return _moved_on(request, page, ticket.pk)
        except actions.MoveRefused as refused:
            form.add_error(blame, refused.sentence)
        else:
            flash.success(request, said % {"number": ticket.number})
            return redirect(form.cleaned_data["next"] or _still(ticket, request.user, page))
    return _page(request, ticket.pk, form)


def _still(ticket: Ticket, user: User, page: str) -> str:
    """The ticket's page, or the list of jobs for whom it is none any more."""
    lost = page == "repairs:job" and ticket.assignee_id != user.pk
    return reverse("repairs:jobs") if lost else reverse(page, args=[ticket.pk])


def _moved_on(request: SignedInRequest, page: str, pk: int) -> HttpResponse:
    flash.warning(request, _("Someone changed this ticket first. Here is how it stands now; nothing was changed."))
    return redirect(page, pk)


@require_POST
def ticket_acknowledge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take it up and, if somebody was chosen, give it to them at once."""
    ticket = _entitled(request, pk, "acknowledge")
    form = AcknowledgeForm(request.POST, ticket=ticket, user=request.user)
    return _press(request, form, lambda: _take_up(form), _("%(number)s is taken up."), "worker")


@transaction.atomic
def _take_up(form: AcknowledgeForm) -> TicketEvent:
    given = form.cleaned_data
    event = actions.acknowledge(form.seen(), by=form.user, repair_type=given["repair_type"], urgency=given["urgency"])
    return actions.assign(form.ticket, by=form.user, worker=given["worker"]) if given["worker"] else event


@require_POST
def ticket_assign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give the job to somebody."""
    ticket = _entitled(request, pk, "assign")
    form = AssignForm(request.POST, ticket=ticket, user=request.user)
    said = _("%(number)s has its worker.")
    return _press(
        request,
        form,
        lambda: actions.assign(form.seen(), by=request.user, worker=form.cleaned_data["worker"]),
        said,
        "worker",
    )


@require_POST
def ticket_hand_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """The worker can't do it; the dispatcher, or the clock, finds somebody else. An agreed time stands."""
    ticket = _entitled(request, pk, "hand_back")
    form = HandBackForm(request.POST, ticket=ticket, user=request.user)
    said = _("%(number)s is handed back. Somebody else goes.")
    return _press(
        request,
        form,
        lambda: actions.hand_back(form.seen(), by=request.user, note=form.cleaned_data["note"]),
        said,
        "note",
    )


@require_POST
def ticket_arrive(request: SignedInRequest, pk: int) -> HttpResponse:
    """At the door."""
    ticket = _entitled(request, pk, "arrive")
    form = ArriveForm(request.POST, ticket=ticket, user=request.user)
    said = _("You are on site. The resident has been told.")
    return _press(request, form, lambda: actions.arrive(form.seen(), by=request.user), said)


@require_POST
def ticket_finish(request: SignedInRequest, pk: int) -> HttpResponse:
    """The work is done; only the resident can say that it is fixed."""
    ticket = _entitled(request, pk, "finish")
    form = FinishForm(request.POST, request.FILES, ticket=ticket, user=request.user)
    _keep_photos(form)
    said = _("%(number)s is done. The resident is asked whether it is fixed.")
    return _press(request, form, lambda: _finish(form), said, "photos")


def _keep_photos(form: FinishForm) -> None:
    """Pictures that arrived stay, whatever else is wrong with the form."""
    form.full_clean()
    if actions.may(form.ticket, "finish", form.user):
        sent = form.cleaned_data.get("photos", [])
        _taken, refused = receive_photos(sent, ticket=form.ticket, by=form.user)
        for sentence in refused:
            form.add_error("photos", sentence)


def _finish(form: FinishForm) -> TicketEvent:
    photos = Photo.objects.waiting(form.ticket, form.user)
    return actions.finish(form.seen(), by=form.user, photos=photos, note=form.cleaned_data["note"])


@require_POST
def ticket_decline(request: SignedInRequest, pk: int) -> HttpResponse:
    """Not accepted, for a reason the resident reads."""
    ticket = _entitled(request, pk, "decline")
    form = DeclineForm(request.POST, ticket=ticket, user=request.user)
    said = _("%(number)s is not accepted; the resident has been told why.")
    return _press(
        request, form, lambda: actions.decline(form.seen(), by=request.user, note=form.cleaned_data["note"]), said
    )


@require_POST
def desk_comment(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say something the resident reads."""
    ticket = _entitled(request, pk, "comment")
    form = CommentForm(request.POST, ticket=ticket, user=request.user)
    said = _("Sent to the resident.")
    return _press(
        request, form, lambda: actions.comment(ticket, by=request.user, note=form.cleaned_data["note"]), said, "note"
    )


@require_POST
def ticket_internal_note(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say something only colleagues read."""
    ticket = _entitled(request, pk, "internal_note")
    form = InternalNoteForm(request.POST, ticket=ticket, user=request.user)
    said = _("Your note is kept.")
    return _press(
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
        return _page(request, pk, form)
    actions.reveal_contact(ticket, by=request.user, reason=form.cleaned_data["reason"])
    shown = shown_phone(ticket.contact_phone) if ticket.contact_phone else ""
    context = {"ticket": ticket, "page": _to_ticket(ticket, request.user), "shown_phone": shown}
    return render(request, "repairs/desk/contact.html", context)
