"""What the desk does with the clock of a ticket: pause it, end the pause, renew it."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from repairs import actions
from repairs.forms.pauses import PauseForm, RenewForm, ResumeForm
from repairs.models import TicketEvent
from repairs.views.pressing import entitled, press


@require_POST
def ticket_pause(request: SignedInRequest, pk: int) -> HttpResponse:
    """The clock stands still until a day within a week, for a reason the resident reads."""
    ticket = entitled(request, pk, "pause")
    form = PauseForm(request.POST, ticket=ticket, user=request.user)

    def do() -> TicketEvent:
        given = form.cleaned_data
        words = {"reason": given["reason"], "note": given["note"]}
        return actions.pause(ticket, by=request.user, next_on=given["next_on"], **words)

    return press(request, form, do, _("%(number)s is paused; the resident has been told."), "next_on")


@require_POST
def ticket_resume(request: SignedInRequest, pk: int) -> HttpResponse:
    """Work goes on before the day."""
    ticket = entitled(request, pk, "resume")
    form = ResumeForm(request.POST, ticket=ticket, user=request.user)

    def do() -> TicketEvent:
        given = form.cleaned_data
        return actions.resume(ticket, by=request.user, seen=given["seen_pause"], note=given["note"])

    return press(request, form, do, _("%(number)s goes on; the resident has been told."), "note")


@require_POST
def ticket_renew(request: SignedInRequest, pk: int) -> HttpResponse:
    """A manager puts it off once more."""
    ticket = entitled(request, pk, "renew")
    form = RenewForm(request.POST, ticket=ticket, user=request.user)

    def do() -> TicketEvent:
        given = form.cleaned_data
        words = {"seen": given["seen_pause"], "note": given["note"]}
        return actions.renew(ticket, by=request.user, next_on=given["next_on"], **words)

    return press(request, form, do, _("%(number)s stays paused; the resident has been told."), "next_on")
