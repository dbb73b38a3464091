"""The guards of the house, each a function from a file's text to complaints. `test_house.py` runs them over the tree,
and over a broken sample each, so that a guard that sleeps is noticed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {"accounts": 1, "estates": 2, "repairs": 3, "oversight": 5, "config": 6}
# Inside an app: urls → views → forms, actions → models → workflow.
STEPS = {"workflow": 1, "models": 2, "forms": 3, "actions": 3, "views": 4, "urls": 5, "staff_urls": 5}
_DOTTED_STRING = re.compile(rf"({'|'.join(FLOORS)})\.\w[\w.]*")


def code_files() -> Iterator[Path]:
    """Our modules, relative to the root, without migrations."""
    for room in FLOORS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT)


def test_files() -> Iterator[Path]:
    """The tests and what they stand on."""
    yield from (path.relative_to(ROOT) for path in sorted((ROOT / "tests").rglob("*.py")))


def page_files() -> Iterator[Path]:
    """Templates."""
    yield from (path.relative_to(ROOT) for path in sorted((ROOT / "templates").rglob("*.html")))


def asset_files() -> Iterator[Path]:
    """Our own styles and scripts."""
    for path in sorted((ROOT / "static").rglob("*")):
        if path.suffix in {".css", ".js", ".svg"}:
            yield path.relative_to(ROOT)


def _imports(path: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every module an import reaches, also inside functions and under TYPE_CHECKING, with its line."""
    package = path.parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def _strings_that_point(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Dotted paths in strings: "repairs.Ticket" in a foreign key is an arrow too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _DOTTED_STRING.fullmatch(node.value):
            yield node.lineno, node.value


def looks_up(path: Path, text: str) -> Iterator[str]:
    """A room imports only from below."""
    tree = ast.parse(text)
    own = FLOORS[path.parts[0]]
    for line, target in (*_imports(path, tree), *_strings_that_point(tree)):
        room = target.partition(".")[0]
        if FLOORS.get(room, 0) > own or (room == "tests"):
            yield f"{path}:{line} reaches up to {target}"


def climbs(path: Path, text: str) -> Iterator[str]:
    """Inside an app nothing imports from a later step: a model never imports an action."""
    own = STEPS.get(path.parts[1].removesuffix(".py"))
    if own is None or path.parts[0] == "config":
        return
    for line, target in _imports(path, ast.parse(text)):
        room, _, rest = target.partition(".")
        if room in FLOORS and STEPS.get(rest.partition(".")[0], 0) > own:
            yield f"{path}:{line} climbs to {target}"


def reads_post(path: Path, text: str) -> Iterator[str]:
    """A view hands request.POST to a form and never reads it."""
    if "views" not in path.stem and "views" not in path.parts:
        return
    tree = ast.parse(text)
    handed_over = {
        id(inner)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _name(call.func).lower().endswith(("form", "formset", "form_class"))
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
        for inner in _choices(argument)
    }
    for node in ast.walk(tree):
        read = (
            isinstance(node, ast.Attribute)
            and node.attr in {"POST", "FILES", "body"}
            and _name(node.value) == "request"
        )
        if isinstance(node, ast.Attribute) and read and id(node) not in handed_over:
            yield f"{path}:{node.lineno} reads request.{node.attr}; give it to a form"


def _choices(argument: ast.expr) -> list[ast.expr]:
    """What an argument may be: `request.POST or None`, `request.POST if posted else None`."""
    if isinstance(argument, ast.BoolOp):
        return argument.values
    return [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def swallows(path: Path, text: str) -> Iterator[str]:
    """Nothing catches every exception: what was not foreseen must be seen."""
    for node in ast.walk(ast.parse(text)):
        caught: list[ast.expr | None] = []
        if isinstance(node, ast.ExceptHandler):
            caught = [*node.type.elts] if isinstance(node.type, ast.Tuple) else [node.type]
        elif isinstance(node, ast.Call) and _name(node.func) == "suppress":
            caught = [*node.args]
        if any(each is None or _name(each) in {"Exception", "BaseException"} for each in caught):
            yield f"{path}:{getattr(node, 'lineno', 0)} catches everything"


def gives_up(path: Path, text: str) -> Iterator[str]:
    """No test is skipped or expected to fail."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "xfail", "importorskip", "skipIf"}:
            yield f"{path}:{node.lineno} gives a test up"


def grants_itself(path: Path, text: str) -> Iterator[str]:
    """Only estates/access.py turns roles into answers."""
    if path in {Path("accounts/roles.py"), Path("estates/access.py")}:
        return
    for node in ast.walk(ast.parse(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
        if "GRANTS" in names or (isinstance(node, ast.Attribute) and node.attr == "GRANTS"):
            yield f"{path}:{getattr(node, 'lineno', 0)} reads GRANTS; ask estates.access"


def moves_a_ticket(path: Path, text: str) -> Iterator[str]:
    """Only a verb in repairs/actions changes a ticket's state."""
    if path.parts[:2] == ("repairs", "actions") or path == Path("repairs/actions.py"):
        return
    for node in ast.walk(ast.parse(text)):
        targets = node.targets if isinstance(node, ast.Assign) else []
        written = any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets)
        if isinstance(node, ast.Call) and _name(node.func) in {"update", "aupdate"}:
            written = any(keyword.arg == "state" for keyword in node.keywords)
        if written:
            yield f"{path}:{getattr(node, 'lineno', 0)} writes state; call the verb in repairs/actions"


def too_long(path: Path, text: str) -> Iterator[str]:
    """Modules ≤ 400 lines, templates ≤ 150, functions ≤ 40, views ≤ 25; our stylesheet under 12 KB."""
    if path.suffix == ".css" and len(text.encode()) > 12 * 1024:
        yield f"{path} is larger than 12 KB"
    most = {".html": 150, ".py": 400}.get(path.suffix)
    lines = text.count("\n")
    if most and lines > most:
        yield f"{path} has {lines} lines, at most {most}"
    if path.suffix != ".py":
        return
    is_view = path.stem == "views" or "views" in path.parts
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            if length > (25 if is_view else 40):
                yield f"{path}:{node.lineno} {node.name} has {length} lines"


_INLINE = {
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.I),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*application/json)", re.I),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.I),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "an asset from elsewhere": re.compile(
        r"\b(?:src|srcset|poster|data)\s*=\s*[\"']?\s*(?:https?:)?//|<link\b[^>]*\bhref\s*=\s*[\"']?(?:https?:)?//",
        re.I,
    ),
}


