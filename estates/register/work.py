"""What a file goes through: read, compared, applied. Called by the worker and by `import_register`."""

import time
from pathlib import Path

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import User
from estates import access
from estates.access import RegisterReach
from estates.models import RegisterFile, RegisterKind, RegisterStage
from estates.register import store
from estates.register.columns import Header
from estates.register.managements import ManagementsComparison
from estates.register.organisations import OrganisationsComparison
from estates.register.places import PlacesComparison
from estates.register.plan import Comparison, Maker, Plan, compare
from estates.register.reasons import FileRefused
from estates.register.staff import StaffComparison
from estates.register.table import Choice, Entry, Progress, entries, guess, open_table, shown

_MAKERS: dict[RegisterKind, Maker] = {
    RegisterKind.DWELLINGS: PlacesComparison,
    RegisterKind.ORGANISATIONS: OrganisationsComparison,
    RegisterKind.MANAGEMENTS: ManagementsComparison,
    RegisterKind.STAFF: StaffComparison,
}
# Any number that nothing else locks: one file is brought into the register at a time.
_LOCK = 3_502_0003
_SAMPLES = 3
_READING_SHARE = 0.8
_SECONDS_BETWEEN_UPDATES = 0.4


def quiet(done: int, total: int) -> None:
    """Progress nobody watches."""


def choice_of(header: Header, sheet: str) -> Choice:
    """The guess, taken as it is."""
    return Choice(header.kind, sheet, header.last_row, header.columns, header.titles)


def read(path: Path, name: str, choice: Choice, progress: Progress) -> list[Entry]:
    """All rows of the chosen sheet."""
    with open_table(path, name) as sheets:
        sheet = next((each for each in sheets if each.name == choice.sheet), None)
        if sheet is None:
            raise FileRefused("damaged")
        return entries(sheet, choice, progress)


def planned(rows: list[Entry], choice: Choice, reach: RegisterReach, progress: Progress) -> tuple[Comparison, Plan]:
    """The rows compared with the register as it is at this moment."""
    comparison = _MAKERS[choice.kind](reach, choice, rows)
    return comparison, compare(comparison, rows, choice, progress)


def lock_register() -> None:
    """Wait until no other file is being brought in; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


# ---------------------------------------------------------------- the job of a stored file
def defer(file: RegisterFile, by: User) -> None:
    """Ask the worker, in the caller's transaction."""
    # Named, not imported: the task module stands above this one.
    app.configure_task("estates.tasks.work_on_register").defer(file=file.pk, by=by.pk)


def work_on(pk: int, by: User) -> None:
    """The next thing to be done for a file, if there is one."""
    file = RegisterFile.objects.filter(pk=pk).first()
    if file is None or not file.is_working:
        return
    try:
        if file.stage == RegisterStage.READING:
            _look(file)
        elif file.stage == RegisterStage.COMPARING:
            _compare(file, by)
        else:
            _apply(file, by)
    except FileRefused as refused:
        _end(file, RegisterStage.REFUSED, problem=refused.stored())


def _end(file: RegisterFile, stage: RegisterStage, **fields: object) -> bool:
    # Only from the stage the work began in: a second worker on the same file finds it moved on.
    begun = RegisterFile.objects.filter(pk=file.pk, stage=file.stage)
    return bool(begun.update(stage=stage, progress=100, touched_at=timezone.now(), **fields))


def _progress(file: RegisterFile, start: float, share: float) -> Progress:
    told = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > _SECONDS_BETWEEN_UPDATES:
            told = time.monotonic()
            percent = round(100 * (start + share * done / max(total, 1)))
            RegisterFile.objects.filter(pk=file.pk).update(progress=min(percent, 99), touched_at=timezone.now())

    return tell


