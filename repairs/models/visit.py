"""Visits: windows of a team with a fixed number of places, and the bookings that take them.

A place is a row. That two bookings never hold the same one is a unique index, not a count somebody did beforehand.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.requests import Visitor
from estates.models import Dwelling, Residence
from repairs.workflow import Urgency

from .team import Team
from .ticket import Ticket

# Whoever needs help at once may have the places held back until the morning of the day.
URGENT = frozenset({Urgency.DANGER, Urgency.URGENT})


def midnight_after(moment: datetime) -> datetime:
    """The end of the day of `moment` in Shanghai: windows before it no longer hold anything back."""
    day: date = timezone.localtime(moment).date() + timedelta(days=1)
    return datetime.combine(day, time(), timezone.get_current_timezone())


# A place is not kept for long for somebody who doesn't answer.
_ANSWER_WITHIN, _ANSWERED_BEFORE = timedelta(hours=24), timedelta(hours=12)


class BookingState(models.TextChoices):
    """What became of an agreed time."""

    ASKED = "asked", pgettext_lazy("booking", "Waiting until all agree")
    BOOKED = "booked", pgettext_lazy("booking", "Booked")
    KEPT = "kept", pgettext_lazy("booking", "The worker came")
    MOVED = "moved", pgettext_lazy("booking", "Moved to another time")
    CANCELLED = "cancelled", pgettext_lazy("booking", "Cancelled")
    NOBODY_HOME = "nobody_home", pgettext_lazy("booking", "Nobody was home")
    NOBODY_CAME = "nobody_came", pgettext_lazy("booking", "Nobody came")


LIVE = frozenset({BookingState.ASKED, BookingState.BOOKED})
# These give their place back; a visit that was made, or missed at the door, has used it up.
GIVEN_BACK = frozenset({BookingState.MOVED, BookingState.CANCELLED})


class WindowQuerySet(models.QuerySet["Window"]):
    """Windows by what may still be had of them."""

    def coming(self, now: datetime) -> "WindowQuerySet":
        """Those that have not begun."""
        return self.filter(starts_at__gt=now)

    def with_room(self, urgency: str, now: datetime) -> "WindowQuerySet":
        """Those offered, with a place free for a repair of that urgency."""
        places = WindowPlace.objects.free().filter(window=OuterRef("pk"))
        room = Exists(places)
        if urgency not in URGENT:
            room = Exists(places.filter(held=False)) | (Q(starts_at__lt=midnight_after(now)) & Exists(places))  # type: ignore[assignment]
        return self.filter(room, offered=True)


class Window(models.Model):
    """A stretch of one day in which one team makes visits; produced ahead from its shifts."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="windows")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # False once the shifts no longer know it: what was booked stands until somebody moves it, nothing new is taken.
    offered = models.BooleanField(default=True)

    objects = WindowQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "team"]
        verbose_name = _("window")
        verbose_name_plural = _("windows")
        indexes = [models.Index(F("starts_at"), F("team"), name="window_by_time")]
        constraints = [
            models.UniqueConstraint(fields=["team", "starts_at"], name="window_of_one_team_starts_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="window_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.team_id} {timezone.localtime(self.starts_at):%m-%d %H:%M}"


class WindowPlaceQuerySet(models.QuerySet["WindowPlace"]):
    """Places by whether somebody has them."""

    def free(self) -> "WindowPlaceQuerySet":
        """Those no booking holds."""
        return self.filter(~Exists(Booking.objects.filter(place=OuterRef("pk"))))


class WindowPlace(models.Model):
    """Room for one visit in a window."""

    window = models.ForeignKey(Window, on_delete=models.CASCADE, related_name="places")
    number = models.PositiveSmallIntegerField()
    held = models.BooleanField(default=False)

    objects = WindowPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place in a window")
        verbose_name_plural = _("places in windows")
        constraints = [
            models.UniqueConstraint(fields=["window", "number"], name="window_place_has_a_number_of_its_own"),
        ]

    def __str__(self) -> str:
        return f"{self.window_id} · {self.number}"


class BookingQuerySet(models.QuerySet["Booking"]):
    """Bookings by whether they still bind anybody."""

    def standing(self, tickets: Iterable[Ticket]) -> "dict[int, Booking]":
        """The live booking of each of `tickets` that has one, by the ticket's key; one query."""
        keys = [ticket.pk for ticket in tickets]
        return {booking.ticket_id: booking for booking in self.live().filter(ticket__in=keys)}

    def live(self) -> "BookingQuerySet":
        """Those that stand, or wait until all agree."""
        return self.filter(state__in=LIVE)

    def visible_to(self, user: Visitor) -> "BookingQuerySet":
        """Those of tickets `user` may see, and those a household of theirs is asked to open the door for."""
        asked = BookingConsent.objects.visible_to(user).filter(booking=OuterRef("pk"))
        return self.filter(Q(ticket__in=Ticket.objects.visible_to(user)) | Exists(asked))


class Booking(models.Model):
    """One agreed time for one ticket; it holds a place of a window as long as it is not moved or cancelled.

    Only the verbs of `repairs/actions` write `state` and what goes with it.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="bookings")
    place = models.ForeignKey(WindowPlace, on_delete=models.PROTECT, null=True, related_name="bookings")
    # Kept beside the place: a window that nobody needs any more goes, what was once agreed stays.
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="bookings")
    state = models.CharField(max_length=12, choices=BookingState)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    set_out_at = models.DateTimeField(null=True, blank=True)
    set_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = BookingQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        indexes = [
            models.Index(F("ticket"), F("id").desc(), name="booking_by_ticket"),
            models.Index(
                F("starts_at"), F("team"), name="booking_live_by_time", condition=Q(state__in=["asked", "booked"])
            ),
            models.Index(F("team"), F("starts_at"), name="booking_by_team"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["place"], name="booking_holds_a_place_alone"),
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state__in=sorted(LIVE)), name="booking_of_one_ticket_is_single"
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(GIVEN_BACK), place__isnull=True)
                | (~Q(state__in=sorted(GIVEN_BACK)) & Q(place__isnull=False)),
                name="booking_has_a_place_until_given_back",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(LIVE), ended_at__isnull=True)
                | (~Q(state__in=sorted(LIVE)) & Q(ended_at__isnull=False)),
                name="booking_that_ended_says_when",
            ),
            models.CheckConstraint(
                condition=Q(set_out_at__isnull=True, set_out_by__isnull=True)
                | Q(set_out_at__isnull=False, set_out_by__isnull=False),
                name="booking_set_out_has_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.state}"

    @property
    def answer_by(self) -> datetime:
        """Until when the households asked have time: a day, or up to twelve hours before the visit if that is sooner.

        A visit asked for at short notice leaves them half of the time that is left.
        """
        halfway = self.made_at + (self.starts_at - self.made_at) / 2
        return min(self.made_at + _ANSWER_WITHIN, max(self.starts_at - _ANSWERED_BEFORE, halfway))

    @property
    def is_over(self) -> bool:
        """Whether the agreed time has passed."""
        return self.ends_at <= timezone.now()


class BookingConsentQuerySet(models.QuerySet["BookingConsent"]):
    """Households asked for a booking."""

    def visible_to(self, user: Visitor) -> "BookingConsentQuerySet":
        """Those of the dwellings `user` lives in today."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        lives = Residence.objects.current(timezone.localdate()).filter(person=user, dwelling=OuterRef("dwelling"))
        return self.filter(Exists(lives))

    def coming(self, now: datetime) -> "BookingConsentQuerySet":
        """Of visits that still stand or wait and are not over."""
        return self.filter(booking__state__in=LIVE, booking__ends_at__gt=now)

    def for_page(self) -> "BookingConsentQuerySet":
        """With what the household's page shows, in one query."""
        return self.select_related(
            "booking__ticket__repair_type",
            "booking__ticket__organisation",
            "booking__ticket__building",
            "booking__ticket__entrance",
            "booking__ticket__dwelling__entrance__building",
        )

    def refusable(self, now: datetime) -> "BookingConsentQuerySet":
        """Those a household can still say no to: not answered yet, or agreed and the visit is not today."""
        waits = Q(answer="", booking__state=BookingState.ASKED)
        agreed = Q(answer=ConsentAnswer.AGREED, booking__state__in=LIVE, booking__starts_at__gte=midnight_after(now))
        return self.filter(waits | agreed)

    def waiting(self) -> "BookingConsentQuerySet":
        """Not answered yet, for a booking that still waits."""
        return self.filter(answer="", booking__state=BookingState.ASKED)


class ConsentAnswer(models.TextChoices):
    """What a household said."""

    AGREED = "agreed", pgettext_lazy("household", "Agreed")
    REFUSED = "refused", pgettext_lazy("household", "Can't at that time")


class BookingConsent(models.Model):
    """One household that has to open its door for a booking: asked, and what it said."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="consents")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=8, choices=ConsentAnswer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = BookingConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("household asked")
        verbose_name_plural = _("households asked")
        constraints = [
            models.UniqueConstraint(fields=["booking", "dwelling"], name="consent_of_one_household_is_single"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="consent_answer_has_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking_id} · {self.dwelling_id}"

    @property
    def may_be_taken_back(self) -> bool:
        """Whether who agreed can still say no: until the evening before, as the reporter can still move it."""
        standing = self.booking.state in LIVE and self.booking.starts_at >= midnight_after(timezone.now())
        return self.answer == ConsentAnswer.AGREED and standing


class Material(models.Model):
    """What was used up in one finished job: a free line with quantity and price."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="materials")
    event = models.ForeignKey("repairs.TicketEvent", on_delete=models.PROTECT, related_name="materials")
    name = models.CharField(_("material"), max_length=60)
    quantity = models.DecimalField(_("quantity"), max_digits=8, decimal_places=2)
    price = models.DecimalField(_("price each, yuan"), max_digits=9, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        indexes = [models.Index(fields=["ticket", "id"], name="material_by_ticket")]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, price__gte=0) & ~Q(name=""),
                name="material_has_a_name_an_amount_and_a_price",
                violation_error_message=_("Write what it was, how much, and a price that is not below zero."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} × {self.quantity}"


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    """Addresses by who may revoke them."""

    def visible_to(self, user: Visitor) -> "CalendarFeedQuerySet":
        """One's own, and those of the teams whose work one gives out."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        return self.filter(Q(person=user) | Q(team__in=Team.objects.visible_to(user)))


class CalendarFeed(models.Model):
    """A secret address under which a worker's or a team's visits can be subscribed to; revoked, never reused."""

    # The SHA-256 of what stands in the address (`actions.make_calendar`).
    token = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="calendar_feeds"
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="calendar_feeds")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, team__isnull=True) | Q(person__isnull=True, team__isnull=False),
                name="calendar_feed_is_of_a_person_or_a_team",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="calendar_feed_revoked_at_has_revoked_by",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(revoked_at__isnull=True), name="calendar_feed_of_a_person_is_single"
            ),
            models.UniqueConstraint(
                fields=["team"], condition=Q(revoked_at__isnull=True), name="calendar_feed_of_a_team_is_single"
            ),
        ]

    def __str__(self) -> str:
        return str(self.team or self.person_id)
