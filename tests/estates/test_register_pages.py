"""The pages: who gets them, from the file to the yes, and what happens when two say yes at once."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from estates.models import Building, Dwelling, Entrance, Estate, RegisterFile, RegisterKind, RegisterStage
from estates.register import actions, store, work
from estates.tasks import resume_register, sweep_register
from tests.clients import everybody_but, signed_in, who_gets
from tests.estates import sheets
from tests.estates.sheets import PLAIN, flat
from tests.town import Town

MAY = {"manager", "street_officer", "other_street_officer", "district_officer", "admin"}


def sent(path: Path, by: User, kind: str = "") -> RegisterFile:
    """The file, sent in and read by the worker."""
    upload = SimpleUploadedFile(path.name, path.read_bytes())
    file = actions.receive(upload, kind=kind, by=by)
    return worked(file, by)


def worked(file: RegisterFile, by: User) -> RegisterFile:
    """The file after the worker's next step."""
    work.work_on(file.pk, by)
    return RegisterFile.objects.get(pk=file.pk)


def previewed(path: Path, by: User, kind: str = "") -> RegisterFile:
    """The file compared by its guessed columns."""
    file = sent(path, by, kind)
    assert file.stage == RegisterStage.COLUMNS
    actions.choose_columns(file, columns=file.columns, by=by)
    return worked(file, by)


def applied(path: Path, by: User, kind: str = "") -> RegisterFile:
    """The file brought in."""
    file = previewed(path, by, kind)
    actions.confirm(file, by=by)
    return worked(file, by)


def reasons(file: RegisterFile) -> list[tuple[int, str]]:
    return [(each["row"], each["code"]) for each in file.refused]


# ---------------------------------------------------------------- who
def test_only_those_who_bring_in_registers_find_the_page(town: Town) -> None:
    found = who_gets(town, "/register/")
    assert found == {200: MAY, 404: everybody_but(*MAY), 302: {"nobody"}}


@pytest.mark.parametrize("kind", RegisterKind)
def test_only_they_take_it_out(town: Town, kind: RegisterKind) -> None:
    found = who_gets(town, f"/register/export/{kind}.csv")
    assert found == {200: MAY, 404: everybody_but(*MAY), 302: {"nobody"}}


@pytest.mark.parametrize("tail", ["", "columns/", "refused.csv", "changed.csv", "vanished.csv"])
def test_a_file_is_seen_by_its_sender_their_colleagues_and_the_district(town: Town, tmp_path: Path, tail: str) -> None:
    file = previewed(sheets.office_register(tmp_path / "台账.xlsx"), town.street_officer)
    found = who_gets(town, f"/register/{file.pk}/{tail}")

    seers = {"street_officer", "district_officer", "admin"}
    assert found == {200: seers, 404: everybody_but(*seers), 302: {"nobody"}}


@pytest.mark.parametrize("tail", ["columns/", "again/", "apply/"])
def test_a_stranger_can_do_nothing_with_a_file(town: Town, tmp_path: Path, tail: str) -> None:
    file = previewed(sheets.office_register(tmp_path / "台账.xlsx"), town.street_officer)

    assert signed_in(town.other_street_officer).post(f"/register/{file.pk}/{tail}").status_code == 404
    assert signed_in(town.manager).post(f"/register/{file.pk}/{tail}").status_code == 404


def test_a_street_officer_brings_in_only_their_street(town: Town, tmp_path: Path) -> None:
    file = applied(sheets.office_register(tmp_path / "台账.xlsx"), town.street_officer)

    assert file.counts["new"]["estates"] == 1
    assert [row for row, code in reasons(file) if code == "not_yours"] == list(range(18, 26))
    assert not Estate.objects.filter(name="晴雨新村（示例）").exists()


def test_a_manager_brings_in_only_what_their_organisation_manages(town: Town, tmp_path: Path) -> None:
    own = ["临江街道", "新门社区", "水门新村（示例）", "3幢", "2梯"]
    path = sheets.plain(tmp_path / "a.xlsx", flat(*own, label="601"), flat(label="101"))
    file = applied(path, town.manager)

    assert (file.counts["new"]["dwellings"], reasons(file)) == (1, [(3, "not_yours")])
    assert Dwelling.objects.filter(entrance=town.stair2, label="601").exists()


