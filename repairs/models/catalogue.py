"""What can break, what we ask about it, and what the answers decide: the catalogue as an administrator may edit it.

The project's own words stand in `repairs/catalogue/*.toml` and are brought in by `load_catalogue`; a row that an
administrator has edited since (`edited_at`) is never overwritten. Every text exists in Chinese and English.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from estates.bilingual import Bilingual
from repairs.parties import HOTLINES, Party
from repairs.parties import Scope as Scope
from repairs.workflow import Urgency

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def _both(field: str, name: str, message: "str | _StrPromise") -> models.CheckConstraint:
    empty_zh, empty_en = Q(**{f"{field}_zh": ""}), Q(**{f"{field}_en": ""})
    return models.CheckConstraint(
        condition=(empty_zh & empty_en) | (~empty_zh & ~empty_en), name=name, violation_error_message=message
    )


_SAY_IT_TWICE = _("Write it in Chinese and in English, or leave both empty.")


def _words(label: "str | _StrPromise") -> "models.TextField[str, str]":
    return models.TextField(label, blank=True, default="")


def _list(label: "str | _StrPromise", **options: Any) -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.TextField(), verbose_name=label, default=list, **options)


class CatalogueRow(models.Model):
    """What every row of the catalogue has: its place in the order, whether it is used, and who changed it by hand."""

    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("in use"), default=True)
    edited_at = models.DateTimeField(_("edited at"), null=True, blank=True, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("edited by"),
    )

    class Meta:
        abstract = True
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(edited_at__isnull=True, edited_by__isnull=True)
                | Q(edited_at__isnull=False, edited_by__isnull=False),
                name="%(class)s_edit_has_its_editor",
                violation_error_message=_("An edit is kept together with who made it."),
            )
        ]


class CategoryQuerySet(models.QuerySet["Category"]):
    """Categories as the report flow shows them."""

    def for_tiles(self) -> "CategoryQuerySet":
        """Those in use, each with its types in use ready in `repair_types.all()`; two queries."""
        return self.filter(active=True).prefetch_related(
            models.Prefetch("repair_types", RepairType.objects.filter(active=True))
        )


class Category(CatalogueRow):
    """One of the twelve tiles: a part of the house in which things break."""

    code = models.CharField(_("code"), max_length=8, unique=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=60)
    tile_zh = models.CharField(_("word on the tile in Chinese"), max_length=8)
    tile_en = models.CharField(_("word on the tile in English"), max_length=24)
    icon = models.CharField(_("icon"), max_length=40, help_text=_("The name of a lucide icon."))

    name = Bilingual[str]()
    tile = Bilingual[str]()
    objects = CategoryQuerySet.as_manager()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("category of repairs")
        verbose_name_plural = _("categories of repairs")

    def __str__(self) -> str:
        return self.name


class SafetyCard(CatalogueRow):
    """What to do and not to do before anyone fills in a form. Of several cards that fit, the lowest position shows."""

    slug = models.SlugField(_("name in the address"), max_length=40, unique=True)
    title_zh = models.CharField(_("title in Chinese"), max_length=40)
    title_en = models.CharField(_("title in English"), max_length=80)
    do_zh = _list(_("what to do, in Chinese"))
    do_en = _list(_("what to do, in English"))
    dont_zh = _list(_("what not to do, in Chinese"), blank=True)
    dont_en = _list(_("what not to do, in English"), blank=True)
    calls = _list(_("numbers to call"), blank=True)
    calls_duty = models.BooleanField(_("call the organisation on duty"), default=False)
    calls_note_zh = _words(_("about calling, in Chinese"))
    calls_note_en = _words(_("about calling, in English"))

    title = Bilingual[str]()
    do = Bilingual[list[str]]()
    dont = Bilingual[list[str]]()
    calls_note = Bilingual[str]()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("safety card")
        verbose_name_plural = _("safety cards")
        constraints = [
            *CatalogueRow.Meta.constraints,
            models.CheckConstraint(
                condition=Q(do_zh__len__gt=0, do_en__len=F("do_zh__len"), dont_en__len=F("dont_zh__len")),
                name="safety_card_says_the_same_in_both_languages",
                violation_error_message=_("Give as many lines in English as in Chinese, and at least one thing to do."),
            ),
            models.CheckConstraint(
                condition=Q(calls__len__gt=0) | Q(calls_duty=True),
                name="safety_card_says_whom_to_call",
                violation_error_message=_("A safety card needs a number to call or the organisation on duty."),
            ),
            _both("calls_note", "safety_card_note_in_both_languages", _SAY_IT_TWICE),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def hotlines(self) -> list[tuple[str, str]]:
        """The numbers to call, each with whose it is (empty for a local number)."""
        return [(number, str(HOTLINES.get(number, ""))) for number in self.calls]


class RepairType(CatalogueRow):
    """One thing that can break, with who goes first, who pays (two questions) and how urgent it is by itself."""

    code = models.CharField(_("code"), max_length=16, unique=True)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="repair_types", verbose_name=_("category of repairs")
    )
    name_zh = models.CharField(_("name in Chinese"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=80)
    scope = models.CharField(_("scope"), max_length=12, choices=Scope)
    first_responders = ArrayField(
        models.CharField(max_length=16, choices=Party), verbose_name=_("who goes first, in this order")
    )
    payers = ArrayField(
        models.CharField(max_length=16, choices=Party), verbose_name=_("who may have to pay"), default=list, blank=True
    )
    note_zh = _words(_("who goes first and who pays, in Chinese"))
    note_en = _words(_("who goes first and who pays, in English"))
    advice_zh = _words(_("advice to the resident, in Chinese"))
    advice_en = _words(_("advice to the resident, in English"))
    dispatch_zh = _words(_("note to the dispatcher, in Chinese"))
    dispatch_en = _words(_("note to the dispatcher, in English"))
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency)
    needs_entry = models.BooleanField(_("someone must enter a flat"), default=False)
    safety_card = models.ForeignKey(
        SafetyCard, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("safety card")
    )

    name = Bilingual[str]()
    note = Bilingual[str]()
    advice = Bilingual[str]()
    dispatch = Bilingual[str]()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("type of repair")
        verbose_name_plural = _("types of repair")
        constraints = [
            *CatalogueRow.Meta.constraints,
            models.CheckConstraint(
                condition=Q(scope__in=Scope.values, urgency__in=Urgency.values),
                name="repair_type_has_a_known_scope_and_urgency",
                violation_error_message=_("Choose the scope and the urgency from the lists."),
            ),
            models.CheckConstraint(
                condition=Q(first_responders__len__gt=0, first_responders__contained_by=Party.values)
                & Q(payers__contained_by=Party.values),
                name="repair_type_says_who_goes_first",
                violation_error_message=_("Say who goes first, and choose every party from the list."),
            ),
            models.CheckConstraint(
                condition=~Q(urgency=Urgency.DANGER) | Q(safety_card__isnull=False),
                name="repair_type_in_danger_has_a_safety_card",
                violation_error_message=_("A dangerous type needs a safety card."),
            ),
            _both("note", "repair_type_note_in_both_languages", _SAY_IT_TWICE),
            _both("advice", "repair_type_advice_in_both_languages", _SAY_IT_TWICE),
            _both("dispatch", "repair_type_dispatch_in_both_languages", _SAY_IT_TWICE),
        ]

    def __str__(self) -> str:
        return self.name


class Question(CatalogueRow):
    """One screen of the report: a question with a few answers, "not sure" always among them."""

    code = models.CharField(_("code"), max_length=8, unique=True)
    text_zh = models.CharField(_("question in Chinese"), max_length=120)
    text_en = models.CharField(_("question in English"), max_length=200)
    help_zh = _words(_("help in Chinese"))
    help_en = _words(_("help in English"))
    # Appointment, person and photos have steps of their own in the report; their words still live here.
    own_screen = models.BooleanField(_("asked on a screen of its own"), default=True)
    # PIPL: asked only with separate consent, never required, shown to those who handle the ticket.
    sensitive = models.BooleanField(_("sensitive, may be left out"), default=False)

    text = Bilingual[str]()
    help = Bilingual[str]()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            *CatalogueRow.Meta.constraints,
            _both("help", "question_help_in_both_languages", _SAY_IT_TWICE),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class Answer(CatalogueRow):
    """One row to tap under a question."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers", verbose_name=_("question"))
    code = models.SlugField(_("code"), max_length=20)
    text_zh = models.CharField(_("answer in Chinese"), max_length=60)
    text_en = models.CharField(_("answer in English"), max_length=100)

    text = Bilingual[str]()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            *CatalogueRow.Meta.constraints,
            models.UniqueConstraint(
                fields=["question", "code"],
                name="answer_code_is_used_once_in_a_question",
                violation_error_message=_("This question already has an answer with this code."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class TypeQuestion(CatalogueRow):
    """That a type asks a question, and in which order."""

    type = models.ForeignKey(
        RepairType, on_delete=models.PROTECT, related_name="type_questions", verbose_name=_("type of repair")
    )
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+", verbose_name=_("question"))

    class Meta(CatalogueRow.Meta):
        verbose_name = _("question of a type")
        verbose_name_plural = _("questions of a type")
        constraints = [
            *CatalogueRow.Meta.constraints,
            models.UniqueConstraint(
                fields=["type", "question"],
                name="type_asks_a_question_once",
                violation_error_message=_("This type already asks this question."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type_id}: {self.question_id}"


class TriageRule(CatalogueRow):
    """What one answer decides: for one type, or (no type) for every type that asks the question."""

    type = models.ForeignKey(
        RepairType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="triage_rules",
        verbose_name=_("type of repair"),
    )
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+", verbose_name=_("question"))
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="+", verbose_name=_("answer"))
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency, blank=True, default="")
    scope = models.CharField(_("scope"), max_length=12, choices=Scope, blank=True, default="")
    safety_card = models.ForeignKey(
        SafetyCard, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("safety card")
    )
    suggest_type = models.ForeignKey(
        RepairType, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("suggested type")
    )
    note_zh = _words(_("note to the dispatcher, in Chinese"))
    note_en = _words(_("note to the dispatcher, in English"))
    advice_zh = _words(_("advice to the resident, in Chinese"))
    advice_en = _words(_("advice to the resident, in English"))

    note = Bilingual[str]()
    advice = Bilingual[str]()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("triage rule")
        verbose_name_plural = _("triage rules")
        constraints = [
            *CatalogueRow.Meta.constraints,
            models.UniqueConstraint(
                fields=["type", "question", "answer"],
                nulls_distinct=False,
                name="triage_rule_is_the_only_one_for_its_answer",
                violation_error_message=_("There is already a rule for this answer."),
            ),
            models.CheckConstraint(
                condition=Q(urgency__in=["", *Urgency.values], scope__in=["", *Scope.values]),
                name="triage_rule_has_a_known_scope_and_urgency",
                violation_error_message=_("Choose the scope and the urgency from the lists."),
            ),
            models.CheckConstraint(
                condition=~Q(urgency="", scope="", note_zh="", advice_zh="")
                | Q(safety_card__isnull=False)
                | Q(suggest_type__isnull=False),
                name="triage_rule_decides_something",
                violation_error_message=_(
                    "A rule has to decide something: urgency, scope, card, type, note or advice."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(urgency=Urgency.DANGER) | Q(safety_card__isnull=False),
                name="triage_rule_for_danger_has_a_safety_card",
                violation_error_message=_("A rule that means danger needs a safety card."),
            ),
            models.CheckConstraint(
                condition=Q(type__isnull=True) | Q(suggest_type__isnull=True) | ~Q(type=F("suggest_type")),
                name="triage_rule_suggests_another_type",
                violation_error_message=_("A rule can't suggest the type it belongs to."),
            ),
            _both("note", "triage_rule_note_in_both_languages", _SAY_IT_TWICE),
            _both("advice", "triage_rule_advice_in_both_languages", _SAY_IT_TWICE),
        ]

    def __str__(self) -> str:
        return f"{self.type or '*'}: {self.question_id} = {self.answer}"

    def clean(self) -> None:
        if self.answer_id and self.question_id and self.answer.question_id != self.question_id:
            raise ValidationError({"answer": _("This answer belongs to another question.")})


class CatalogueVersion(models.Model):
    """Which version of the project's catalogue has been loaded, and the checksum of its files."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    checksum = models.CharField(_("checksum"), max_length=64)
    loaded_at = models.DateTimeField(_("loaded at"), auto_now=True)

    class Meta:
        ordering = ["-version"]
        verbose_name = _("version of the catalogue")
        verbose_name_plural = _("versions of the catalogue")

    def __str__(self) -> str:
        return str(self.version)
