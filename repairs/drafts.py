"""The report being written in this browser: kept on the server, found by an unguessable key in a cookie, for a week.

The cookie holds the draft's key and the browser's own: the next draft of the same browser carries the latter on,
so that a report repeated within minutes is recognised, and only by the browser that sent it.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from repairs.forms.report import DraftKeyForm
from repairs.models import Photo, ReportDraft
from repairs.models.draft import DRAFT_LIVES
from repairs.photos import remove_photo

(COOKIE,) = settings.PERSONAL_COOKIES
Response = TypeVar("Response", bound=HttpResponseBase)


class Kept(NamedTuple):
    """What the cookie holds."""

    key: uuid.UUID
    browser: uuid.UUID


def _kept(request: HttpRequest) -> Kept | None:
    key, _dot, browser = request.COOKIES.get(COOKIE, "").partition(".")
    try:
        return Kept(uuid.UUID(key), uuid.UUID(browser))
    except ValueError:
        return None


def drafts_of_request(request: HttpRequest) -> QuerySet[ReportDraft]:
    """The drafts this browser has written in the last week, sent or not; no query."""
    kept = _kept(request)
    return ReportDraft.objects.living().filter(browser=kept.browser) if kept else ReportDraft.objects.none()


def find_draft(request: HttpRequest) -> ReportDraft:
    """The draft a form names (when it is this browser's), else the cookie's, else a new one that is not stored yet.

    One query, none without a cookie.
    """
    kept = _kept(request)
    if kept is None:
        return ReportDraft(touched_at=timezone.now())
    named = DraftKeyForm({**request.GET.dict(), **request.POST.dict()})
    key: uuid.UUID = (named.is_valid() and named.cleaned_data["draft"]) or kept.key
    found = (
        drafts_of_request(request)
        .filter(key__in={key, kept.key})
        .select_related("repair_type__category", "repair_type__safety_card")
    )
    by_key = {draft.key: draft for draft in found}
    other = by_key.get(kept.key)
    if other is not None and other.ticket_id and key != kept.key:
        # A form of a report just begun, which has no row yet: it must not end at the one sent before.
        other = None
    return by_key.get(key) or other or new_draft(request)


def new_draft(request: HttpRequest) -> ReportDraft:
    """An empty draft of this browser, not stored yet."""
    kept = _kept(request)
    browser = kept.browser if kept else uuid.uuid4()
    return ReportDraft(browser=browser, touched_at=timezone.now())


def is_stored(draft: ReportDraft) -> bool:
    """Whether the draft has a row: looking at the first pages makes none."""
    return not draft._state.adding


def write(draft: ReportDraft, **changes: object) -> ReportDraft:
    """Store what was said on one screen, and only that: two tabs don't undo each other."""
    draft.touched_at = timezone.now()
    for name, value in changes.items():
        setattr(draft, name, value)
    if is_stored(draft):
        draft.save(update_fields=[*changes, "touched_at"])
    else:
        draft.save(force_insert=True)
    return draft


def keep(response: Response, draft: ReportDraft) -> Response:
    """Remember the draft in this browser for another week, also when it is closed."""
    response.set_cookie(
        COOKIE,
        f"{draft.key}.{draft.browser}",
        max_age=DRAFT_LIVES,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def remove_photo_of(draft: ReportDraft, photo: Photo) -> None:
    """Take a photo back, row first; a report sent in the same moment keeps it."""
    gone, _rows = Photo.objects.filter(pk=photo.pk, draft=draft, ticket__isnull=True).delete()
    if gone:
        remove_photo(photo.key)


@contextmanager
def one_at_a_time(request: HttpRequest) -> Iterator[None]:
    """Let one browser send one report at a time: a second press waits here and then finds the ticket.

    A lock of the connection, not of a transaction: signing in and checking a code commit on their own in between.
    """
    kept = _kept(request)
    if kept is None:
        yield
        return
    lock = [f"send:{kept.browser}"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", lock)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", lock)
