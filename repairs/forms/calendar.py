"""Whose visits a calendar shows."""

from typing import Any

from django import forms

from accounts.models import User
from repairs.models import Team


class CalendarForm(forms.Form):
    """A team of those whose work the person gives out; empty: their own visits."""

    team = forms.ModelChoiceField(Team.objects.none(), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.visible_to(user)  # type: ignore[attr-defined]
