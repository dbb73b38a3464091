"""No dwelling without a duty: who answers for a place on a given day (PRODUCT.md, idea 1)."""

import datetime
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q

from estates.models import Community, Estate, Management, ManagementMode, Organisation
from estates.places import Place


class Duty(NamedTuple):
    """The organisation that answers, in which mode, its telephone, and whether it was appointed to manage."""

    organisation: Organisation
    mode: ManagementMode
    # False: nobody manages the estate, the organisation answers because somebody must.
    appointed: bool = True

    @property
    def phone(self) -> str:
        """A number residents can call; every organisation has one."""
        return self.organisation.phone


def duty_organisation(place: Place | Estate, at: datetime.date) -> Duty:
    """Who answers for `place` on the day `at`; the rule stands at `duty_organisations`."""
    estate = place.estate if isinstance(place, Place) else place
    return duty_organisations([estate], at)[estate.pk]


def duty_organisations(estates: Iterable[Estate], at: datetime.date) -> dict[int, Duty]:
    """Who answers for each of `estates` on the day `at`, by the estate's key; two queries however many there are.

    The estate's own management goes first, then its zone's, each only while in force and its organisation
    not closed; then the community's organisation; then the street office, which every street has and which
    can't be closed. Never empty.
    """
    asked = list(estates)
    appointed = _appointed(asked, at)
    found: dict[int, Duty] = {}
    left = []
    for estate in asked:
        management = appointed.get(("estate", estate.pk)) or appointed.get(("zone", estate.zone_id))
        if management is not None and management.organisation is not None:
            found[estate.pk] = Duty(management.organisation, ManagementMode(management.mode))
        else:
            left.append(estate)
    return found | _fallbacks(left, at)


def _appointed(estates: list[Estate], at: datetime.date) -> dict[tuple[str, int | None], Management]:
    """The managements in force, by what they manage."""
    zones = {estate.zone_id for estate in estates if estate.zone_id is not None}
    in_force = (
        Management.objects.in_force(at)
        .filter(Q(estate__in=[estate.pk for estate in estates]) | Q(zone__in=zones))
        .filter(organisation__in=Organisation.objects.working(at))
        .select_related("organisation")
    )
    return {("estate", m.estate_id) if m.estate_id is not None else ("zone", m.zone_id): m for m in in_force}


def _fallbacks(estates: list[Estate], at: datetime.date) -> dict[int, Duty]:
    """Who answers where nobody was appointed."""
    if not estates:
        return {}
    communities = Community.objects.select_related("organisation", "street__office").in_bulk(
        {estate.community_id for estate in estates}
    )
    found: dict[int, Duty] = {}
    for estate in estates:
        community = communities[estate.community_id]
        fallback = community.organisation
        if fallback is None or (fallback.closed_on is not None and fallback.closed_on <= at):
            fallback = community.street.office
        found[estate.pk] = Duty(fallback, ManagementMode.FALLBACK, appointed=False)
    return found
