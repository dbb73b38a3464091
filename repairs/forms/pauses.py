"""What a desk says about a pause: why, until which day, and a few words for the resident."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from repairs.forms.staff import VerbForm
from repairs.models import Pause, PauseReason, Ticket
from repairs.models.pause import PAUSE_MOST
from repairs.models.ticket import WORDS_MAX

_DAY_NEEDED = _("Please choose one of the next seven days.")


class _SaidForm(VerbForm):
    note = forms.CharField(
        label=_("Words for the resident"), required=False, max_length=WORDS_MAX, widget=forms.Textarea({"rows": 2})
    )


class _DayForm(_SaidForm):
    next_on = forms.DateField(
        label=_("Goes on at the latest on"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _DAY_NEEDED, "invalid": _DAY_NEEDED},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        days = {"min": today + timedelta(days=1), "max": today + PAUSE_MOST}
        self.fields["next_on"].widget.attrs.update({name: day.isoformat() for name, day in days.items()})


class _StandingForm(VerbForm):
    """About the pause the person looked at."""

    seen_pause = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class PauseForm(_DayForm):
    """Let the clock stand still."""

    verb = "pause"
    reason = forms.ChoiceField(
        choices=[("", _("Choose a reason")), *PauseReason.choices],
        label=_("Why does it have to wait?"),
        error_messages={"required": _("Please choose a reason."), "invalid_choice": _("Please choose a reason.")},
    )


class ResumeForm(_StandingForm, _SaidForm):
    """Go on before the day."""

    verb = "resume"


class RenewForm(_StandingForm, _DayForm):
    """Put it off once more."""

    verb = "renew"


PAUSE_FORMS: dict[str, type[VerbForm]] = {form.verb: form for form in (PauseForm, ResumeForm, RenewForm)}


def pause_forms(ticket: Ticket, user: User, verbs: list[str], paused: Pause | None, next_url: str) -> dict[str, Any]:
    """The forms among `verbs` that make sense now: to pause what runs, to end or renew what is `paused`."""
    fitting = ("resume", "renew") if paused else ("pause",)
    initial = {"seen_pause": paused.pk} if paused else {}
    return {
        verb: PAUSE_FORMS[verb](ticket=ticket, user=user, next_url=next_url, initial=initial)
        for verb in fitting
        if verb in verbs
    }
