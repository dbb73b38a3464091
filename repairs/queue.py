"""What waits at a desk: its listings, filters, order and pages. One statement counts, two read a page.

A desk sees the tickets of the organisations in which a person takes reports up; whoever takes none up has no desk.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import models
from django.db.models import (
    BooleanField,
    CharField,
    Count,
    DateTimeField,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Organisation
from repairs.models import Booking, Photo, Scope, Ticket
from repairs.models.ticket import DANGER_FIRST, TicketQuerySet
from repairs.workflow import IN_HAND_STATES, WORK_STATES, Channel, State, Urgency

PAGE = 25
# A word found more often than this is too common to count: "100+".
FOUND_MOST = 100
FOUND_SHOWN = 50


class Listing(models.TextChoices):
    """The three lists of a desk; their values stand in addresses."""

    NEW = "new", pgettext_lazy("desk listing", "To take up")
    IN_HAND = "in-hand", pgettext_lazy("desk listing", "In hand")
    LATE = "late", pgettext_lazy("desk listing", "Late")


class Only(models.TextChoices):
    """The filters over a listing; the empty one shows everything."""

    ALL = "", pgettext_lazy("desk filter", "All")
    URGENT = "urgent", pgettext_lazy("desk filter", "Urgent")
    COMMON = "common", pgettext_lazy("desk filter", "Common parts")
    HOMES = "homes", pgettext_lazy("desk filter", "In homes")
    UNVERIFIED = "unverified", pgettext_lazy("desk filter", "Phone not verified")
    REOPENED = "reopened", pgettext_lazy("desk filter", "Opened again")


# Nobody proved this number, and nobody on the staff spoke with its owner (as `messages` decides, too).
UNVERIFIED = Q(phone_verified=False) & (Q(channel=Channel.ONLINE) | Q(contact_agreed=False))
_ONLY = {
    Only.ALL: Q(),
    Only.URGENT: Q(urgency__in=[Urgency.DANGER, Urgency.URGENT]),
    Only.COMMON: Q(scope__in=[Scope.ENTRANCE, Scope.BUILDING, Scope.ESTATE]),
    Only.HOMES: Q(scope=Scope.PRIVATE),
    Only.UNVERIFIED: UNVERIFIED,
    Only.REOPENED: Q(times_reopened__gt=0),
}


_STATES = {
    Listing.NEW: frozenset({State.SUBMITTED}),
    Listing.IN_HAND: IN_HAND_STATES,
    Listing.LATE: WORK_STATES,
}


def _late(at: datetime) -> Q:
    return Q(due_at__lt=at)


def _listed(listing: Listing, at: datetime) -> Q:
    states = Q(state__in=_STATES[listing])
    return states & _late(at) if listing is Listing.LATE else states


# Rows counted together: the state they are `of` (or what else waits), whether their next promise is broken (`late`),
# how many there are (`only_ALL`) and under each filter (`only_…`), and when the `oldest` was sent.
Group = Mapping[str, Any]


def _holds(listing: Listing, group: Group) -> bool:
    """The same as `_listed`, of tickets counted together."""
    return group["of"] in _STATES[listing] and bool(group["late"] or listing is not Listing.LATE)


def _column(only: Only) -> str:
    return f"only_{only.name}"


class Tally(NamedTuple):
    """Counts per filter of a listing, and when its oldest report was sent."""

    filters: dict[Only, int]
    oldest: datetime | None


class Cursor(NamedTuple):
    """Where a page ended: danger or not, when due (nobody owes anything: `None`), which ticket."""

    rank: int
    due_at: datetime | None
    pk: int

    def __str__(self) -> str:
        due = "" if self.due_at is None else self.due_at.isoformat()
        return f"{self.rank}_{due}_{self.pk}"


def read_cursor(text: str) -> Cursor | None:
    """The cursor an address carries; one we didn't write counts as none."""
    rank, _, rest = text.partition("_")
    due, _, pk = rest.rpartition("_")
    try:
        at = datetime.fromisoformat(due) if due else None
        cursor = Cursor(int(rank), at, int(pk))
    except ValueError:
        return None
    known = cursor.rank in {0, 1} and 0 < cursor.pk < 2**63 and (at is None or at.tzinfo is not None)
    return cursor if known else None


class Page(NamedTuple):
    """Some tickets in order, and the cursor of the next page, if there is one."""

    tickets: list[Ticket]
    after: Cursor | None


class Found(NamedTuple):
    """What a search found: the newest, and how many there are (`more`: at least that many)."""

    tickets: list[Ticket]
    total: int
    more: bool


