"""Teams of an organisation, their weekly hours and days off, and how the organisation gives out its jobs."""

from hashlib import sha256

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.requests import Visitor
from accounts.roles import Permission
from estates.access import organisations_where
from estates.models import Organisation

from .catalogue import Category
from .workday import Weekday

CAPACITY_MAX = 20


class DispatchMode(models.TextChoices):
    """How a job finds its worker."""

    DISPATCHER = "dispatcher", pgettext_lazy("dispatch mode", "The dispatcher assigns")
    POOL = "pool", pgettext_lazy("dispatch mode", "Workers take jobs themselves")
    IN_TURN = "in_turn", pgettext_lazy("dispatch mode", "Everybody in turn")


class DispatchRule(models.Model):
    """How one organisation gives out its jobs; without a row its dispatcher assigns, without a limit."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="dispatch_rule", verbose_name=_("organisation")
    )
    mode = models.CharField(
        _("how jobs are given out"), max_length=10, choices=DispatchMode, default=DispatchMode.DISPATCHER
    )
    open_jobs_most = models.PositiveSmallIntegerField(
        _("most open jobs of one worker"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: no limit."),
    )

    class Meta:
        verbose_name = _("rule of dispatch")
        verbose_name_plural = _("rules of dispatch")
        constraints = [
            models.CheckConstraint(
                condition=Q(open_jobs_most__isnull=True) | Q(open_jobs_most__gte=1),
                name="dispatch_rule_limit_leaves_room_for_one",
                violation_error_message=_("The limit is at least one job."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.mode}"

    def mark(self) -> str:
        """The row as somebody saw it: a change made from an older sight of it is refused."""
        return f"{self.mode}:{self.open_jobs_most or ''}"


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams by who may see them and by what they can do."""

    def visible_to(self, user: Visitor) -> "TeamQuerySet":
        """Those of the organisations whose tickets `user` assigns."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        return self.filter(organisation__in=organisations_where(user, Permission.TICKET_ASSIGN))

    def working(self) -> "TeamQuerySet":
        """Those not given up."""
        return self.filter(active=True)

    def able(self, category: Category | int) -> "TeamQuerySet":
        """Those with the trade; a team without any trade named does everything."""
        key = category.pk if isinstance(category, Category) else category
        named = Team.trades.through.objects.filter(team=models.OuterRef("pk"))
        return self.filter(models.Exists(named.filter(category=key)) | ~models.Exists(named))


class Team(models.Model):
    """班组: people of one organisation who go out together or in turns, with trades and hours of their own."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="teams", verbose_name=_("organisation")
    )
    name = models.CharField(pgettext_lazy("field", "Team name"), max_length=40)
    trades = models.ManyToManyField(Category, blank=True, related_name="teams", verbose_name=_("trades"))
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="teams", verbose_name=_("members")
    )
    held_back = models.PositiveSmallIntegerField(
        _("share of a day held back for danger and urgent repairs"),
        default=20,
        validators=[MaxValueValidator(100)],
        help_text=_("Given to everybody on the morning of the day."),
    )
    active = models.BooleanField(_("in use"), default=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"],
                name="team_name_is_used_once_in_an_organisation",
                violation_error_message=_("This organisation already has a team of that name."),
            ),
            models.CheckConstraint(
                condition=Q(held_back__lte=100),
                name="team_holds_back_a_share_of_the_day",
                violation_error_message=_("The share lies between 0 and 100."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def mark(self) -> str:
        """The team as somebody saw it, hours apart: a change made from an older sight of it is refused."""
        trades = sorted(self.trades.values_list("pk", flat=True))
        members = sorted(self.members.values_list("pk", flat=True))
        parts = [self.name, self.held_back, self.active, trades, members]
        return sha256(repr(parts).encode()).hexdigest()[:16]


def _minutes(field: str) -> models.Expression:
    """A time of the week in minutes since Monday, so that one range compares weekday and time together."""
    hour, minute = (
        Func(Value(part), F(field), function="date_part", output_field=models.FloatField())
        for part in ("hour", "minute")
    )
    return Cast(F("weekday") * 1440 + hour * 60 + minute, models.IntegerField())


class Shift(models.Model):
    """One window of a team's week: every such weekday, from – to, for so many visits."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="shifts", verbose_name=_("team"))
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    starts = models.TimeField(pgettext_lazy("shift", "from"))
    ends = models.TimeField(pgettext_lazy("shift", "to"))
    capacity = models.PositiveSmallIntegerField(
        _("visits"), default=2, validators=[MinValueValidator(1), MaxValueValidator(CAPACITY_MAX)]
    )

    class Meta:
        ordering = ["weekday", "starts"]
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="shift_ends_after_it_starts",
                violation_error_message=_("A shift ends later on the same day than it starts."),
            ),
            models.CheckConstraint(
                condition=Q(weekday__lte=6) & Q(capacity__gte=1, capacity__lte=CAPACITY_MAX),
                name="shift_has_a_weekday_and_room",
                violation_error_message=_("A shift has a weekday and room for 1 to 20 visits."),
            ),
            ExclusionConstraint(
                name="shift_of_one_team_never_overlaps",
                expressions=[
                    (
                        Func(F("team"), F("team"), Value("[]"), function="int8range", output_field=models.TextField()),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            _minutes("starts"), _minutes("ends"), function="int4range", output_field=models.TextField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("This team already has a shift at that time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.hours}"

    @property
    def hours(self) -> str:
        """08:00–10:00"""
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"

    def mark(self) -> str:
        """The row as somebody saw it: a change made from an older sight of it is refused."""
        return f"{self.hours} {self.capacity}"


class DayOff(models.Model):
    """Days on which a whole team, or one of its people, does not go out; both days included."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="days_off", verbose_name=_("team"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="days_off",
        verbose_name=_("who"),
        help_text=_("Empty: the whole team."),
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    note = models.CharField(_("why"), max_length=80, blank=True)

    class Meta:
        ordering = ["starts_on", "pk"]
        verbose_name = _("days off")
        verbose_name_plural = _("days off")
        indexes = [models.Index(F("team"), F("ends_on"), name="day_off_of_team")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="day_off_ends_after_it_starts",
                violation_error_message=_("The last day can't be before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id}: {self.starts_on:%Y-%m-%d}–{self.ends_on:%Y-%m-%d}"
