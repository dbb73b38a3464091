"""What stands on the pages of ready-made answers: each organisation's own, the common ones, and one to change."""

from typing import Any, NamedTuple

from django.utils.translation import pgettext

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Organisation
from repairs.forms.canned import CannedAnswerForm
from repairs.models import CannedAnswer, CannedVerb
from repairs.placeholders import Placeholder
from repairs.queue import Desk
from repairs.rail import frame


class AnswerRow(NamedTuple):
    """An answer in the list."""

    pk: int
    text: str
    verbs: str
    type: str
    active: bool


class House(NamedTuple):
    """An organisation and its own answers."""

    organisation: Organisation
    rows: list[AnswerRow]


def _rail(user: User) -> dict[str, Any]:
    desk = Desk(user)
    return frame(desk) | {"at_answers": True}


def _row(answer: CannedAnswer) -> AnswerRow:
    verbs = pgettext("list", ", ").join(str(verb.label) for verb in CannedVerb if verb in answer.verbs)
    kind = answer.repair_type.name if answer.repair_type else ""
    return AnswerRow(answer.pk, answer.text, verbs, kind, answer.active)


def answers_page(user: User) -> dict[str, Any]:
    """The own ones of every organisation in which `user` writes them, and the common ones to read; one statement."""
    seen = list(
        CannedAnswer.objects.visible_to(user).select_related("repair_type").order_by("-active", "position", "pk")
    )
    houses = [
        House(each, [_row(answer) for answer in seen if answer.organisation_id == each.pk])
        for each in access.organisations_where(user, Permission.ANSWER_MANAGE)
    ]
    common = [_row(answer) for answer in seen if answer.organisation_id is None and answer.active]
    return _rail(user) | {"houses": houses, "common": common}


def answer_page(
    user: User, organisation: Organisation, answer: CannedAnswer | None, bound: CannedAnswerForm | None = None
) -> dict[str, Any]:
    """One answer to write or change; `bound` is the form that has to be shown again."""
    return _rail(user) | {
        "organisation": organisation,
        "answer": answer,
        "form": bound or CannedAnswerForm(answer=answer),
        "variables": _variables(),
    }


def _variables() -> list[tuple[str, str]]:
    """Each variable as it is written, and what it becomes."""
    meanings = {
        Placeholder.NUMBER: pgettext("variable", "the number of the repair"),
        Placeholder.HEADLINE: pgettext("variable", "what is broken"),
        Placeholder.PLACE: pgettext("variable", "where it is"),
        Placeholder.WORKER: pgettext("variable", "who comes; before anybody is assigned the organisation"),
        Placeholder.WHEN: pgettext("variable", "when the visit is agreed; without one the answer is not offered"),
        Placeholder.PROMISED: pgettext("variable", "by when the repair is promised"),
        Placeholder.ORGANISATION: pgettext("variable", "the organisation"),
        Placeholder.PHONE: pgettext("variable", "its telephone"),
    }
    return [(f"{{{name}}}", meaning) for name, meaning in meanings.items()]
