"""The rules of a row are the database's: each constraint refuses what it names."""

import datetime
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from estates.models import (
    Appointment,
    Building,
    Community,
    Dwelling,
    Entrance,
    Estate,
    Management,
    ManagementMode,
    Organisation,
    OrganisationKind,
    Residence,
    ResidenceKind,
    Zone,
)
from tests.town import LONG_AGO, Town

BEFORE = LONG_AGO - datetime.timedelta(days=1)

REFUSED: dict[str, Callable[[Town], object]] = {
    "community_name_is_unique_in_its_street": lambda t: Community.objects.create(street=t.linjiang, name="新门社区"),
    "zone_name_is_unique_in_its_community": lambda t: Zone.objects.bulk_create(
        [Zone(community=t.xinmen, name="一片"), Zone(community=t.xinmen, name="一片")]
    ),
    "estate_name_is_unique_in_its_community": lambda t: Estate.objects.create(
        community=t.xinmen, name="水门新村 （示例）"
    ),
    "estate_has_a_name": lambda t: Estate.objects.create(community=t.xinmen, name="  "),
    "building_label_is_unique_in_its_estate": lambda t: Building.objects.create(estate=t.shuimen, label="３ 幢"),
    "building_has_a_label": lambda t: Building.objects.create(estate=t.shuimen, label=" "),
    "entrance_label_is_unique_in_its_building": lambda t: Entrance.objects.create(building=t.building3, label="二梯"),
    "entrance_has_a_label": lambda t: Entrance.objects.create(building=t.building3, label=""),
    "dwelling_label_is_unique_in_its_entrance": lambda t: Dwelling.objects.create(entrance=t.stair2, label="５０２"),
    "dwelling_has_a_label": lambda t: Dwelling.objects.create(entrance=t.stair2, label=""),
    "dwelling_area_is_positive": lambda t: Dwelling.objects.create(entrance=t.stair2, label="601", area=0),
    "organisation_has_a_phone": lambda t: Organisation.objects.create(
        kind=OrganisationKind.COMPANY, name="无电话物业", phone=""
    ),
    "organisation_street_office_stays_open": lambda t: Organisation.objects.filter(pk=t.linjiang.office_id).update(
        closed_on=LONG_AGO
    ),
    "management_is_of_one_estate_or_one_zone": lambda t: Management.objects.create(
        organisation=t.company, mode=ManagementMode.COMPANY, starts_on=LONG_AGO
    ),
    "management_names_an_organisation_unless_nobody": lambda t: Management.objects.create(
        estate=t.zhuxiang, mode=ManagementMode.COMPANY, starts_on=LONG_AGO
    ),
    "management_ends_after_it_starts": lambda t: Management.objects.create(
        estate=t.zhuxiang, organisation=t.company, mode=ManagementMode.COMPANY, starts_on=LONG_AGO, ends_on=BEFORE
    ),
    "management_of_one_estate_never_overlaps": lambda t: Management.objects.create(
        estate=t.shuimen,
        organisation=t.company,
        mode=ManagementMode.COMPANY,
        starts_on=BEFORE,
        ends_on=LONG_AGO,
    ),
    "management_of_one_zone_never_overlaps": lambda t: [
        Management.objects.create(
            zone=Zone.objects.get_or_create(community=t.xinmen, name="联片")[0],
            organisation=organisation,
            mode=ManagementMode.COMPANY,
            starts_on=LONG_AGO,
        )
        for organisation in (t.company, t.centre)
    ],
    "residence_of_one_person_in_one_dwelling_is_single": lambda t: Residence.objects.create(
        person=t.chen, dwelling=t.flat502, kind=ResidenceKind.FAMILY, starts_on=LONG_AGO
    ),
    "residence_ends_after_it_starts": lambda t: Residence.objects.create(
        person=t.chen, dwelling=t.flat501, kind=ResidenceKind.FAMILY, starts_on=LONG_AGO, ends_on=BEFORE
    ),
    "residence_verified_at_has_verified_by": lambda t: Residence.objects.update(verified_by=t.lin),
    "appointment_to_one_role_is_single": lambda t: Appointment.objects.create(
        person=t.lin, organisation=t.centre, role="dispatcher", starts_on=LONG_AGO
    ),
    "appointment_ends_after_it_starts": lambda t: Appointment.objects.create(
        person=t.lin, organisation=t.centre, role="manager", starts_on=LONG_AGO, ends_on=BEFORE
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses_what_breaks_the_rule(town: Town, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        REFUSED[name](town)


def test_every_rule_of_the_register_has_its_failing_insert() -> None:
    models = [Building, Community, Dwelling, Entrance, Estate, Management, Organisation, Residence, Appointment, Zone]
    rules = {constraint.name for model in models for constraint in model._meta.constraints}

    assert rules == set(REFUSED)


def test_two_managements_may_follow_each_other(town: Town) -> None:
    Management.objects.filter(estate=town.shuimen).update(ends_on=datetime.date(2025, 12, 31))

    later = Management.objects.create(
        estate=town.shuimen,
        organisation=town.company,
        mode=ManagementMode.COMPANY,
        starts_on=datetime.date(2026, 1, 1),
    )

    assert later.pk
