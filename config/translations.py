"""The Chinese catalogue: collect what is marked for translation, merge translations, compile them.

    python -m config.translations compile      .po → .mo (no gettext tools needed); run by the set-up
    python -m config.translations extract      print what is marked and has no Chinese yet, as .po
    python -m config.translations merge DIR    take translations from DIR/*.po into the catalogue

The msgid is the English sentence itself, so English needs no catalogue.
"""

import ast
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple, NoReturn

from babel.messages import Catalog
from babel.messages import Message as Entry
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ROOMS = ("accounts", "estates", "repairs", "oversight", "config")

# For each marking function: which arguments are context, message and plural.
_POSITIONS: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
_MARKS = {name + ending: place for name, place in _POSITIONS.items() for ending in ("", "_lazy")}
_MARKS["gettext_noop"] = _POSITIONS["gettext"]
_READ_ALOUD = {"alt", "aria-label", "aria-description", "placeholder", "title", "label"}
_SILENT = {"script", "style", "kbd"}  # the names of keys are printed on them
_LETTERS = re.compile(r"[^\W\d_]{2,}")
# Names of languages stand in their own language everywhere.
_SAME_IN_BOTH = {"English", "EN", "中文", "简体中文"}
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")


class Marked(NamedTuple):
    """One string somebody will read."""

    context: str | None
    text: str
    plural: str | None = None


class Unmarkable(Exception):
    """A marked string is put together at run time, so no catalogue can hold it."""


def placeholders(text: str) -> set[str]:
    """What is filled in later: `%(name)s`, `%s`, `{name}`."""
    return set(_PLACEHOLDER.findall(text.replace("%%", "")))


def in_python(source: str, name: str = "") -> Iterator[Marked]:
    """Marked strings of a module. Raises Unmarkable for an f-string, or a format inside the mark."""
    tree = ast.parse(source)
    known = dict(_MARKS)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            known |= {alias.asname: _MARKS[alias.name] for alias in node.names if alias.asname and alias.name in _MARKS}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in known:
                yield from _marked(node, known[called], f"{name}:{node.lineno}")


def _marked(call: ast.Call, place: tuple[int | None, int, int | None], where: str) -> Iterator[Marked]:
    words: list[str | None] = []
    for position in place:
        if position is None:
            words.append(None)
            continue
        if position >= len(call.args):
            return
        argument = call.args[position]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            words.append(argument.value)
        elif isinstance(argument, ast.JoinedStr | ast.BinOp | ast.Call):
            raise Unmarkable(f"{where}: mark the words alone and fill in afterwards: _('… %(x)s') % {{…}}")
        else:
            return  # a name: the string it stands for is marked where it was born
    context, text, plural = words
    if text:
        yield Marked(context, text, plural)


def in_template(source: str, name: str = "") -> Iterator[Marked]:
    """Marked strings of a template, through Django's own reading of it."""
    from django.utils.translation.template import templatize

    flat = templatize(source, origin=name)
    for found in re.finditer(r"\b(_|gettext|ngettext|pgettext|npgettext)\(", flat):
        # The call ends at the first bracket that makes it readable: brackets may stand inside the words.
        for end in re.finditer(r"\)", flat[found.end() :]):
            call = "gettext" + flat[found.start() + 1 : found.end() + end.end()] if found.group(1) == "_" else None
            try:
                yield from in_python((call or flat[found.start() : found.end() + end.end()]).strip(), name)
            except SyntaxError:
                continue
            break


