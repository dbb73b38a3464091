"""The house rules that a program can check, over the whole tree; each guard also meets one sample that breaks it."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests import house

Guard = Callable[[Path, str], Iterator[str]]
BUILD = [Path(name) for name in ("Makefile", "Procfile", "pyproject.toml", "requirements.txt", "requirements-dev.txt")]
SCRIPTS = [Path("Makefile"), Path(".ci/run"), Path(".ci/system")]

GUARDS: list[tuple[Guard, Callable[[], Iterable[Path]]]] = [
    (house.looks_up, house.code_files),
    (house.climbs, house.code_files),
    (house.reads_post, house.code_files),
    (house.swallows, house.code_files),
    (house.grants_itself, house.code_files),
    (house.moves_a_ticket, house.code_files),
    (house.too_long, house.code_files),
    (house.too_long, house.page_files),
    (house.too_long, house.test_files),
    (house.too_long, house.asset_files),
    (house.gives_up, house.test_files),
    (house.swallows, house.test_files),
    (house.breaks_the_policy, house.page_files),
    (house.fetches, house.asset_files),
    (house.names_a_registry, lambda: BUILD),
    (house.shrugs, lambda: SCRIPTS),
]

BROKEN: list[tuple[Guard, str, str]] = [
    (house.looks_up, "estates/duty.py", "from repairs.models import Ticket"),
    (house.looks_up, "estates/duty.py", "import config.settings"),
    (house.looks_up, "accounts/codes.py", "def late():\n    from estates import access"),
    (house.looks_up, "accounts/codes.py", "if TYPE_CHECKING:\n    from estates.models import Estate"),
    (house.looks_up, "estates/models/place.py", 'ForeignKey("repairs.Ticket")'),
    (house.looks_up, "repairs/photos.py", "from tests.town import Town"),
    (house.climbs, "repairs/models/ticket.py", "from repairs.actions import finish"),
    (house.climbs, "repairs/models/ticket.py", "def late():\n    from ..actions import finish"),
    (house.climbs, "repairs/models/ticket.py", "from repairs import actions"),
    (house.climbs, "repairs/workflow.py", "from .models import Ticket"),
    (house.climbs, "repairs/actions/life.py", "from repairs.views import desk"),
    (house.climbs, "repairs/models/ticket.py", "from accounts import actions"),
    (house.reads_post, "repairs/views/desk.py", 'request.POST["note"]'),
    (house.reads_post, "repairs/views/desk.py", 'NoteForm(request.POST.get("note"))'),
    (house.reads_post, "repairs/views/desk.py", 'finish(ticket, photos=request.FILES.getlist("photos"))'),
    (house.reads_post, "accounts/views.py", "data = request.POST"),
    (house.swallows, "repairs/photos.py", "try:\n    x()\nexcept Exception:\n    pass"),
    (house.swallows, "repairs/photos.py", "try:\n    x()\nexcept (OSError, Exception):\n    pass"),
    (house.swallows, "repairs/photos.py", "try:\n    x()\nexcept:\n    pass"),
    (house.swallows, "repairs/photos.py", "with contextlib.suppress(Exception):\n    x()"),
    (house.grants_itself, "repairs/views/desk.py", "from accounts.roles import GRANTS"),
    (house.grants_itself, "repairs/views/desk.py", "roles.GRANTS"),
    (house.moves_a_ticket, "repairs/views/desk.py", "ticket.state = State.FINISHED"),
    (house.moves_a_ticket, "oversight/views.py", "Ticket.objects.filter(pk=1).update(state=State.FINISHED)"),
    (house.too_long, "repairs/photos.py", "x = 1\n" * 401),
    (house.too_long, "repairs/photos.py", "def f():\n" + "    x = 1\n" * 40),
    (house.too_long, "repairs/views/desk.py", "def f():\n" + "    x = 1\n" * 25),
    (house.too_long, "templates/base.html", "<p>\n" * 151),
    (house.too_long, "static/css/anju.css", "a{}" * 5000),
    (house.gives_up, "tests/test_x.py", "@pytest.mark.xfail\ndef test_x(): ..."),
    (house.breaks_the_policy, "templates/x.html", '<p style="color: red">'),
    (house.breaks_the_policy, "templates/x.html", "<style>p{}</style>"),
    (house.breaks_the_policy, "templates/x.html", "<script>alert(1)</script>"),
    (house.breaks_the_policy, "templates/x.html", '<a class="x" onclick="go()">'),
    (house.breaks_the_policy, "templates/x.html", '<a href="javascript:go()">'),
    (house.breaks_the_policy, "templates/x.html", '<img src="https://cdn.example/x.png">'),
    (house.breaks_the_policy, "templates/x.html", '<link rel="stylesheet" href="//cdn.example/x.css">'),
    (house.fetches, "static/css/anju.css", "@import url(https://fonts.example/x.css);"),
    (house.fetches, "static/js/app.js", 'fetch("//stats.example/hit")'),
    (house.names_a_registry, "requirements.txt", "--index-url https://registry.example/simple"),
    (house.names_a_registry, "requirements.txt", "a @ https://registry.example/a.whl"),
    (house.shrugs, "Makefile", "check:\n\truff check . || true"),
    (house.shrugs, "Makefile", "check:\n\t-ruff check ."),
]

SOUND: list[tuple[Guard, str, str]] = [
    (house.looks_up, "repairs/actions.py", "from accounts.models import User\nfrom . import workflow"),
    (house.climbs, "repairs/actions.py", "from repairs.models import Ticket\nfrom repairs.workflow import MOVES"),
    (house.reads_post, "repairs/views/desk.py", "form = NoteForm(request.POST or None, request.FILES, user=user)"),
    (house.reads_post, "repairs/views/desk.py", "form = forms.NoteForm(data=request.POST or None)"),
    (house.reads_post, "repairs/views/desk.py", "form = NoteForm(request.POST if posted else None)"),
    (house.shrugs, "Makefile", "LOCK = uv pip compile \\\n\t--generate-hashes"),
    (house.breaks_the_policy, "templates/x.html", '<script src="{% static "js/app.js" %}" defer></script>'),
    (house.breaks_the_policy, "templates/x.html", '<a href="https://beian.example">x</a><p data-onward="y">'),
    (house.fetches, "static/img/logo.svg", '<svg xmlns="http://www.w3.org/2000/svg">'),
    (house.fetches, "static/js/app.js", "  // see docs.example.org/x"),
]


@pytest.mark.parametrize(("guard", "files"), GUARDS, ids=lambda each: getattr(each, "__name__", "files"))
def test_the_tree_keeps_the_rule(guard: Guard, files: Callable[[], Iterable[Path]]) -> None:
    read = [(path, (house.ROOT / path).read_text(encoding="utf-8")) for path in files()]
    assert read
    assert [complaint for path, text in read for complaint in guard(path, text)] == []


@pytest.mark.parametrize(("guard", "path", "text"), BROKEN)
def test_a_guard_sees_what_it_guards_against(guard: Guard, path: str, text: str) -> None:
    assert len(list(guard(Path(path), text))) == 1


@pytest.mark.parametrize(("guard", "path", "text"), SOUND)
def test_a_guard_lets_good_code_be(guard: Guard, path: str, text: str) -> None:
    assert list(guard(Path(path), text)) == []


def test_every_guard_was_broken_once() -> None:
    assert {guard for guard, _ in GUARDS} == {guard for guard, _, _ in BROKEN}


def test_every_test_file_stands_beside_what_it_tests() -> None:
    rooms = {path.parts[1] for path in house.test_files() if len(path.parts) > 2}
    assert rooms <= {*house.FLOORS, "browser", "bench", "faults"}