class Desk:
    """The desk of one person at one moment."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.now = timezone.now()
        self._groups: list[Group] | None = None

    @cached_property
    def organisations(self) -> list[Organisation]:
        """Those in which the person takes reports up, by name; none: no desk."""
        return access.organisations_where(self.user, Permission.TICKET_ACKNOWLEDGE)

    def tickets(self) -> TicketQuerySet:
        """Every ticket of this desk, open and closed."""
        return Ticket.objects.of_desk(self.user)

    def groups(self, beside: Mapping[str, QuerySet[Any]] = MappingProxyType({})) -> list[Group]:
        """Everything open, and under its name what waits `beside` it, counted in one statement and kept for the page.

        One more list is one more part of the statement, not one more statement.
        """
        if beside or self._groups is None:
            parts = [_waiting(name, rows) for name, rows in beside.items()]
            self._groups = list(self._by_state().union(*parts, all=True))
        return self._groups

    def _by_state(self) -> QuerySet[Ticket, Any]:
        late = ExpressionWrapper(_late(self.now), output_field=BooleanField())
        # Nothing but columns of the index `ticket_counted`: however much is open, no ticket itself is read.
        counts = {_column(each): Count("state", filter=_ONLY[each]) for each in Only}
        rows = self.tickets().open().order_by().values(of=F("state"), late=late)
        return rows.annotate(**counts, oldest=Min("filed_at"))

    def number(self, listing: Listing) -> int:
        """How much stands in `listing`."""
        return sum(group[_column(Only.ALL)] for group in self.groups() if _holds(listing, group))

    def tally(self, listing: Listing) -> Tally:
        """The numbers at the filters of `listing`."""
        held = [group for group in self.groups() if _holds(listing, group)]
        filters = {each: sum(group[_column(each)] for group in held) for each in Only}
        return Tally(filters, min((group["oldest"] for group in held), default=None))

    def page(self, listing: Listing, only: Only = Only.ALL, after: Cursor | None = None) -> Page:
        """One page: danger first, then what is due next; what waits for the resident comes last."""
        rows = self.tickets().open().filter(_listed(listing, self.now), _ONLY[only]).alias(rank=DANGER_FIRST)
        order = [F("rank").asc(), F("due_at").asc(nulls_last=True), F("pk").asc()]
        if after is not None:
            behind = Q(rank=after.rank) & _behind(after, listing)
            rows = rows.filter(behind if after.rank else behind | Q(rank=1))
        # Chosen first, then read with everything beside it: in one statement the planner joins every ticket there is.
        keys = list(rows.order_by(*order).values_list("pk", flat=True)[: PAGE + 1])
        found = sorted(for_desk(Ticket.objects.filter(pk__in=keys)), key=lambda ticket: keys.index(ticket.pk))
        last = found[PAGE - 1] if len(found) > PAGE else None
        return Page(found[:PAGE], _cursor_of(last) if last else None)

    def search(self, text: str) -> Found:
        """The newest tickets that contain every word, whatever their state; two statements.

        The index of words answers the first; a word too common to count is soon met among the newest.
        """
        matches = self.tickets().filter(_in_tokens(self.organisations)).search(text)
        keys = list(matches.order_by().values_list("pk", flat=True)[: FOUND_MOST + 1])
        more = len(keys) > FOUND_MOST
        rows = matches if more else self.tickets().filter(pk__in=keys)
        newest = for_desk(rows).order_by("-filed_at", "-pk")[:FOUND_SHOWN]
        return Found(list(newest), min(len(keys), FOUND_MOST), more)


def _waiting(name: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """How many `rows` there are, in the columns of `Desk.groups`."""
    constant: dict[str, Any] = {"late": Value(False, output_field=BooleanField())}
    others = {_column(each): Value(0) for each in Only if each is not Only.ALL}
    oldest = Cast(Value(None), DateTimeField())
    named = rows.order_by().values(of=Value(name, output_field=CharField()), **constant)
    counted: QuerySet[Any, Any] = named.annotate(**{_column(Only.ALL): Count("pk")}, **others, oldest=oldest)
    return counted


def _behind(cursor: Cursor, listing: Listing) -> Q:
    """What comes after the cursor among those of its rank."""
    if cursor.due_at is None:
        return Q(due_at__isnull=True, pk__gt=cursor.pk)
    later = Q(due_at__gt=cursor.due_at) | Q(due_at=cursor.due_at, pk__gt=cursor.pk)
    # Redundant, and what lets the index begin at the right place (STACK.md, trap 14).
    later &= Q(due_at__gte=cursor.due_at)
    return later | Q(due_at__isnull=True) if listing is Listing.IN_HAND else later


def _cursor_of(ticket: Ticket) -> Cursor:
    return Cursor(0 if ticket.urgency == Urgency.DANGER else 1, ticket.due_at, ticket.pk)


def _in_tokens(organisations: list[Organisation]) -> Q:
    """The organisation as a token: one index intersects place and words (STACK.md, trap 13)."""
    scope = Q()
    for organisation in organisations:
        scope |= Q(tokens__contains=[f"org:{organisation.pk}"])
    return scope


# What `repairs.queue_rows` and the pages around it read; a column forgotten here is a statement for every row, and the
# tests that count statements say so.
_SHOWN = (
    *("number", "words", "urgency", "scope", "channel", "state", "closure", "due_at", "due_clock"),
    *("filed_at", "acknowledged_at", "closed_at", "phone_verified", "contact_agreed", "times_reopened"),
    *("plan_posted_at", "reopened_at"),
    *("repair_type__name_zh", "repair_type__name_en", "estate__name", "building__label", "entrance__label"),
    *("dwelling__label", "assignee__display_name", "organisation__name"),
)


def for_desk(rows: TicketQuerySet) -> TicketQuerySet:
    """With everything a row shows, the number of photos and the agreed time too."""
    photos = Photo.objects.filter(ticket=OuterRef("pk"), event__isnull=False).order_by().values("ticket")
    counted = photos.annotate(count=Count("pk")).values("count")
    beside = ("repair_type", "estate", "building", "entrance", "dwelling", "assignee", "organisation")
    visits = Booking.objects.live().filter(ticket=OuterRef("pk"))
    return (
        rows.select_related(*beside)
        .only(*_SHOWN)
        .annotate(
            photo_count=Coalesce(Subquery(counted), 0),
            visit_starts=Subquery(visits.values("starts_at")[:1]),
            visit_ends=Subquery(visits.values("ends_at")[:1]),
        )
    )
