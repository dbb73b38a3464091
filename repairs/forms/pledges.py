"""What an estate promises in less time than the house: one row for each promise, a number and its unit."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django import forms
from django.db import models
from django.forms import BoundField
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from repairs.actions.pledging import earliest
from repairs.clocks import Amount, Basis
from repairs.pledge_versions import About, Held, Rules
from repairs.pledge_words import SERVICE_DAY, clock_words, said
from repairs.pledges import is_stricter

_DAY_NEEDED = _("Please choose a day, tomorrow at the earliest.")
_NUMBER_NEEDED = _("Please write a whole number from 1 to 999, or leave it empty.")
_MOST = 999
NOTE_MAX = 200


class Unit(models.TextChoices):
    """In what a stricter time is written; a day is what a day is in the house's own promise."""

    MINUTES = "minutes", pgettext_lazy("unit", "minutes")
    HOURS = "hours", pgettext_lazy("unit", "hours")
    DAYS = "days", pgettext_lazy("unit", "days")


_LENGTHS = {Unit.MINUTES: timedelta(minutes=1), Unit.HOURS: timedelta(hours=1)}


class Entry(NamedTuple):
    """One row of the form: what it is about, what the house promises, and the two fields."""

    what: str
    house: str
    number: BoundField
    unit: BoundField


def units_of(house: Amount) -> list[Unit]:
    """In which units a stricter time may be written; around the clock a day is 24 hours and nothing else."""
    return [Unit.MINUTES, Unit.HOURS] if house.basis is Basis.ALWAYS and not house.days else list(Unit)


def written(amount: Amount, house: Amount) -> tuple[int, Unit] | None:
    """An amount as number and unit; none when it is counted in another way than the house's."""
    if amount.basis is not house.basis or (amount.days and not house.days):
        return None
    if amount.days:
        return amount.days, Unit.DAYS
    if Unit.DAYS in units_of(house) and not house.days and not amount.time % SERVICE_DAY:
        return amount.time // SERVICE_DAY, Unit.DAYS
    unit = Unit.MINUTES if amount.time % _LENGTHS[Unit.HOURS] else Unit.HOURS
    return amount.time // _LENGTHS[unit], unit


def amount_of(number: int, unit: Unit, house: Amount) -> Amount:
    """What is written, counted on the house's calendar."""
    if unit is Unit.DAYS:
        return Amount(house.basis, days=number) if house.days else Amount(house.basis, number * SERVICE_DAY)
    return Amount(house.basis, number * _LENGTHS[unit])


class PledgesForm(forms.Form):
    """From which day on, and each promise that is to be stricter; what stays empty is promised as by the house."""

    mode = forms.CharField(max_length=12, widget=forms.HiddenInput)
    starts_on = forms.DateField(
        label=_("Holds from"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _DAY_NEEDED, "invalid": _DAY_NEEDED},
    )
    note = forms.CharField(
        label=_("Why, in a few words"),
        required=False,
        max_length=NOTE_MAX,
        help_text=_("Residents read it on the estate’s page."),
    )

    def __init__(self, *args: Any, rules: Rules, **kwargs: Any) -> None:
        self.rules, first = rules, earliest()
        now = rules.in_force(first)
        own = rules.amounts(now) if now else {}
        self.held = rules.on(first)
        kwargs["initial"] = {"mode": rules.mode, "starts_on": first} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].widget.attrs["min"] = first.isoformat()
        for about, held in self.held.items():
            self._add(about, held, own.get(about))

    def _add(self, about: About, held: Held, own: Amount | None) -> None:
        name = "_".join(about)
        before = written(own, held.house) if own else None
        self.fields[name] = forms.IntegerField(
            label=self._what(about),
            required=False,
            min_value=1,
            max_value=_MOST,
            initial=before[0] if before else None,
            widget=forms.NumberInput({"inputmode": "numeric"}),
            error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _NUMBER_NEEDED),
        )
        usual = written(held.house, held.house)
        self.fields[f"{name}_unit"] = forms.ChoiceField(
            label=_now("%(what)s, unit") % {"what": self._what(about)},
            choices=[(unit.value, unit.label) for unit in units_of(held.house)],
            required=False,
            initial=(before or usual or (0, Unit.HOURS))[1],
        )

    @staticmethod
    def _what(about: About) -> str:
        return f"{about[0].label} · {clock_words(*about)}"

    def entries(self) -> list[tuple[str, list[Entry]]]:
        """The rows by urgency, as the template reads them."""
        found: dict[str, list[Entry]] = {}
        for about, held in self.held.items():
            name = "_".join(about)
            row = Entry(clock_words(*about), said(held.house), self[name], self[f"{name}_unit"])
            found.setdefault(str(about[0].label), []).append(row)
        return list(found.items())

    def clean_mode(self) -> str:
        """The rows the person saw are those of the way in which the estate is managed now."""
        mode: str = self.cleaned_data["mode"]
        if mode != self.rules.mode:
            raise forms.ValidationError(
                _now("The estate is managed in another way by now. Please look at its promises again.")
            )
        return mode

    def clean_starts_on(self) -> date:
        """What has begun never changes."""
        starts_on: date = self.cleaned_data["starts_on"]
        if starts_on < earliest():
            raise forms.ValidationError(_now("New promises begin tomorrow at the earliest."))
        return starts_on

    def clean(self) -> dict[str, Any]:
        """Each amount is held against the house's of the day on which it begins."""
        given = self.cleaned_data
        house = self.rules.on(given.get("starts_on") or earliest())
        amounts: dict[About, Amount] = {}
        for about in self.held:
            name = "_".join(about)
            if number := given.get(name):
                own = amount_of(number, Unit(given.get(f"{name}_unit") or Unit.HOURS), house[about].house)
                self._weigh(name, own, house[about].house)
                amounts[about] = own
        if not amounts and not self.errors and not any(each.own for each in house.values()):
            raise forms.ValidationError(_now("Nothing is stricter yet. Please write at least one time."))
        given["amounts"] = amounts
        return given

    def _weigh(self, name: str, own: Amount, house: Amount) -> None:
        if not is_stricter(own, house, self.cleaned_data.get("starts_on") or earliest()):
            self.add_error(
                name,
                _now("The usual promise is %(time)s already. Please write less, or leave it empty.")
                % {"time": said(house)},
            )


class VersionsForm(forms.Form):
    """The place in the list of versions, as it stands in the address; nonsense counts as not given."""

    before = forms.DateField(required=False)

    def cursor(self) -> date | None:
        """Only versions that begin before that day; the newest without."""
        self.full_clean()
        return self.cleaned_data.get("before")


class EstatesForm(forms.Form):
    """The place in the list of estates, as it stands in the address; nonsense counts as not given."""

    after = forms.CharField(required=False, max_length=90)

    def cursor(self) -> tuple[str, int] | None:
        """Name and key of the last estate shown; none for the beginning."""
        self.full_clean()
        name, _line, pk = (self.cleaned_data.get("after") or "").rpartition("_")
        return (name, int(pk)) if name and pk.isascii() and pk.isdecimal() and int(pk) < 2**63 else None
