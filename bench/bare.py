"""What a page costs at least here: twenty rows from one indexed query, and one row inserted, through everything that
every request passes. And a counter of statements, which works only for requests that ask for it."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from bench.browser import COUNT
from repairs.models import ReportDraft, Ticket

_PAGE = engines["django"].from_string(
    "<!DOCTYPE html><html><head><title>{{ title }}</title></head><body><h1>{{ title }}</h1><ul>"
    '{% for ticket in tickets %}<li><a href="/tickets/{{ ticket.pk }}/">{{ ticket.number }}</a> {{ ticket.words }}'
    " <span>{{ ticket.state }}</span> <time>{{ ticket.filed_at }}</time></li>{% endfor %}</ul></body></html>"
)


@login_not_required
@require_GET
def rows(request: HttpRequest) -> HttpResponse:
    """Twenty tickets of one estate, newest first."""
    newest = Ticket.objects.filter(estate=int(request.GET["estate"])).order_by("-filed_at", "-pk")
    return HttpResponse(_PAGE.render({"title": "Bare", "tickets": newest.defer("tokens", "search_text")[:20]}, request))


@login_not_required
@require_POST
def insert(request: HttpRequest) -> HttpResponse:
    """One row, then off to another page, as a form does."""
    ReportDraft.objects.create(touched_at=timezone.now(), words="x")
    return redirect("/bench/rows/")


class CountStatements:
    """Answers with the number of statements in the header that asked for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if COUNT not in request.headers:
            return self.get_response(request)
        seen: list[str] = []

        def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            seen.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            response = self.get_response(request)
        response[COUNT] = str(len(seen))
        return response
