"""The pages of the register: their frame, and the words on them made ready before the template sees them."""

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import RegisterFile, RegisterKind, RegisterStage
from estates.register.files import MAX_BYTES
from estates.register.reasons import sentence

SHOWN = 50
_TONES = {
    RegisterStage.APPLIED: "jade",
    RegisterStage.REFUSED: "rose",
    RegisterStage.COLUMNS: "amber",
    RegisterStage.PREVIEWED: "amber",
}
_COUNTED_WORDS = {
    "communities": gettext_lazy("communities"),
    "estates": gettext_lazy("estates"),
    "buildings": gettext_lazy("buildings"),
    "entrances": gettext_lazy("stairs"),
    "dwellings": gettext_lazy("flats"),
    "organisations": gettext_lazy("organisations"),
    "managements": gettext_lazy("managements"),
    "people": gettext_lazy("people"),
    "appointments": gettext_lazy("appointments"),
}


def frame(user: User) -> dict[str, Any]:
    """Whose desk it is, and what else its rail leads to."""
    organisations = access.organisations_where(user, Permission.REGISTER_IMPORT)
    return {
        "organisation_name": _(", ").join(each.name for each in organisations),
        "oversees": access.has_role(user, Permission.ESTATE_OVERSEE),
        "dispatches": access.has_role(user, Permission.TICKET_ACKNOWLEDGE),
    }


def list_page(user: User, files: list[RegisterFile], form: object) -> dict[str, Any]:
    """All files someone may see, the form for the next, and the exports."""
    exports = [(kind.label, kind.value) for kind in RegisterKind]
    page = {"rows": [_row(file) for file in files], "form": form, "most": MAX_BYTES}
    return {**frame(user), **page, "exports": exports, "forms": [("xlsx", _("Excel")), ("csv", "CSV")]}


def _row(file: RegisterFile) -> dict[str, Any]:
    return {
        "href": reverse("estates:register_file", args=[file.pk]),
        "name": file.name,
        "kind": file.get_kind_display() if file.kind else "",
        "stage": file.get_stage_display(),
        "tone": _TONES.get(RegisterStage(file.stage), "sea"),
        "who": who(file.uploaded_by),
        "when": when(file.uploaded_at),
        "about": summary(file),
    }


def who(person: User | None) -> str:
    """A person by name; the operator has none."""
    return str(person) if person else _("Operator")


def when(at: Any) -> str:
    """A moment in absolute words."""
    return date_format(timezone.localtime(at), "Y-m-d H:i")


def summary(file: RegisterFile) -> str:
    """One line of what it does or did."""
    counts = file.counts
    if not counts:
        return ""
    parts = [f"{word} +{number}" for word, number in _new(counts) if number]
    if counts["changed"]:
        parts.append(pgettext("rows", "changed") + f" {counts['changed']}")
    if counts["refused"]:
        parts.append(pgettext("rows", "refused") + f" {counts['refused']}")
    return " · ".join(parts) or _("Nothing new")


def _new(counts: dict[str, Any]) -> list[tuple[Any, int]]:
    """What is new, from the largest to the smallest; communities only when there are any."""
    numbers = counts["new"] | ({"communities": counts["communities"]} if counts["communities"] else {})
    return [(word, numbers[each]) for each, word in _COUNTED_WORDS.items() if each in numbers]


def reason(stored: dict[str, Any]) -> str:
    """A stored reason in the reader's language."""
    return sentence(stored["code"], stored["words"])


def file_page(user: User, file: RegisterFile) -> dict[str, Any]:
    """One file: how far it is, what it would do or did, who and when."""
    counts = file.counts or {}
    new = _new(counts) if counts else []
    to_do = bool(counts) and (any(number for _word, number in new) or counts["changed"] > 0)
    return {
        **frame(user),
        "file": file,
        "stage": RegisterStage(file.stage),
        "word": file.get_stage_display(),
        "tone": _TONES.get(RegisterStage(file.stage), "sea"),
        "about": _about(file),
        "problem": reason(file.problem) if file.problem else "",
        "new": new,
        "counts": counts,
        "to_do": to_do,
        "confirm_words": _confirm_words(counts) if to_do else "",
        "refused": list(islice(_runs(file.refused), SHOWN)),
        "changes": [(each["row"], each["what"], _changed(each)) for each in file.changes[:SHOWN]],
        "vanished": file.vanished[:SHOWN],
        "shown": SHOWN,
        "more_refused": sum(1 for _run in groupby(file.refused, reason)) > SHOWN,
    }


def _runs(refused: list[dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Rows refused one after the other for the same reason as one line: "407–418", why, what the first says."""
    for why, together in groupby(refused, reason):
        rows = list(together)
        first, last = rows[0]["row"], rows[-1]["row"]
        numbers = (
            f"{first}"
            if len(rows) == 1
            else _("%(first)s–%(last)s (%(number)s rows)") % {"first": first, "last": last, "number": len(rows)}
        )
        cells = "　".join(filter(None, rows[0]["cells"]))
        yield numbers, why, cells if len(rows) == 1 else f"{cells} …"


def _confirm_words(counts: dict[str, Any]) -> str:
    taken = counts["rows"] - counts["refused"] - counts["unchanged"]
    return ngettext("Bring in %(number)s row", "Bring in %(number)s rows", taken) % {"number": taken}


def _about(file: RegisterFile) -> list[str]:
    lines = [_("Sent in by %(who)s, %(when)s") % {"who": who(file.uploaded_by), "when": when(file.uploaded_at)}]
    if file.applied_at:
        lines.append(
            _("Brought in by %(who)s, %(when)s") % {"who": who(file.applied_by), "when": when(file.applied_at)}
        )
    return lines


def _changed(change: dict[str, Any]) -> str:
    told = [f"{_(title)} {old or '—'} → {new or '—'}" for title, old, new in change["changed"]]
    return _(", ").join(told)


# ---------------------------------------------------------------- whole lists, to be downloaded
def part_rows(file: RegisterFile, part: str) -> Iterator[list[str]]:
    """The refused, changed or vanished rows with their header."""
    if part == "refused":
        yield [_("Row"), _("Reason"), *file.headers]
        for each in file.refused:
            yield [str(each["row"]), reason(each), *each["cells"]]
    elif part == "changed":
        yield [_("Row"), _("Place or name"), _("Column"), _("As it was"), _("As it is in the file")]
        for each in file.changes:
            for title, old, new in each["changed"]:
                yield [str(each["row"]), each["what"], _(title), old, new]
    else:
        yield [_("In the register but not in the file")]
        yield from ([each] for each in file.vanished)
