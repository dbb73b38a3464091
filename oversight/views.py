"""The overview of estates and the tickets behind its figures. Whoever oversees nothing finds nothing here."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.requests import SignedInRequest
from accounts.roles import Permission
from estates import access
from oversight.figures import counts_of
from oversight.forms import OverviewForm, TicketsForm
from oversight.frame import frame
from oversight.listings import Window
from oversight.overview_page import overview_page
from oversight.scope import Scope
from oversight.tickets_page import tickets_page
from repairs import owed_page
from repairs.forms.oversight import ShownForm
from repairs.models import Supervision


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


@require_GET
@never_cache
def escalations(request: SignedInRequest) -> HttpResponse:
    """What came up to this person's offices, to be answered."""
    if not access.has_role(request.user, Permission.ESCALATION_ANSWER):
        raise Http404
    asked = ShownForm(request.GET).asked(owed_page.CLIMBS_SHOWN)
    context = owed_page.climbs_page(request.user, reverse("oversight:escalations"), asked)
    return render(request, "oversight/escalations.html", _frame(request.user, "escalations") | context)


@require_GET
@never_cache
def orders(request: SignedInRequest) -> HttpResponse:
    """The orders this person's offices gave: waiting, late, answered."""
    if not access.has_role(request.user, Permission.SUPERVISE):
        raise Http404
    asked = ShownForm(request.GET).asked(owed_page.ORDERS_SHOWN)
    given = Supervision.objects.visible_to(request.user).given_by(request.user)
    context = owed_page.orders_page(request.user, reverse("oversight:orders"), asked, given, giving=True)
    return render(request, "oversight/orders.html", _frame(request.user, "orders") | context)


def _frame(user: User, on: str) -> dict[str, object]:
    scope = Scope(user)
    return frame(scope, counts_of(scope.tickets(), Window(timezone.now(), 1)), None, on=on)
