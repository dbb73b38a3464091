"""No dwelling without a duty, over every combination of gaps."""

import datetime
from itertools import product
from typing import Any

import pytest

from estates.duty import duty_organisation, duty_organisations
from estates.models import Estate, Management, ManagementMode, Organisation, OrganisationKind, Zone
from estates.places import place_of
from tests.town import Town

TODAY = datetime.date(2026, 11, 22)
# Each level either answers today, or has one of the gaps a register really has.
GAPS = ["none", "answers", "ended", "not yet", "nobody", "closed"]


def _company(name: str, closed: bool = False) -> Organisation:
    return Organisation.objects.create(
        kind=OrganisationKind.COMPANY, name=name, phone="0595-1", closed_on=TODAY if closed else None
    )


def _manage(gap: str, name: str, **place: object) -> Organisation | None:
    """A management of `place` with that gap; the organisation if it answers."""
    if gap == "none":
        return None
    if gap == "nobody":
        Management.objects.create(mode=ManagementMode.NOBODY, starts_on=TODAY, **place)
        return None
    organisation = _company(name, closed=gap == "closed")
    starts, ends = {
        "ended": (datetime.date(2020, 1, 1), TODAY - datetime.timedelta(days=1)),
        "not yet": (TODAY + datetime.timedelta(days=1), None),
    }.get(gap, (TODAY, TODAY))
    Management.objects.create(
        organisation=organisation, mode=ManagementMode.COMPANY, starts_on=starts, ends_on=ends, **place
    )
    return organisation if gap == "answers" else None


@pytest.mark.parametrize(
    ("estate_gap", "zone_gap", "community_gap"), list(product(GAPS, GAPS, ["none", "answers", "closed"]))
)
def test_every_dwelling_has_a_duty_whatever_is_missing(
    town: Town, estate_gap: str, zone_gap: str, community_gap: str
) -> None:
    estate = town.zhuxiang
    estate.zone = Zone.objects.create(community=town.xinmen, name="新门联片")
    estate.save()
    by_estate = _manage(estate_gap, "小区物业", estate=estate)
    by_zone = _manage(zone_gap, "联片物业", zone=estate.zone)
    if community_gap == "none":
        town.xinmen.organisation = None
        town.xinmen.save()
    elif community_gap == "closed":
        town.community_office.closed_on = TODAY
        town.community_office.save()
    community = town.community_office if community_gap == "answers" else None
    town.lane_flat.refresh_from_db()

    duty = duty_organisation(place_of(town.lane_flat), TODAY)

    assert duty.organisation == (by_estate or by_zone or community or town.linjiang.office)
    assert duty.phone
    assert duty.mode == (ManagementMode.COMPANY if by_estate or by_zone else ManagementMode.FALLBACK)


def test_the_last_day_of_a_management_still_counts(town: Town) -> None:
    management = Management.objects.get(estate=town.shuimen)
    management.ends_on = TODAY
    management.save()

    assert duty_organisation(town.shuimen, TODAY).organisation == town.centre
    assert duty_organisation(town.shuimen, TODAY + datetime.timedelta(days=1)).organisation == town.community_office


def test_many_estates_are_answered_as_each_by_itself(town: Town, django_assert_num_queries: Any) -> None:
    estates = list(Estate.objects.all())
    with django_assert_num_queries(2):
        duties = duty_organisations(estates, TODAY)
    assert duties == {estate.pk: duty_organisation(estate, TODAY) for estate in estates}
    assert {duty.appointed for duty in duties.values()} == {True, False}
