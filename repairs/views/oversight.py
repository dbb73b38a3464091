"""Answering what came up the ladder, ordering, and answering orders; the lists of the desk."""

from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from accounts.roles import Permission
from estates import access
from repairs import actions, owed_page
from repairs.forms.oversight import ClimbAnswerForm, OrderAnswerForm, OrderForm, ShownForm
from repairs.models import Escalation, Supervision, TicketEvent
from repairs.queue import Desk
from repairs.rail import frame
from repairs.views.pressing import entitled, press


@require_GET
@never_cache
def escalations(request: SignedInRequest) -> HttpResponse:
    """What came up to the organisations for which this person answers."""
    if not access.has_role(request.user, Permission.ESCALATION_ANSWER):
        raise Http404
    asked = ShownForm(request.GET).asked(owed_page.CLIMBS_SHOWN)
    context = owed_page.climbs_page(request.user, reverse("repairs:escalations"), asked)
    return render(request, "repairs/desk/escalations.html", frame(Desk(request.user), on="escalations") | context)


def _step(request: SignedInRequest, pk: int) -> Escalation:
    step = get_object_or_404(Escalation.objects.visible_to(request.user).for_list(), pk=pk)
    if not actions.may_answer(step, request.user):
        raise PermissionDenied
    return step


@require_GET
@never_cache
def escalation(request: SignedInRequest, pk: int) -> HttpResponse:
    """One step of the ladder with its form."""
    return _show_step(request, _step(request, pk))


@require_POST
def escalation_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Taken note, ordered, or handed to somebody."""
    step = _step(request, pk)
    form = ClimbAnswerForm(request.POST, row=step, user=request.user)
    if not form.is_valid():
        return _show_step(request, step, form)
    given = form.cleaned_data
    said = {"answer": given["answer"], "note": given["note"]}
    try:
        actions.answer_climb(step, by=request.user, answer_on=given.get("answer_on"), **said)
    except actions.TicketMoved:
        flash.warning(request, _("Somebody answered this first, or ordered it already; nothing was changed."))
    except actions.MoveRefused as refused:
        form.add_error("answer_on" if "answer_on" in form.fields else None, refused.sentence)
        return _show_step(request, step, form)
    else:
        flash.success(request, _("%(number)s: your answer stands in its story.") % {"number": step.ticket.number})
    return redirect(owed_page.lead_back(form, "repairs:escalations"))


def _show_step(request: SignedInRequest, step: Escalation, form: ClimbAnswerForm | None = None) -> HttpResponse:
    row = owed_page.climb_page(step, request.user, form)
    context = frame(Desk(request.user), on="escalations") | {"row": row}
    return render(request, "repairs/desk/escalation.html", context, status=422 if form else 200)


# ---------------------------------------------------------------- orders
@require_POST
def ticket_order(request: SignedInRequest, pk: int) -> HttpResponse:
    """Order the organisation on duty to answer by a day."""
    ticket = entitled(request, pk, "order")
    form = OrderForm(request.POST, ticket=ticket, user=request.user)

    def do() -> TicketEvent:
        given = form.cleaned_data
        return actions.order(ticket, by=request.user, note=given["note"], answer_on=given["answer_on"])

    return press(request, form, do, _("%(number)s: the order is given; the organisation has been told."), "answer_on")


@require_GET
@never_cache
def orders(request: SignedInRequest) -> HttpResponse:
    """The orders that the organisations have to answer for which this person answers."""
    if not access.has_role(request.user, Permission.SUPERVISION_ANSWER):
        raise Http404
    asked = ShownForm(request.GET).asked(owed_page.ORDERS_SHOWN)
    owed = Supervision.objects.visible_to(request.user).owed_by(request.user)
    context = owed_page.orders_page(request.user, reverse("repairs:orders"), asked, owed, giving=False)
    return render(request, "repairs/desk/orders.html", frame(Desk(request.user), on="orders") | context)


def _order(request: SignedInRequest, pk: int) -> Supervision:
    order = get_object_or_404(Supervision.objects.visible_to(request.user).for_list(), pk=pk)
    if not actions.may_answer_order(order, request.user):
        raise PermissionDenied
    return order


@require_GET
@never_cache
def order(request: SignedInRequest, pk: int) -> HttpResponse:
    """One order with the form of its answer."""
    return _show_order(request, _order(request, pk))


@require_POST
def order_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """The organisation says what it did or will do."""
    wanted = _order(request, pk)
    form = OrderAnswerForm(request.POST)
    if not form.is_valid():
        return _show_order(request, wanted, form)
    try:
        actions.answer_order(wanted, by=request.user, note=form.cleaned_data["note"])
    except actions.TicketMoved:
        flash.warning(request, _("Somebody answered this first; nothing was changed."))
    else:
        flash.success(request, _("%(number)s: your answer stands in its story.") % {"number": wanted.ticket.number})
    return redirect(owed_page.lead_back(form, "repairs:orders"))


def _show_order(request: SignedInRequest, wanted: Supervision, form: OrderAnswerForm | None = None) -> HttpResponse:
    row = owed_page.order_page(wanted, request.user, form)
    context = frame(Desk(request.user), on="orders") | {"row": row}
    return render(request, "repairs/desk/order.html", context, status=422 if form else 200)
