"""An installation for a run of the bench: its own database, folder and web server on 127.0.0.1, and nothing left."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

from config import postgres

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
# As an administrator of a small machine would set it; everything reaches the disk.
_SERVER = "shared_buffers = '512MB'\nmax_wal_size = '4GB'\nmax_connections = 100\n"
_PATIENCE = 60.0


class House:
    """One installation; use it as a context manager."""

    def __init__(self, *, static: bool = True) -> None:
        """`static`: with hashed and compressed files, for runs that weigh pages."""
        self.folder = Path(tempfile.mkdtemp(prefix="anju-bench-"))
        self.folder.chmod(0o755)
        self.database = postgres.Embedded(self.folder / "data", lines=_SERVER)
        self.url = self.database.url
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "DATABASE_URL": self.url,
            "ANJU_EMBEDDED": "0",
            "ANJU_DEMO": "0",
            "DEBUG": "0",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": HOST,
            "TRUSTED_PROXIES": "1",
            "BENCH_FOLDER": str(self.folder),
            "BENCH_BARE_STATIC": "" if static else "1",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *exception: object) -> None:
        self.database.leave()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *arguments: str) -> str:
        """A command of the project to its end, `python` being ours; what it printed."""
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, text=True, stdout=subprocess.PIPE, check=True)
        return done.stdout

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection that looks at the rows themselves, past all of our code."""
        return psycopg.connect(self.url, autocommit=True)

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows a statement answers; it is ours, written out in the bench."""
        with self.connect() as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def tidy(self) -> None:
        """What autovacuum would get to within the hour."""
        with self.connect() as connection:
            connection.execute("VACUUM ANALYZE")

    @contextmanager
    def web(self, *, limit: int = 0) -> Iterator["Process"]:
        """The web server as the Procfile starts it, on a free port; `limit`: no file larger than so many blocks."""
        port = free_port()
        line = next(line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("web:"))
        command = line.removeprefix("web:").strip()
        if limit:
            command = f"ulimit -f {limit} && {command}"
        given = {"HOST": HOST, "PORT": str(port)}
        with self._process("web", ["sh", "-c", command], given) as process:
            process.port = port
            _wait_for_port(port, process)
            yield process

    @contextmanager
    def worker(self, **environment: str) -> Iterator["Process"]:
        """One worker for the queues of all three of the Procfile's, for the jobs that wait."""
        command = [sys.executable, "manage.py", "procrastinate", "worker"]
        with self._process("worker", command, environment) as process:
            yield process

    @contextmanager
    def _process(self, name: str, command: list[str], environment: dict[str, str]) -> Iterator["Process"]:
        log = self.folder / f"{name}.log"
        with log.open("ab") as lines:
            started = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**self.environment, **environment},
                stdout=lines,
                stderr=lines,
                start_new_session=True,  # stopped as a group, as honcho does
            )
        process = Process(started, log)
        try:
            yield process
        finally:
            process.stop()

    def crash_database(self) -> None:
        """The server stops at once, without tidying up; what it acknowledged must be found in its log."""
        pid = int((self.database.data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT)
        if psutil.pid_exists(pid):
            psutil.Process(pid).wait(_PATIENCE)

    def start_database(self) -> None:
        """And is back, at the same address."""
        postgres._forget_stale_pid(self.database.data)
        self.database.server.start()


class Process:
    """A process of the installation with its children; `port` where it listens."""

    def __init__(self, started: "subprocess.Popen[bytes]", log: Path) -> None:
        self.started, self.log, self.port = started, log, 0

    def workers(self) -> list[psutil.Process]:
        """The processes of a web server that answer; its tracker of shared things is none of them."""
        servers = [each for each in psutil.Process(self.started.pid).children() if each.is_running()]
        return [child for server in servers for child in _children(server) if _is_worker(child)]

    def stop(self) -> None:
        """Politely, then not."""
        family = [*_children(psutil.Process(self.started.pid)), psutil.Process(self.started.pid)]
        family += [each for child in family[:-1] for each in _children(child)]
        os.killpg(self.started.pid, signal.SIGTERM)
        for left in psutil.wait_procs(family, timeout=10)[1]:
            left.kill()
        self.started.wait()


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.NoSuchProcess:
        return []


def _is_worker(child: psutil.Process) -> bool:
    try:
        return child.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in " ".join(child.cmdline())
    except psutil.NoSuchProcess:
        return False


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as door:
        door.bind((HOST, 0))
        port: int = door.getsockname()[1]
        return port


def _wait_for_port(port: int, process: Process) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.started.poll() is None:
        with socket.socket() as door:
            if door.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"The web server does not start:\n{process.log.read_text(errors='replace')[-3000:]}")
