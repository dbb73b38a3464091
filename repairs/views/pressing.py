"""A press of the staff on one ticket: whose it is, doing it once, and the answer; for people and for the outbox.

The outbox is the part of a worker's phone that keeps what was entered in a dead spot (`static/js/outbox.js`). It asks
with the header `X-Outbox` and is answered in JSON: done or refused, the sentence, and the version the ticket has now.
"""

from collections.abc import Callable

from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.requests import SignedInRequest
from accounts.roles import Permission
from estates import access
from repairs import actions, desk_page, job_page
from repairs.forms.staff import ContactForm, VerbForm
from repairs.models import Ticket, TicketEvent
from repairs.views.desk import staff_ticket


def page(request: SignedInRequest, pk: int, form: VerbForm | ContactForm) -> HttpResponse:
    """The page the form stood on, as the ticket stands now, with what was typed and what is wrong with it."""
    ticket = staff_ticket(request, pk)
    if _on_the_way(ticket, request.user):
        return render(request, "repairs/jobs/job.html", job_page.job_page(ticket, request.user, form), status=422)
    return render(request, "repairs/desk/ticket.html", desk_page.ticket_page(ticket, request.user, form), status=422)


def _on_the_way(ticket: Ticket, user: User) -> bool:
    """Who only sees their own jobs works from the phone page."""
    return Permission.TICKET_VIEW not in access.permissions_in(user, ticket.estate, ticket.organisation)


def to_ticket(ticket: Ticket, user: User) -> str:
    """The page of the ticket on which this person works."""
    return "repairs:job" if _on_the_way(ticket, user) else "repairs:desk_ticket"


def entitled(request: SignedInRequest, pk: int, verb: str) -> Ticket:
    """The ticket, if `verb` is this person's to press, whatever its state."""
    ticket = staff_ticket(request, pk)
    if not actions.entitled(ticket, verb, request.user):
        raise PermissionDenied
    return ticket


def press(
    request: SignedInRequest, form: VerbForm, do: Callable[[], TicketEvent], said: str, blame: str | None = None
) -> HttpResponse:
    """Do it and say so; a ticket that moved on is shown as it stands, a refusal at the form (field `blame`)."""
    ticket = form.ticket
    if was_done(form):
        return _done(request, form, said)
    if not actions.may(ticket, form.verb, request.user):
        return _moved_on(request, form)
    if form.is_valid():
        try:
            do()
        except actions.TicketMoved:
            # The same press twice at once: the other one did it.
            return _done(request, form, said) if was_done(form) else _moved_on(request, form)
        except actions.MoveRefused as refused:
            form.add_error(blame, refused.sentence)
        else:
            return _done(request, form, said)
    return _refused(request, form)


def was_done(form: VerbForm) -> bool:
    """Whether this very press has been done already: its key stands in the timeline."""
    form.is_valid()
    key = form.cleaned_data.get("key")
    return key is not None and actions.was_done(form.ticket, form.verb, by=form.user, key=key)


def _by_outbox(request: SignedInRequest) -> bool:
    return "X-Outbox" in request.headers


def _done(request: SignedInRequest, form: VerbForm, said: str) -> HttpResponse:
    sentence = said % {"number": form.ticket.number}
    onward = form.cleaned_data.get("next") or _still(form.ticket, request.user)
    flash.success(request, sentence)
    if _by_outbox(request):
        version = Ticket.objects.values_list("version", flat=True).get(pk=form.ticket.pk)
        return JsonResponse({"done": True, "sentence": sentence, "next": onward, "version": version})
    return redirect(onward)


def _still(ticket: Ticket, user: User) -> str:
    """The ticket's page, or the list of jobs for whom it is none any more."""
    on = to_ticket(ticket, user)
    lost = on == "repairs:job" and ticket.assignee_id != user.pk
    return reverse("repairs:jobs") if lost else reverse(on, args=[ticket.pk])


def _moved_on(request: SignedInRequest, form: VerbForm) -> HttpResponse:
    sentence = _("Someone changed this ticket first. Here is how it stands now; nothing was changed.")
    if _by_outbox(request):
        return JsonResponse({"done": False, "sentence": _("Someone changed this ticket first; nothing was changed.")})
    flash.warning(request, sentence)
    return redirect(to_ticket(form.ticket, request.user), form.ticket.pk)


def _refused(request: SignedInRequest, form: VerbForm) -> HttpResponse:
    if _by_outbox(request):
        sentences = [str(sentence) for sentences in form.errors.values() for sentence in sentences]
        return JsonResponse({"done": False, "sentence": " ".join(dict.fromkeys(sentences))})
    return page(request, form.ticket.pk, form)
