"""No dwelling without a duty: who answers for a place on a given day (PRODUCT.md, idea 1)."""

import datetime
from typing import NamedTuple

from django.db.models import Q

from estates.models import Estate, Management, ManagementMode, Organisation
from estates.places import Place


class Duty(NamedTuple):
    """The organisation that answers, in which mode, and its telephone."""

    organisation: Organisation
    mode: ManagementMode

    @property
    def phone(self) -> str:
        """A number residents can call; every organisation has one."""
        return self.organisation.phone


def duty_organisation(place: Place | Estate, at: datetime.date) -> Duty:
    """Who answers for `place` on the day `at`.

    The estate's own management goes first, then its zone's, each only while in force and its organisation
    not closed; then the community's organisation; then the street office, which every street has and which
    can't be closed. Never empty.
    """
    estate = place.estate if isinstance(place, Place) else place
    in_force = (
        Management.objects.in_force(at)
        .filter(Q(estate=estate) | Q(zone__isnull=False, zone=estate.zone_id), organisation__isnull=False)
        .filter(organisation__in=Organisation.objects.working(at))
        .select_related("organisation")
    )
    by_level = {management.estate_id is not None: management for management in in_force}
    chosen = by_level.get(True) or by_level.get(False)
    if chosen is not None and chosen.organisation is not None:
        return Duty(chosen.organisation, ManagementMode(chosen.mode))
    community = estate.community
    fallback = community.organisation
    if fallback is not None and (fallback.closed_on is None or fallback.closed_on > at):
        return Duty(fallback, ManagementMode.FALLBACK)
    return Duty(community.street.office, ManagementMode.FALLBACK)
