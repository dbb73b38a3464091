"""The resident's pages: home, my repairs, one ticket, messages, help and the safety cards."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from repairs import actions, homepage
from repairs.drafts import drafts_of_request
from repairs.handovers import with_handover
from repairs.keyset import newest_first
from repairs.message_rows import message_rows
from repairs.models import Booking, Message, Photo, SafetyCard, Ticket
from repairs.photos import EDGES, open_photo
from repairs.promise_facts import with_facts
from repairs.ticket_page import ticket_page
from repairs.timeline import listed


@login_not_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Everybody's first page; the staff is sent to their desk."""
    desk = homepage.desk_of(request.user) if request.user.is_authenticated else None
    if desk:
        return redirect(desk)
    return render(request, "repairs/home.html", homepage.contents(request.user))


@require_GET
def my_repairs(request: SignedInRequest) -> HttpResponse:
    """Everything one resident reported, newest first."""
    page = newest_first(Ticket.objects.of_resident(request.user).for_list(), "filed_at", request.GET.get("before", ""))
    return render(
        request,
        "repairs/my_repairs.html",
        {"tickets": listed(page.rows, Booking.objects.standing(page.rows)), "page": page},
    )


@require_GET
def ticket(request: SignedInRequest, pk: int) -> HttpResponse:
    """The resident's view of one ticket; the staff is led to theirs."""
    # Like a row: who heads the place matters only to the staff, whose page is another.
    found = get_object_or_404(with_facts(with_handover(Ticket.objects.visible_to(request.user).for_list())), pk=pk)
    if not found.is_party(request.user):
        return redirect("repairs:job" if found.assignee_id == request.user.pk else "repairs:desk_ticket", pk)
    return render(request, "repairs/ticket.html", ticket_page(found, request.user))


@require_GET
def messages(request: SignedInRequest) -> HttpResponse:
    """What we told this person; reading the list is what marks it read."""
    own = Message.objects.visible_to(request.user).select_related("ticket")
    page = newest_first(own, "created_at", request.GET.get("before", ""))
    actions.read_messages(request.user)
    request.user.unread_messages = 0  # type: ignore[attr-defined]
    rows = message_rows(page.rows, request.user)
    return render(request, "repairs/messages.html", {"page": page, "rows": rows})


@login_not_required
@require_GET
def help(request: HttpRequest) -> HttpResponse:
    """How it works and whom to call."""
    return render(request, "repairs/help.html", {"duty": homepage.duty_of(request.user)})


@login_not_required
@require_GET
def safety(request: HttpRequest) -> HttpResponse:
    """All safety cards: before any form, without signing in."""
    cards = SafetyCard.objects.filter(active=True)
    return render(request, "repairs/safety.html", {"cards": cards, "duty": homepage.duty_of(request.user)})


@login_not_required
@require_GET
def safety_card(request: HttpRequest, slug: str) -> HttpResponse:
    """One safety card in big type."""
    card = get_object_or_404(SafetyCard, slug=slug, active=True)
    return render(request, "repairs/safety_card.html", {"card": card, "duty": homepage.duty_of(request.user)})


@login_not_required
@require_GET
@cache_control(private=True, max_age=86400)
def photo(request: HttpRequest, key: UUID, size: str) -> FileResponse:
    """One picture, only for those who may see what it belongs to."""
    if size not in EDGES:
        raise Http404
    found = get_object_or_404(Photo.objects.visible_to(request.user, drafts_of_request(request)), key=key)
    try:
        return FileResponse(open_photo(found.key, size), content_type="image/jpeg")
    except FileNotFoundError as lost:
        raise Http404 from lost
