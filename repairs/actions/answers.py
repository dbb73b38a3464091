"""The verbs of an organisation's ready-made answers: written and changed by who manages there."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Organisation
from repairs.models import CannedAnswer, RepairType


class AnswerMoved(Exception):
    """Somebody else changed this answer first: the form was filled in on an older sight of it."""


def _require(by: User, organisation: Organisation | None) -> Organisation:
    if organisation is None or organisation not in access.organisations_where(by, Permission.ANSWER_MANAGE):
        raise PermissionDenied
    return organisation


def add_answer(
    organisation: Organisation,
    *,
    by: User,
    repair_type: RepairType | None,
    verbs: list[str],
    text_zh: str,
    text_en: str,
) -> CannedAnswer:
    """One more answer of an organisation."""
    return CannedAnswer.objects.create(
        organisation=_require(by, organisation),
        repair_type=repair_type,
        verbs=verbs,
        text_zh=text_zh,
        text_en=text_en,
        edited_at=timezone.now(),
        edited_by=by,
    )


def change_answer(
    answer: CannedAnswer,
    *,
    by: User,
    seen: datetime,
    repair_type: RepairType | None,
    verbs: list[str],
    text_zh: str,
    text_en: str,
    active: bool,
) -> None:
    """Other words, another use, or out of use; raises `AnswerMoved` when it isn't any more what `by` saw."""
    _require(by, answer.organisation)
    changed = CannedAnswer.objects.filter(pk=answer.pk, edited_at=seen).update(
        repair_type=repair_type,
        verbs=verbs,
        text_zh=text_zh,
        text_en=text_en,
        active=active,
        edited_at=timezone.now(),
        edited_by=by,
    )
    if not changed:
        raise AnswerMoved
