"""The left rail of a desk's pages: whose desk it is, and how much waits in each of its lists."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise as StrPromise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import User
from accounts.roles import Permission
from estates import access
from repairs.models import Escalation, Handover, Supervision
from repairs.queue import Desk, Listing

HANDOVERS = "handovers"
# What has to be answered, under the names of its pages: the permission, the icon, the word and whose it is.
ESCALATIONS, ORDERS, NUMBERS = "escalations", "orders", "outside_numbers"
_OWED: dict[str, tuple[Permission, str, StrPromise, Callable[[User], QuerySet[Any]]]] = {
    ESCALATIONS: (
        Permission.ESCALATION_ANSWER,
        "circle-arrow-up",
        gettext_lazy("Came up to us"),
        lambda user: Escalation.objects.of(user).to_answer(),
    ),
    ORDERS: (
        Permission.SUPERVISION_ANSWER,
        "stamp",
        gettext_lazy("Orders to answer"),
        lambda user: Supervision.objects.owed_by(user).unanswered(),
    ),
    NUMBERS: (
        Permission.HANDOVER_RECORD,
        "phone-call",
        gettext_lazy("Numbers to write down"),
        lambda user: Handover.objects.to_record(user),
    ),
}
_ICONS = {Listing.NEW: "inbox", Listing.IN_HAND: "list-checks", Listing.LATE: "alarm-clock"}


class RailItem(NamedTuple):
    """One line of the left rail."""

    href: str
    icon: str
    word: str
    number: int | None
    current: bool
    late: bool


def frame(
    desk: Desk, current: Listing | None = None, *, on_board: bool = False, on_handovers: bool = False, on: str = ""
) -> dict[str, object]:
    """What `repairs/desk/base.html` needs; who has no desk reads a page of it without the lists. `on`: which of what
    has to be answered is shown."""
    name = pgettext("list", ", ").join(each.name for each in desk.organisations)
    owed = _owed(desk)
    found = counts(desk, owed) if desk.organisations or owed else {}
    items = _items(desk, found, current, on_board=on_board, on_handovers=on_handovers) if desk.organisations else []
    for each in owed:
        _permission, icon, word, _rows = _OWED[each]
        items.append(RailItem(reverse(f"repairs:{each}"), icon, str(word), found[each], each == on, late=True))
    return {
        "desk_name": name,
        "has_desk": bool(desk.organisations),
        "is_office": ESCALATIONS in owed,
        "rail_items": items,
        "oversees": access.has_role(desk.user, Permission.ESTATE_OVERSEE),
        "writes_answers": access.has_role(desk.user, Permission.ANSWER_MANAGE),
        "sets_pledges": access.has_role(desk.user, Permission.PLEDGE_SET),
        "manages_teams": access.has_role(desk.user, Permission.TEAM_MANAGE),
    }


def _owed(desk: Desk) -> dict[str, QuerySet[Any]]:
    """What the person has to answer, by the name of its page; what is nothing to them is not even put together."""
    return {name: rows(desk.user) for name, (needs, *_, rows) in _OWED.items() if access.has_role(desk.user, needs)}


def _items(
    desk: Desk, found: dict[str, int], current: Listing | None, *, on_board: bool, on_handovers: bool
) -> list[RailItem]:
    listings = [
        RailItem(address(each), _ICONS[each], str(each.label), found[each.value], each is current, each is Listing.LATE)
        for each in Listing
    ]
    board = RailItem(reverse("repairs:board"), "calendar-days", _("Visits"), None, on_board, late=False)
    offered = RailItem(
        reverse("repairs:handovers"),
        "arrow-right-left",
        _("Offered to us"),
        found[HANDOVERS],
        on_handovers,
        late=True,
    )
    return [*listings[:-1], board, listings[-1], offered]


def counts(desk: Desk, owed: Mapping[str, QuerySet[Any]] = MappingProxyType({})) -> dict[str, int]:
    """How much waits in each list."""
    others = {HANDOVERS: Handover.objects.to_desk(desk.user).offered(), **owed}
    found = {group["of"]: group["only_ALL"] for group in desk.groups(others)}
    return {each.value: desk.number(each) for each in Listing} | {name: found.get(name, 0) for name in others}


def address(listing: Listing, **query: object) -> str:
    """A listing of the queue, as the links of the desk lead to it."""
    given = {name: value for name, value in query.items() if value}
    return reverse("repairs:queue", args=[listing.value]) + (f"?{urlencode(given)}" if given else "")