def _look(file: RegisterFile) -> None:
    """Find sheet, header and columns."""
    path = store.whole(file.path, file.sha256)
    with open_table(path, file.name) as sheets:
        kind = RegisterKind(file.kind) if file.kind else None
        sheet, header, lines = guess(sheets, kind, file.sheet)
        samples = [shown(list(line.cells)) for line in lines[:_SAMPLES]]
        _end(
            file,
            RegisterStage.COLUMNS,
            kind=header.kind,
            sheet=sheet.name,
            sheets=[each.name for each in sheets],
            header_row=header.last_row,
            first_row=header.first_row,
            headers=header.titles,
            samples=samples,
            columns=header.columns,
        )


def choice_in(file: RegisterFile) -> Choice:
    """What was chosen for a file."""
    return Choice(RegisterKind(file.kind), file.sheet, file.header_row, file.columns, file.headers)


def _compare(file: RegisterFile, by: User) -> None:
    path, choice = store.whole(file.path, file.sha256), choice_in(file)
    rows = read(path, file.name, choice, _progress(file, 0, _READING_SHARE))
    rest = _progress(file, _READING_SHARE, 1 - _READING_SHARE)
    _comparison, plan = planned(rows, choice, access.register_reach(by), rest)
    _end(file, RegisterStage.PREVIEWED, **_found(plan, choice.kind))


def _found(plan: Plan, kind: RegisterKind) -> dict[str, object]:
    return {
        "counts": plan.counts(kind),
        "refused": [each.stored() for each in plan.refused],
        "changes": plan.changes,
        "vanished": plan.vanished,
        "digest": plan.digest,
    }


def _apply(file: RegisterFile, by: User) -> None:
    """All of the preview or nothing of it; when the register has moved since, a new preview instead."""
    path, choice = store.whole(file.path, file.sha256), choice_in(file)
    rows = read(path, file.name, choice, _progress(file, 0, 1))
    reach = access.register_reach(by)
    try:
        with transaction.atomic():
            lock_register()
            # Locked: a second confirm of the same file waits here and then finds it applied.
            stage = RegisterFile.objects.select_for_update().values_list("stage", flat=True).get(pk=file.pk)
            if stage != RegisterStage.APPLYING:
                return
            comparison, plan = planned(rows, choice, reach, quiet)
            found = _found(plan, choice.kind)
            if plan.digest != file.digest:
                _end(file, RegisterStage.PREVIEWED, moved_on=True, **found)
                return
            comparison.write()
            _end(file, RegisterStage.APPLIED, applied_by=by, applied_at=timezone.now(), **found)
    except IntegrityError:
        # Somebody wrote the same place by hand between our look and our write: nothing was written, look again.
        if _end(file, RegisterStage.COMPARING, moved_on=True):
            with transaction.atomic():
                defer(file, by)


# ---------------------------------------------------------------- the operator's command
def look_at(path: Path, name: str, kind: RegisterKind | None, sheet: str) -> Choice:
    """The guess, which the operator can't change: whatever is missing is said."""
    with open_table(path, name) as sheets:
        found, header, _lines = guess(sheets, kind, sheet)
        if header.missing:
            raise FileRefused("missing_columns", columns=header.missing)
        return choice_of(header, found.name)


def bring_in(path: Path, choice: Choice, rows: list[Entry]) -> Plan:
    """Apply at once what the file says, and keep the file."""
    with path.open("rb") as content:
        kept = store.keep(iter(lambda: content.read(1024 * 1024), b""))
    with transaction.atomic():
        lock_register()
        comparison, plan = planned(rows, choice, access.whole_register(), quiet)
        comparison.write()
        now = timezone.now()
        RegisterFile.objects.create(
            kind=choice.kind,
            name=path.name[:200],
            path=kept.path,
            sha256=kept.sha256,
            size=kept.size,
            by_command=True,
            stage=RegisterStage.APPLIED,
            progress=100,
            sheet=choice.sheet,
            header_row=choice.header_row,
            headers=choice.titles,
            columns=choice.columns,
            applied_at=now,
            uploaded_at=now,
            **_found(plan, choice.kind),
        )
    return plan
