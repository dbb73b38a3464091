"""What offices say about what came up to them, and the orders they give; what organisations answer."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.roles import Permission
from estates import access
from repairs.canned import Offer
from repairs.forms.staff import VerbForm
from repairs.models import ClimbAnswer, Escalation
from repairs.models.supervision import ORDER_MOST
from repairs.models.ticket import WORDS_MAX
from repairs.workflow import OPEN_STATES

_DAY_NEEDED = _("Please choose one of the next thirty days.")


class Shown(models.TextChoices):
    """Which rows of a list are shown; `late` only of orders."""

    OPEN = "open", pgettext_lazy("list of what is to be answered", "To answer")
    LATE = "late", pgettext_lazy("list of what is to be answered", "Late")
    ANSWERED = "answered", pgettext_lazy("list of what is to be answered", "Answered")


class ShownForm(forms.Form):
    """The filter and the place in the list, as they stand in the address; nonsense counts as not given."""

    show = forms.ChoiceField(choices=Shown, required=False)
    before = forms.CharField(required=False, max_length=80)

    def asked(self, offered: Sequence[Shown]) -> tuple[Shown, str]:
        """One of those `offered`, the first unless asked otherwise, and the cursor."""
        self.full_clean()
        show = Shown(self.cleaned_data.get("show") or offered[0])
        return (show if show in offered else offered[0]), self.cleaned_data.get("before") or ""


def _words(label: Any, *, needed: Any = "") -> forms.CharField:
    errors = {"required": needed} if needed else None
    area = forms.Textarea({"rows": 3})
    return forms.CharField(label=label, max_length=WORDS_MAX, widget=area, required=bool(needed), error_messages=errors)


def _day(*, required: bool) -> forms.DateField:
    return forms.DateField(
        label=_("Answer by the end of"),
        required=required,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _DAY_NEEDED, "invalid": _DAY_NEEDED},
    )


def _within_bounds(field: forms.Field) -> None:
    today = timezone.localdate()
    days = {"min": today + timedelta(days=1), "max": today + ORDER_MOST}
    field.widget.attrs.update({name: day.isoformat() for name, day in days.items()})


class OrderForm(VerbForm):
    """Order the organisation on duty to answer by a day."""

    verb = "order"
    note = _words(
        _("What is to be done? The organisation and the resident read this."),
        needed=_("Please write what is to be done."),
    )
    answer_on = _day(required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _within_bounds(self.fields["answer_on"])


class AnswerForm(forms.Form):
    """An answer to one row, and where to go afterwards."""

    canned: Sequence[Offer] = ()
    next = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)

    def clean_next(self) -> str:
        """An address of ours, or nothing."""
        wanted: str = self.cleaned_data["next"]
        return wanted if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""


class OrderAnswerForm(AnswerForm):
    """What the organisation did or will do."""

    note = _words(
        _("Your answer; the office and the resident read it"), needed=_("Please write what was done or will be done.")
    )


class ClimbAnswerForm(AnswerForm):
    """Taken note, ordered, or handed to somebody; who can't order isn't offered it."""

    answer = forms.ChoiceField(
        label=_("What do you do about it?"), error_messages={"required": _("Please choose what you do about it.")}
    )
    note = _words(_("Words for the resident: what is ordered, or to whom it was handed"))
    answer_on = _day(required=False)

    def __init__(self, *args: Any, row: Escalation, user: User, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"climb_{row.pk}_%s"
        super().__init__(*args, **kwargs)
        orders = row.organisation in access.organisations_where(user, Permission.SUPERVISE)
        orders = orders and row.ticket.state in OPEN_STATES and row.organisation != row.ticket.organisation
        given = [each for each in ClimbAnswer if orders or each is not ClimbAnswer.ORDERED]
        cast(forms.ChoiceField, self.fields["answer"]).choices = [(each.value, each.label) for each in given]
        if orders:
            self.fields["answer_on"].label = _("If you order: answer by the end of")
            _within_bounds(self.fields["answer_on"])
        else:
            del self.fields["answer_on"]

    def clean(self) -> dict[str, Any]:
        """An order needs words and a day, handing on the words."""
        given = super().clean() or {}
        answer = given.get("answer")
        if answer == ClimbAnswer.HANDED and not given.get("note"):
            self.add_error("note", _("Please write to whom you handed it."))
        if answer == ClimbAnswer.ORDERED and not given.get("note"):
            self.add_error("note", _("Please write what is to be done."))
        if answer == ClimbAnswer.ORDERED and not given.get("answer_on") and "answer_on" not in self.errors:
            self.add_error("answer_on", _DAY_NEEDED)
        return given
