"""A field that takes several photos at once."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile


class PhotosInput(forms.ClearableFileInput):
    """Several pictures, from the camera or the album."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"accept": "image/*", "multiple": True, **(attrs or {})})


class PhotosField(forms.FileField):
    """Cleans to the list of files as sent; `repairs/photos.py` judges what is in them."""

    widget = PhotosInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        """Every file that was really sent."""
        files = data if isinstance(data, list | tuple) else [data]
        sent = [file for file in files if file]
        if self.required and not sent:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return sent