def test_whoever_lost_the_right_brings_in_nothing(town: Town, tmp_path: Path) -> None:
    file = previewed(sheets.plain(tmp_path / "a.xlsx", flat()), town.street_officer)
    actions.confirm(file, by=town.street_officer)
    town.street_officer.appointments.update(ends_on=sheets.LONG_GONE)
    file = worked(file, User.objects.get(pk=town.street_officer.pk))

    assert (file.stage, reasons(file)) == (RegisterStage.PREVIEWED, [(2, "not_yours")])


# ---------------------------------------------------------------- from the file to the yes
def test_the_request_only_keeps_the_file_and_asks_the_worker(town: Town, tmp_path: Path) -> None:
    path = sheets.office_register(tmp_path / "台账.xlsx")
    with path.open("rb") as content:
        answer = signed_in(town.district_officer).post("/register/upload/", {"file": content, "kind": ""})
    file = RegisterFile.objects.get()

    assert (answer.status_code, answer["Location"]) == (302, f"/register/{file.pk}/")
    assert (file.stage, file.uploaded_by, file.name) == (RegisterStage.READING, town.district_officer, "台账.xlsx")
    job = ProcrastinateJob.objects.get(task_name="estates.tasks.work_on_register")
    assert job.args == {"file": file.pk, "by": town.district_officer.pk}


