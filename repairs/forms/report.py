"""What is said on each screen of a report."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts import notice
from accounts.forms import ConsentField
from accounts.phones import PhoneField
from estates.places import Place, find_place
from repairs.forms.fields import PhotosField
from repairs.models import Photo, Question, RepairType
from repairs.models.ticket import WORDS_MAX
from repairs.workflow import Channel

_CHOOSE_PLACE = _("Please choose a place from the list.")
_CHOOSE_TYPE = _("Please choose what is broken from the list.")
_CHOOSE_ANSWER = _("Please choose an answer. “Not sure” is fine too.")
_NAME = _("Please write a name; the surname is enough.")


class DraftKeyForm(forms.Form):
    """Which draft a screen belongs to: it goes on belonging to it when the cookie has moved on."""

    draft = forms.UUIDField(required=False, widget=forms.HiddenInput)


class WhereListForm(forms.Form):
    """Which list of places is looked at (`in`, `letter`), or what is searched for (`q`)."""

    q = forms.CharField(
        label=_("Search for the estate"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "enterkeyhint": "search"}),
    )
    letter = forms.CharField(required=False, max_length=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["in"] = forms.CharField(required=False, max_length=40)

    def wanted(self, name: str) -> str:
        """What was asked for, or nothing: an address somebody has cut off shows the first list."""
        self.full_clean()
        value: str = self.cleaned_data.get(name, "")
        return value


class PlaceForm(forms.Form):
    """The place tapped, or the one a link names; cleans to a `Place`."""

    place = forms.CharField(max_length=40, error_messages={"required": _CHOOSE_PLACE, "max_length": _CHOOSE_PLACE})

    def clean_place(self) -> Place:
        """The place of the register."""
        place = find_place(self.cleaned_data["place"])
        if place is None:
            raise forms.ValidationError(_CHOOSE_PLACE, code="unknown")
        return place


class CategoryForm(forms.Form):
    """The tile tapped."""

    category = forms.CharField(required=False, max_length=8)

    def chosen(self) -> str:
        """Its code, or nothing."""
        self.full_clean()
        code: str = self.cleaned_data.get("category", "")
        return code


class TypeForm(forms.Form):
    """What is broken, of the types in use."""

    repair_type = forms.ModelChoiceField(
        RepairType.objects.none(),
        to_field_name="code",
        error_messages={"required": _CHOOSE_TYPE, "invalid_choice": _CHOOSE_TYPE},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = RepairType.objects.filter(active=True, category__active=True)
        self.fields["repair_type"].queryset = types.select_related("category", "safety_card")  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """One question with its answers as rows."""

    answer = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": _CHOOSE_ANSWER, "invalid_choice": _CHOOSE_ANSWER}
    )

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["answer"]
        field.label, field.help_text = question.text, question.help
        field.choices = [(answer.code, answer.text) for answer in question.answers.all()]  # type: ignore[attr-defined]


class WordsField(forms.CharField):
    """A line break counts once, as it does in the browser, which sends it as two characters."""

    def to_python(self, value: Any) -> str | None:
        """The words with plain line breaks."""
        written = super().to_python(value)
        return written.replace("\r\n", "\n") if written else written


class WordsForm(forms.Form):
    """Words and photos; whether they are enough is known once the photos are in."""

    words = WordsField(
        label=_("What is wrong?"),
        required=False,
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("Please shorten it to %(limit_value)d characters; you wrote %(show_value)d.")},
    )
    photos = PhotosField(label=_("Photos"), required=False)

    def pictures(self) -> "list[UploadedFile[Any]]":
        """The files as sent, also when the words are too long."""
        return list(self.cleaned_data.get("photos", []))

    def must_say_something(self) -> None:
        """Neither words nor a photo: say so."""
        self.add_error("words", _("Please write a few words or add a photo, so that the right worker comes."))


class RemovedPhotoForm(forms.Form):
    """The photo whose button was pressed."""

    photo = forms.ModelChoiceField(Photo.objects.none(), to_field_name="key")

    def __init__(self, *args: Any, photos: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photo"].queryset = photos  # type: ignore[attr-defined]


class ForWhomForm(forms.Form):
    """`?for=other`: somebody reports for somebody else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["for"] = forms.ChoiceField(choices=[("other", "")])

    def other(self) -> bool:
        """Whether the report is for somebody else."""
        return self.is_valid()


class ContactForm(forms.Form):
    """Who reports: a name and a number to call. In danger everything may be left out, the consent too."""

    channel_of_report: str = Channel.ONLINE

    contact_name = forms.CharField(
        label=_("Your name"),
        help_text=_("The surname is enough."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _NAME},
    )
    contact_phone = PhoneField(max_length=40)
    agreed = ConsentField()

    def __init__(self, *args: Any, notice_read: bool, danger: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if notice_read:
            del self.fields["agreed"]
        if danger:
            for field in self.fields.values():
                field.required = False
        self.notice_read = notice_read

    def said(self) -> dict[str, Any]:
        """The columns of the draft."""
        agreed = self.notice_read or self.cleaned_data.get("agreed", False)
        return {
            "channel": self.cleaned_data.get("channel") or self.channel_of_report,
            "contact_name": self.cleaned_data["contact_name"],
            "contact_phone": self.cleaned_data["contact_phone"],
            "contact_agreed": self.cleaned_data.get("contact_agreed", False),
            "notice_version": notice.VERSION if agreed else "",
        }


class ProxyForm(ContactForm):
    """A resident reports for somebody else, who agreed."""

    channel_of_report = Channel.PROXY
    contact_agreed = forms.BooleanField(
        label=_("They know about this report and agree that I give their name and number"),
        error_messages={"required": _("Please ask them first, then tick the box.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact_name"].label = _("Their name")
        self.fields["contact_phone"].label = _("Their mobile number")
        for name in ("contact_name", "contact_phone"):
            self.fields[name].widget.attrs["autocomplete"] = "off"


class OnBehalfForm(ProxyForm):
    """Someone on duty writes down what a resident told them, or what they found on patrol (nobody to name then)."""

    channel = forms.ChoiceField(
        label=_("How did it reach you?"),
        widget=forms.RadioSelect,
        choices=[(each.value, each.label) for each in (Channel.PHONE, Channel.WALK_IN, Channel.PATROL)],
        error_messages={"required": _("Please choose how it reached you.")},
    )
    field_order = ["channel"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever works here reports in the line of duty: the notice is for residents.
        self.fields.pop("agreed", None)
        self.demanded = [name for name in ("contact_name", "contact_phone", "contact_agreed") if self._takes_back(name)]

    def _takes_back(self, name: str) -> bool:
        field = self.fields[name]
        was, field.required = field.required, False
        return was

    def clean(self) -> dict[str, Any]:
        """A patrol names nobody, or somebody who agreed; a call or a visit always names somebody."""
        said = super().clean() or {}
        named = bool(said.get("contact_name") or said.get("contact_phone"))
        if said.get("channel") != Channel.PATROL or named:
            for name in self.demanded:
                if name not in self.errors and not said.get(name):
                    self.add_error(name, self.fields[name].error_messages["required"])
        return said
