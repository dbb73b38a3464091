"""Calendars to subscribe to: the page that makes and revokes their secret addresses, and the calendars themselves."""

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.requests import SignedInRequest
from repairs import actions, calendars
from repairs.forms.calendar import CalendarForm
from repairs.models import CalendarFeed

SHOWN_ONCE = "calendar_made"


@require_GET
@never_cache
def calendar(request: SignedInRequest) -> HttpResponse:
    """What may be subscribed to; a new address is shown once."""
    lines = calendars.lines_for(request.user)
    if not lines:
        raise Http404
    made = request.session.pop(SHOWN_ONCE, None)
    return render(request, "repairs/calendar.html", {"lines": lines, "made": made})


@require_POST
def calendar_make(request: SignedInRequest) -> HttpResponse:
    """A new secret address; the one before it ends."""
    form = CalendarForm(request.POST, user=request.user)
    if not form.is_valid():
        raise Http404
    secret = actions.make_calendar(by=request.user, team=form.cleaned_data["team"])
    request.session[SHOWN_ONCE] = request.build_absolute_uri(reverse("repairs:calendar_feed", args=[secret]))
    return redirect("repairs:calendar")


@require_POST
def calendar_revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    """The address answers no more."""
    feed = get_object_or_404(CalendarFeed.objects.visible_to(request.user), pk=pk)
    actions.revoke_calendar(feed, by=request.user)
    flash.success(request, _("The address doesn't work any more. Calendars that used it stop being updated."))
    return redirect("repairs:calendar")


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar itself, without signing in: calendars can't."""
    feed = calendars.find_feed(token)
    if feed is None:
        raise Http404
    body = calendars.written(feed)
    tag = calendars.etag(body)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8", headers={"ETag": tag})
    patch_cache_control(response, private=True, no_cache=True)
    return get_conditional_response(request, etag=tag, response=response) or response
