"""Messages that could not be delivered, and sending one again."""

from django.contrib import messages as flash
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from accounts.roles import Permission
from estates import access
from repairs import actions
from repairs.keyset import newest_first
from repairs.message_rows import undelivered_rows
from repairs.models import Message
from repairs.queue import Desk
from repairs.rail import frame


@require_GET
@never_cache
def undelivered(request: SignedInRequest) -> HttpResponse:
    """What did not go out about this desk's tickets or to this office, by whatever channel, newest first, each with the
    reason."""
    desk = Desk(request.user)
    if not desk.organisations and not access.has_role(request.user, Permission.ESCALATION_ANSWER):
        raise Http404
    given_up = Message.objects.of_desk(request.user).undelivered().select_related("ticket", "recipient", "robot")
    page = newest_first(given_up, "gave_up_at", request.GET.get("before", ""))
    context = frame(desk)
    context |= {"at_undelivered": True, "page": page, "rows": undelivered_rows(page.rows, request.user)}
    return render(request, "repairs/desk/undelivered.html", context)


@require_POST
def message_resend(request: SignedInRequest, pk: int) -> HttpResponse:
    """Once more; the list then shows what is still left."""
    message = get_object_or_404(Message.objects.of_desk(request.user).select_related("ticket__organisation"), pk=pk)
    try:
        actions.resend(message, by=request.user)
    except actions.TicketMoved:
        flash.warning(request, _("This message is on its way already: somebody sent it again, or it arrived."))
    else:
        flash.success(request, _("The message goes out again. Should it fail once more, it comes back here."))
    return redirect("repairs:undelivered")
