"""The overview of estates and the tickets behind its figures. Whoever oversees nothing finds nothing here."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from oversight.forms import OverviewForm, TicketsForm
from oversight.overview_page import overview_page
from oversight.tickets_page import tickets_page


@require_GET
@never_cache
def overview(request: SignedInRequest) -> HttpResponse:
    """Which estates suffer, and which organisations keep their word."""
    asked = OverviewForm(request.GET).asked()
    return render(request, "oversight/overview.html", overview_page(request.user, asked))


@require_GET
@never_cache
def tickets(request: SignedInRequest) -> HttpResponse:
    """Exactly the tickets a figure counts."""
    wanted = TicketsForm(request.GET).wanted()
    return render(request, "oversight/tickets.html", tickets_page(request.user, wanted))
