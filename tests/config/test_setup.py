import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import TextIO

import pytest

from config import postgres, setup

ROOT = Path(__file__).resolve().parents[2]


def test_a_taken_port_is_told_before_anything_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "config.setup", "demo"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"Port {port} is taken on this machine: make demo PORT={port + 1}\n"


def test_the_town_is_built_again_for_a_new_database_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = tmp_path / "PG_VERSION"
    version.write_text("18")
    monkeypatch.setenv("ANJU_EMBEDDED", "1")
    monkeypatch.setattr(postgres, "DATA", tmp_path)
    monkeypatch.setattr(setup, "SIGN_INS", tmp_path / "demo.txt")
    built: list[str] = []

    def build(name: str, *, stdout: TextIO) -> None:
        built.append(name)
        stdout.write("dispatcher: /desk/new/")

    monkeypatch.setattr(setup, "call_command", build)
    assert [setup.load_town(), setup.load_town()] == ["dispatcher: /desk/new/"] * 2
    assert built == ["load_demo"]
    os.utime(version, (4_000_000_000, 4_000_000_000))  # the folder was thrown away and made anew
    setup.load_town()
    assert built == ["load_demo", "load_demo"]


def test_the_own_secret_is_for_the_owner_only(tmp_path: Path) -> None:
    program = "from config import settings; print(settings.SECRET_KEY)"
    made = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for _ in range(2)
    }
    assert len(made) == 1
    assert len(made.pop().strip()) > 50
    assert stat.S_IMODE((ROOT / "var" / "secret_key").stat().st_mode) == 0o600
