"""Taking photos from a form: each judged, cleaned and stored, then given its row. For the report and the staff."""

from collections.abc import Iterable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import User
from repairs.models import Photo, ReportDraft, Ticket
from repairs.models.photo import PHOTOS_MAX, PhotoQuerySet
from repairs.photos import PhotoNotStored, PhotoRefused, ReadyPhoto, read_photo, remove_photo, store_photo


def receive_photos(
    files: "Iterable[UploadedFile[Any]]",
    *,
    ticket: Ticket | None = None,
    draft: ReportDraft | None = None,
    by: User | None = None,
) -> tuple[list[Photo], list[str]]:
    """The rows of the photos that were taken, and one sentence for each file that was not.

    They belong to `draft`, or wait with `ticket` for the next thing `by` says about it; at most `PHOTOS_MAX`
    are kept, however many requests arrive at once. A picture that is already there is not kept twice.
    """
    taken: list[Photo] = []
    refused: list[str] = []
    for file in files:
        try:
            if _kept(ticket, draft, by).count() >= PHOTOS_MAX:
                raise _too_many(file)
            taken.append(_take(file, ticket, draft, by))
        except (PhotoRefused, PhotoNotStored) as refusal:
            refused.append(refusal.sentence)
    return taken, refused


def _kept(ticket: Ticket | None, draft: ReportDraft | None, by: User | None) -> PhotoQuerySet:
    if draft is not None:
        return Photo.objects.filter(draft=draft, ticket__isnull=True)
    if ticket is None or by is None:
        raise ValueError("A photo belongs to a draft, or to a ticket and the person who took it.")
    return Photo.objects.waiting(ticket, by)


def _take(file: "UploadedFile[Any]", ticket: Ticket | None, draft: ReportDraft | None, by: User | None) -> Photo:
    """File first, row second: a crash in between leaves a file nobody knows, which is swept later."""
    ready = read_photo(file)
    key = store_photo(ready)
    photo = Photo(ticket=ticket, draft=draft, uploaded_by=by, key=key, created_at=timezone.now(), **_sizes(ready))
    with transaction.atomic():
        _lock(ticket or draft)
        kept = _kept(ticket, draft, by)
        same = kept.filter(sha256=ready.sha256).first()
        full = kept.count() >= PHOTOS_MAX
        if same is None and not full:
            photo.save(force_insert=True)
            return photo
    remove_photo(key)
    if same is None:
        raise _too_many(file)
    return same


def _lock(owner: Ticket | ReportDraft | None) -> None:
    """Counting and adding happen under the owner's row lock: parallel uploads wait for each other here."""
    if isinstance(owner, Ticket):
        Ticket.objects.select_for_update(no_key=True).only("pk").get(pk=owner.pk)
    elif owner is not None:
        ReportDraft.objects.select_for_update(no_key=True).only("pk").get(pk=owner.pk)


def _sizes(ready: ReadyPhoto) -> dict[str, int | str]:
    names = ("width", "height", "small_width", "small_height", "sha256")
    return {name: getattr(ready, name) for name in names}


def _too_many(file: "UploadedFile[Any]") -> PhotoRefused:
    name = "".join(letter for letter in file.name or "" if letter.isprintable())[:60]
    sentence = ngettext(
        "“%(name)s” was not added: there is room for %(count)d photo. Remove one first if this one matters more.",
        "“%(name)s” was not added: there is room for %(count)d photos. Remove one first if this one matters more.",
        PHOTOS_MAX,
    ) % {"name": name, "count": PHOTOS_MAX}
    return PhotoRefused(name, sentence)
