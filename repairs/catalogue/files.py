"""Reads the project's catalogue from the files beside this one into plain rows, keyed by their natural keys."""

import hashlib
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

Key = tuple[str, ...]
Rows = dict[Key, dict[str, Any]]


class CatalogueMistake(Exception):
    """The files contradict themselves; the text says where."""


@dataclass
class CatalogueFiles:
    """Every row the files ask for. A value that points to another row holds that row's key."""

    version: int
    checksum: str
    cards: Rows = field(default_factory=dict)
    categories: Rows = field(default_factory=dict)
    types: Rows = field(default_factory=dict)
    questions: Rows = field(default_factory=dict)
    answers: Rows = field(default_factory=dict)
    type_questions: Rows = field(default_factory=dict)
    rules: Rows = field(default_factory=dict)
    canned: Rows = field(default_factory=dict)


@cache
def project_files() -> CatalogueFiles:
    """The project's own catalogue, read once: the files don't change under a running program."""
    return read(HERE)


def read(folder: Path) -> CatalogueFiles:
    """The whole catalogue of `folder`.

    :raises CatalogueMistake: a key is used twice or points to nothing.
    """
    paths = sorted(folder.rglob("*.toml"))
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()
    files = CatalogueFiles(_parse(folder / "manifest.toml")["version"], digest)
    for card in _parse(folder / "safety_cards.toml")["cards"]:
        _add(files.cards, (card["slug"],), _card(card))
    for question in _parse(folder / "questions.toml")["questions"]:
        _add_question(files, question)
    for path in sorted((folder / "types").glob("*.toml")):
        _add_category(files, _parse(path))
    for answer in _parse(folder / "canned_answers.toml")["answers"]:
        _add(files.canned, (answer["code"],), _canned(answer))
    _check_pointers(files)
    return files


def _parse(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _add(rows: Rows, key: Key, values: dict[str, Any]) -> None:
    if key in rows:
        raise CatalogueMistake(f"{' '.join(key)} is there twice.")
    rows[key] = {**values, "position": len(rows) + 1, "active": True}


def _both(name: str, text: dict[str, str] | None) -> dict[str, str]:
    return {f"{name}_zh": text["zh"], f"{name}_en": text["en"]} if text else {f"{name}_zh": "", f"{name}_en": ""}


def _lines(name: str, lines: list[dict[str, str]]) -> dict[str, list[str]]:
    return {f"{name}_zh": [line["zh"] for line in lines], f"{name}_en": [line["en"] for line in lines]}


def _card(card: dict[str, Any]) -> dict[str, Any]:
    return {
        **_both("title", card["title"]),
        **_lines("do", card["do"]),
        **_lines("dont", card["dont"]),
        **_both("calls_note", card.get("calls_note")),
        "calls": card["calls"],
        "calls_duty": card.get("duty", False),
    }


def _add_question(files: CatalogueFiles, question: dict[str, Any]) -> None:
    code = question["code"]
    values = {
        **_both("text", question["text"]),
        **_both("help", question.get("help")),
        "own_screen": question.get("own_screen", True),
        "sensitive": question.get("sensitive", False),
    }
    _add(files.questions, (code,), values)
    for answer in question.get("answers", []):
        row = {"question": (code,), "text_zh": answer["zh"], "text_en": answer["en"]}
        _add(files.answers, (code, answer["code"]), row)
    for rule in question.get("rules", []):
        _add_rule(files, "", code, rule["when"], rule)


def _add_category(files: CatalogueFiles, data: dict[str, Any]) -> None:
    category = data["category"]
    values = {**_both("name", category["name"]), **_both("tile", category["tile"]), "icon": category["icon"]}
    _add(files.categories, (category["code"],), values)
    for repair_type in data["types"]:
        code = repair_type["code"]
        _add(files.types, (code,), _type(repair_type, category["code"]))
        for question in repair_type["questions"]:
            _add(files.type_questions, (code, question), {"type": (code,), "question": (question,)})
        for rule in repair_type.get("rules", []):
            question, _equals, answer = rule["when"].partition("=")
            _add_rule(files, code, question, answer, rule)


def _type(data: dict[str, Any], category: str) -> dict[str, Any]:
    return {
        "category": (category,),
        **_both("name", data["name"]),
        **_both("note", data["note"]),
        **_both("advice", data.get("advice")),
        **_both("dispatch", data.get("dispatch")),
        "scope": data["scope"],
        "first_responders": data["first"],
        "payers": data["payers"],
        "urgency": data["urgency"],
        "needs_entry": data.get("entry", False),
        "safety_card": _pointer(data.get("card")),
    }


def _add_rule(files: CatalogueFiles, repair_type: str, question: str, answer: str, rule: dict[str, Any]) -> None:
    values = {
        "type": _pointer(repair_type),
        "question": (question,),
        "answer": (question, answer),
        "urgency": rule.get("urgency", ""),
        "scope": rule.get("scope", ""),
        "safety_card": _pointer(rule.get("card")),
        "suggest_type": _pointer(rule.get("suggest")),
        **_both("note", rule.get("note")),
        **_both("advice", rule.get("advice")),
    }
    _add(files.rules, (repair_type, question, answer), values)


def _canned(answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "repair_type": _pointer(answer.get("type")),
        "verbs": answer["verbs"],
        "text_zh": answer["zh"],
        "text_en": answer["en"],
    }


def _pointer(code: str | None) -> Key | None:
    return (code,) if code else None


def _check_pointers(files: CatalogueFiles) -> None:
    targets = {
        "category": files.categories,
        "type": files.types,
        "question": files.questions,
        "answer": files.answers,
        "safety_card": files.cards,
        "suggest_type": files.types,
        "repair_type": files.types,
    }
    for rows in (files.types, files.answers, files.type_questions, files.rules, files.canned):
        for key, values in rows.items():
            for name, target in targets.items():
                if values.get(name) is not None and values[name] not in target:
                    raise CatalogueMistake(f"{' '.join(key)} points to {' '.join(values[name])}, which is not there.")
    for repair_type, question, _answer in files.rules:
        if repair_type and (repair_type, question) not in files.type_questions:
            raise CatalogueMistake(f"{repair_type} has a rule for {question}, which it does not ask.")
