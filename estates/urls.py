"""Addresses of the register."""

from django.urls import path, register_converter

from estates import views
from estates.models import RegisterKind


class KindConverter:
    """What the rows of an export are."""

    regex = "|".join(RegisterKind.values)

    def to_python(self, value: str) -> RegisterKind:
        """The kind of that word."""
        return RegisterKind(value)

    def to_url(self, value: str) -> str:
        """The word of a kind."""
        return str(value)


class OneOf:
    """A word out of a few."""

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands."""
        return value


class PartConverter(OneOf):
    """A list that can be downloaded."""

    regex = "refused|changed|vanished"


class FormConverter(OneOf):
    """The form of an export."""

    regex = "xlsx|csv"


register_converter(KindConverter, "register_kind")
register_converter(PartConverter, "register_part")
register_converter(FormConverter, "register_form")

app_name = "estates"
urlpatterns = [
    path("", views.register, name="register"),
    path("upload/", views.register_upload, name="register_upload"),
    path("export/<register_kind:kind>.<register_form:form>", views.register_export, name="register_export"),
    path("<int:pk>/", views.register_file, name="register_file"),
    path("<int:pk>/columns/", views.register_columns, name="register_columns"),
    path("<int:pk>/again/", views.register_again, name="register_again"),
    path("<int:pk>/apply/", views.register_apply, name="register_apply"),
    path("<int:pk>/file/", views.register_download, name="register_download"),
    path("<int:pk>/<register_part:part>.csv", views.register_rows, name="register_rows"),
]
