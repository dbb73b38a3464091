"""The catalogue in the administration: words, urgency and rules may be changed; what is edited here stays edited."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.forms import SimpleArrayField
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from repairs.models.canned import CannedAnswer, CannedVerb
from repairs.models.catalogue import (
    Answer,
    CatalogueRow,
    CatalogueVersion,
    Category,
    Question,
    RepairType,
    SafetyCard,
    TriageRule,
    TypeQuestion,
)
from repairs.parties import Party


class LinesField(SimpleArrayField):
    """A list of texts, one per line: commas belong to the sentences."""

    def __init__(self, **options: Any) -> None:
        super().__init__(forms.CharField(), delimiter="\n", widget=forms.Textarea(attrs={"rows": 5}), **options)

    def to_python(self, value: Any) -> Any:
        """Blank lines are no entries."""
        if isinstance(value, str):
            value = "\n".join(line.strip() for line in value.splitlines() if line.strip())
        return super().to_python(value)


class PartiesField(forms.MultipleChoiceField):
    """Some of the parties."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=Party.choices, widget=forms.CheckboxSelectMultiple, **options)


class AnswerChoice(forms.ModelChoiceField[Answer]):
    """Answers are listed with their question, or "not sure" would stand there thirty times."""

    def label_from_instance(self, obj: Answer) -> str:
        """Q12 · Yes."""
        return f"{obj.question.code} · {obj.text}"


class KeepsItsEditor:
    """Marks what an administrator saved, so that loading the catalogue leaves it alone; nothing is deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never: take a row out of use instead, old tickets still speak of it."""
        return False

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **options: Any) -> Any:
        """Lists of texts are edited a line each, parties are ticked."""
        if not isinstance(db_field, ArrayField):
            return super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]
        field = PartiesField if db_field.base_field.choices else LinesField
        return field(label=db_field.verbose_name, required=not db_field.blank)


class CatalogueAdmin(KeepsItsEditor, admin.ModelAdmin[Any]):
    """Shared by all tables of the catalogue."""

    readonly_fields = ["edited_at", "edited_by"]
    list_filter = ["active"]

    def save_model(self, request: HttpRequest, obj: CatalogueRow, form: Any, change: bool) -> None:
        """Edited rows carry when and by whom; a form saved without a change stays the project's."""
        if form.changed_data or not change:
            _mark(obj, request)
        super().save_model(request, obj, form, change)

    def save_formset(
        self, request: HttpRequest, form: Any, formset: BaseInlineFormSet[Any, Any, Any], change: bool
    ) -> None:
        """The same for the rows edited inside a page."""
        for row in formset.save(commit=False):
            _mark(row, request)
            row.save()
        formset.save_m2m()


def _mark(row: CatalogueRow, request: HttpRequest) -> None:
    row.edited_at = timezone.now()
    row.edited_by_id = request.user.pk


class CatalogueInline(KeepsItsEditor, admin.TabularInline[Any, Any]):
    """Rows edited on their parent's page."""

    extra = 0


class AnswerInline(CatalogueInline):
    """A question's answers."""

    model = Answer
    fields = ["position", "code", "text_zh", "text_en", "active"]


class TypeQuestionInline(CatalogueInline):
    """Which questions a type asks, in which order."""

    model = TypeQuestion
    fields = ["position", "question", "active"]


class TriageRuleInline(admin.StackedInline[Any, Any]):
    """What the answers decide for a type: to read here, to edit on the rule's own page."""

    model = TriageRule
    fk_name = "type"
    fields = ["question", "answer", "urgency", "scope", "safety_card", "suggest_type", "note_zh", "advice_zh", "active"]
    extra = 0
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """With what the page names."""
        return super().get_queryset(request).select_related("type", "question", "answer", "safety_card", "suggest_type")

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """On the rule's own page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """On the rule's own page."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never."""
        return False


@admin.register(Category)
class CategoryAdmin(CatalogueAdmin):
    """The tiles."""

    list_display = ["code", "name_zh", "name_en", "icon", "position", "active", "edited_at"]


@admin.register(SafetyCard)
class SafetyCardAdmin(CatalogueAdmin):
    """What to do before the form."""

    list_display = ["slug", "title_zh", "title_en", "position", "active", "edited_at"]


@admin.register(RepairType)
class RepairTypeAdmin(CatalogueAdmin):
    """What can break."""

    list_display = ["code", "name_zh", "name_en", "category", "scope", "urgency", "active", "edited_at"]
    list_filter = ["active", "category", "urgency", "scope"]
    list_select_related = ["category"]
    search_fields = ["code", "name_zh", "name_en"]
    inlines = [TypeQuestionInline, TriageRuleInline]

    def save_model(self, request: HttpRequest, obj: CatalogueRow, form: Any, change: bool) -> None:
        """Ticks know no order: who went first before still does, newly ticked parties follow."""
        for name in ("first_responders", "payers"):
            before = form.initial.get(name, [])
            after = sorted(getattr(obj, name), key=[*before, *getattr(obj, name)].index)
            setattr(obj, name, after)
        super().save_model(request, obj, form, change)


@admin.register(Question)
class QuestionAdmin(CatalogueAdmin):
    """What is asked, one screen each."""

    list_display = ["code", "text_zh", "text_en", "own_screen", "sensitive", "active", "edited_at"]
    search_fields = ["code", "text_zh", "text_en"]
    inlines = [AnswerInline]


@admin.register(TriageRule)
class TriageRuleAdmin(CatalogueAdmin):
    """What an answer decides."""

    list_display = [
        "question",
        "answer",
        "type",
        "urgency",
        "scope",
        "safety_card",
        "suggest_type",
        "active",
        "edited_at",
    ]
    list_filter = ["active", "urgency", "question"]
    list_select_related = ["question", "answer", "type", "safety_card", "suggest_type"]
    search_fields = ["type__code", "type__name_zh", "question__code"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """No type means every type; answers come with their question."""
        if db_field.name == "answer":
            options["form_class"] = AnswerChoice
            options["queryset"] = Answer.objects.select_related("question").order_by("question__position", "position")
        field = super().formfield_for_foreignkey(db_field, request, **options)
        if db_field.name == "type" and field is not None:
            field.empty_label = _("Every type that asks the question")
        return field


@admin.register(CannedAnswer)
class CannedAnswerAdmin(CatalogueAdmin):
    """The answers every organisation may use; an organisation's own are its manager's, on the desk."""

    list_display = ["code", "text_zh", "repair_type", "position", "active", "edited_at"]
    list_filter = ["active", "repair_type__category"]
    list_select_related = ["repair_type"]
    search_fields = ["code", "text_zh", "text_en"]
    exclude = ["organisation"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """The common ones."""
        return super().get_queryset(request).filter(organisation__isnull=True)

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: HttpRequest, **options: Any) -> Any:
        """Verbs are ticked; a common answer has a code."""
        if db_field.name == "verbs":
            return forms.MultipleChoiceField(
                label=db_field.verbose_name, choices=CannedVerb, widget=forms.CheckboxSelectMultiple
            )
        field = super().formfield_for_dbfield(db_field, request, **options)
        if db_field.name == "code":
            field.required = True
        return field


@admin.register(CatalogueVersion)
class CatalogueVersionAdmin(admin.ModelAdmin[CatalogueVersion]):
    """What has been loaded, to read only."""

    list_display = ["version", "loaded_at", "checksum"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The loader writes it."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """The loader writes it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """The loader writes it."""
        return False