@pytest.mark.parametrize("content", [b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_wrong_file_is_told_at_once_and_not_kept(town: Town, content: bytes, settings: Any) -> None:
    upload = SimpleUploadedFile("a.xlsx", content)
    answer = signed_in(town.district_officer).post("/register/upload/", {"file": upload})

    assert answer.status_code == 422
    assert "invalid-feedback" in answer.content.decode()
    assert not RegisterFile.objects.exists()
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def test_the_bar_moves_while_the_worker_reads(town: Town, tmp_path: Path) -> None:
    file = sent(sheets.plain(tmp_path / "a.xlsx", flat()), town.district_officer)
    RegisterFile.objects.filter(pk=file.pk).update(stage=RegisterStage.COMPARING, progress=40)
    browser = signed_in(town.district_officer)

    bar = browser.get(f"/register/{file.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert 'aria-valuenow="40"' in bar
    assert "<html" not in bar
    whole = browser.get(f"/register/{file.pk}/").content.decode()
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in whole
    worked(file, town.district_officer)
    assert browser.get(f"/register/{file.pk}/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_the_columns_are_shown_and_can_be_changed(town: Town, tmp_path: Path) -> None:
    header = [*PLAIN[:7], "套内面积", "产权", *PLAIN[8:]]
    rows = [[*flat()[:7], 48, 60, *flat()[8:]]]
    file = sent(sheets.workbook(tmp_path / "a.xlsx", [header, *rows]), town.district_officer)
    browser = signed_in(town.district_officer)
    page = browser.get(f"/register/{file.pk}/columns/").content.decode()
    assert "H · 套内面积 · 48" in page

    given = {**file.columns, "area": 8}
    browser.post(f"/register/{file.pk}/columns/", given)
    file = worked(file, town.district_officer)
    assert (file.stage, file.columns["area"], file.counts["new"]["dwellings"]) == (RegisterStage.PREVIEWED, 8, 1)


@pytest.mark.parametrize("changes", [{"building": ""}, {"building": 4}, {"building": 99}])
def test_columns_that_make_no_sense_are_asked_again(town: Town, tmp_path: Path, changes: dict[str, Any]) -> None:
    file = sent(sheets.plain(tmp_path / "a.xlsx", flat()), town.district_officer)
    answer = signed_in(town.district_officer).post(f"/register/{file.pk}/columns/", {**file.columns, **changes})

    assert answer.status_code == 422
    assert RegisterFile.objects.get().stage == RegisterStage.COLUMNS


def test_the_preview_says_what_and_why_and_the_refused_rows_can_be_taken(town: Town, tmp_path: Path) -> None:
    file = previewed(sheets.office_register(tmp_path / "台账.xlsx"), town.district_officer)
    browser = signed_in(town.district_officer)
    page = browser.get(f"/register/{file.pk}/").content.decode()
    assert re.findall(r"<b[^>]*>(\d+)</b></section>", page) == ["2", "2", "3", "20", "0", "0", "5"]

    table = browser.get(f"/register/{file.pk}/refused.csv").getvalue().decode()
    rows = table.splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["31", "32", "33", "34", "35"]
    assert ',"#公式 =HYPERLINK(""x"",""y"")",' in rows[5]


def test_yes_brings_it_in_and_says_who_and_when(town: Town, tmp_path: Path) -> None:
    file = previewed(sheets.office_register(tmp_path / "台账.xlsx"), town.district_officer)
    signed_in(town.district_officer).post(f"/register/{file.pk}/apply/")
    file = worked(file, town.district_officer)

    assert (file.stage, file.applied_by) == (RegisterStage.APPLIED, town.district_officer)
    assert file.applied_at is not None
    assert (
        Dwelling.objects.filter(entrance__building__estate__name__in=["东篱小区（示例）", "晴雨新村（示例）"]).count()
        == 20
    )


def test_the_applied_file_can_be_downloaded_again(town: Town, tmp_path: Path) -> None:
    path = sheets.office_register(tmp_path / "台账.xlsx")
    file = applied(path, town.district_officer)
    answer = signed_in(town.district_officer).get(f"/register/{file.pk}/file/")

    assert answer.getvalue() == path.read_bytes()
    assert answer["Content-Disposition"].startswith("attachment")
    assert signed_in(town.manager).get(f"/register/{file.pk}/file/").status_code == 404
    assert signed_in(None).get(f"/register/{file.pk}/file/").status_code == 302


def test_what_was_changed_is_kept_with_the_file(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    applied(sheets.plain(path, flat(), flat(label="102")), town.district_officer)
    file = applied(sheets.plain(path, flat(area=61), flat(label="102", kind="店面")), town.district_officer)

    assert (file.counts["changed"], file.counts["unchanged"]) == (2, 0)
    assert [each["changed"] for each in file.changes] == [
        [["Floor area", "60.00", "61.00"]],
        [["Use", "住宅", "店面"]],
    ]


def test_an_empty_cell_takes_nothing_away(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    applied(sheets.plain(path, flat()), town.district_officer)
    file = applied(sheets.plain(path, flat(floor=None, area=None, kind=None, year=None)), town.district_officer)

    assert (file.counts["changed"], file.counts["unchanged"]) == (0, 1)


def test_a_new_year_of_a_building_is_a_change(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    applied(sheets.plain(path, flat(), flat(label="102")), town.district_officer)
    rows = flat(year=1990), flat(label="102", year=1990), flat(label="103", year=1991)
    file = applied(sheets.plain(path, *rows), town.district_officer)

    assert (file.counts["changed"], reasons(file)) == (2, [(4, "year_differs")])
    assert Building.objects.get(estate__name="东篱小区（示例）").year_built == 1990


def test_a_flat_written_twice_is_refused_the_second_time(town: Town, tmp_path: Path) -> None:
    rows = flat(), flat(label="１０１", area=90), flat(*sheets.NEW_ESTATE, "1号楼", "一梯", label="101室")
    file = previewed(sheets.plain(tmp_path / "a.xlsx", *rows), town.district_officer)

    assert reasons(file) == [(3, "twice"), (4, "twice")]


def test_another_spelling_of_what_is_there_makes_nothing_new(town: Town, tmp_path: Path) -> None:
    one = flat("临江", "新门", "水门新村(示例)", "３幢", "二梯", label="501室", floor=5, area=None, year=None)
    street, community = "临江街道办事处", "新门社区居委会"
    other = flat(street, community, "水门新村（示例）", "3", "2", label=502.0, floor="五层", area="", year=None)
    file = previewed(sheets.plain(tmp_path / "a.xlsx", one, other), town.district_officer)

    assert (file.counts["unchanged"], file.counts["changed"], file.refused) == (2, 0, [])


# ---------------------------------------------------------------- all or nothing, once
def test_a_register_that_moved_since_the_preview_brings_a_new_preview(town: Town, tmp_path: Path) -> None:
    file = previewed(sheets.plain(tmp_path / "a.xlsx", flat()), town.district_officer)
    Estate.objects.create(community=town.xinmen, name="东篱小区（示例）")
    actions.confirm(file, by=town.district_officer)
    file = worked(file, town.district_officer)

    assert (file.stage, file.moved_on, file.applied_at) == (RegisterStage.PREVIEWED, True, None)
    assert (file.counts["new"]["estates"], Building.objects.filter(estate__name="东篱小区（示例）").exists()) == (
        0,
        False,
    )
    page = signed_in(town.district_officer).get(f"/register/{file.pk}/").content.decode()
    assert "note amber" in page


def test_a_failure_in_the_middle_leaves_nothing_behind(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise IntegrityError

    file = previewed(sheets.plain(tmp_path / "a.xlsx", flat()), town.district_officer)
    actions.confirm(file, by=town.district_officer)
    monkeypatch.setattr(Dwelling.objects, "bulk_create", fail)
    file = worked(file, town.district_officer)

    assert (file.stage, file.moved_on) == (RegisterStage.COMPARING, True)
    assert not Estate.objects.filter(name="东篱小区（示例）").exists()
    assert not Entrance.objects.filter(building__estate__name="东篱小区（示例）").exists()


def test_yes_counts_once(town: Town, tmp_path: Path) -> None:
    file = previewed(sheets.plain(tmp_path / "a.xlsx", flat()), town.district_officer)
    actions.confirm(file, by=town.district_officer)

    with pytest.raises(actions.FileMovedOn):
        actions.confirm(file, by=town.district_officer)
    assert signed_in(town.district_officer).post(f"/register/{file.pk}/apply/", follow=True).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_two_files_of_the_same_flats_bring_them_in_once(tmp_path: Path) -> None:
    town = Town()
    path = sheets.office_register(tmp_path / "台账.xlsx")
    files = [previewed(path, town.district_officer) for _ in range(2)]
    for file in files:
        actions.confirm(file, by=town.district_officer)
    _together(*(lambda pk=file.pk: work.work_on(pk, town.district_officer) for file in [*files, *files]))

    stages = sorted(RegisterFile.objects.values_list("stage", flat=True))
    assert stages == [RegisterStage.APPLIED, RegisterStage.PREVIEWED]
    assert Estate.objects.filter(name="东篱小区（示例）").count() == 1


def _together(*calls: Callable[[], None]) -> None:
    def one(call: Callable[[], None]) -> None:
        try:
            call()
        finally:
            connection.close()

    threads = [Thread(target=one, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_file_that_changed_in_the_store_is_not_used(town: Town, tmp_path: Path) -> None:
    file = previewed(sheets.plain(tmp_path / "a.xlsx", flat()), town.district_officer)
    store.located(file.path).write_bytes(b"something else")
    actions.confirm(file, by=town.district_officer)
    file = worked(file, town.district_officer)

    assert (file.stage, file.problem) == (RegisterStage.REFUSED, {"code": "lost", "words": {}})


def test_work_a_killed_worker_left_begins_again(town: Town, tmp_path: Path) -> None:
    file = sent(sheets.plain(tmp_path / "a.xlsx", flat()), town.district_officer)
    old = timezone.now() - timedelta(minutes=4)
    RegisterFile.objects.filter(pk=file.pk).update(stage=RegisterStage.COMPARING, touched_at=old)
    ProcrastinateJob.objects.all()._raw_delete("default")
    resume_register(0)

    assert ProcrastinateJob.objects.filter(task_name="estates.tasks.work_on_register").count() == 1


def test_files_nobody_said_yes_to_go_after_a_month_and_applied_ones_stay(town: Town, tmp_path: Path) -> None:
    path = sheets.plain(tmp_path / "a.xlsx", flat())
    kept, unused = applied(path, town.district_officer), previewed(path, town.district_officer)
    RegisterFile.objects.update(uploaded_at=timezone.now() - timedelta(days=31))
    sweep_register(0)

    assert list(RegisterFile.objects.values_list("pk", flat=True)) == [kept.pk]
    assert store.located(kept.path).exists()
    assert unused.pk != kept.pk


def test_the_list_asks_as_often_for_thirty_files_as_for_one(
    town: Town, django_assert_num_queries: Any, tmp_path: Path
) -> None:
    browser = signed_in(town.district_officer)
    file = applied(sheets.plain(tmp_path / "a.xlsx", flat()), town.district_officer)
    browser.get("/register/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/register/")
    for number in range(29):
        file.pk, file.path = None, f"register/{number}"
        file.save(force_insert=True)
    with django_assert_num_queries(len(one)):
        assert browser.get("/register/").content.decode().count("a.xlsx") == 30


@pytest.mark.parametrize(("language", "words"), [("zh-hans", 'html lang="zh-hans"'), ("en", "larger than we can take")])
def test_two_hundred_megabytes_get_a_sentence_before_they_are_read(language: str, words: str, db: None) -> None:
    browser = signed_in(None)
    browser.cookies["django_language"] = language
    answer = browser.post("/register/upload/", headers={"content-length": str(200 * 1024 * 1024)})

    assert answer.status_code == 413
    assert words in answer.content.decode()
