"""Bring an installation up to date: `python -m config.setup`, after every upgrade and on the first day.

Translations, tables, the shared cache, static files, the catalogue of what can break, the times of the next four weeks.
With `demo` also the made-up town and how to sign in. Each step finds out for itself that there is nothing to do.
"""

import io
import os
import socket
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from config import postgres, translations

ROOT = Path(__file__).resolve().parent.parent
SIGN_INS = ROOT / "var" / "demo.txt"
# Variants of Bootstrap that no page uses; compressing them takes longer than everything else.
NEVER_SERVED = ["*.rtl.*", "bootstrap-*", "bootstrap.css*", "bootstrap.js*", "*.esm.*", "bootstrap.bundle.js*"]


def set_up() -> None:
    """Every step an installation needs, in the order they need each other."""
    translations.compile_catalogue()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    if not _static_is_collected():
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=NEVER_SERVED)
    call_command("load_catalogue", stdout=io.StringIO())
    call_command("produce_windows")


def _static_is_collected() -> bool:
    """Whether nothing of ours or of the libraries changed since the hashed and compressed copies were made."""
    made = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not settings.HASHED_STATIC or not made.exists():
        return False
    sources = [ROOT / "requirements.txt", *(ROOT / "static").rglob("*")]
    return all(made.stat().st_mtime > source.stat().st_mtime for source in sources)


def _town_stands() -> bool:
    """Whether load_demo has filled this very database since it last changed itself."""
    if not SIGN_INS.exists() or not os.environ.get("ANJU_EMBEDDED"):
        return False
    made_after = [postgres.DATA / "PG_VERSION", *(ROOT / "repairs" / "demo").rglob("*.*")]
    return all(SIGN_INS.stat().st_mtime > path.stat().st_mtime for path in made_after)


def load_town() -> str:
    """The demo town, made once; returns how to sign in."""
    if not _town_stands():
        print("Building the demo town; this takes a moment.", flush=True)
        said = io.StringIO()
        call_command("load_demo", stdout=said)
        SIGN_INS.write_text(said.getvalue(), encoding="utf-8")
    return SIGN_INS.read_text(encoding="utf-8")


def _stop_if_taken(host: str, port: int) -> None:
    """Say it before the servers start, not in the middle of their lines."""
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except OSError:
            sys.exit(f"Port {port} is taken on this machine: make demo PORT={port + 1}")


def main(arguments: list[str]) -> None:
    """The command line: see the top of this file."""
    if arguments not in ([], ["demo"]):
        sys.exit("Use: python -m config.setup [demo]")
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    if arguments:
        _stop_if_taken(host, port)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    postgres.prepare_or_exit()
    django.setup()
    set_up()
    if arguments:
        print(load_town())
        print(
            f"Anju is at http://{'localhost' if host == '127.0.0.1' else host}:{port}/   (Ctrl-C stops it)", flush=True
        )


if __name__ == "__main__":
    main(sys.argv[1:])
