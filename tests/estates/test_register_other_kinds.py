"""Organisations, managements and staff, each from a sheet of their own."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Model

from accounts.models import User
from accounts.roles import Role
from estates.models import Appointment, Management, ManagementMode, Organisation, OrganisationKind
from tests.estates import sheets
from tests.estates.test_register_pages import applied, previewed, reasons
from tests.town import LONG_AGO, Town

ORGANISATIONS = ["单位名称", "类别", "电话"]
MANAGEMENTS = ["小区", "单位", "管理方式", "起", "止"]
STAFF = ["用户名", "姓名", "单位", "角色", "工种", "起", "止"]
CENTRE = "水门家园服务中心（示例）"


def sheet(tmp_path: Path, header: sheets.Row, *rows: sheets.Row) -> Path:
    return sheets.workbook(tmp_path / "a.xlsx", [["附件"], header, *rows])


# ---------------------------------------------------------------- organisations
def test_organisations_are_made_and_changed_by_name(town: Town, tmp_path: Path) -> None:
    rows: list[sheets.Row] = [["新安物业（示例）", "物业公司", 22280119], [CENTRE, "家园中心", "0595-2228 9999"]]
    file = applied(sheet(tmp_path, ORGANISATIONS, *rows), town.admin)

    assert (file.kind, file.counts["new"], file.counts["changed"]) == ("organisations", {"organisations": 1}, 1)
    made = Organisation.objects.get(name="新安物业（示例）")
    assert (made.kind, made.phone) == (OrganisationKind.COMPANY, "22280119")
    assert Organisation.objects.get(pk=town.centre.pk).phone == "0595-2228 9999"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["甲（示例）", "不知道", "110"], "not_choice"),
        (["甲（示例）", "物业", "打电话"], "not_phone"),
        (["甲（示例）", "物业", None], "blank"),
        (["临江街道办（示例）", "物业", "110"], "office_closed"),
    ],
)
def test_an_organisation_that_makes_no_sense_is_refused(town: Town, tmp_path: Path, row: sheets.Row, code: str) -> None:
    assert reasons(previewed(sheet(tmp_path, ORGANISATIONS, row), town.admin)) == [(3, code)]


@pytest.mark.parametrize(
    ("who", "name", "kind", "refused"),
    [
        ("street_officer", "新安物业（示例）", "物业", False),
        ("street_officer", CENTRE, "家园中心", False),
        ("street_officer", "清源物业（示例）", "物业", True),
        ("street_officer", "又一街道办（示例）", "街道办", True),
        ("manager", CENTRE, "家园中心", False),
        ("manager", "新安物业（示例）", "物业", True),
        ("district_officer", "又一街道办（示例）", "街道办", False),
    ],
)
def test_nobody_writes_about_organisations_beyond_their_reach(
    town: Town, tmp_path: Path, who: str, name: str, kind: str, refused: bool
) -> None:
    file = previewed(sheet(tmp_path, ORGANISATIONS, [name, kind, "0595-1"]), getattr(town, who))
    assert reasons(file) == ([(3, "not_your_organisation")] if refused else [])


# ---------------------------------------------------------------- managements
def test_a_management_begins_where_there_was_none(town: Town, tmp_path: Path) -> None:
    row = ["竹巷宿舍（示例）", "清源物业（示例）", "物业公司", "2026年1月1日", "2026-12-31"]
    file = applied(sheet(tmp_path, MANAGEMENTS, row), town.district_officer)

    assert file.counts["new"] == {"managements": 1}
    made = Management.objects.get(estate=town.zhuxiang)
    assert (made.organisation, made.mode, made.starts_on) == (town.company, ManagementMode.COMPANY, sheets.today())


@pytest.mark.parametrize("start", ["2024-01-01", "2019-01-01"])
def test_two_managements_on_one_day_are_refused_with_the_reason(town: Town, tmp_path: Path, start: str) -> None:
    row = ["水门新村（示例）", "清源物业（示例）", "物业", start, None]
    file = previewed(sheet(tmp_path, MANAGEMENTS, row), town.district_officer)

    assert reasons(file) == [(3, "overlaps_open")]
    assert file.refused[0]["words"] == {"place": "水门新村（示例）", "start": "2020-01-01"}


def test_one_file_ends_a_management_and_begins_the_next(town: Town, tmp_path: Path) -> None:
    new = ["水门新村（示例）", "清源物业（示例）", "物业", sheets.today(), None]
    old = ["水门新村（示例）", CENTRE, "家园中心", LONG_AGO, "2025-12-31"]
    file = applied(sheet(tmp_path, MANAGEMENTS, new, old), town.district_officer)

    assert (file.counts["new"], file.counts["changed"], file.refused) == ({"managements": 1}, 1, [])
    held = Management.objects.filter(estate=town.shuimen).order_by("starts_on").values_list("organisation", "ends_on")
    assert list(held) == [(town.centre.pk, datetime.date(2025, 12, 31)), (town.company.pk, None)]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["没有小区", CENTRE, "家园中心", "2026-01-01"], "no_estate"),
        (["竹巷宿舍（示例）", "没有单位", "物业", "2026-01-01"], "no_organisation"),
        (["竹巷宿舍（示例）", CENTRE, "无人管理", "2026-01-01"], "nobody_named"),
        (["竹巷宿舍（示例）", None, "物业", "2026-01-01"], "nobody_missing"),
        (["竹巷宿舍（示例）", CENTRE, "家园中心", "元旦"], "not_date"),
        (["竹巷宿舍（示例）", CENTRE, "家园中心", "2026-01-01", "2025-01-01"], "ends_before"),
    ],
)
def test_a_management_that_makes_no_sense_is_refused(town: Town, tmp_path: Path, row: sheets.Row, code: str) -> None:
    assert reasons(previewed(sheet(tmp_path, MANAGEMENTS, row), town.district_officer)) == [(3, code)]


def test_a_management_outside_ones_street_is_refused(town: Town, tmp_path: Path) -> None:
    row = ["临海花园（示例）", "清源物业（示例）", "物业", "2020-01-01", "2026-12-31"]
    assert reasons(previewed(sheet(tmp_path, MANAGEMENTS, row), town.street_officer)) == [(3, "not_yours")]


# ---------------------------------------------------------------- staff
def test_new_staff_can_not_sign_in_until_an_administrator_sets_a_password(town: Town, tmp_path: Path) -> None:
    row = ["ZhaoLi", "赵丽", CENTRE, "师傅", "木工", "2026-01-01"]
    file = applied(sheet(tmp_path, STAFF, row), town.manager)

    person = User.objects.get(username="zhaoli")
    assert (file.counts["new"], person.display_name) == ({"people": 1, "appointments": 1}, "赵丽")
    assert not person.has_usable_password()
    held = Appointment.objects.get(person=person)
    assert (held.organisation, held.role, held.trade) == (town.centre, Role.WORKER, "木工")


def test_a_known_person_is_changed_not_doubled(town: Town, tmp_path: Path) -> None:
    row = ["wang", "王建国", CENTRE, "师傅", "水电师傅", LONG_AGO, "2026-12-31"]
    file = applied(sheet(tmp_path, STAFF, row), town.manager)

    assert (file.counts["new"], file.counts["changed"]) == ({"people": 0, "appointments": 0}, 1)
    assert Appointment.objects.get(person=town.wang).ends_on == datetime.date(2026, 12, 31)


@pytest.mark.parametrize(
    ("who", "row", "code"),
    [
        ("manager", ["new1", "甲", "清源物业（示例）", "师傅"], "not_your_organisation"),
        ("manager", ["new1", "甲", CENTRE, "街道"], "not_your_role"),
        ("manager", ["manager", "黄经理", CENTRE, "区"], "not_your_role"),
        ("manager", ["qing", "苏清", CENTRE, "师傅"], "not_your_person"),
        ("manager", ["admin", "我", CENTRE, "师傅"], "not_your_person"),
        ("street_officer", ["street", "郑科长", "临江街道办（示例）", "区"], "not_your_role"),
        ("street_officer", ["new1", "甲", "海滨街道办（示例）", "街道"], "not_your_organisation"),
        ("district_officer", ["admin", "我", CENTRE, "师傅"], "not_your_person"),
        ("district_officer", ["new1", "甲", "没有单位", "师傅"], "no_organisation"),
        ("district_officer", ["a b!", "甲", CENTRE, "师傅"], "not_a_username"),
    ],
)
def test_nobody_gives_rights_beyond_their_own(town: Town, tmp_path: Path, who: str, row: Any, code: str) -> None:
    file = previewed(sheet(tmp_path, STAFF, [*row, None, "2026-01-01"]), getattr(town, who))

    assert reasons(file) == [(3, code)]


@pytest.mark.parametrize(
    ("who", "row"),
    [
        ("street_officer", ["new1", "甲", "临江街道办（示例）", "街道"]),
        ("street_officer", ["new1", "甲", CENTRE, "经理"]),
        ("district_officer", ["new1", "甲", "海滨街道办（示例）", "街道"]),
    ],
)
def test_whoever_may_appoint_can(town: Town, tmp_path: Path, who: str, row: Any) -> None:
    file = previewed(sheet(tmp_path, STAFF, [*row, None, "2026-01-01"]), getattr(town, who))

    assert (file.refused, file.counts["new"]["appointments"]) == ([], 1)


# ---------------------------------------------------------------- what a file leaves out
@pytest.mark.parametrize(
    ("model", "header", "row"),
    [
        (Organisation, ORGANISATIONS, ["新安物业（示例）", "物业公司", "22280119"]),
        (Management, MANAGEMENTS, ["竹巷宿舍（示例）", "清源物业（示例）", "物业公司", "2026-01-01"]),
        (Appointment, STAFF, ["zhaoli", "赵丽", CENTRE, "师傅", "木工", "2026-01-01"]),
    ],
)
def test_what_a_file_leaves_out_stays_as_it_is(
    town: Town, tmp_path: Path, model: type[Model], header: sheets.Row, row: sheets.Row
) -> None:
    before = list(model._default_manager.order_by("pk").values())
    file = applied(sheet(tmp_path, header, row), town.admin)

    after = list(model._default_manager.order_by("pk").values())
    assert (len(before) > 1, after[:-1], len(after), file.vanished) == (True, before, len(before) + 1, [])
