"""What a resident says about a visit: which time, whose doors, moved, given up, or only a wish."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from estates.models import Dwelling
from repairs.models import Ticket, VisitWish
from repairs.models.ticket import WORDS_MAX
from repairs.slots import AHEAD_DAYS

_NO_TIME = _("Please choose one of the times.")


class DaysForm(forms.Form):
    """From which day on times are shown; anything else shows the next days."""

    since = forms.DateField(required=False)

    def wanted(self) -> date | None:
        """The day asked for, if one was."""
        return self.cleaned_data.get("since") if self.is_valid() else None


class TimeForm(forms.Form):
    """One of the times offered."""

    starts_at = forms.CharField(max_length=40, error_messages={"required": _NO_TIME, "max_length": _NO_TIME})

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ticket = ticket

    def clean_starts_at(self) -> datetime:
        """The moment the key of a time names; whether it is free the verb decides."""
        try:
            at = datetime.fromisoformat(self.cleaned_data["starts_at"])
        except ValueError as garbage:
            raise forms.ValidationError(_NO_TIME) from garbage
        if timezone.is_naive(at) or abs(at - timezone.now()) > timedelta(days=2 * AHEAD_DAYS):
            raise forms.ValidationError(_NO_TIME)
        return at


class BookForm(TimeForm):
    """A first time, and the other flats of the stair whose doors have to be opened too."""

    households = forms.ModelMultipleChoiceField(
        label=_("Which other flats have to open their door?"),
        queryset=Dwelling.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _("Please choose flats of your stair from the list."),
            "invalid_pk_value": _("Please choose flats of your stair from the list."),
        },
    )

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, ticket=ticket, **kwargs)
        if ticket.reporter.is_guest and not ticket.phone_verified:
            del self.fields["households"]  # the verb refuses it: nobody proved who asks
            return
        others = Dwelling.objects.filter(~Q(pk=ticket.dwelling_id), entrance=ticket.entrance_id)
        self.fields["households"].queryset = others  # type: ignore[attr-defined]


class MoveForm(TimeForm):
    """Another time; `seen` is the booking the page showed."""

    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class CancelVisitForm(forms.Form):
    """The agreed time is given up, the report stands."""

    prefix = "cancel"
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Why? The organisation on duty reads it."),
        required=False,
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class WishForm(forms.Form):
    """As soon as possible, or ring me first."""

    visit_wish = forms.ChoiceField(choices=VisitWish.choices)


class RefuseForm(forms.Form):
    """A household can't at that time, and perhaps says when it can."""

    note = forms.CharField(
        label=_("When would it suit you? The organisation on duty reads it."),
        required=False,
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