class _Words(HTMLParser):
    """The text a page shows as it stands, without what Django fills in."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside not in _SILENT:
            self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        self.words += [value for name, value in attrs if value and name in _READ_ALOUD]

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def unmarked_in_template(source: str) -> list[str]:
    """Words a visitor would see in one language only: plain text in a template that no mark surrounds."""
    from django.template.base import Lexer, TokenType

    page, until = "", ""
    for token in Lexer(source).tokenize():
        words = token.split_contents() if token.token_type is TokenType.BLOCK else []
        if until:
            until = "" if words == [until] else until
        elif words and words[0] in {"blocktranslate", "blocktrans", "comment", "verbatim"}:
            until = f"end{words[0]}"
        elif words[:1] == ["block"] and words[1].endswith("_class"):
            until = "endblock"  # names of style classes
        elif token.token_type is TokenType.TEXT:
            page += token.contents
    reader = _Words()
    reader.feed(page)
    reader.close()
    found = (" ".join(words.split()) for words in reader.words)
    return [words for words in found if _LETTERS.search(words) and words not in _SAME_IN_BOTH]


def python_files(root: Path = ROOT) -> Iterator[Path]:
    """Our own modules, without migrations."""
    for room in ROOMS:
        yield from (path for path in sorted((root / room).rglob("*.py")) if "migrations" not in path.parts)


def template_files(root: Path = ROOT) -> Iterator[Path]:
    """Our own templates."""
    yield from (path for path in sorted((root / "templates").rglob("*")) if path.suffix in {".html", ".txt"})


def collect(root: Path = ROOT) -> dict[Marked, str]:
    """Every marked string of the tree, with the first place it was found in."""
    found: dict[Marked, str] = {}
    for path in (*python_files(root), *template_files(root)):
        read = in_python if path.suffix == ".py" else in_template
        name = str(path.relative_to(root))
        for marked in read(path.read_text(encoding="utf-8"), name):
            found.setdefault(marked, name)
    return found


def read(path: Path) -> Catalog:
    """A catalogue from a file; an empty one when there is none yet."""
    if not path.exists():
        return Catalog(locale="zh_Hans")
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans", charset="utf-8", abort_invalid=True)


def chinese_of(catalogue: Catalog, marked: Marked) -> str:
    """The Chinese for a string, or nothing when it has none or only a fuzzy one."""
    entry = catalogue.get(marked.text, context=marked.context)
    if entry is None or entry.fuzzy:
        return ""
    return entry.string if isinstance(entry.string, str) else next(iter(entry.string or ()), "")


def compile_catalogue(path: Path = CATALOGUE) -> None:
    """Write the .mo beside the .po, if it is older; never seen half written by a running server."""
    target = path.with_suffix(".mo")
    if not path.exists() or (target.exists() and target.stat().st_mtime >= path.stat().st_mtime):
        return
    scratch = target.with_suffix(".new")
    with scratch.open("wb") as file:
        write_mo(file, read(path))
    scratch.replace(target)


def merge(folder: Path, path: Path = CATALOGUE) -> list[Marked]:
    """Write the catalogue anew from what it has and what the folder brings; returns what has no Chinese still."""
    sources = [(source.name, read(source)) for source in sorted(folder.glob("*.po"))]
    sources.append((path.name, read(path)))
    fresh = Catalog(locale="zh_Hans", project="Anju", header_comment="# Anju: Simplified Chinese.", fuzzy=False)
    missing = []
    for marked in sorted(collect(), key=lambda each: (each.text, each.context or "")):
        known = {name: chinese for name, source in sources if (chinese := chinese_of(source, marked))}
        if not known:
            missing.append(marked)
            continue
        if len(set(known.values())) > 1:
            print(f"differs, the first is kept: {marked.text!r} {known}", file=sys.stderr)
        _add(fresh, marked, next(iter(known.values())))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, fresh, width=120, sort_output=True, omit_header=False)
    return missing


def _add(catalogue: Catalog, marked: Marked, chinese: str) -> Entry | None:
    """Chinese has one form for any number."""
    if marked.plural:
        return catalogue.add((marked.text, marked.plural), (chinese,), context=marked.context)
    return catalogue.add(marked.text, chinese, context=marked.context)


def _print_po(strings: list[Marked]) -> None:
    catalogue = Catalog(locale="zh_Hans")
    for marked in strings:
        _add(catalogue, marked, "")
    write_po(sys.stdout.buffer, catalogue, width=120, omit_header=True)


def main(arguments: list[str]) -> NoReturn:
    """The command line: see the top of this file."""
    match arguments:
        case ["compile"]:
            compile_catalogue()
            sys.exit(0)
        case ["extract"]:
            catalogue = read(CATALOGUE)
            _print_po([marked for marked in collect() if not chinese_of(catalogue, marked)])
            sys.exit(0)
        case ["merge", folder]:
            missing = merge(Path(folder))
            _print_po(missing)
            sys.exit(f"{len(missing)} strings have no Chinese yet." if missing else 0)
    sys.exit("Use: python -m config.translations compile | extract | merge DIR")


if __name__ == "__main__":
    main(sys.argv[1:])
