"""What the addresses of the overview ask for; what can't be read counts as not asked for."""

from typing import NamedTuple

from django import forms
from django.db import models
from django.utils.translation import pgettext_lazy

from oversight.listings import RECURRING_DAYS, Listing

DAYS = (7, 30, 365)
_DEFAULT_DAYS = 30
_LARGEST_KEY = 2**63 - 1


class Sort(models.TextChoices):
    """The columns estates can be ordered by."""

    LATE = "late", pgettext_lazy("estates column", "Late")
    OPEN = "open", pgettext_lazy("estates column", "Open")
    CONFIRMED = "confirmed", pgettext_lazy("estates column", "Confirmed")
    UNCONFIRMED = "unconfirmed", pgettext_lazy("estates column", "Unconfirmed")
    RATE = "rate", pgettext_lazy("estates column", "Per 100 homes")
    NAME = "name", pgettext_lazy("estates column", "Estate")
    MODE = "mode", pgettext_lazy("estates column", "Managed by")


class Asked(NamedTuple):
    """What an address of the overview asks for."""

    days: int
    street: str
    sort: Sort
    after: str


class OverviewForm(forms.Form):
    """Window, street, order and place in the table."""

    days = forms.TypedChoiceField(choices=[(each, each) for each in DAYS], coerce=int, required=False)
    street = forms.CharField(required=False, max_length=12)
    sort = forms.ChoiceField(choices=Sort, required=False)
    after = forms.CharField(required=False, max_length=80)

    def asked(self) -> Asked:
        """What is asked for, with what goes without saying."""
        self.full_clean()
        given = self.cleaned_data
        sort = Sort(given.get("sort") or Sort.LATE)
        return Asked(given.get("days") or _DEFAULT_DAYS, given.get("street") or "", sort, given.get("after") or "")


class Wanted(NamedTuple):
    """Which tickets behind the figures are asked for."""

    listing: Listing
    days: int
    street: str
    estate: int | None
    building: int | None
    type: str
    before: str


class TicketsForm(forms.Form):
    """The listing, its window, and how far it is narrowed down."""

    list = forms.ChoiceField(choices=Listing, required=False)
    days = forms.TypedChoiceField(
        choices=[(each, each) for each in (*DAYS, RECURRING_DAYS)], coerce=int, required=False
    )
    street = forms.CharField(required=False, max_length=12)
    estate = forms.IntegerField(required=False, min_value=1, max_value=_LARGEST_KEY)
    building = forms.IntegerField(required=False, min_value=1, max_value=_LARGEST_KEY)
    type = forms.SlugField(required=False, max_length=16)
    before = forms.CharField(required=False, max_length=80)

    def wanted(self) -> Wanted:
        """What is asked for, with what goes without saying."""
        self.full_clean()
        given = self.cleaned_data
        return Wanted(
            Listing(given.get("list") or Listing.OPEN),
            given.get("days") or _DEFAULT_DAYS,
            given.get("street") or "",
            given.get("estate"),
            given.get("building"),
            given.get("type") or "",
            given.get("before") or "",
        )
