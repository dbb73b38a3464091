"""Brings the project's catalogue into the database without touching what an administrator changed there."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from repairs.catalogue.files import CatalogueFiles, Key, Rows, project_files
from repairs.models.canned import CannedAnswer
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

# Any constant will do; it keeps two loaders from working at once.
LOCK = 20_2611_0387

# The columns that tell one row of a table from another, as in the files' keys.
NATURAL_KEYS: dict[type[CatalogueRow], tuple[str, ...]] = {
    SafetyCard: ("slug",),
    Category: ("code",),
    RepairType: ("code",),
    Question: ("code",),
    Answer: ("question__code", "code"),
    TypeQuestion: ("type__code", "question__code"),
    TriageRule: ("type__code", "question__code", "answer__code"),
    CannedAnswer: ("code",),
}


@dataclass
class LoadResult:
    """What a load did: rows by what happened to them, `kept` naming those an administrator had edited."""

    version: int
    skipped: bool = False
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0
    kept: list[str] = field(default_factory=list)


@transaction.atomic
def load_catalogue(files: CatalogueFiles | None = None) -> LoadResult:
    """Upsert the catalogue (by default the project's own files) by natural key; idempotent.

    Nothing is deleted: rows the files no longer name go out of use. Rows with `edited_at` stay as they are.
    Does nothing when this version with this checksum has been loaded before.

    :raises repairs.catalogue.files.CatalogueMistake: the files contradict themselves.
    """
    files = files or project_files()
    result = LoadResult(files.version)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if CatalogueVersion.objects.filter(version=files.version, checksum=files.checksum).exists():
        result.skipped = True
        return result
    cards = _upsert(SafetyCard, files.cards, {}, result)
    categories = _upsert(Category, files.categories, {}, result)
    types = _upsert(RepairType, files.types, {"category": categories, "safety_card": cards}, result)
    questions = _upsert(Question, files.questions, {}, result)
    answers = _upsert(Answer, files.answers, {"question": questions}, result)
    _upsert(TypeQuestion, files.type_questions, {"type": types, "question": questions}, result)
    pointers = {"type": types, "suggest_type": types, "question": questions, "answer": answers, "safety_card": cards}
    _upsert(TriageRule, files.rules, pointers, result)
    _upsert(CannedAnswer, files.canned, {"repair_type": types}, result)
    CatalogueVersion.objects.update_or_create(version=files.version, defaults={"checksum": files.checksum})
    return result


def _upsert(
    model: type[CatalogueRow], wanted: Rows, pointers: dict[str, dict[Key, int]], result: LoadResult
) -> dict[Key, int]:
    """Bring one table to what the files want; answers with the primary key of every row by its natural key."""
    columns = NATURAL_KEYS[model]
    existing = _existing(model)
    fresh: dict[Key, CatalogueRow] = {}
    stale: list[CatalogueRow] = []
    for key, values in wanted.items():
        values = _resolved(values, pointers)
        row = existing.get(key)
        if row is None:
            own = {column: part for column, part in zip(columns, key, strict=True) if "__" not in column}
            fresh[key] = model(**own, **values)
        elif row.edited_at:
            result.kept.append(f"{model.__name__} {' '.join(filter(None, key))}")
        elif _differs(row, values):
            for name, value in values.items():
                setattr(row, name, value)
            stale.append(row)
        else:
            result.unchanged += 1
    result.changed += len(stale)
    retired = _retire(model, existing, wanted, result)
    model._default_manager.bulk_create(fresh.values())
    result.added += len(fresh)
    fields = [name.removesuffix("_id") for name in _resolved(next(iter(wanted.values())), pointers)] if stale else []
    for rows, names in ((stale, fields), (retired, ["active"])):
        if rows:
            model._default_manager.bulk_update(rows, names)
    return {key: row.pk for key, row in (existing | fresh).items()}


def _existing(model: type[CatalogueRow]) -> dict[Key, CatalogueRow]:
    parents = [column.partition("__")[0] for column in NATURAL_KEYS[model] if "__" in column]
    manager = model._default_manager
    rows: Iterable[CatalogueRow] = manager.select_related(*parents) if parents else manager.all()
    if model is CannedAnswer:
        # An organisation's own answers are none of the project's business.
        rows = CannedAnswer.objects.common()
    return {tuple(_part(row, column) for column in NATURAL_KEYS[model]): row for row in rows}


def _part(row: CatalogueRow, column: str) -> str:
    name, _double, of_parent = column.partition("__")
    value = getattr(row, name)
    # Only a rule's type may be missing.
    return str(getattr(value, of_parent) if of_parent and value else value or "")


def _resolved(values: dict[str, Any], pointers: dict[str, dict[Key, int]]) -> dict[str, Any]:
    return {
        (f"{name}_id" if name in pointers else name): (pointers[name].get(value) if name in pointers else value)
        for name, value in values.items()
    }


def _differs(row: CatalogueRow, values: dict[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in values.items())


def _retire(
    model: type[CatalogueRow], existing: dict[Key, CatalogueRow], wanted: Rows, result: LoadResult
) -> list[CatalogueRow]:
    retired = []
    for key in existing.keys() - wanted.keys():
        row = existing[key]
        if row.edited_at:
            result.kept.append(f"{model.__name__} {' '.join(filter(None, key))}")
        elif row.active:
            row.active = False
            retired.append(row)
    result.retired += len(retired)
    return retired
