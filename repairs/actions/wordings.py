"""The verbs of the texts of messages: an administrator's own words in place of the built-in ones, and back."""

from datetime import datetime

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from repairs.models import MessageTemplate
from repairs.wording import Wording, forget


class TextMoved(Exception):
    """Somebody else changed this text first: the form was filled in on an older sight of it."""


@transaction.atomic
def rewrite(wording: Wording, language: str, text: str, *, by: User, seen: datetime | None) -> None:
    """`text` is sent from now on; `seen`: when the own text was last changed as `by` saw it, None if there was none.

    What is already written to somebody stays as it is. The text goes into the administration's log.
    """
    _require(by)
    rows = MessageTemplate.objects.filter(key=wording.key, language=language)
    fields = {"text": text, "edited_at": timezone.now(), "edited_by": by}
    if seen is None:
        done = MessageTemplate.objects.get_or_create(key=wording.key, language=language, defaults=fields)[1]
    else:
        done = bool(rows.filter(edited_at=seen).update(**fields))
    if not done:
        raise TextMoved
    _log(rows.get(), by, ADDITION if seen is None else CHANGE)


@transaction.atomic
def go_back(key: str, language: str, *, by: User, seen: datetime | None) -> None:
    """The built-in text is sent again. What was the own text is kept in the log."""
    _require(by)
    row = MessageTemplate.objects.select_for_update().filter(key=key, language=language).first()
    if row is None or row.edited_at != seen:
        raise TextMoved
    _log(row, by, DELETION)
    row.delete()


def _require(by: User) -> None:
    if not by.has_perm("repairs.change_messagetemplate"):
        raise PermissionDenied


def _log(row: MessageTemplate, by: User, flag: int) -> None:
    """In the administration's own log, with the words themselves; other processes follow within half a minute."""
    LogEntry.objects.log_actions(by.pk, [row], flag, change_message=row.text, single_object=True)
    forget()
    transaction.on_commit(forget)  # somebody may have read the old texts in between
