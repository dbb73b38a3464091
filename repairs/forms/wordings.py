"""What an administrator writes in the place of a built-in text."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from repairs.models import MessageTemplate, Ticket
from repairs.placeholders import known_variables, names
from repairs.wording import Wording
from repairs.wording_variables import MOST_PARTS, about_parts, kept, meaning


class SeenForm(forms.Form):
    """A press on the page of a text; `seen`: when the own text was last changed as the person saw it."""

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def clean_seen(self) -> datetime | None:
        """None for none; nonsense matches nothing."""
        try:
            return parse_datetime(self.cleaned_data["seen"])
        except ValueError:
            return None


def mark(own: MessageTemplate | None) -> str:
    """What `seen` says on a page that shows `own`."""
    return own.edited_at.isoformat() if own else ""


class WordingForm(SeenForm):
    """One text in one language; `number`: the ticket it is tried on, if it is to be a particular one."""

    text = forms.CharField(
        label=gettext_lazy("Own text"),
        widget=forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"}),
        error_messages={"required": gettext_lazy("Please write a text, or go back to the built-in one below.")},
    )
    number = forms.CharField(
        label=gettext_lazy("Preview with ticket"),
        help_text=gettext_lazy("Empty: the newest ticket that uses this text."),
        required=False,
        max_length=24,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    def __init__(self, data: Any, *, wording: Wording, language: str, own: MessageTemplate | None) -> None:
        self.wording = wording
        text = own.text if own else wording.built_in(language)
        super().__init__(data, initial={"text": text, "seen": mark(own)})
        self.fields["text"].widget.attrs["lang"] = language

    def saw(self, own: MessageTemplate | None) -> None:
        """The page shows `own` now: pressed again, what was typed goes in its place."""
        self.data = {**{name: self.data[name] for name in self.data}, "seen": mark(own)}

    def clean_text(self) -> str:
        """One paragraph that knows its variables, keeps what has to be said, and fits in a few text messages."""
        text = " ".join(self.cleaned_data["text"].split())
        known_variables(text, self.wording.variables)
        for name in kept(self.wording):
            if name not in names(text):
                words = {"variable": f"{{{name}}}", "meaning": meaning(self.wording, name)}
                raise ValidationError(_("Please keep %(variable)s, %(meaning)s: the reader has to know it.") % words)
        if (parts := about_parts(self.wording, text)) > MOST_PARTS:
            long = _("Too long: about %(parts)s text messages, at most %(most)s are sent.")
            raise ValidationError(long % {"parts": parts, "most": MOST_PARTS})
        return text

    def clean_number(self) -> Ticket | None:
        """The ticket of that number."""
        number = self.cleaned_data["number"].strip()
        ticket = Ticket.objects.filter(number=number).first() if number else None
        if number and ticket is None:
            raise ValidationError(_("There is no ticket with this number. Leave it empty for the newest one."))
        return ticket
