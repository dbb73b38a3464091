"""Files that can't be used: one clear sentence each, and nothing changes."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estates.models import Dwelling
from estates.register import files, work
from estates.register.reasons import SENTENCES, FileRefused, RowRefused
from tests.estates import sheets
from tests.estates.sheets import PLAIN, flat
from tests.estates.test_register_command import refused_rows, run
from tests.town import Town


def refusal(path: Path) -> tuple[str, dict[str, object]]:
    try:
        choice = work.look_at(path, path.name, None, "")
        work.read(path, path.name, choice, work.quiet)
    except FileRefused as refused:
        return refused.code, refused.words
    return "", {}


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


WORKBOOK = {"xl__workbook_dot_xml": b"<workbook/>"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"", "empty"),
        ("a.csv", b"\xef\xbb\xbf", "empty"),
        ("a.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(100), "not_a_table"),
        ("a.csv", b"%PDF-1.4\n\x00\x01\xff\xff", "not_a_table"),
        ("a.csv", "亲爱的同事，请看附件。".encode(), "no_header"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_excel"),
        ("a.docx", sheets.archive(word__document_dot_xml=b"<x/>"), "not_a_table"),
        ("a.xlsm", sheets.archive(**WORKBOOK), "macros"),
        ("a.xlsx", sheets.archive(**WORKBOOK, xl__vbaProject_dot_bin=b"x"), "macros"),
        ("a.xlsx", sheets.archive(**WORKBOOK), "damaged"),
        (
            "a.xlsx",
            sheets.archive(xl__workbook_dot_xml=b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>'),
            "damaged",
        ),
        ("a.xlsx", b"PK\x03\x04" + bytes(50), "damaged"),
    ],
)
def test_what_is_no_table_is_told_so(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    assert refusal(written(tmp_path / name, content))[0] == code


def test_two_hundred_megabytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(200 * files.MEGABYTE)

    assert refusal(path) == ("too_big", {"most": 20})


def test_a_small_file_that_unpacks_into_a_big_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", b"<workbook/>")
        with made.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(files.MAX_UNPACKED // files.MEGABYTE + 1):
                part.write(bytes(files.MEGABYTE))

    assert path.stat().st_size < files.MEGABYTE
    assert refusal(path) == ("unpacks_too_big", {"most": 150})


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("estates.register.table.MAX_ROWS", 3)
    path = sheets.plain(tmp_path / "a.xlsx", *(flat(label=str(label)) for label in range(4)))

    assert refusal(path) == ("too_many_rows", {"most": 3})


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = sheets.workbook(tmp_path / "a.xlsx", [PLAIN[:4], flat()[:4]])

    assert refusal(path) == ("missing_columns", {"columns": ["Entrance", "Flat"]})


def test_a_header_without_rows_is_told_so(tmp_path: Path) -> None:
    assert refusal(sheets.plain(tmp_path / "a.xlsx"))[0] == "no_rows"


def test_a_file_full_of_formulas_is_refused_and_the_first_is_named(tmp_path: Path) -> None:
    rows = [flat(label=f"{floor}01", floor=f"={floor}") for floor in range(1, 6)]

    assert refusal(sheets.plain(tmp_path / "a.xlsx", *rows)) == ("formulas", {"cell": "G2"})


def test_one_formula_among_many_rows_costs_its_row(town: Town, tmp_path: Path) -> None:
    rows = [flat(label=str(label)) for label in range(101, 121)]
    rows[3][7] = "=30*2"
    told = run(sheets.plain(tmp_path / "a.xlsx", *rows), "--apply")

    assert (told["new"]["dwellings"], refused_rows(told)) == (19, [5])
    assert "H5" in told["refused"][0]["reason"]


def test_a_formula_in_a_column_we_do_not_read_is_nothing_to_us(town: Town, tmp_path: Path) -> None:
    path = sheets.workbook(tmp_path / "a.xlsx", [["序号", *PLAIN], ["=ROW()-1", *flat()]])

    assert run(path)["refused"] == []


def test_in_a_csv_a_cell_that_begins_like_a_formula_is_one(town: Town, tmp_path: Path) -> None:
    rows = [flat(label=str(label)) for label in range(101, 121)]
    rows[0][2] = "=1+1"

    assert refused_rows(run(sheets.text(tmp_path / "a.csv", [PLAIN, *rows]))) == [2]


def test_a_refused_file_changes_nothing(town: Town, tmp_path: Path) -> None:
    before = Dwelling.objects.count()
    refusal(sheets.workbook(tmp_path / "a.xlsx", [PLAIN[:4], flat()[:4]]))

    assert Dwelling.objects.count() == before


PARTS = ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "[Content_Types].xml"]
CUTS = st.lists(st.tuples(st.floats(0, 1), st.integers(32, 126)), min_size=1, max_size=8)


@given(part=st.sampled_from(PARTS), cuts=CUTS)
def test_a_damaged_file_is_refused_or_read_but_never_breaks_us(
    tmp_path_factory: pytest.TempPathFactory, part: str, cuts: list[tuple[float, int]]
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    path = sheets.mutilated(sheets.office_register(folder / "a.xlsx"), folder / "b.xlsx", part, cuts)
    try:
        choice = work.look_at(path, path.name, None, "")
        work.read(path, path.name, choice, work.quiet)
    except FileRefused as refused:
        assert refused.code in SENTENCES  # noqa: PT017


def test_every_reason_has_its_words() -> None:
    import re

    raised = re.compile(r"""(?:RowRefused|FileRefused)\(\s*"(\w+)\"""")
    source = "".join(path.read_text() for path in Path(work.__file__).parent.glob("*.py"))
    assert set(raised.findall(source)) | {"hollow"} <= set(SENTENCES)
    assert issubclass(RowRefused, Exception)


def test_a_sheet_with_a_document_type_of_its_own_is_refused(tmp_path: Path) -> None:
    good, bad = sheets.plain(tmp_path / "a.xlsx", flat()), tmp_path / "b.xlsx"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info, b"<!DOCTYPE worksheet>" + content if "sheet1" in info.filename else content)

    assert (refusal(good)[0], refusal(bad)[0]) == ("", "damaged")
