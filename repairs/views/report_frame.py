"""What the screens of a report share: the draft, the way to a step that comes first, the frame around the page."""

from collections.abc import Callable, Collection
from contextlib import nullcontext
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from accounts.actions import is_signed_in
from repairs.drafts import find_draft, keep, new_draft, one_at_a_time
from repairs.models import ReportDraft, Ticket
from repairs.report_contact import is_known
from repairs.report_steps import STEPS, Progress

Step = Callable[..., HttpResponse]
WHERE, WHAT, WORDS, WHO = range(1, STEPS + 1)
PLACE, TYPE = "place", "type"
KEPT = "report_to_correct"


def step(*methods: str, needs: Collection[str] = ()) -> Callable[[Step], Step]:
    """Gives the view its `Progress`; leads elsewhere when what it `needs` is not there, or when the report is sent.

    A page that needs nothing begins a new report after one was sent.
    """

    def decorate(view: Step) -> Step:
        # Not "no-store": Back has to bring back what was typed and not sent yet (STACK.md, trap 7).
        @cache_control(private=True, no_cache=True)
        @require_http_methods([*methods, "HEAD"] if "GET" in methods else [*methods])
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            progress = Progress(find_draft(request))
            if request.method == "POST":
                request.session.pop(KEPT, None)
            if progress.draft.ticket_id:
                if needs or request.method == "POST":
                    return redirect("repairs:report_sent", progress.draft.ticket_id)
                progress = Progress(new_draft(request))
            return _earlier(request, progress, needs) or view(request, progress, *args, **kwargs)

        return wrapped

    return decorate


def sending(view: Step) -> Step:
    """Like `step`, for the presses that send: one at a time, and a second one finds the ticket of the first."""

    @cache_control(private=True, no_cache=True)
    @require_http_methods(["POST"])
    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        # Whoever signs in by sending would do so twice; for others the lock that files the report is enough.
        with nullcontext() if is_known(request.user) else one_at_a_time(request):
            progress = Progress(find_draft(request))
            if progress.draft.ticket_id:
                return to_ticket(request, progress.draft)
            if not progress.may_be_sent():
                _say_what_is_gone(request, progress)
                return redirect(progress.next_address())
            return view(request, progress)

    return wrapped


def _earlier(request: HttpRequest, progress: Progress, needs: Collection[str]) -> HttpResponse | None:
    """To the step that has to come first, and why, when an old draft names something that is gone."""
    missing = (PLACE in needs and progress.place is None) or (TYPE in needs and progress.repair_type is None)
    if not missing:
        return None
    _say_what_is_gone(request, progress)
    return redirect(progress.next_address())


def _say_what_is_gone(request: HttpRequest, progress: Progress) -> None:
    gone = progress.what_is_gone()
    if gone:
        messages.warning(request, gone)


def page(
    request: HttpRequest, progress: Progress, template: str, *, step: int, back: str, **context: Any
) -> HttpResponse:
    """One screen: the bar of steps, the place on top, the content."""
    frame = {"progress": progress, "draft": progress.draft, "step": step, "steps": STEPS, "back": back}
    return render(request, f"repairs/report/{template}.html", frame | context)


def correct(request: HttpRequest, progress: Progress, address: str, form: Form, **said: Any) -> HttpResponse:
    """Back to the screen at `address`, to be filled in as it was sent; nothing was changed.

    Its own address again, not this one: Back, reload and a change of language must not ask to send anything twice.
    """
    typed = {name: value for name, value in form.data.items() if name in form.fields and isinstance(value, str)}
    request.session[KEPT] = {"at": address.partition("?")[0], "draft": str(progress.draft.key), "typed": typed, **said}
    return redirect(address)


def to_correct(request: HttpRequest, progress: Progress) -> dict[str, Any] | None:
    """What `correct` kept for this screen: `typed`, and whatever else was said with it."""
    kept: dict[str, Any] | None = request.session.get(KEPT)
    mine = kept is not None and kept["at"] == request.path and kept["draft"] == str(progress.draft.key)
    return kept if mine else None


def onward(draft: ReportDraft) -> HttpResponse:
    """To whatever is still to be said; the browser keeps the draft for another week."""
    return keep(redirect(Progress(draft).next_address()), draft)


def to_ticket(request: HttpRequest, draft: ReportDraft) -> HttpResponse:
    """To the ticket of a draft that has been sent, also when this browser never got the answer that signed it in."""
    ticket = Ticket.objects.select_related("reporter").get(draft=draft)
    address = reverse("repairs:report_sent", args=[ticket.pk])
    if is_signed_in(request.user) and Ticket.objects.visible_to(request.user).filter(pk=ticket.pk).exists():
        return keep(redirect(address), draft)
    if ticket.reporter.is_guest and ticket.reporter.is_active:
        # The first press made this guest in this very browser: its key says so, and nothing else is theirs.
        login(request, ticket.reporter)
        return keep(redirect(address), draft)
    messages.success(request, _("We have your report: %(number)s. Sign in to follow it.") % {"number": ticket.number})
    return redirect(f"{reverse('accounts:sign_in')}?{urlencode({'next': address})}")
