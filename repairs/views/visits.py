"""The visit from the resident's side: choosing a time, moving it, giving it up, and the doors of other flats."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from repairs import actions, visit_page
from repairs.forms.visits import BookForm, CancelVisitForm, DaysForm, MoveForm, RefuseForm, TimeForm, WishForm
from repairs.models import Booking, BookingConsent, BookingState, Ticket
from repairs.slots import Slot
from repairs.views.resident_verbs import mine, moved_on
from repairs.visit_calendar import calendar_of
from repairs.workflow import BEFORE_VISIT


def _to_visit(request: SignedInRequest, pk: int) -> Ticket:
    """The ticket, if its resident chooses the time; one that somebody is at already is not for choosing any more."""
    ticket = mine(request, pk)
    if ticket.state in BEFORE_VISIT and not visit_page.is_offered(ticket):
        raise Http404
    return ticket


def _standing(ticket: Ticket) -> Booking | None:
    return visit_page.live(visit_page.last_booking(ticket))


def _show(request: HttpRequest, ticket: Ticket, status: int = 200, **parts: Any) -> HttpResponse:
    context = visit_page.visit_page(ticket, _standing(ticket), **parts)
    return render(request, "repairs/ticket_visit.html", context, status=status)


@require_GET
@never_cache
def ticket_visit(request: SignedInRequest, pk: int) -> HttpResponse:
    """The times that can be had; or another one than the one agreed."""
    ticket = _to_visit(request, pk)
    booking = _standing(ticket)
    if ticket.state not in BEFORE_VISIT or (booking is not None and booking.is_over):
        return redirect("repairs:ticket", pk)
    return _show(request, ticket, asked=DaysForm(request.GET))


def _agree(
    request: SignedInRequest, ticket: Ticket, form: TimeForm, verb: Callable[[], object], thanks: str
) -> HttpResponse:
    """Take the time; when it is gone, the next ones stand on the same page with everything else kept."""
    instead: list[Slot] = []
    if form.is_valid():
        try:
            verb()
        except actions.TicketMoved:
            moved_on(request)
            return redirect("repairs:ticket", ticket.pk)
        except actions.MoveRefused as refused:
            form.add_error("starts_at", refused.sentence)
            instead = refused.slots if isinstance(refused, actions.WindowTaken) else []
        else:
            flash.success(request, thanks)
            return redirect("repairs:ticket", ticket.pk)
    return _show(request, ticket, status=422, form=form, instead=instead)


@require_POST
def visit_book(request: SignedInRequest, pk: int) -> HttpResponse:
    """Agree on a time; with other flats it stands when all have agreed."""
    ticket = _to_visit(request, pk)
    form = BookForm(request.POST, ticket=ticket)

    def book() -> object:
        said = form.cleaned_data
        return actions.book(ticket, by=request.user, starts_at=said["starts_at"], households=said.get("households", ()))

    asked = bool(form.is_valid() and form.cleaned_data.get("households"))
    thanks = _("Kept for you. We ask the other flats now.") if asked else _("The visit is agreed. Please be at home.")
    return _agree(request, ticket, form, book, thanks)


@require_POST
def visit_move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Another time instead of the agreed one."""
    ticket = _to_visit(request, pk)
    form = MoveForm(request.POST, ticket=ticket)

    def rebook() -> object:
        said = form.cleaned_data
        return actions.rebook(ticket, by=request.user, seen=said["seen"], starts_at=said["starts_at"])

    return _agree(request, ticket, form, rebook, _("The visit is moved. Please be at home."))


def _press(request: SignedInRequest, ticket: Ticket, verb: Callable[[], object], thanks: str) -> HttpResponse:
    try:
        verb()
    except actions.TicketMoved:
        moved_on(request)
    except actions.MoveRefused as refused:
        flash.warning(request, refused.sentence)
    else:
        flash.success(request, thanks)
    return redirect("repairs:ticket", ticket.pk)


@require_POST
def visit_cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give the agreed time up; the report stands."""
    ticket = _to_visit(request, pk)
    form = CancelVisitForm(request.POST)
    if not form.is_valid():
        if "seen" not in form.errors:
            return _show(request, ticket, status=422, cancel=form)
        moved_on(request)
        return redirect("repairs:ticket", pk)
    said = form.cleaned_data
    thanks = _("The visit is cancelled, your report stands. You can choose another time.")
    return _press(
        request,
        ticket,
        lambda: actions.unbook(ticket, by=request.user, seen=said["seen"], note=said["note"]),
        thanks,
    )


@require_POST
def visit_wish(request: SignedInRequest, pk: int) -> HttpResponse:
    """As soon as possible, or ring me first."""
    ticket = _to_visit(request, pk)
    form = WishForm(request.POST)
    if not form.is_valid():
        flash.warning(request, _("Please choose one of the two wishes."))
        return redirect("repairs:ticket_visit", pk)
    wish = form.cleaned_data["visit_wish"]
    thanks = _("Noted. The organisation on duty reads it.")
    return _press(request, ticket, lambda: actions.wish(ticket, by=request.user, visit_wish=wish), thanks)


@require_POST
def visit_nobody_came(request: SignedInRequest, pk: int) -> HttpResponse:
    """师傅没来: the next times stand on the ticket's page at once."""
    ticket = mine(request, pk)
    thanks = _("We are sorry. The organisation on duty sees it now.")
    return _press(request, ticket, lambda: actions.nobody_came(ticket, by=request.user), thanks)


@require_GET
@never_cache
def visit_calendar(request: SignedInRequest, pk: int) -> HttpResponse:
    """The agreed visit for the calendar of one's phone."""
    ticket = mine(request, pk)
    booking = _standing(ticket)
    if booking is None or booking.state != BookingState.BOOKED:
        raise Http404
    answer = HttpResponse(calendar_of(booking, ticket), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{ticket.number}.ics"'
    return answer


# ---------------------------------------------------------------- the doors of other flats
def _my_door(request: SignedInRequest, pk: int) -> BookingConsent:
    return get_object_or_404(BookingConsent.objects.visible_to(request.user).for_page(), pk=pk)


@require_GET
@never_cache
def visit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Someone's own door has to be opened for a repair at a neighbour's: what, when, and the two answers."""
    context = {"door": visit_page.doors([_my_door(request, pk)])[0], "form": RefuseForm()}
    return render(request, "repairs/visit.html", context)


def _answer(request: SignedInRequest, pk: int, verb: Callable[[], object], thanks: str) -> HttpResponse:
    try:
        verb()
    except actions.TicketMoved:
        moved_on(request)
    except actions.MoveRefused as refused:
        flash.warning(request, refused.sentence)
    else:
        flash.success(request, thanks)
    return redirect("repairs:visit", pk)


@require_POST
def visit_agree(request: SignedInRequest, pk: int) -> HttpResponse:
    """可以，我开门."""
    consent = _my_door(request, pk)
    thanks = _("Thank you. We remind you the evening before.")
    return _answer(request, pk, lambda: actions.agree(consent, by=request.user), thanks)


@require_POST
def visit_refuse(request: SignedInRequest, pk: int) -> HttpResponse:
    """那个时间不方便: another time is looked for."""
    consent = _my_door(request, pk)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        context = {"door": visit_page.doors([consent])[0], "form": form}
        return render(request, "repairs/visit.html", context, status=422)
    note = form.cleaned_data["note"]
    thanks = _("Thank you for telling us. Another time is looked for.")
    return _answer(request, pk, lambda: actions.refuse(consent, by=request.user, note=note), thanks)
