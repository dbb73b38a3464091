"""The frame of this room's pages: whose overview it is, and the left rail."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.roles import Permission
from estates import access
from oversight.addresses import overview_address, tickets_address
from oversight.listings import Listing
from oversight.scope import Scope


class RailItem(NamedTuple):
    """One line of the left rail; `number` None: nothing to count."""

    href: str
    icon: str
    word: str
    number: int | None
    current: bool
    late: bool = False


def frame(scope: Scope, counts: dict[Listing, int], current: Listing | None) -> dict[str, object]:
    """The rail with the counts of what is open and late; a manager also finds the way back to the desk."""
    street = scope.street.code if scope.street else ""
    items = [
        RailItem(overview_address(street=street), "layout-dashboard", _("Estates overview"), None, current is None),
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
    if access.has_role(scope.user, Permission.REGISTER_IMPORT):
        items.append(RailItem(reverse("estates:register"), "file-spreadsheet", _("Register"), None, current=False))
    if access.has_role(scope.user, Permission.TICKET_ACKNOWLEDGE):
        items.append(RailItem(reverse("repairs:queue", args=["new"]), "inbox", _("Desk"), None, current=False))
    name = _(", ").join(organisation.name for organisation in scope.organisations)
    return {"organisation_name": name, "rail_items": items, "area": scope.name}
