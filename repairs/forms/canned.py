"""What a manager says about a ready-made answer."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from repairs.forms.types import types_by_category
from repairs.models import CannedAnswer, CannedVerb, RepairType
from repairs.models.ticket import WORDS_MAX
from repairs.placeholders import known_variables


def _text(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=WORDS_MAX,
        validators=[known_variables],
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Please write it in both languages: residents read the one they chose.")},
    )


class CannedAnswerForm(forms.Form):
    """The words in both languages, for what they are offered, and for which type; a new one without `answer`."""

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    text_zh = _text(_("text in Chinese"))
    text_en = _text(_("text in English"))
    verbs = forms.MultipleChoiceField(
        label=_("offered for"),
        choices=CannedVerb,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose where it is offered.")},
    )
    repair_type = forms.ModelChoiceField(
        RepairType.objects.none(), label=_("type of repair"), required=False, empty_label=_("Every type")
    )
    active = forms.BooleanField(label=_("in use"), required=False)

    def __init__(self, *args: Any, answer: CannedAnswer | None = None, **kwargs: Any) -> None:
        if answer is not None:
            names = ("text_zh", "text_en", "verbs", "active")
            first = {name: getattr(answer, name) for name in names}
            kwargs["initial"] = {"seen": answer.mark(), "repair_type": answer.repair_type_id, **first}
        super().__init__(*args, **kwargs)
        kept = Q(pk=answer.repair_type_id) if answer else Q()
        offered = RepairType.objects.filter(Q(active=True) | kept) if answer else RepairType.objects.filter(active=True)
        types = cast("forms.ModelChoiceField[RepairType]", self.fields["repair_type"])
        types.queryset = offered
        types.choices = [("", types.empty_label or ""), *types_by_category(offered)]
        if answer is None:
            del self.fields["active"], self.fields["seen"]

    def clean_seen(self) -> datetime | None:
        """When the answer was last changed as the person saw it; nonsense matches nothing."""
        try:
            return parse_datetime(self.cleaned_data["seen"])
        except ValueError:
            return None
