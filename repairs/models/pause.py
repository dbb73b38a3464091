"""挂起: the clock of a ticket stands still, for a listed reason and a few days only."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from repairs.times import pause_words

from .ticket import Ticket

PAUSE_MOST = timedelta(days=7)


class PauseReason(models.TextChoices):
    """The only reasons for which a clock may stand still (DOMAIN.md)."""

    NOBODY_HOME = "nobody_home", pgettext_lazy("pause reason", "nobody home")
    OWNERS = "owners", pgettext_lazy("pause reason", "waiting for the owners' consent or money")
    UTILITY = "utility", pgettext_lazy("pause reason", "waiting for the water, power or gas company")
    PART = "part", pgettext_lazy("pause reason", "waiting for a part")
    WEATHER = "weather", pgettext_lazy("pause reason", "weather warning")
    ASKED = "asked", pgettext_lazy("pause reason", "the resident asked for it")


class PauseQuerySet(models.QuerySet["Pause"]):
    """Pauses by whether they still stand."""

    def unended(self) -> "PauseQuerySet":
        """Nobody has ended these, and the clock has not yet."""
        return self.filter(ended_at__isnull=True)

    def over(self, at: datetime) -> "PauseQuerySet":
        """Their day has come and they still have to be ended."""
        return self.unended().filter(until__lte=at)


class Pause(models.Model):
    """One stretch in which a ticket's clock stands still; it ends by itself when the day `until` begins.

    A renewal is a row of its own, so that the history says how often it was put off, by whom and why.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="pauses", verbose_name=_("ticket"))
    reason = models.CharField(_("reason"), max_length=12, choices=PauseReason)
    started_at = models.DateTimeField(_("since"))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("paused by")
    )
    until = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    # Nobody when the clock ended it.
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ended by"),
    )
    renews = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewals", verbose_name=_("renews")
    )

    objects = PauseQuerySet.as_manager()

    class Meta:
        ordering = ["started_at", "pk"]
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        indexes = [models.Index(F("until"), name="pause_to_end", condition=Q(ended_at__isnull=True))]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"],
                condition=Q(ended_at__isnull=True),
                name="pause_of_one_ticket_is_single",
                violation_error_message=_("This ticket is paused already."),
            ),
            models.UniqueConstraint(
                fields=["renews"],
                name="pause_is_renewed_once",
                violation_error_message=_("This pause has been renewed already."),
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("started_at")) & Q(until__lte=F("started_at") + PAUSE_MOST),
                name="pause_lasts_seven_days_at_most",
                violation_error_message=_("A pause lasts seven days at most."),
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | (Q(ended_at__gte=F("started_at")) & Q(ended_at__lte=F("until"))),
                name="pause_ends_within_its_time",
                violation_error_message=_("A pause ends after it began and by its day."),
            ),
            models.CheckConstraint(
                condition=Q(ended_by__isnull=True) | Q(ended_at__isnull=False),
                name="pause_ended_by_somebody_says_when",
                violation_error_message=_("A pause that somebody ended says when."),
            ),
            models.CheckConstraint(
                condition=Q(reason__in=PauseReason.values),
                name="pause_has_a_listed_reason",
                violation_error_message=_("Choose a reason from the list."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.reason}"

    @property
    def next_on(self) -> date:
        """The day on which work goes on."""
        return timezone.localdate(self.until)

    @property
    def words(self) -> str:
        """Why and until when, as both sides read it."""
        return pause_words(str(PauseReason(self.reason).label), self.until)
