"""The house's service promises in the administration: new versions are added, what has begun is only looked at."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from repairs.models import Pledge, PledgeVersion


class PledgeVersionForm(ModelForm[PledgeVersion]):
    """A version of the house; an estate's own are set on its page, where they are held against the house's."""

    class Meta:
        model = PledgeVersion
        fields = ["starts_on", "note"]

    def clean_starts_on(self) -> Any:
        """The database refuses what begins today: said here in a sentence."""
        starts_on = self.cleaned_data["starts_on"]
        if starts_on < timezone.localdate() + timedelta(days=1):
            raise ValidationError(_("New promises begin tomorrow at the earliest."))
        return starts_on


class PledgeInline(admin.TabularInline[Pledge, PledgeVersion]):
    """What a version promises; what it doesn't mention is promised as before."""

    model = Pledge
    extra = 3


def _begun(version: PledgeVersion | None) -> bool:
    return version is not None and version.starts_on <= timezone.localdate()


@admin.register(PledgeVersion)
class PledgeVersionAdmin(admin.ModelAdmin[PledgeVersion]):
    """Append only: a ticket keeps the version it began with."""

    form = PledgeVersionForm
    inlines = [PledgeInline]
    list_display = ["starts_on", "estate", "note", "made_by", "made_at"]
    list_select_related = ["estate", "made_by"]

    def has_change_permission(self, request: HttpRequest, obj: PledgeVersion | None = None) -> bool:
        """Only the house's, and only until it begins."""
        if obj is not None and (_begun(obj) or obj.estate_id):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: PledgeVersion | None = None) -> bool:
        """Taken back only until it begins; never several at once, for some of them have begun."""
        return obj is not None and not _begun(obj) and super().has_delete_permission(request, obj)

    def save_model(
        self, request: HttpRequest, obj: PledgeVersion, form: ModelForm[PledgeVersion], change: bool
    ) -> None:
        """Who wrote it, and when."""
        if not change:
            obj.made_by_id, obj.made_at = request.user.pk, timezone.now()
        super().save_model(request, obj, form, change)
