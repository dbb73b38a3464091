"""What happens to every request before and after the rooms see it."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation

from config.logs import request_id

GetResponse = Callable[[HttpRequest], HttpResponseBase]
logger = logging.getLogger("anju.request")

# Addresses of calendars and the links in letters are secrets: whoever reads the log must not be able to open them.
_SECRET_PATH = re.compile(r"(?<=^/calendar/)[\w-]+\.ics$|(?<=^/messages/mailbox/)[^/]{12,}")
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestLog:
    """Gives each request an id (the proxy's own, if it sent one), sends it back, and writes one line when it is done.

    The line holds the path without its query: what people search for is nobody's business.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        current = given if _ACCEPTABLE_ID.fullmatch(given) else uuid.uuid4().hex
        # Not set back afterwards: Django writes its own line about a refused page once we are through.
        request_id.set(current)
        started = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = current
        fields = {
            "method": request.method,
            "path": _SECRET_PATH.sub("***", request.path),
            "status": response.status_code,
            "ms": round((time.perf_counter() - started) * 1000),
            "user": _user_pk(request),
        }
        logger.info("request", extra={"fields": fields})
        return response


def _user_pk(request: HttpRequest) -> str | None:
    """Who asked, if the page looked at the session at all: the log costs no query of its own."""
    session = getattr(request, "session", None)
    # Accessed is not enough: with the database away it was asked for and never read.
    if session is None or not session.accessed or "_session_cache" not in vars(session):
        return None
    pk: str | None = session.get(SESSION_KEY)
    return pk


class KnownHost:
    """Refuses a host that is not ours on every path: otherwise only pages that build an address would notice."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.get_host()
        return self.get_response(request)


class RequestSize:
    """Refuses a body bigger than the biggest honest report before any of it is read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > settings.REQUEST_MAX_BYTES:
            with translation.override(translation.get_language_from_request(request)):
                return HttpResponse(render_to_string("413.html"), status=413)
        return self.get_response(request)


class KeptSessions:
    """Whoever signed in before `PeopleBackend` was there stays signed in; to be removed 90 days after its release."""

    _BEFORE = "allauth.account.auth_backends.AuthenticationBackend"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.session.get(BACKEND_SESSION_KEY) == self._BEFORE:
            request.session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        return self.get_response(request)
