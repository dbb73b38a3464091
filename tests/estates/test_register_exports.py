"""Taken out and brought in again: the same columns, the same register, and no cell that runs."""

from pathlib import Path

import pytest
from django.test import Client
from openpyxl import load_workbook

from estates.models import Building, Dwelling, Entrance, Estate, RegisterKind
from estates.register import exports
from tests.clients import signed_in
from tests.estates import sheets
from tests.estates.sheets import PLAIN
from tests.estates.test_register_pages import applied, previewed
from tests.town import Town


def export(browser: Client, kind: str, form: str, tmp_path: Path) -> Path:
    """An export as a file."""
    path = tmp_path / f"out.{form}"
    path.write_bytes(browser.get(f"/register/export/{kind}.{form}").getvalue())
    return path


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("kind", RegisterKind)
def test_what_is_taken_out_and_brought_in_again_changes_nothing(
    town: Town, tmp_path: Path, kind: RegisterKind, form: str
) -> None:
    Estate.objects.create(community=town.xinmen, name="=1+1（示例）")
    Building.objects.create(estate=town.shuimen, label="@3号楼")
    stair = Entrance.objects.create(
        building=Building.objects.create(estate=town.shuimen, label="C区9号楼"), label="B梯"
    )
    Dwelling.objects.create(entrance=stair, label="-101", floor=-1, area="88.50", kind="shop")
    applied(sheets.office_register(tmp_path / "台账.xlsx"), town.admin)
    file = previewed(export(signed_in(town.admin), kind, form, tmp_path), town.admin)

    assert (file.kind, sum(file.counts["new"].values()), file.counts["changed"]) == (kind, 0, 0)
    assert (file.refused, file.counts["unchanged"] > 1, file.vanished) == ([], True, [])


@pytest.mark.parametrize("mark", ["=", "+", "-", "@"])
def test_no_cell_of_an_export_begins_a_formula(town: Town, tmp_path: Path, mark: str) -> None:
    Dwelling.objects.create(entrance=town.stair2, label=f"{mark}1+1")
    browser = signed_in(town.manager)
    sheet = load_workbook(export(browser, "dwellings", "xlsx", tmp_path)).active
    table = export(browser, "dwellings", "csv", tmp_path).read_text("utf-8-sig")

    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert f"'{mark}1+1" in {cell.value for cell in cells}
    assert f",'{mark}1+1," in table


def test_an_export_has_the_columns_of_an_import_and_only_what_is_in_reach(town: Town) -> None:
    rows = list(exports.rows(RegisterKind.DWELLINGS, town.manager))

    assert exports.headings(RegisterKind.DWELLINGS) == PLAIN
    assert [row[2:6] for row in rows] == [["水门新村（示例）", "3幢", "2梯", each] for each in ("501", "502")]
