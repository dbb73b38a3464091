"""What a resident says about their ticket."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from repairs.forms.fields import PhotosField
from repairs.models.ticket import WORDS_MAX


class SeenForm(forms.Form):
    """A verb pressed on a page: which version of the ticket the page showed."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class RemarkForm(forms.Form):
    """Words, and pictures if they help."""

    prefix = "remark"
    note = forms.CharField(
        label=_("What would you like to add?"),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Please write a few words.")},
    )
    photos = PhotosField(label=_("Photos"), required=False)

    def pictures(self) -> "list[UploadedFile[Any]]":
        """The files as sent."""
        return list(self.cleaned_data["photos"])


class NotFixedForm(RemarkForm):
    """没有修好: what is still wrong."""

    prefix = "not_fixed"
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = _("What is still not right?")


class CancelForm(SeenForm):
    """The resident takes the report back."""

    prefix = "cancel"
    note = forms.CharField(
        label=_("Why? The organisation on duty reads it."),
        required=False,
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
