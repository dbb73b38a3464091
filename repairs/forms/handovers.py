"""What both sides of a handover say: to whom and why, taken back, passed outside with a number, accepted or not."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from estates.access import staffed
from estates.models import Organisation, OrganisationKind
from repairs.forms.staff import VerbForm
from repairs.handovers import destinations
from repairs.models.handover import REFERENCE_MAX
from repairs.models.ticket import WORDS_MAX

# Whom things are handed to most comes first.
_ORDER = (
    *(OrganisationKind.UTILITY, OrganisationKind.MUNICIPAL, OrganisationKind.CONTRACTOR, OrganisationKind.COMPANY),
    *(OrganisationKind.HOME_CENTRE, OrganisationKind.COMMUNITY),
    *(OrganisationKind.STREET_OFFICE, OrganisationKind.DISTRICT_OFFICE),
)


def _words(label: Any, needed: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=bool(needed),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": needed} if needed else None,
    )


class FindForm(forms.Form):
    """A part of the name of the organisation looked for; nonsense counts as not given."""

    q = forms.CharField(required=False, max_length=60, label=_("Find an organisation by its name"))

    def wanted(self) -> str:
        """What was typed."""
        self.full_clean()
        return str(getattr(self, "cleaned_data", {}).get("q") or "").strip()


class OfferForm(VerbForm):
    """To whom, and why; `q` narrows the list."""

    verb = "offer"
    to = forms.ModelChoiceField(
        Organisation.objects.none(),
        label=_("Hand it over to"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Please choose an organisation from the list.")),
    )
    note = _words(
        _("Why do you hand it over? They and the resident read this."),
        _("Please write the reason: they decide by it."),
    )

    def __init__(self, *args: Any, q: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = cast("forms.ModelChoiceField[Organisation]", self.fields["to"])
        to.queryset = destinations(self.ticket)
        to.choices = [("", _now("Choose an organisation")), *self._by_kind(q)]

    def _by_kind(self, q: str) -> list[tuple[str, list[tuple[int, str]]]]:
        """One statement; by kind, and who has to be telephoned because nobody of theirs is in Anju says so."""
        found = destinations(self.ticket).filter(name__icontains=q) if q else destinations(self.ticket)
        groups: dict[str, list[tuple[int, str]]] = {kind: [] for kind in _ORDER}
        for each in found.annotate(here=staffed(Permission.TICKET_ASSIGN)):
            words = each.name if getattr(each, "here", False) else _now("%(name)s (by telephone)") % {"name": each.name}
            groups[each.kind].append((each.pk, words))
        return [(str(OrganisationKind(kind).label), rows) for kind, rows in groups.items() if rows]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found to choose from."""
        return len(cast("forms.ModelChoiceField[Organisation]", self.fields["to"]).choices) == 1  # type: ignore[arg-type]


class _SeenForm(VerbForm):
    """About the offer the person looked at."""

    seen_offer = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class WithdrawForm(_SeenForm):
    """We go on ourselves."""

    verb = "withdraw_offer"
    note = _words(_("Words for them and the resident"))


class OutsideForm(_SeenForm):
    """They took it by telephone: the number under which they keep it."""

    verb = "pass_outside"
    reference = forms.CharField(
        label=_("Their number for it"),
        max_length=REFERENCE_MAX,
        error_messages={"required": _("Please write the number they gave it: without one it stays with you.")},
    )
    note = _words(_("Words for the resident"))


class AcceptForm(VerbForm):
    """We take it."""

    verb = "accept"
    note = _words(_("Words for the resident"))


class TurnDownForm(VerbForm):
    """We don't, and why."""

    verb = "turn_down"
    note = _words(
        _("Why don't you take it? They and the resident read this."),
        _("Please write the reason: they have to find somebody else."),
    )


class HandoversForm(forms.Form):
    """Which side of the list, and where in it; nonsense counts as not given."""

    side = forms.CharField(required=False, max_length=8)
    before = forms.CharField(required=False, max_length=80)

    def ours(self) -> bool:
        """Whether the offers of one's own organisation are asked for."""
        self.full_clean()
        return getattr(self, "cleaned_data", {}).get("side") == "ours"

    def cursor(self) -> str:
        """Where the page begins."""
        self.full_clean()
        return getattr(self, "cleaned_data", {}).get("before") or ""
