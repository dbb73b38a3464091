"""What a manager says about teams: who, when, days off, and how jobs are given out."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Organisation
from repairs.models import Category, DispatchMode, DispatchRule, Shift, Team, Weekday
from repairs.models.team import CAPACITY_MAX

_TIME = {
    "required": _("Please give a time, for example 14:00."),
    "invalid": _("Please give a time, for example 14:00."),
}
_ROOM = _("A window has room for 1 to 20 visits.")
_SHARE = _("The share lies between 0 and 100.")


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput({"type": "time"}, format="%H:%M"), error_messages=_TIME)


def _capacity() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("visits"),
        min_value=1,
        max_value=CAPACITY_MAX,
        initial=2,
        error_messages={"min_value": _ROOM, "max_value": _ROOM, "required": _ROOM, "invalid": _ROOM},
    )


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Please choose a day."), "invalid": _("Please choose a day.")},
    )


class PeopleField(forms.ModelMultipleChoiceField["User"]):
    """People by their names."""

    def label_from_instance(self, obj: User) -> str:
        """As everybody calls them."""
        return obj.display_name


class PersonField(forms.ModelChoiceField["User"]):
    """One of several people by name."""

    def label_from_instance(self, obj: User) -> str:
        """As everybody calls them."""
        return obj.display_name


class TeamForm(forms.Form):
    """The facts of a team; a new one is drawn without `team`."""

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    name = forms.CharField(
        label=pgettext_lazy("field", "Team name"),
        max_length=40,
        error_messages={"required": _("Please give the team a name.")},
    )
    trades = forms.ModelMultipleChoiceField(
        Category.objects.all(),
        label=_("trades"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: the team does everything."),
    )
    members = PeopleField(User.objects.none(), label=_("members"), required=False, widget=forms.CheckboxSelectMultiple)
    held_back = forms.IntegerField(
        label=_("share of a day held back for danger and urgent repairs"),
        min_value=0,
        max_value=100,
        initial=20,
        help_text=_("In percent. Given to everybody on the morning of the day."),
        error_messages={"min_value": _SHARE, "max_value": _SHARE, "required": _SHARE, "invalid": _SHARE},
    )
    active = forms.BooleanField(label=_("in use"), required=False, initial=True)

    def __init__(self, *args: Any, organisation: Organisation, team: Team | None = None, **kwargs: Any) -> None:
        if team is not None:
            kwargs["initial"] = {
                "seen": team.mark(),
                "name": team.name,
                "held_back": team.held_back,
                "active": team.active,
                "trades": [trade.pk for trade in team.trades.all()],
                "members": [member.pk for member in team.members.all()],
            }
        kwargs["auto_id"] = f"team{organisation.pk}_%s"
        super().__init__(*args, **kwargs)
        people = [each.person_id for each in access.appointed(organisation, Permission.TICKET_WORK)]
        cast(PeopleField, self.fields["members"]).queryset = User.objects.filter(pk__in=people).order_by("pk")
        if team is None:
            del self.fields["active"], self.fields["seen"]


class ShiftsForm(forms.Form):
    """One window on several weekdays."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("weekdays"),
        choices=Weekday,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one weekday.")},
    )
    starts = _time(pgettext_lazy("shift", "from"))
    ends = _time(pgettext_lazy("shift", "to"))
    capacity = _capacity()


class ShiftForm(forms.Form):
    """One window of the week as it is."""

    seen = forms.CharField(max_length=40, widget=forms.HiddenInput)
    starts = _time(pgettext_lazy("shift", "from"))
    ends = _time(pgettext_lazy("shift", "to"))
    capacity = _capacity()

    def __init__(self, *args: Any, shift: Shift, **kwargs: Any) -> None:
        first = {"seen": shift.mark(), "starts": shift.starts, "ends": shift.ends, "capacity": shift.capacity}
        kwargs["initial"], kwargs["auto_id"] = first, f"shift{shift.pk}_%s"
        super().__init__(*args, **kwargs)
        self.shift = shift


class SeenForm(forms.Form):
    """Nothing but what the person saw when they pressed."""

    seen = forms.CharField(max_length=40, widget=forms.HiddenInput)


class DayOffForm(forms.Form):
    """Days on which the team, or one of its people, doesn't go out."""

    person = PersonField(User.objects.none(), label=_("who"), required=False, empty_label=_("The whole team"))
    starts_on = _day(_("first day"))
    ends_on = _day(_("last day"))
    note = forms.CharField(label=_("why"), max_length=80, required=False)

    def __init__(self, *args: Any, members: Iterable[User], **kwargs: Any) -> None:
        kwargs["auto_id"] = "off_%s"
        super().__init__(*args, **kwargs)
        people = User.objects.filter(pk__in=[member.pk for member in members]).order_by("pk")
        cast(PersonField, self.fields["person"]).queryset = people

    def clean_ends_on(self) -> Any:
        """What is over can't be taken off any more."""
        day = self.cleaned_data["ends_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("That day is over. Please choose today or a later one."))
        return day


class DispatchRuleForm(forms.Form):
    """How jobs find their worker."""

    seen = forms.CharField(max_length=40, widget=forms.HiddenInput)
    mode = forms.ChoiceField(label=_("how jobs are given out"), choices=DispatchMode)
    open_jobs_most = forms.IntegerField(
        label=_("most open jobs of one worker"),
        required=False,
        min_value=1,
        max_value=999,
        help_text=_("Empty: no limit."),
        error_messages={"min_value": _("The limit is at least one job.")},
    )

    def __init__(self, *args: Any, rule: DispatchRule, **kwargs: Any) -> None:
        first = {"seen": rule.mark(), "mode": rule.mode, "open_jobs_most": rule.open_jobs_most}
        kwargs["initial"], kwargs["auto_id"] = first, f"rule{rule.organisation_id}_%s"
        super().__init__(*args, **kwargs)
        self.organisation = rule.organisation
