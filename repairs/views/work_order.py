"""The work order: one ticket on one page of A4."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from repairs import actions
from repairs.models import ContactViewReason, Ticket
from repairs.views.desk import staff_ticket
from repairs.views.pressing import to_ticket
from repairs.work_orders import sheet


@require_GET
@never_cache
def work_order(request: SignedInRequest, pk: int) -> HttpResponse:
    """To be printed; the contact masked."""
    return _sheet(request, staff_ticket(request, pk), named=False)


@require_POST
@never_cache
def work_order_named(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same with name and number in full, which is written down as a visit; never cached."""
    ticket = staff_ticket(request, pk)
    if not actions.may_reveal(ticket, request.user):
        raise PermissionDenied
    actions.reveal_contact(ticket, by=request.user, reason=ContactViewReason.VISIT)
    return _sheet(request, ticket, named=True)


def _sheet(request: SignedInRequest, ticket: Ticket, *, named: bool) -> HttpResponse:
    address = request.build_absolute_uri(reverse("repairs:ticket", args=[ticket.pk]))
    back = reverse(to_ticket(ticket, request.user), args=[ticket.pk])
    may_name = not named and actions.may_reveal(ticket, request.user)
    context = sheet(ticket, address, named=named) | {"back": back, "may_name": may_name}
    return render(request, "repairs/work_order.html", context)
