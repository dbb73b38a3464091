"""The steps of the ladder: who was told that a promise runs out, why, and what they answered."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.requests import Visitor
from accounts.roles import Permission
from estates.access import organisations_where
from estates.models import Organisation
from repairs.ladder import Rung
from repairs.workflow import Clock

from .event import TicketEvent
from .supervision import Supervision
from .ticket import WORDS_MAX, Ticket


class ClimbReason(models.TextChoices):
    """Why a step was taken."""

    LATE = "late", pgettext_lazy("reason to climb", "its time runs out")
    DANGER = "danger", pgettext_lazy("reason to climb", "danger")
    UNOWNED = "unowned", pgettext_lazy("reason to climb", "nobody can take it up")
    VACANT = "vacant", pgettext_lazy("reason to climb", "nobody is appointed below")
    ORDER = "order", pgettext_lazy("reason to climb", "an order was not answered")


class Met(models.TextChoices):
    """Whom a step met; where there was nobody, the next one followed at once."""

    PEOPLE = "people", pgettext_lazy("step of the ladder", "told")
    NOBODY = "nobody", pgettext_lazy("step of the ladder", "nobody appointed")
    ITSELF = "itself", pgettext_lazy("step of the ladder", "is itself on duty")


class ClimbAnswer(models.TextChoices):
    """What an office does about what came up to it."""

    NOTED = "noted", pgettext_lazy("answer to what came up", "Taken note")
    ORDERED = "ordered", pgettext_lazy("answer to what came up", "Ordered")
    HANDED = "handed", pgettext_lazy("answer to what came up", "Handed to somebody")


# Who was told has to answer; the district is the last, so its step stands even while nobody is appointed there.
OWES_ANSWER = Q(met=Met.PEOPLE) | Q(rung=Rung.DISTRICT)


class EscalationQuerySet(models.QuerySet["Escalation"]):
    """Steps by reader and by what is still to be answered."""

    def visible_to(self, user: Visitor) -> "EscalationQuerySet":
        """Those one's own organisation has to answer, and those of tickets one works on."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        worked = Ticket.objects.worked_by(user).filter(pk=OuterRef("ticket"))
        return self.filter(_answered_by(user) | Q(Exists(worked)))

    def of(self, user: User) -> "EscalationQuerySet":
        """What came up to the organisations for which `user` answers."""
        return self.filter(_answered_by(user))

    def to_answer(self) -> "EscalationQuerySet":
        """Somebody has to say what they do about it."""
        return self.filter(OWES_ANSWER, answer="")

    def answered(self) -> "EscalationQuerySet":
        """Somebody has said what they do about it."""
        return self.exclude(answer="")

    def for_list(self) -> "EscalationQuerySet":
        """With what a row of a list shows, in one query."""
        beside = ("repair_type", "estate", "building", "entrance", "dwelling", "organisation", "street__district")
        others = ("organisation", "answered_by", "order__office", "order__organisation")
        return self.select_related(*others, *(f"ticket__{name}" for name in beside))


def _answered_by(user: User) -> Q:
    return Q(organisation__in=organisations_where(user, Permission.ESCALATION_ANSWER))


class Escalation(models.Model):
    """One step up: never a second one for the same promise of the same run of work."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="escalations", verbose_name=_("ticket"))
    # Which promise; none where it is an order that was not answered.
    clock = models.CharField(_("promise"), max_length=12, choices=Clock, blank=True)
    # How often the ticket had been opened again: rework climbs anew.
    round = models.PositiveSmallIntegerField(_("round"))
    rung = models.PositiveSmallIntegerField(_("rung"), choices=Rung)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="escalations",
        verbose_name=_("organisation that has to answer"),
    )
    at = models.DateTimeField(_("at"))
    percent = models.PositiveSmallIntegerField(_("per cent of the promised time"), default=0)
    reason = models.CharField(_("reason"), max_length=8, choices=ClimbReason)
    met = models.CharField(_("met"), max_length=8, choices=Met)
    event = models.OneToOneField(
        TicketEvent, on_delete=models.PROTECT, related_name="escalation", verbose_name=_("timeline event")
    )
    order = models.OneToOneField(
        Supervision,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="escalation",
        verbose_name=_("order that was not answered"),
    )
    answer = models.CharField(_("answer"), max_length=8, choices=ClimbAnswer, blank=True)
    note = models.TextField(_("words"), max_length=WORDS_MAX, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )

    objects = EscalationQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of the ladder")
        verbose_name_plural = _("steps of the ladder")
        indexes = [
            models.Index(
                F("organisation"),
                F("at").desc(),
                F("id").desc(),
                name="escalation_to_answer",
                condition=Q(answer="") & OWES_ANSWER,
            ),
            models.Index(
                F("organisation"),
                F("answered_at").desc(),
                F("id").desc(),
                name="escalation_answered",
                condition=~Q(answer=""),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "clock", "round", "rung"],
                condition=Q(order__isnull=True),
                name="escalation_takes_each_step_once",
                violation_error_message=_("This step has been taken already."),
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="escalation_answered_has_who_and_when",
                violation_error_message=_("An answer says who gave it and when."),
            ),
            models.CheckConstraint(
                condition=~Q(answer=ClimbAnswer.HANDED) | ~Q(note=""),
                name="escalation_handed_says_to_whom",
                violation_error_message=_("Please say to whom it was handed."),
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False) | Q(met=Met.NOBODY),
                name="escalation_told_has_an_organisation",
                violation_error_message=_("A step that told somebody names the organisation."),
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=True, clock__in=Clock.values)
                | Q(order__isnull=False, clock="", reason=ClimbReason.ORDER),
                name="escalation_is_of_a_promise_or_an_order",
                violation_error_message=_("A step is about a promise, or about an order that was not answered."),
            ),
            models.CheckConstraint(
                condition=Q(rung__in=Rung.values),
                name="escalation_has_a_listed_rung",
                violation_error_message=_("Choose a rung of the ladder."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.clock} {self.rung}"

    @property
    def owes_answer(self) -> bool:
        """Whether somebody still has to say what they do about it."""
        return self.answer == "" and (self.met == Met.PEOPLE or self.rung == Rung.DISTRICT)
