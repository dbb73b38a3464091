"""督办: a dated order of a street or district office that the organisation on duty has to answer."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.requests import Visitor
from accounts.roles import Permission
from estates.access import organisations_where
from estates.models import Organisation

from .ticket import WORDS_MAX, Ticket

ORDER_MOST = timedelta(days=30)


class Level(models.TextChoices):
    """Whose order it is."""

    STREET = "street", pgettext_lazy("supervision level", "Street")
    DISTRICT = "district", pgettext_lazy("supervision level", "District")


class SupervisionQuerySet(models.QuerySet["Supervision"]):
    """Orders by reader and by what is still owed."""

    def visible_to(self, user: Visitor) -> "SupervisionQuerySet":
        """Those of one's own office, those one's organisation has to answer, and those about tickets one works on."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        worked = Ticket.objects.worked_by(user).filter(pk=OuterRef("ticket"))
        return self.filter(_given_by(user) | _owed_by(user) | Q(Exists(worked)))

    def given_by(self, user: User) -> "SupervisionQuerySet":
        """What the offices ordered in which `user` orders."""
        return self.filter(_given_by(user))

    def owed_by(self, user: User) -> "SupervisionQuerySet":
        """What the organisations have to answer for which `user` answers."""
        return self.filter(_owed_by(user))

    def unanswered(self) -> "SupervisionQuerySet":
        """Still to be answered, whether or not the day is over."""
        return self.filter(answered_at__isnull=True)

    def answered(self) -> "SupervisionQuerySet":
        """Those the organisation has answered."""
        return self.filter(answered_at__isnull=False)

    def late(self, at: datetime) -> "SupervisionQuerySet":
        """Their day is over without an answer."""
        return self.unanswered().filter(answer_by__lte=at)

    def to_go_up(self, at: datetime) -> "SupervisionQuerySet":
        """Late, and the level above does not know yet."""
        return self.late(at).filter(went_up_at__isnull=True)

    def for_list(self) -> "SupervisionQuerySet":
        """With what a row of a list shows, in one query."""
        beside = ("repair_type", "estate", "building", "entrance", "dwelling")
        people = ("ordered_by", "answered_by", "office", "organisation")
        return self.select_related(*people, *(f"ticket__{name}" for name in beside))


def _given_by(user: User) -> Q:
    return Q(office__in=organisations_where(user, Permission.SUPERVISE))


def _owed_by(user: User) -> Q:
    return Q(organisation__in=organisations_where(user, Permission.SUPERVISION_ANSWER))


class Supervision(models.Model):
    """督办: who ordered what of whom by which day, and what was answered."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="orders", verbose_name=_("ticket"))
    level = models.CharField(_("level"), max_length=8, choices=Level)
    office = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="orders_given", verbose_name=_("office that ordered")
    )
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("ordered by")
    )
    ordered_at = models.DateTimeField(_("ordered at"))
    text = models.TextField(_("order"), max_length=WORDS_MAX)
    # The moment at which the last day for an answer is over.
    answer_by = models.DateTimeField(_("answer by"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="orders", verbose_name=_("organisation that has to answer")
    )
    answer = models.TextField(_("answer"), max_length=WORDS_MAX, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    # By the clock, when the day was over without an answer.
    went_up_at = models.DateTimeField(_("went up at"), null=True, blank=True)

    objects = SupervisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            models.Index(F("office"), F("ordered_at").desc(), F("id").desc(), name="supervision_given"),
            models.Index(F("organisation"), F("ordered_at").desc(), F("id").desc(), name="supervision_owed"),
            models.Index(F("answer_by"), name="supervision_to_go_up", condition=Q(answered_at=None, went_up_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "office"],
                condition=Q(answered_at__isnull=True),
                name="supervision_waits_for_one_answer",
                violation_error_message=_("Your office has ordered an answer about this ticket already."),
            ),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="supervision_says_what_is_ordered",
                violation_error_message=_("An order says what is to be done."),
            ),
            models.CheckConstraint(
                condition=Q(answer_by__gt=F("ordered_at"))
                & Q(answer_by__lte=F("ordered_at") + ORDER_MOST + timedelta(days=1)),
                name="supervision_is_dated_within_thirty_days",
                violation_error_message=_("An order is to be answered within the next thirty days."),
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="supervision_answered_has_words_who_and_when",
                violation_error_message=_("An answer has its words, and says who gave it and when."),
            ),
            models.CheckConstraint(
                condition=~Q(office=F("organisation")),
                name="supervision_orders_somebody_else",
                violation_error_message=_("An office can't order itself."),
            ),
            models.CheckConstraint(
                condition=Q(level__in=Level.values),
                name="supervision_has_a_listed_level",
                violation_error_message=_("It is the street or the district that orders."),
            ),
            models.CheckConstraint(
                condition=Q(went_up_at__isnull=True) | Q(went_up_at__gte=F("answer_by")),
                name="supervision_goes_up_when_its_day_is_over",
                violation_error_message=_("An order goes up when its day is over."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.level}"

    @property
    def answer_on(self) -> date:
        """The last day on which an answer is in time."""
        return timezone.localdate(self.answer_by - timedelta(microseconds=1))
