"""The page for what went wrong: while the database is away it says so, and when to come back."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils import translation
from django.views.defaults import server_error

RETRY_AFTER = "30"


def broken(request: HttpRequest) -> HttpResponse:
    """Django's handler500, called while the error is at hand: 503 when it is the database that does not answer."""
    error = sys.exc_info()[1]
    if not isinstance(error, OperationalError | InterfaceError):
        return server_error(request)
    with translation.override(translation.get_language_from_request(request)):
        again = request.get_full_path() if request.method == "GET" else ""
        page = loader.get_template("503.html").render({"again": again})
    return HttpResponse(page, status=503, headers={"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"})
