"""What a worker says from the phone: on the way, there, nobody home, done; each may come late, out of a dead spot."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from repairs.actions import Entry
from repairs.forms.fields import PhotosField
from repairs.forms.staff import VerbForm
from repairs.models import Material
from repairs.models.ticket import WORDS_MAX

MATERIALS_MAX = 20
EMPTY_ROWS = 3
# What is older was not kept in a dead spot; what lies ahead is a clock that is wrong.
NOTED_WITHIN = timedelta(days=14)
CLOCK_MAY_DIFFER = timedelta(minutes=5)
COLUMNS = ("material_name", "material_quantity", "material_price")


class EntryForm(VerbForm):
    """A press that is done once: its key, and when it was made where there was no network."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    noted_at = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": uuid4(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)

    def clean_noted_at(self) -> datetime | None:
        """The moment by the phone's clock, if it can be believed."""
        try:
            at = parse_datetime(self.cleaned_data["noted_at"])
        except ValueError:
            return None
        if at is None or timezone.is_naive(at):
            return None
        now = timezone.now()
        return at if now - NOTED_WITHIN < at < now + CLOCK_MAY_DIFFER else None

    def entry(self) -> Entry:
        """What the verb keeps of this press."""
        return Entry(self.cleaned_data["key"], self.cleaned_data["noted_at"])


class SetOutForm(EntryForm):
    """On the way."""

    verb = "set_out"


class ArriveForm(EntryForm):
    """I'm here."""

    verb = "arrive"


class NobodyHomeForm(EntryForm):
    """At the door and nobody opens: a photo of it, and when that was."""

    verb = "nobody_home"
    at = forms.TimeField(
        label=_("When were you at the door?"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": _("Please write when you were at the door, such as 14:05.")},
    )
    photos = PhotosField(label=_("Photo of the door"), required=False)
    note = forms.CharField(
        label=_("Anything the resident should know?"),
        max_length=WORDS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initial": {"at": timezone.localtime().time()}})
        self.fields["at"].error_messages["invalid"] = self.fields["at"].error_messages["required"]

    def clean(self) -> dict[str, Any]:
        """The time on the day it was entered; not one that is still to come."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if "at" in given:
            day = timezone.localtime(given.get("noted_at")) if given.get("noted_at") else timezone.localtime()
            given["noted_at"] = day.replace(hour=given["at"].hour, minute=given["at"].minute, second=0, microsecond=0)
            if given["noted_at"] > timezone.now() + CLOCK_MAY_DIFFER:
                self.add_error("at", _("That time has not come yet."))
        return given


class MaterialsInput(forms.Widget):
    """Rows of name, quantity and price under the same three names; as many as were sent."""

    needs_multipart_form = False

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[tuple[str, ...]]:
        """What stands in the rows, top to bottom."""
        many = data.getlist if hasattr(data, "getlist") else (lambda key: data.get(key, []))
        columns = [many(column) for column in COLUMNS]
        longest = max(map(len, columns))
        return [tuple(column[row].strip() if row < len(column) else "" for column in columns) for row in range(longest)]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """No rows: nothing was used up."""
        return COLUMNS[0] not in data


class MaterialsField(forms.Field):
    """Cleans to unsaved lines; empty rows do not count, a missing amount is one, a missing price nothing."""

    widget = MaterialsInput

    def clean(self, value: Any) -> list[Material]:
        """The lines; the first that can't be read is named in one sentence."""
        rows = [row for row in value or [] if any(row)]
        if len(rows) > MATERIALS_MAX:
            raise forms.ValidationError(_now("There is room for %(most)d materials.") % {"most": MATERIALS_MAX})
        return [self._line(number, *row) for number, row in enumerate(rows, start=1)]

    def _line(self, number: int, name: str, quantity: str, price: str) -> Material:
        try:
            # As every text field does: also a character that no database takes is not a name.
            name = forms.CharField(max_length=60).clean(name)
        except forms.ValidationError as wrong:
            said = _now("Material %(row)d: please write what it was, in at most 60 characters.") % {"row": number}
            raise forms.ValidationError(said) from wrong
        wrong_amount = _now("“%(name)s”: please write the quantity as a number above 0, such as 2 or 0.5.")
        wrong_price = _now("“%(name)s”: please write the price as a number, such as 12.50; not below 0.")
        return Material(
            name=name,
            quantity=_number(quantity or "1", 8, Decimal("0.01"), wrong_amount % {"name": name}),
            price=_number(price or "0", 9, Decimal(0), wrong_price % {"name": name}),
        )


def _number(text: str, digits: int, least: Decimal, sentence: str) -> Decimal:
    try:
        number: Decimal = forms.DecimalField(max_digits=digits, decimal_places=2, min_value=least).clean(text)
    except forms.ValidationError as wrong:
        raise forms.ValidationError(sentence) from wrong
    return number


class FinishForm(EntryForm):
    """The work is done: photos taken afterwards, what was done, and what was used up."""

    verb = "finish"
    photos = PhotosField(label=_("Photos after the repair"), required=False)
    note = forms.CharField(
        label=_("What was done?"),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Please write in a few words what was done.")},
    )
    materials = MaterialsField(label=_("Materials used"), required=False)

    def material_rows(self) -> list[tuple[str, ...]]:
        """What was typed, and some empty rows."""
        typed = self["materials"].value() or []
        kept = [tuple(row) for row in typed if any(row)][:MATERIALS_MAX]
        return kept + [("", "", "")] * max(1, EMPTY_ROWS - len(kept))


JOB_FORMS: dict[str, type[VerbForm]] = {
    form.verb: form for form in (SetOutForm, ArriveForm, NobodyHomeForm, FinishForm)
}
