"""Ready-made answers: what a desk or a worker says often, in both languages, offered where a verb needs words."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.requests import Visitor
from accounts.roles import Permission
from estates.access import organisations_where
from estates.bilingual import Bilingual
from estates.models import Organisation
from repairs.placeholders import WELL_FORMED, known_variables

from .catalogue import CatalogueRow, RepairType
from .ticket import WORDS_MAX, Ticket
from .visit import Booking

OFFERED_MOST = 30


class CannedVerb(models.TextChoices):
    """The verbs that need words, under their names in `workflow.MOVES`."""

    DECLINE = "decline", pgettext_lazy("canned answer", "Decline")
    COMMENT = "comment", pgettext_lazy("canned answer", "Write to the resident")
    HAND_BACK = "hand_back", pgettext_lazy("canned answer", "Hand back")
    NOBODY_HOME = "nobody_home", pgettext_lazy("canned answer", "Nobody is home")
    FINISH = "finish", pgettext_lazy("canned answer", "Finish")
    INTERNAL_NOTE = "internal_note", pgettext_lazy("canned answer", "Internal note")
    OFFER = "offer", pgettext_lazy("canned answer", "Hand over")
    TURN_DOWN = "turn_down", pgettext_lazy("canned answer", "Not take over")
    POST_PLAN = "post_plan", pgettext_lazy("canned answer", "Post the plan")
    ORDER = "order", pgettext_lazy("canned answer", "Order an answer")
    ANSWER_ORDER = "answer_order", pgettext_lazy("canned answer", "Answer an order")
    ANSWER_CLIMB = "answer_climb", pgettext_lazy("canned answer", "Answer what came up")
    SET_URGENCY = "set_urgency", pgettext_lazy("canned answer", "Change the urgency")


class CannedAnswerQuerySet(models.QuerySet["CannedAnswer"]):
    """Answers by whose they are and where they are offered."""

    def visible_to(self, user: Visitor) -> "CannedAnswerQuerySet":
        """The common ones and those of the organisations whose answers `user` writes; nothing for anybody else."""
        organisations = organisations_where(user, Permission.ANSWER_MANAGE) if user.is_authenticated else []
        if not organisations:
            return self.none()
        return self.filter(Q(organisation__isnull=True) | Q(organisation__in=organisations))

    def common(self) -> "CannedAnswerQuerySet":
        """Those of no organisation: the project's and the administrators'."""
        return self.filter(organisation__isnull=True)

    def offered_for(self, ticket: Ticket, organisation: Organisation | None = None) -> "CannedAnswerQuerySet":
        """Those in use for the ticket's organisation (or another) and its type, the most particular first, with the
        agreed visit."""
        house = organisation.pk if organisation else ticket.organisation_id
        visit = Booking.objects.live().filter(ticket=ticket).order_by("pk")
        return (
            self.filter(Q(organisation__isnull=True) | Q(organisation=house), active=True)
            .filter(Q(repair_type__isnull=True) | Q(repair_type=ticket.repair_type_id))
            .annotate(
                visit_starts=Subquery(visit.values("starts_at")[:1]), visit_ends=Subquery(visit.values("ends_at")[:1])
            )
            .order_by(
                models.F("repair_type").asc(nulls_last=True),
                models.F("organisation").asc(nulls_last=True),
                "position",
                "pk",
            )
        )


class CannedAnswer(CatalogueRow):
    """常用语: one text for some verbs; of one organisation or of all, for one type of repair or for all."""

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="canned_answers",
        verbose_name=_("organisation"),
    )
    code = models.SlugField(_("code"), max_length=40, blank=True, default="")
    repair_type = models.ForeignKey(
        RepairType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("type of repair"),
        help_text=_("Empty: every type."),
    )
    verbs = ArrayField(models.CharField(max_length=16, choices=CannedVerb), verbose_name=_("offered for"))
    text_zh = models.TextField(_("text in Chinese"), max_length=WORDS_MAX, validators=[known_variables])
    text_en = models.TextField(_("text in English"), max_length=WORDS_MAX, validators=[known_variables])

    text = Bilingual[str]()
    objects = CannedAnswerQuerySet.as_manager()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("ready-made answer")
        verbose_name_plural = _("ready-made answers")
        constraints = [
            *CatalogueRow.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(text_zh="") & ~Q(text_en=""),
                name="canned_answer_stands_in_both_languages",
                violation_error_message=_("A ready-made answer is written in Chinese and in English."),
            ),
            models.CheckConstraint(
                condition=Q(text_zh__regex=WELL_FORMED, text_en__regex=WELL_FORMED),
                name="canned_answer_knows_its_variables",
                violation_error_message=_("A ready-made answer uses known variables only."),
            ),
            models.CheckConstraint(
                condition=Q(verbs__len__gte=1, verbs__contained_by=list(CannedVerb)),
                name="canned_answer_is_for_verbs_with_words",
                violation_error_message=_("A ready-made answer is offered for at least one thing that needs words."),
            ),
            models.CheckConstraint(
                condition=(Q(organisation__isnull=True) & ~Q(code=""))
                | Q(organisation__isnull=False, code="", edited_at__isnull=False),
                name="canned_answer_has_a_code_or_an_organisation_and_writer",
                violation_error_message=_("A common answer has a code, one of an organisation has who wrote it."),
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(organisation__isnull=True),
                name="canned_answer_code_is_used_once",
                violation_error_message=_("There already is a common answer with this code."),
            ),
        ]

    def __str__(self) -> str:
        return self.text if len(self.text) <= 60 else f"{self.text[:59]}…"

    def mark(self) -> str:
        """The row as somebody saw it: a change made from an older sight of it is refused."""
        return self.edited_at.isoformat() if self.edited_at else ""
