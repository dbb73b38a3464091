"""The frame of this room's pages: whose overview it is, and the left rail."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from estates import access
from oversight.addresses import overview_address, tickets_address
from oversight.listings import Listing
from oversight.scope import Scope
from repairs.models import Escalation, Supervision


class RailItem(NamedTuple):
    """One line of the left rail; `number` None: nothing to count."""

    href: str
    icon: str
    word: str
    number: int | None
    current: bool
    late: bool = False


def frame(scope: Scope, counts: dict[Listing, int], current: Listing | None, *, on: str = "") -> dict[str, object]:
    """The rail with the counts of what is open, late and to be answered; a manager also finds the way to the desk.

    `on`: "escalations" or "orders", whose pages are no listing of tickets."""
    street = scope.street.code if scope.street else ""
    items = [
        RailItem(
            overview_address(street=street), "layout-dashboard", _("Estates overview"), None, not on and current is None
        ),
        *(
            RailItem(
                tickets_address(each, street=street),
                icon,
                str(each.label),
                counts[each],
                current is each,
                late=each is Listing.LATE,
            )
            for each, icon in ((Listing.OPEN, "list-checks"), (Listing.LATE, "alarm-clock"))
        ),
    ]
    items += _owed(scope.user, on)
    if access.has_role(scope.user, Permission.PLEDGE_SET):
        items.append(RailItem(reverse("repairs:pledges"), "badge-check", _("Promises of estates"), None, current=False))
    if access.has_role(scope.user, Permission.REGISTER_IMPORT):
        items.append(RailItem(reverse("estates:register"), "file-spreadsheet", _("Register"), None, current=False))
    if access.has_role(scope.user, Permission.TICKET_ACKNOWLEDGE):
        items.append(RailItem(reverse("repairs:queue", args=["new"]), "inbox", _("Desk"), None, current=False))
    name = _(", ").join(organisation.name for organisation in scope.organisations)
    return {"organisation_name": name, "rail_items": items, "area": scope.name}


def _owed(user: User, on: str) -> Iterator[RailItem]:
    """What came up to the person's offices, the orders these gave, and those they have to answer themselves."""
    if access.has_role(user, Permission.ESCALATION_ANSWER):
        came_up, href = Escalation.objects.of(user).to_answer().count(), reverse("oversight:escalations")
        yield RailItem(href, "circle-arrow-up", _("Came up to us"), came_up, on == "escalations", late=True)
    if access.has_role(user, Permission.SUPERVISE):
        late, href = Supervision.objects.given_by(user).late(timezone.now()).count(), reverse("oversight:orders")
        yield RailItem(href, "stamp", _("Orders given"), late, on == "orders", late=True)
    if access.has_role(user, Permission.SUPERVISION_ANSWER):
        owed, href = Supervision.objects.owed_by(user).unanswered().count(), reverse("repairs:orders")
        yield RailItem(href, "mail-warning", _("Orders to answer"), owed, current=False, late=True)
    if access.has_role(user, Permission.HANDOVER_RECORD):
        numbers = reverse("repairs:outside_numbers")
        yield RailItem(numbers, "phone-call", _("Numbers to write down"), None, current=False)
