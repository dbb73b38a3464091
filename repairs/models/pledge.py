"""本小区服务承诺 as data: how much time for each step, by management mode and urgency, in dated versions."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.requests import Visitor
from accounts.roles import Permission
from estates.access import estates_where
from estates.models import Estate, ManagementMode
from repairs.clocks import Amount, Basis
from repairs.workflow import Clock, Urgency


class PledgeBasis(models.TextChoices):
    """When a clock runs; the arithmetic of each is in `repairs/clocks.py`."""

    ALWAYS = Basis.ALWAYS.value, pgettext_lazy("clock runs", "day and night")
    SERVICE = Basis.SERVICE.value, pgettext_lazy("clock runs", "service hours, 08:00–20:00 daily")
    WORKING = Basis.WORKING.value, pgettext_lazy("clock runs", "working days")


class PledgeVersionQuerySet(models.QuerySet["PledgeVersion"]):
    """Versions by when they hold and who may write them."""

    def visible_to(self, user: Visitor) -> "PledgeVersionQuerySet":
        """The own ones of the estates for which `user` sets them; to read, everybody has the estate's public page."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        return self.filter(estate__in=estates_where(user, Permission.PLEDGE_SET))

    def ruling(self, estate: Estate) -> "PledgeVersionQuerySet":
        """Everything that was, is or will be promised there, oldest first: the house's and the estate's own."""
        rows = self.filter(Q(estate__isnull=True) | Q(estate=estate))
        return rows.order_by("starts_on", "pk").select_related("made_by").prefetch_related("pledges")

    def in_force(self, on: date, estate: int | None) -> "PledgeVersionQuerySet":
        """Those of the house that have begun by that day, for a newer one says only what it changes; and the last one
        of the estate, which says everything the estate promises of its own."""
        begun = PledgeVersion.objects.filter(starts_on__lte=on)
        own = begun.filter(estate__isnull=False, estate=estate).order_by("-starts_on").values("pk")[:1]
        return self.filter(Q(estate__isnull=True, starts_on__lte=on) | Q(pk=Subquery(own)))


class PledgeVersion(models.Model):
    """What is promised from a day on: by the house for every estate, or stricter by one estate.

    Once begun it stays as it is (a trigger of the database): a ticket keeps what held on the day it was sent.
    """

    estate = models.ForeignKey(
        Estate,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="pledge_versions",
        verbose_name=_("estate"),
        help_text=_("Empty: the defaults for every estate."),
    )
    starts_on = models.DateField(_("holds from"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    # Nobody for the defaults the house began with.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    made_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PledgeVersionQuerySet.as_manager()

    class Meta:
        ordering = [F("estate").asc(nulls_first=True), "-starts_on"]
        verbose_name = _("version of the service promises")
        verbose_name_plural = _("versions of the service promises")
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "starts_on"],
                nulls_distinct=False,
                name="pledge_version_begins_alone",
                violation_error_message=_("Another version begins on that day already."),
            ),
            models.CheckConstraint(
                condition=Q(made_by__isnull=True, made_at__isnull=True)
                | Q(made_by__isnull=False, made_at__isnull=False),
                name="pledge_version_says_who_and_when",
                violation_error_message=_("Who made it and when travel together."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.estate_id or ''} {self.starts_on:%Y-%m-%d}".strip()


class Pledge(models.Model):
    """One promise of a version: a time on the clock, or so many whole days."""

    version = models.ForeignKey(
        PledgeVersion, on_delete=models.CASCADE, related_name="pledges", verbose_name=_("version")
    )
    mode = models.CharField(_("management mode"), max_length=12, choices=ManagementMode)
    urgency = models.CharField(_("urgency"), max_length=8, choices=Urgency)
    clock = models.CharField(_("promise"), max_length=12, choices=Clock)
    basis = models.CharField(_("clock runs"), max_length=8, choices=PledgeBasis)
    time = models.DurationField(_("time"), null=True, blank=True, help_text=_("Hours, minutes and seconds: 4:00:00"))
    days = models.PositiveSmallIntegerField(_("whole days"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("service promise")
        verbose_name_plural = _("service promises")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "mode", "urgency", "clock"],
                name="pledge_is_made_once_a_version",
                violation_error_message=_("This is promised already in this version."),
            ),
            models.CheckConstraint(
                condition=Q(time__isnull=True, days__isnull=False, days__gt=0)
                | Q(time__isnull=False, time__gt=timedelta(0), days__isnull=True),
                name="pledge_is_a_time_or_whole_days",
                violation_error_message=_("Give either a time or whole days."),
            ),
            models.CheckConstraint(
                condition=Q(mode__in=["company", "home_centre", "fallback"], basis__in=PledgeBasis.values),
                name="pledge_mode_and_clock_are_listed",
                violation_error_message=_("Choose from the list."),
            ),
            models.CheckConstraint(
                condition=(Q(urgency="planned") & Q(clock__in=["acknowledge", "arrive", "plan"]))
                | (Q(urgency="normal") & Q(clock__in=["acknowledge", "arrive", "restore"]))
                | (
                    Q(urgency__in=["danger", "urgent"]) & Q(clock__in=["acknowledge", "arrive", "make_safe", "restore"])
                ),
                name="pledge_is_made_for_its_urgency",
                violation_error_message=_("This is not promised for that urgency."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mode} {self.urgency} {self.clock}"

    @property
    def amount(self) -> Amount:
        """As the arithmetic takes it."""
        return Amount(Basis(self.basis), self.time or timedelta(0), self.days or 0)
