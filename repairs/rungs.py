"""Who stands on which rung of the ladder for a ticket: the organisation, and the people appointed there."""

from collections.abc import Iterable

from accounts.models import User
from accounts.roles import Role
from estates import access
from estates.models import Organisation
from repairs.ladder import Rung
from repairs.models import Ticket

# The first role somebody holds. Where a community or an office is itself on duty, its officer is its manager.
_HELD_BY: dict[Rung, tuple[Role, ...]] = {
    Rung.MANAGER: (Role.MANAGER, Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER),
    Rung.COMMUNITY: (Role.COMMUNITY_OFFICER, Role.MANAGER),
    Rung.STREET: (Role.STREET_OFFICER,),
    Rung.DISTRICT: (Role.DISTRICT_OFFICER,),
}
_ROLES = frozenset(role for roles in _HELD_BY.values() for role in roles)


def organisation_on(rung: Rung, ticket: Ticket) -> Organisation | None:
    """Who has to answer there; None: that community has no organisation. `ticket` as `for_climbing()` reads it."""
    community = ticket.estate.community
    if rung is Rung.MANAGER:
        return ticket.organisation
    if rung is Rung.COMMUNITY:
        return community.organisation
    return community.street.office if rung is Rung.STREET else community.street.district.office


class Posts:
    """The people of some organisations, read once."""

    def __init__(self, organisations: Iterable[Organisation | None]) -> None:
        self._held = access.holders({each.pk for each in organisations if each}, _ROLES)

    def people(self, rung: Rung, organisation: Organisation | None) -> list[User]:
        """Who holds that rung there; nobody: it is vacant."""
        held = self._held.get(organisation.pk, {}) if organisation else {}
        return next((held[role] for role in _HELD_BY[rung] if role in held), [])
