"""What the staff says: the filters of the queue, and one form for each verb."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from repairs.canned import Offer
from repairs.forms.fields import PhotosField
from repairs.forms.types import types_by_category
from repairs.models import ContactViewReason, RepairType, Ticket
from repairs.models.ticket import WORDS_MAX
from repairs.queue import Cursor, Only, read_cursor
from repairs.suggestions import suggestions
from repairs.workflow import Urgency

WORDS_NEEDED = {"required": _("Please write a few words.")}


class Asked(NamedTuple):
    """What the address of a queue asks for."""

    q: str
    only: Only
    after: Cursor | None
    selected: int | None


class QueueForm(forms.Form):
    """Search, filter, place in the list and opened row, as they stand in the address; nonsense counts as not given."""

    q = forms.CharField(required=False, max_length=60)
    only = forms.ChoiceField(choices=Only, required=False)
    after = forms.CharField(required=False, max_length=80)
    selected = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def asked(self) -> Asked:
        """What is asked for, whether or not every part of it can be read."""
        self.full_clean()
        given = getattr(self, "cleaned_data", {})
        only = Only(given.get("only") or "")
        return Asked(given.get("q") or "", only, read_cursor(given.get("after") or ""), given.get("selected"))


class VerbForm(forms.Form):
    """One verb on one ticket: which version the person saw, and where to go afterwards."""

    verb = ""
    canned: Sequence[Offer] = ()
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    next = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)

    def __init__(self, *args: Any, ticket: Ticket, user: User, next_url: str = "", **kwargs: Any) -> None:
        self.ticket, self.user = ticket, user
        kwargs["initial"] = {"version": ticket.version, "next": next_url, **kwargs.get("initial", {})}
        kwargs["auto_id"] = f"{self.verb}_%s"
        super().__init__(*args, **kwargs)

    def clean_next(self) -> str:
        """An address of ours, or nothing."""
        wanted: str = self.cleaned_data["next"]
        return wanted if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""

    def seen(self) -> Ticket:
        """The ticket as the person saw it: a verb on an older version is refused as moved."""
        self.ticket.version = self.cleaned_data["version"]
        return self.ticket


class WorkerField(forms.ChoiceField):
    """Who goes: the people of the organisation who may work, best first, each with what speaks for and against it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Give it to"), **kwargs)
        self.people: dict[str, User] = {}
        self.away: set[int] = set()

    def offer(self, ticket: Ticket) -> None:
        """Fill the list; four statements, however many people."""
        found = suggestions(ticket)
        self.people = {str(each.person.pk): each.person for each in found}
        self.away = {each.person.pk for each in found if each.away}
        self.choices = [("", _("Nobody yet")), *((str(each.person.pk), each.words) for each in found)]

    def clean(self, value: Any) -> User | None:
        """The person chosen."""
        return self.people.get(super().clean(value))


class GivingForm(VerbForm):
    """A job for somebody; on their day off only if the person who gives it says so."""

    anyway = forms.BooleanField(required=False, label=_("Give it to them all the same"))
    asks_anyway = False

    def clean(self) -> dict[str, Any]:
        """A day off is said before the job is given, not found out at the door."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        worker: User | None = given.get("worker")
        if worker and worker.pk in cast(WorkerField, self.fields["worker"]).away and not given.get("anyway"):
            self.asks_anyway = True
            words = _now("%(name)s has a day off then. Choose somebody else, or say that it is all the same.")
            self.add_error("worker", words % {"name": worker.display_name})
        return given


class AcknowledgeForm(GivingForm):
    """Take it up: type and urgency kept or set, and given to somebody at once if there is somebody."""

    verb = "acknowledge"
    repair_type = forms.ModelChoiceField(RepairType.objects.none(), label=_("Type"), empty_label=None)
    urgency = forms.ChoiceField(choices=Urgency, label=pgettext_lazy("field", "Urgency"))
    note = forms.CharField(
        label=_("Less urgent than reported: why? The resident reads it"),
        max_length=WORDS_MAX,
        required=False,
        widget=forms.TextInput(),
    )
    worker = WorkerField(required=False)

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        first = {"repair_type": ticket.repair_type_id, "urgency": ticket.urgency}
        super().__init__(*args, ticket=ticket, initial=first, **kwargs)
        offered = RepairType.objects.filter(Q(active=True) | Q(pk=ticket.repair_type_id))
        types = cast("forms.ModelChoiceField[RepairType]", self.fields["repair_type"])
        types.queryset, types.choices = offered, types_by_category(offered)
        cast(WorkerField, self.fields["worker"]).offer(ticket)


class AssignForm(GivingForm):
    """Give the job to somebody, or to somebody else."""

    verb = "assign"
    worker = WorkerField(error_messages={"required": _("Please choose who goes.")})

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, ticket=ticket, initial={"worker": ticket.assignee_id or ""}, **kwargs)
        cast(WorkerField, self.fields["worker"]).offer(ticket)


class DeclineForm(VerbForm):
    """Not accepted, with a reason."""

    verb = "decline"
    note = forms.CharField(
        label=_("Why isn't it accepted? The resident reads this."),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Please write the reason: the resident reads it.")},
    )


class HandBackForm(VerbForm):
    """I can't do this one, with a reason."""

    verb = "hand_back"
    note = forms.CharField(
        label=_("Why can't it be done? Your colleagues read this."),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Please write the reason: whoever goes next needs it.")},
    )


class PhotosForm(forms.Form):
    """Pictures alone, sent ahead of the words."""

    photos = PhotosField(label=_("Photos"))

    def pictures(self) -> list["UploadedFile[Any]"]:
        """The files as sent; none when nothing was."""
        self.full_clean()
        return list(self.cleaned_data.get("photos") or [])


class CommentForm(VerbForm):
    """Said to the resident."""

    verb = "comment"
    note = forms.CharField(
        label=_("What do you want to tell the resident?"),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=WORDS_NEEDED,
    )


class InternalNoteForm(VerbForm):
    """Said among the staff."""

    verb = "internal_note"
    note = forms.CharField(
        label=_("Note for colleagues; residents don't see it"),
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=WORDS_NEEDED,
    )


class ContactForm(forms.Form):
    """Why somebody looks at a name and a number in full."""

    reason = forms.ChoiceField(
        choices=ContactViewReason,
        label=_("Why do you need it? This is kept on record."),
        error_messages={"required": _("Please choose a reason."), "invalid_choice": _("Please choose a reason.")},
    )


FORMS: dict[str, type[VerbForm]] = {
    form.verb: form
    for form in (
        AcknowledgeForm,
        AssignForm,
        HandBackForm,
        DeclineForm,
        CommentForm,
        InternalNoteForm,
    )
}
