"""Signs staff out after half an hour without a request (MLPS level 2), and keeps residents signed in."""

import time
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.actions import is_signed_in, sign_out

STAFF_IDLE = 30 * 60
STAFF_TOUCH = 60
RESIDENT_TOUCH = 24 * 3600
SEEN = "seen_at"


class IdleSignOutMiddleware:
    """Stands after AuthenticationMiddleware; reads session and user, writes the session once a minute at most."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """End an idle session, or note that it is in use."""
        if SESSION_KEY in request.session and is_signed_in(request.user):
            now, seen = int(time.time()), request.session.get(SEEN)
            staff = request.user.username is not None
            if staff and seen is not None and now - seen > STAFF_IDLE:
                return self._sign_out(request)
            # Saving the session also renews its cookie: whoever comes back within 90 days stays signed in.
            if seen is None or now - seen >= (STAFF_TOUCH if staff else RESIDENT_TOUCH):
                request.session[SEEN] = now
        return self.get_response(request)

    def _sign_out(self, request: HttpRequest) -> HttpResponse:
        sign_out(request)
        messages.info(request, _("You were signed out because nothing happened for 30 minutes."))
        address = reverse("account_login")
        if "HX-Request" in request.headers:
            return HttpResponse(headers={"HX-Redirect": address})
        if request.method == "GET":
            address = f"{address}?{urlencode({'next': request.get_full_path()})}"
        return redirect(address)
