"""What people say about a file: which it is, what its rows are, which column is which."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from openpyxl.utils import get_column_letter

from estates.models import RegisterFile, RegisterKind
from estates.register.columns import COLUMNS, missing_columns

_GUESS = [("", pgettext_lazy("register kind", "Let the header decide"))]
_SHOWN = 24


class UploadForm(forms.Form):
    """A file, and what its rows are if the header shall not decide."""

    file = forms.FileField(
        label=gettext_lazy("Excel or CSV file"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        max_length=200,
        error_messages={"empty": gettext_lazy("The file is empty.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What the rows are"), choices=[*_GUESS, *RegisterKind.choices], required=False
    )


class AgainForm(forms.Form):
    """Another sheet of the file, or rows of another kind."""

    kind = forms.ChoiceField(label=gettext_lazy("What the rows are"), choices=RegisterKind)
    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"), required=False)

    def __init__(self, *args: Any, file: RegisterFile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"kind": file.kind, "sheet": file.sheet}
        sheet = self.fields["sheet"]
        if isinstance(sheet, forms.ChoiceField):
            sheet.choices = [(each, each) for each in file.sheets]
        if len(file.sheets) < 2:
            del self.fields["sheet"]


class ColumnsForm(forms.Form):
    """Which column of the file stands for which of ours."""

    def __init__(self, *args: Any, file: RegisterFile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = RegisterKind(file.kind)
        choices = [("", _("Not in this file")), *_columns_of(file)]
        for column in COLUMNS[self.kind]:
            self.fields[column.field] = forms.ChoiceField(
                label=_(column.title), choices=choices, required=column.required, initial=file.columns.get(column.field)
            )

    def clean(self) -> dict[str, Any]:
        """No column stands for two things."""
        given: dict[str, Any] = super().clean() or {}
        seen: dict[str, str] = {}
        for field, index in list(given.items()):
            if index and index in seen:
                self.add_error(field, _("This column is already taken for “%(other)s”.") % {"other": seen[index]})
            elif index:
                seen[index] = str(self.fields[field].label)
        return given

    @property
    def chosen(self) -> dict[str, int]:
        """Index of the column by field."""
        return {field: int(index) for field, index in self.cleaned_data.items() if index != ""}

    @property
    def missing(self) -> str:
        """What the guess did not find, in words."""
        found = [field for field, each in self.fields.items() if each.initial is not None]
        return _(", ").join(_(title) for title in missing_columns(self.kind, found))


def _columns_of(file: RegisterFile) -> list[tuple[str, str]]:
    """Each column of the file by letter, title and first value."""
    width = max([len(file.headers), *(len(line) for line in file.samples)], default=0)
    choices = []
    for index in range(width):
        title = file.headers[index] if index < len(file.headers) else ""
        example = next((line[index] for line in file.samples if index < len(line) and line[index]), "")
        if title or example:
            words = [get_column_letter(index + 1), title[:_SHOWN], example[:_SHOWN]]
            choices.append((str(index), " · ".join(word for word in words if word)))
    return choices
