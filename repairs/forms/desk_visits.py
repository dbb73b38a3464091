"""What the desk says about a visit: when, with whom, no longer; and which week of the board is looked at."""

from datetime import date, timedelta
from typing import Any, NamedTuple, cast

from django import forms
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from estates.models import Dwelling
from repairs.models import Booking, BookingConsent, Team, Ticket, Window
from repairs.models.ticket import WORDS_MAX
from repairs.models.visit import URGENT, midnight_after
from repairs.slots import AHEAD_DAYS, open_windows
from repairs.suggestions import is_away
from repairs.times import day_words, hours

_FARTHEST = timedelta(days=400)


class WeekForm(forms.Form):
    """The week of the board: any day of it; nonsense counts as this week."""

    week = forms.DateField(required=False)

    def monday(self) -> date:
        """The Monday of the week asked for."""
        self.full_clean()
        today = timezone.localdate()
        day: date = getattr(self, "cleaned_data", {}).get("week") or today
        if abs(day - today) > _FARTHEST:
            day = today
        return day - timedelta(days=day.weekday())


def _own_address(wanted: str) -> str:
    """An address of ours, or nothing."""
    return wanted if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""


class NextForm(forms.Form):
    """Where to go afterwards, as the address says."""

    next = forms.CharField(required=False, max_length=500)

    def address(self) -> str:
        """An address of ours, or nothing."""
        self.full_clean()
        return _own_address(getattr(self, "cleaned_data", {}).get("next") or "")


class DeskForm(forms.Form):
    """One verb of a visit, and where to go afterwards."""

    verb = ""
    next = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)

    def __init__(self, *args: Any, ticket: Ticket, user: User, next_url: str = "", **kwargs: Any) -> None:
        self.ticket, self.user = ticket, user
        kwargs["initial"] = {"next": next_url, **kwargs.get("initial", {})}
        kwargs["auto_id"] = f"{self.verb}_%s"
        super().__init__(*args, **kwargs)

    def clean_next(self) -> str:
        """An address of ours, or nothing."""
        return _own_address(self.cleaned_data["next"])

    @property
    def to_board(self) -> str:
        """The address of the board, when the person works there."""
        wanted: str = getattr(self, "cleaned_data", {}).get("next") or ""
        return wanted if wanted.startswith(reverse("repairs:board")) else ""


class WindowField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A window of a team this desk plans for; the list offers those free for the ticket, the verb decides."""

    def __init__(self, **kwargs: Any) -> None:
        messages = dict.fromkeys(("required", "invalid_choice"), _("Please choose one of the times offered."))
        super().__init__(Window.objects.none(), label=_("Time and team"), error_messages=messages, **kwargs)

    def offer(self, ticket: Ticket, user: User) -> None:
        """Free times by day, each with its team and how many places are left; one statement, read when drawn."""
        teams = Team.objects.visible_to(user)
        self.queryset = Window.objects.filter(team__in=teams).select_related("team")
        self.choices = lambda: _by_day(ticket)


def _by_day(ticket: Ticket) -> list[Any]:
    until = timezone.now() + timedelta(days=AHEAD_DAYS)
    # A place given back keeps its booking's row no longer: whatever still holds it has used it.
    mine = Q(places__bookings__isnull=True)
    if ticket.urgency not in URGENT:
        # What is held back for urgent repairs is nobody's else until the day itself.
        mine &= Q(places__held=False) | Q(starts_at__lt=midnight_after(timezone.now()))
    free = Count("places", filter=mine)
    rows = open_windows(ticket).filter(starts_at__lt=until).annotate(free=free, name=F("team__name"))
    days: dict[str, list[tuple[int, str]]] = {}
    told = rows.order_by("starts_at", "name", "pk").values_list("pk", "starts_at", "ends_at", "name", "free")
    for pk, starts_at, ends_at, name, count in told:
        left = ngettext("%(count)d place", "%(count)d places", count) % {"count": count}
        words = f"{hours(starts_at, ends_at)} · {name} · {left}"
        days.setdefault(day_words(timezone.localtime(starts_at).date()), []).append((pk, words))
    return [("", _now("Choose a time")), *days.items()]


class WhenForm(DeskForm):
    """A time, and the question whether it clashes with what the worker already has."""

    window = WindowField()
    anyway = forms.BooleanField(required=False, label=_("Plan it all the same"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(WindowField, self.fields["window"]).offer(self.ticket, self.user)
        self.clashes = False

    def clean(self) -> dict[str, Any]:
        """The worker who has the job can't be at two doors, nor come on a day off; whoever knows better says so."""
        given = super().clean() or self.cleaned_data
        window: Window | None = given.get("window")
        if window and self.ticket.assignee and not given.get("anyway"):
            day = timezone.localdate(window.starts_at)
            if is_away(self.ticket.assignee, self.ticket.organisation_id, day):
                self.clashes = True
                said = {"name": self.ticket.assignee.display_name, "day": day_words(day)}
                self.add_error("window", _now("%(name)s has a day off on %(day)s. Nothing was changed.") % said)
                return given
            other = clash(self.ticket, window)
            if other is not None:
                self.clashes = True
                said = {
                    "name": self.ticket.assignee.display_name,
                    "number": other.ticket.number,
                    "place": other.ticket.place.full,
                }
                words = _now("%(name)s already has a visit then: %(number)s, %(place)s. Nothing was changed.")
                self.add_error("window", words % said)
        return given


