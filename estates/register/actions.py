"""What people do with a file: send it in, choose its columns, say yes."""

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import RegisterFile, RegisterKind, RegisterStage
from estates.models.register import WORKING
from estates.register import store, work
from estates.register.files import judge
from estates.register.reasons import FileRefused


class FileMovedOn(Exception):
    """Somebody, or the worker, was first; look again."""


def receive(upload: "UploadedFile[bytes]", *, kind: str, by: User) -> RegisterFile:
    """Keep what was sent and have it read; raises FileRefused for what is plainly no table."""
    name = (upload.name or "register")[-200:]
    kept = store.keep(upload.chunks())
    try:
        judge(kept.where, name)
    except FileRefused:
        store.drop(kept.path)
        raise
    organisations = access.organisations_where(by, Permission.REGISTER_IMPORT)
    with transaction.atomic():
        file = RegisterFile.objects.create(
            kind=kind,
            name=name,
            path=kept.path,
            sha256=kept.sha256,
            size=kept.size,
            organisation=organisations[0] if organisations else None,
            uploaded_by=by,
        )
        work.defer(file, by)
    return file


@transaction.atomic
def _move(
    file: RegisterFile, starts: tuple[RegisterStage, ...], stage: RegisterStage, by: User, **fields: object
) -> None:
    moved = RegisterFile.objects.filter(pk=file.pk, stage__in=starts).update(
        stage=stage, progress=0, touched_at=timezone.now(), **fields
    )
    if not moved:
        raise FileMovedOn
    if stage in WORKING:
        work.defer(file, by)


_OPEN = (RegisterStage.COLUMNS, RegisterStage.PREVIEWED)


def read_again(file: RegisterFile, *, kind: RegisterKind, sheet: str, by: User) -> None:
    """Look at another sheet, or for columns of another kind."""
    _move(file, (*_OPEN, RegisterStage.REFUSED), RegisterStage.READING, by, kind=kind, sheet=sheet, problem=None)


def choose_columns(file: RegisterFile, *, columns: dict[str, int], by: User) -> None:
    """Compare with these columns."""
    _move(file, _OPEN, RegisterStage.COMPARING, by, columns=columns, moved_on=False)


def confirm(file: RegisterFile, *, by: User) -> None:
    """Yes: bring in what the preview shows, in the name of whoever says so."""
    _move(file, (RegisterStage.PREVIEWED,), RegisterStage.APPLYING, by, moved_on=False)
