import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from config import postgres

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own: another run of pytest closes that one to the user the server runs as under root."""
    made = Path(tempfile.mkdtemp(prefix="anju-test-"))
    yield made
    shutil.rmtree(made)


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of the project in a process of its own, with only these words in its environment."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            "postgresql://anju:s3cret@127.0.0.1:1/anju",
            "The database anju at 127.0.0.1:1 does not answer: start the server, or correct DATABASE_URL.",
        ),
        (
            "sqlite:///anju.db",
            "DATABASE_URL must begin with postgresql:// (only PostgreSQL is supported); correct it.",
        ),
        (
            "postgresql://anju:s3cret@[::1/anju",
            "DATABASE_URL cannot be read; write it as postgresql://user:password@host:port/name.",
        ),
        (
            "postgresql://anju:s3cret@/anju?host=/nowhere",
            "The database anju at /nowhere:5432 does not answer: start the server, or correct DATABASE_URL.",
        ),
    ],
)
@pytest.mark.parametrize("asked", [("manage.py", "migrate"), ("-m", "config.postgres", "run", "--", "true")])
def test_a_wrong_address_stops_every_command_with_one_sentence(url: str, sentence: str, asked: tuple[str, ...]) -> None:
    ended = command(*asked, DATABASE_URL=url, SECRET_KEY="x", ALLOWED_HOSTS="x")
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", sentence + "\n")


def test_a_database_that_is_not_there_is_named() -> None:
    url = os.environ["DATABASE_URL"].replace("/postgres?", "/nobody?")
    with pytest.raises(postgres.DatabaseUnusable, match=r"^The database nobody at .* does not exist: create it"):
        postgres.check(url)


def test_a_refused_user_is_named_without_the_password() -> None:
    url = os.environ["DATABASE_URL"].replace("postgres@", "stranger:s3cret@")
    with pytest.raises(postgres.DatabaseUnusable) as refused:
        postgres.check(url)
    assert "refuses this user or password" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_an_old_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psycopg.ConnectionInfo, "server_version", 140009)
    with pytest.raises(postgres.DatabaseUnusable, match="is PostgreSQL 14; Anju needs 15 or newer: upgrade the server"):
        postgres.check(os.environ["DATABASE_URL"])


@pytest.mark.parametrize(
    ("missing", "given"), [("SECRET_KEY", {"ALLOWED_HOSTS": "anju.example"}), ("ALLOWED_HOSTS", {"SECRET_KEY": "x"})]
)
def test_a_missing_setting_stops_with_a_hint(missing: str, given: dict[str, str]) -> None:
    ended = command("manage.py", "check", DATABASE_URL=os.environ["DATABASE_URL"], **given)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"{missing} is not set: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.django_db
def test_the_just_in_time_compiler_is_off() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


def test_the_last_to_leave_stops_the_server(folder: Path) -> None:
    first = postgres.Embedded(folder / "data")
    program = (
        "import sys; from pathlib import Path; from config import postgres; "
        "postgres.Embedded(Path(sys.argv[1])); print('in', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(folder / "data")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "in\n"
    first.leave()
    postgres.check(first.url)  # still up: the other process uses it
    other.communicate("")
    with pytest.raises(postgres.DatabaseUnusable, match="does not answer"):
        postgres.check(first.url)


def test_a_killed_user_neither_keeps_nor_stops_the_server(folder: Path) -> None:
    program = (
        "import sys, os, signal; from pathlib import Path; from config import postgres; "
        "postgres.Embedded(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(folder / "data")], cwd=ROOT, check=False)
    assert killed.returncode == -9
    joined = postgres.Embedded(folder / "data")
    postgres.check(joined.url)
    joined.leave()
    with pytest.raises(postgres.DatabaseUnusable):
        postgres.check(joined.url)


def test_two_starting_at_once_share_one_server(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from config import postgres; import psycopg; "
        "url = postgres.Embedded(Path(sys.argv[1])).url; print('up', flush=True); sys.stdin.readline(); "
        "print(psycopg.connect(url).execute('SELECT pg_postmaster_start_time()::text').fetchone()[0])"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(folder / "data")],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    answers = set()
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
    for process in both:
        answers.add(process.communicate("\n")[0])
    assert len(answers) == 1
    assert answers != {""}


def test_a_process_number_reused_after_a_hard_stop_does_not_block_the_start(folder: Path) -> None:
    data = folder / "data"
    postgres.Embedded(data).leave()
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n{int(time.time())}\n5432\n{data}\n\n 1 1\nready\n")
    again = postgres.Embedded(data)
    postgres.check(again.url)
    again.leave()
