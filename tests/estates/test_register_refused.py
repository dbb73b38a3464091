"""Refused rows: shown by reason, taken home, mended and sent in again."""

import csv
from pathlib import Path

from estates.models import Estate, RegisterFile, RegisterStage
from estates.register import actions
from tests.clients import signed_in
from tests.estates import sheets
from tests.estates.sheets import HEADER, PLAIN, flat
from tests.estates.test_register_pages import applied, previewed, reasons, sent, worked
from tests.town import Town

NAMELESS = [None, None, None]


def hollow_register(path: Path) -> Path:
    """One flat, and three under merged cells that are empty because a blank row was merged with them."""
    flats = [[*NAMELESS, *flat(label=label)[3:]] for label in ("101", "102", "103")]
    rows = [["底数台账"], PLAIN, flat(), [None] * 10, *flats]
    return sheets.workbook(path, rows, merges=["A1:J1", "A4:A7", "B4:B7", "C4:C7"])


def taken_home(file: RegisterFile, town: Town) -> list[list[str]]:
    """The refused rows as they are downloaded."""
    table = signed_in(town.district_officer).get(f"/register/{file.pk}/refused.csv").getvalue().decode("utf-8-sig")
    return list(csv.reader(table.splitlines()))


def sent_back(path: Path, rows: list[list[str]], town: Town) -> RegisterFile:
    """The rows as somebody saved them in Excel, compared."""
    with path.open("w", encoding="utf-8-sig", newline="") as table:
        csv.writer(table).writerows(rows)
    return previewed(path, town.district_officer)


def test_a_formula_taken_home_and_sent_back_is_still_no_name(town: Town, tmp_path: Path) -> None:
    rows = taken_home(previewed(sheets.office_register(tmp_path / "台账.xlsx"), town.district_officer), town)
    right = [["", "", "", *map(str, flat(label=f"{number}"))] for number in range(101, 111)]
    again = sent_back(tmp_path / "改.csv", [rows[0], rows[-1], *right], town)

    assert (reasons(again), again.counts["new"]["estates"]) == ([(2, "formula")], 1)


def test_what_a_broken_formula_left_in_a_table_is_no_name(town: Town, tmp_path: Path) -> None:
    rows = [PLAIN, *(flat(label=f"{number}") for number in range(101, 112)), flat(*sheets.NEW_ESTATE, "#REF!", "1梯")]
    file = previewed(sheets.text(tmp_path / "a.csv", rows), town.district_officer)

    assert reasons(file) == [(13, "formula")]


def test_a_lost_name_written_once_over_its_refused_rows_brings_them_in(town: Town, tmp_path: Path) -> None:
    rows = taken_home(previewed(hollow_register(tmp_path / "a.xlsx"), town.district_officer), town)
    rows[1][2:5] = ["临江街道", "新门社区", "春晖花园（示例）"]
    again = sent_back(tmp_path / "改.csv", rows, town)

    assert (again.counts["new"]["estates"], again.counts["new"]["dwellings"], reasons(again)) == (1, 3, [])


def test_refused_rows_have_the_columns_of_the_file_and_no_more(town: Town, tmp_path: Path) -> None:
    rows = taken_home(previewed(sheets.office_register(tmp_path / "台账.xlsx"), town.district_officer), town)

    assert rows[0][2:] == HEADER


def test_rows_refused_together_for_one_reason_are_one_line(town: Town, tmp_path: Path) -> None:
    file = previewed(hollow_register(tmp_path / "a.xlsx"), town.district_officer)
    page = signed_in(town.district_officer).get(f"/register/{file.pk}/")

    assert [line[0] for line in page.context["refused"]] == ["5–7（3 行）"]
    assert page.context["counts"]["refused"] == 3


def test_a_list_too_long_for_the_page_says_so(town: Town, tmp_path: Path) -> None:
    wrong = [flat(label=f"{number}", area=f"{number}亩") for number in range(101, 152)]
    browser = signed_in(town.district_officer)
    pages = [
        browser.get(f"/register/{previewed(path, town.district_officer).pk}/").content.decode()
        for path in (sheets.plain(tmp_path / "50.xlsx", *wrong[:50]), sheets.plain(tmp_path / "51.xlsx", *wrong))
    ]

    assert ["这里只列出前 50 条。" in page for page in pages] == [False, True]


def test_a_column_beyond_the_header_can_be_chosen(town: Town, tmp_path: Path) -> None:
    rows = [PLAIN, [*flat(), "9"], [*flat(label="102"), "9"]]
    file = sent(sheets.text(tmp_path / "a.csv", rows), town.district_officer)
    actions.choose_columns(file, columns=file.columns | {"building": 10}, by=town.district_officer)
    file = worked(file, town.district_officer)

    assert (file.stage, reasons(file), file.counts["new"]["dwellings"]) == (RegisterStage.PREVIEWED, [], 2)


def test_a_row_that_ends_early_has_nothing_in_the_columns_after_it(town: Town, tmp_path: Path) -> None:
    rows = [PLAIN, flat(), flat(label="102")[:7]]
    file = previewed(sheets.text(tmp_path / "a.csv", rows), town.district_officer)

    assert (file.stage, reasons(file), file.counts["new"]["dwellings"]) == (RegisterStage.PREVIEWED, [], 2)


def test_applied_refusals_do_not_hold_back_the_rest(town: Town, tmp_path: Path) -> None:
    file = applied(sheets.office_register(tmp_path / "台账.xlsx"), town.district_officer)

    assert (file.stage, len(file.refused)) == (RegisterStage.APPLIED, 5)
    assert Estate.objects.filter(name="东篱小区（示例）").exists()
