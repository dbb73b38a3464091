"""What is said about the promises of a ticket: made safe, the plan posted, more or less urgent."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from repairs.actions.promising import plannable
from repairs.forms.fields import PhotosField
from repairs.forms.jobs import EntryForm
from repairs.forms.staff import VerbForm
from repairs.models import Ticket
from repairs.models.ticket import WORDS_MAX
from repairs.workflow import Urgency

_DAY_NEEDED = _("Please choose a day from today on, within a year.")


class MakeSafeForm(EntryForm):
    """Nobody is in danger any more; words and a picture if there is time for them."""

    verb = "make_safe"
    photos = PhotosField(label=_("Photo"), required=False)
    note = forms.CharField(
        label=_("What was done against the danger?"),
        max_length=WORDS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class PostPlanForm(VerbForm):
    """What will be done, and on which day."""

    verb = "post_plan"
    planned_for = forms.DateField(
        label=_("Planned for"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _DAY_NEEDED, "invalid": _DAY_NEEDED},
    )
    note = forms.CharField(
        label=_("The plan in a few words; the resident reads it"),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Please write what will be done: the resident reads it.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, last = plannable()
        self.fields["planned_for"].widget.attrs.update({"min": first.isoformat(), "max": last.isoformat()})


class SetUrgencyForm(VerbForm):
    """More urgent, or less and why."""

    verb = "set_urgency"
    urgency = forms.ChoiceField(
        choices=Urgency,
        label=pgettext_lazy("field", "Urgency"),
        error_messages={"invalid_choice": _("Please choose an urgency."), "required": _("Please choose an urgency.")},
    )
    note = forms.CharField(
        label=_("Why? Needed when it is less urgent; the resident reads it"),
        max_length=WORDS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    # What the page showed: of two who change it the second is told.
    was = forms.ChoiceField(choices=Urgency, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        now = kwargs["ticket"].urgency
        super().__init__(*args, **{**kwargs, "initial": {"urgency": now, "was": now}})

    def seen(self) -> Ticket:
        """The ticket as the person saw it, with its urgency."""
        ticket = super().seen()
        ticket.urgency = self.cleaned_data["was"] or ticket.urgency
        return ticket


PROMISE_FORMS: dict[str, type[VerbForm]] = {form.verb: form for form in (MakeSafeForm, PostPlanForm, SetUrgencyForm)}
