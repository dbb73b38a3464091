"""What became of a promise: one row for each that was met, or ended with its ticket, written once by the verb."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from repairs.workflow import Clock

from .ticket import Ticket


class ClockRun(models.Model):
    """One promise of one run of a ticket (`round`: how often it had been reopened), with and without pauses.

    The times are those of the promise's own calendar: a night is no part of service hours.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="clock_runs", verbose_name=_("ticket"))
    clock = models.CharField(_("promise"), max_length=12, choices=Clock)
    round = models.PositiveSmallIntegerField(_("times reopened before"), default=0)
    started_at = models.DateTimeField(_("since"))
    due_at = models.DateTimeField(_("promised by"))
    stopped_at = models.DateTimeField(_("until"))
    # Not met: the ticket was closed first.
    met = models.BooleanField(_("promise met"))
    kept = models.BooleanField(_("met in time"))
    promised = models.DurationField(_("time promised"))
    whole = models.DurationField(_("time used"))
    without_pauses = models.DurationField(_("time used without pauses"))

    class Meta:
        ordering = ["stopped_at", "pk"]
        verbose_name = _("kept time")
        verbose_name_plural = _("kept times")
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "clock", "round"],
                name="clock_run_stops_once",
                violation_error_message=_("This promise has ended already."),
            ),
            models.CheckConstraint(
                condition=Q(clock__in=Clock.values),
                name="clock_run_is_of_a_listed_promise",
                violation_error_message=_("Choose a promise from the list."),
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__gte=F("started_at")),
                name="clock_run_goes_forward",
                violation_error_message=_("A clock stops after it started."),
            ),
            models.CheckConstraint(
                condition=Q(kept=True, met=True, stopped_at__lte=F("due_at"))
                | (Q(kept=False) & (Q(met=False) | Q(stopped_at__gt=F("due_at")))),
                name="clock_run_kept_is_met_in_time",
                violation_error_message=_("A promise is kept when it was met by its moment."),
            ),
            models.CheckConstraint(
                condition=Q(without_pauses__gte=timedelta(0)) & Q(without_pauses__lte=F("whole")),
                name="clock_run_pauses_take_time_away",
                violation_error_message=_("Without pauses it took no longer."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.clock} {self.round}"