def clash(ticket: Ticket, window: Window) -> Booking | None:
    """Another agreed visit of the worker of `ticket` in that time."""
    visits = Booking.objects.live().filter(starts_at__lt=window.ends_at, ends_at__gt=window.starts_at)
    theirs = visits.filter(ticket__assignee=ticket.assignee).exclude(ticket=ticket)
    return theirs.select_related("ticket__estate", "ticket__building", "ticket__entrance", "ticket__dwelling").first()


class DeskBookForm(WhenForm):
    """A first time, and whose doors beside the reporter's have to be opened."""

    verb = "book"
    households = forms.ModelMultipleChoiceField(
        Dwelling.objects.none(),
        required=False,
        label=_("Other flats that have to open their door"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        doors = Dwelling.objects.filter(entrance__building=self.ticket.building_id)
        if self.ticket.dwelling_id:
            doors = doors.exclude(pk=self.ticket.dwelling_id)
        field = cast("forms.ModelMultipleChoiceField[Dwelling]", self.fields["households"])
        field.queryset = doors.select_related("entrance").order_by("entrance__label", "floor", "label", "pk")
        field.label_from_instance = _door_label  # type: ignore[method-assign, assignment]


def _door_label(door: Dwelling) -> str:
    return f"{door.entrance} {door}"


class DeskRebookForm(WhenForm):
    """Another time for what was agreed; `seen` is the booking the page showed."""

    verb = "rebook"
    seen = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class DeskUnbookForm(DeskForm):
    """The agreed time is off, with a reason the resident reads."""

    verb = "unbook"
    seen = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    note = forms.CharField(
        required=False,
        max_length=WORDS_MAX,
        label=_("Why is it off? The resident reads this."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class Answered(NamedTuple):
    """Which household said what."""

    consent: BookingConsent
    agrees: bool


class DeskAnswerForm(DeskForm):
    """What a household said on the telephone."""

    verb = "agree"
    consent = forms.ModelChoiceField(BookingConsent.objects.none(), widget=forms.HiddenInput)
    answer = forms.ChoiceField(choices=[("agree", _("Agreed")), ("refuse", _("Can't at that time"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[BookingConsent]", self.fields["consent"])
        field.queryset = BookingConsent.objects.filter(booking__ticket=self.ticket)

    def said(self) -> Answered:
        """The answer, once valid."""
        return Answered(self.cleaned_data["consent"], self.cleaned_data["answer"] == "agree")
