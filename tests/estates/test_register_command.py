"""`import_register`: what an operator sees, does, and gets back as JSON."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from estates.models import Building, Community, Dwelling, Entrance, Estate, RegisterFile, RegisterStage
from estates.register import store
from tests.estates import sheets
from tests.estates.sheets import PLAIN, flat
from tests.town import Town


def run(path: Path, *options: str) -> dict[str, Any]:
    said = io.StringIO()
    call_command("import_register", str(path), "--json", *options, stdout=said)
    told: dict[str, Any] = json.loads(said.getvalue())
    return told


def refused_rows(told: dict[str, Any]) -> list[int]:
    return [each["row"] for each in told["refused"]]


NEW = {"estates": 2, "buildings": 2, "entrances": 3, "dwellings": 20}
NONE = dict.fromkeys(NEW, 0)


def test_an_offices_own_table_is_understood(town: Town, tmp_path: Path) -> None:
    told = run(sheets.office_register(tmp_path / "台账.xlsx"))

    assert told["new"] == NEW
    assert (told["changed"], told["unchanged"]) == (0, 0)
    assert refused_rows(told) == [31, 32, 33, 34, 35]
    assert "D35" in told["refused"][4]["reason"]


def test_a_preview_changes_nothing(town: Town, tmp_path: Path) -> None:
    before = Dwelling.objects.count(), Estate.objects.count(), Community.objects.count()
    run(sheets.office_register(tmp_path / "台账.xlsx"))

    assert (Dwelling.objects.count(), Estate.objects.count(), Community.objects.count()) == before
    assert not RegisterFile.objects.exists()


def test_applied_it_stands_as_the_office_meant_it(town: Town, tmp_path: Path) -> None:
    run(sheets.office_register(tmp_path / "台账.xlsx"), "--apply")

    estate = Estate.objects.get(name="东篱小区（示例）")
    assert (estate.community, estate.year_built) == (town.xinmen, 1995)
    building = Building.objects.get(estate=estate)
    assert (building.label, building.year_built, building.storeys) == ("1号楼", 1995, 3)
    assert list(Entrance.objects.filter(building=building).values_list("label", flat=True)) == ["1梯", "2梯"]
    flats = Dwelling.objects.filter(entrance__building=building, entrance__label="1梯")
    assert list(flats.values_list("label", flat=True)) == ["101", "102", "201", "202", "301", "302"]
    assert {str(each.area) for each in flats} == {"60.50", "88.50"}
    assert Dwelling.objects.filter(entrance__building=building, kind="shop").count() == 1


def test_the_same_file_twice_changes_nothing(town: Town, tmp_path: Path) -> None:
    path = sheets.office_register(tmp_path / "台账.xlsx")
    run(path, "--apply")
    told = run(path, "--apply")

    assert (told["new"], told["changed"], told["unchanged"]) == (NONE, 0, 20)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_comes_in_any_encoding_an_office_has(town: Town, tmp_path: Path, encoding: str) -> None:
    told = run(sheets.text(tmp_path / "台账.csv", [PLAIN, flat(), flat(label="102")], encoding))

    assert told["new"] == {"estates": 1, "buildings": 1, "entrances": 1, "dwellings": 2}
    assert told["refused"] == []


def test_the_applied_file_is_kept_with_what_it_changed(town: Town, tmp_path: Path) -> None:
    path = sheets.office_register(tmp_path / "台账.xlsx")
    run(path, "--apply")

    file = RegisterFile.objects.get()
    assert (file.stage, file.by_command, file.counts["new"]) == (RegisterStage.APPLIED, True, NEW)
    assert store.whole(file.path, file.sha256).read_bytes() == path.read_bytes()


def test_flats_missing_from_a_newer_file_are_listed_and_stay(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    run(sheets.plain(path, flat(), flat(label="102")), "--apply")
    told = run(sheets.plain(path, flat()), "--apply")

    assert told["vanished"] == ["临江街道 东篱小区（示例） 1号楼 1梯 102"]
    assert Dwelling.objects.filter(entrance__building__estate__name="东篱小区（示例）").count() == 2


def test_a_flat_named_by_a_refused_row_is_not_missing(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    run(sheets.plain(path, flat(), flat(label="102")), "--apply")
    told = run(sheets.plain(path, flat(), flat(label="102", area="六十平")))

    assert (told["vanished"], refused_rows(told)) == ([], [3])


def test_flats_under_empty_merged_cells_are_refused_and_not_given_to_the_estate_above(
    town: Town, tmp_path: Path
) -> None:
    rows = [
        PLAIN,
        flat(),
        [None] * 10,
        [None, None, None, *flat(label="102")[3:]],
        [None, None, None, *flat(label="103")[3:]],
    ]
    path = sheets.workbook(tmp_path / "a.xlsx", rows, merges=["A3:A5", "B3:B5", "C3:C5"])
    told = run(path)

    assert (told["new"]["dwellings"], refused_rows(told)) == (1, [4, 5])
    assert all("C3:C5" in each["reason"] for each in told["refused"])


def test_a_file_that_cannot_be_used_is_one_sentence(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"")
    with pytest.raises(CommandError, match=r"^[^\n]+$") as told:
        run(path)
    assert told.value.returncode == 1


def test_a_file_that_is_not_there_is_one_sentence(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        run(tmp_path / "nowhere.xlsx")


def test_without_json_it_speaks_in_words(town: Town, tmp_path: Path) -> None:
    said = io.StringIO()
    call_command("import_register", str(sheets.office_register(tmp_path / "台账.xlsx")), stdout=said)

    lines = said.getvalue().splitlines()
    assert len(lines) == 2 + 5
    assert "dwellings 20" in lines[1]
    assert "31" in lines[2]


def test_ten_thousand_flats_are_previewed_within_twenty_seconds(town: Town, tmp_path: Path) -> None:
    import time

    path = sheets.big_register(tmp_path / "big.xlsx", 10_000)
    began = time.perf_counter()
    told = run(path)

    assert (told["new"]["dwellings"], told["refused"]) == (10_000, [])
    assert time.perf_counter() - began < 20
