"""What an administrator knows better than the calendar of China: days off and workdays of our own."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Weekday(models.IntegerChoices):
    """As Python counts: Monday is 0."""

    MONDAY = 0, pgettext_lazy("weekday", "Monday")
    TUESDAY = 1, pgettext_lazy("weekday", "Tuesday")
    WEDNESDAY = 2, pgettext_lazy("weekday", "Wednesday")
    THURSDAY = 3, pgettext_lazy("weekday", "Thursday")
    FRIDAY = 4, pgettext_lazy("weekday", "Friday")
    SATURDAY = 5, pgettext_lazy("weekday", "Saturday")
    SUNDAY = 6, pgettext_lazy("weekday", "Sunday")


class DayOverride(models.Model):
    """One day that is worked, or not, whatever the calendar of China says; see `repairs/workdays.py`."""

    day = models.DateField(_("day"), unique=True)
    works = models.BooleanField(_("it is a workday"))
    as_weekday = models.PositiveSmallIntegerField(
        _("worked like a"),
        choices=Weekday,
        null=True,
        blank=True,
        help_text=_("Whose shifts hold on a workday; empty: those of the weekday it is."),
    )
    note = models.CharField(_("why"), max_length=80)

    class Meta:
        ordering = ["day"]
        verbose_name = _("override of a day")
        verbose_name_plural = _("overrides of days")
        constraints = [
            models.CheckConstraint(
                condition=Q(works=True) | Q(as_weekday__isnull=True),
                name="day_override_off_has_no_weekday",
                violation_error_message=_("A day off is not worked like any weekday."),
            ),
            models.CheckConstraint(
                condition=Q(as_weekday__isnull=True) | Q(as_weekday__lte=6),
                name="day_override_names_a_weekday",
                violation_error_message=_("Choose a weekday from the list."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
