"""Who may do what, where."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from accounts.roles import GRANTS, Permission, Role
from estates import access
from estates.models import Appointment
from estates.places import find_place, place_of
from repairs.models import Ticket
from tests.town import Town


def test_a_role_counts_where_its_organisation_is_on_duty(town: Town) -> None:
    assert access.permissions_in(town.lin, town.shuimen) == GRANTS[Role.DISPATCHER]
    assert access.permissions_in(town.lin, town.zhuxiang) == frozenset()
    assert access.permissions_in(town.clerk, town.zhuxiang) == GRANTS[Role.DISPATCHER]


def test_a_clerk_of_the_community_has_no_say_where_a_company_is_on_duty(town: Town) -> None:
    assert access.permissions_in(town.clerk, town.shuimen) == frozenset()


def test_covering_roles_count_over_the_whole_area_and_not_beyond(town: Town) -> None:
    overseeing = GRANTS[Role.STREET_OFFICER]
    assert access.permissions_in(town.street_officer, town.shuimen) == overseeing
    assert access.permissions_in(town.street_officer, town.garden) == frozenset()
    assert access.permissions_in(town.district_officer, town.garden) == GRANTS[Role.DISTRICT_OFFICER]
    assert access.permissions_in(town.grid_worker, town.shuimen) == GRANTS[Role.GRID_WORKER]
    assert access.permissions_in(town.grid_worker, town.garden) == frozenset()
    assert access.permissions_in(town.community_officer, town.shuimen) == GRANTS[Role.COMMUNITY_OFFICER]
    assert access.permissions_in(town.community_officer, town.garden) == frozenset()


def test_the_manager_of_a_community_counts_as_its_officer_where_another_is_on_duty(town: Town) -> None:
    Appointment.objects.filter(person=town.clerk).update(role=Role.MANAGER)
    clerk = User.objects.get(pk=town.clerk.pk)
    assert access.permissions_in(clerk, town.shuimen) == GRANTS[Role.COMMUNITY_OFFICER]
    assert access.permissions_in(clerk, town.zhuxiang) >= GRANTS[Role.MANAGER]
    assert access.permissions_in(clerk, town.garden) == frozenset()
    assert Ticket.objects.visible_to(clerk).filter(pk=town.ticket().pk).exists()


def test_residents_have_no_permission_anywhere(town: Town) -> None:
    assert access.permissions_in(town.chen, town.shuimen) == frozenset()
    assert not access.works_for(town.chen, town.centre)


def test_an_appointment_that_ended_yesterday_grants_nothing(town: Town) -> None:
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Appointment.objects.filter(person=town.lin).update(ends_on=yesterday)

    assert access.permissions_in(User.objects.get(pk=town.lin.pk), town.shuimen) == frozenset()


def test_someone_switched_off_may_nothing(town: Town) -> None:
    town.lin.is_active = False

    assert access.permissions_in(town.lin, town.shuimen) == frozenset()


def test_require_says_no_aloud(town: Town) -> None:
    access.require(town.lin, Permission.TICKET_ASSIGN, town.shuimen)
    with pytest.raises(PermissionDenied):
        access.require(town.wang, Permission.TICKET_ASSIGN, town.shuimen)


def test_overseers_see_the_estates_they_answer_for(town: Town) -> None:
    def seen(user: User) -> set[str]:
        return {estate.name for estate in access.estates_overseen_by(user)}

    assert seen(town.street_officer) == {town.shuimen.name, town.zhuxiang.name}
    assert seen(town.other_street_officer) == {town.garden.name}
    assert seen(town.district_officer) == {town.shuimen.name, town.zhuxiang.name, town.garden.name}
    assert seen(town.community_officer) == {town.shuimen.name, town.zhuxiang.name}
    assert seen(town.manager) == {town.shuimen.name}
    assert seen(town.lin) == seen(town.chen) == set()


@pytest.mark.parametrize("ref", ["", "flat-1", "dwelling-", "dwelling-99999999", "estate--1", "dwelling-1 or 1=1"])
def test_a_place_nobody_knows_is_no_place(town: Town, ref: str) -> None:
    assert find_place(ref) is None


def test_a_place_is_found_by_its_own_reference_in_one_query(town: Town, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for part in (town.flat502, town.stair2, town.building3, town.shuimen):
        place = place_of(part)
        with django_assert_num_queries(1):
            found = find_place(place.ref)
            assert found == place
            assert found is not None
            assert found.estate.community.street.district.code == "350502"


def test_the_public_name_of_a_place_stops_at_the_entrance(town: Town) -> None:
    place = place_of(town.flat502)

    assert place.public == "水门新村（示例） 3幢 2梯"
    assert place.full == "水门新村（示例） 3幢 2梯 502"