def breaks_the_policy(path: Path, text: str) -> Iterator[str]:
    """No inline style or script and nothing from elsewhere in a template."""
    text = re.sub(r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}", "", text, flags=re.S)
    yield from (f"{path} has {what}: {found.group()!r}" for what, rx in _INLINE.items() for found in rx.finditer(text))


def fetches(path: Path, text: str) -> Iterator[str]:
    """Our styles and scripts load nothing from elsewhere."""
    for found in re.finditer(
        r"(?:https?:)?//(?!www\.w3\.org/)[\w-]+\.[\w.-]+", re.sub(r"^\s*//.*$", "", text, flags=re.M)
    ):
        yield f"{path} names {found.group()}"


def names_a_registry(path: Path, text: str) -> Iterator[str]:
    """Locks and settings of the build hold no address of a package registry."""
    for found in re.finditer(
        r"^.*(?:(?<![\w-])--(?:extra-)?index|(?<![\w-])--find-links|\w+://(?!localhost)).*$", text, flags=re.M
    ):
        yield f"{path}: {found.group().strip()}"


def shrugs(path: Path, text: str) -> Iterator[str]:
    """No command whose failure does not matter."""
    for found in re.finditer(r"\|\|\s*(?:true|:)(?:\s|$)|^\t-(?!-)", text, flags=re.M):
        yield f"{path}: {found.group().strip()} hides a failure"
