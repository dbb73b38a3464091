"""The dispatcher's pages: the queue, and one ticket as the staff reads it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from repairs import actions, desk_page
from repairs.forms.staff import QueueForm
from repairs.models import Ticket
from repairs.promise_facts import with_facts
from repairs.queue import Desk, Listing


def staff_ticket(request: SignedInRequest, pk: int) -> Ticket:
    """The ticket, if this person sees it as staff; the resident's side has a page of its own."""
    ticket = get_object_or_404(with_facts(Ticket.objects.visible_to(request.user).for_page()), pk=pk)
    if not actions.works_on(ticket, request.user):
        raise PermissionDenied
    return ticket


@require_GET
@never_cache
def queue(request: SignedInRequest, listing: str) -> HttpResponse:
    """What waits to be taken up, what is in hand, what is late; a search over everything."""
    desk = Desk(request.user)
    if listing not in Listing.values or not desk.organisations:
        raise Http404
    context = desk_page.queue_page(desk, Listing(listing), QueueForm(request.GET).asked())
    return render(request, "repairs/desk/queue.html", context)


@require_GET
@never_cache
def desk_ticket(request: SignedInRequest, pk: int) -> HttpResponse:
    """One ticket with its story and every button this person may press."""
    ticket = staff_ticket(request, pk)
    return render(request, "repairs/desk/ticket.html", desk_page.ticket_page(ticket, request.user))
