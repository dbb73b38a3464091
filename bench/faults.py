"""What must not be lost when something is killed: long here, short in tests/faults.

Real processes, a real PostgreSQL, eight people reporting with photos; afterwards the rows and files themselves are
looked at, past all of our own code.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random

import psutil

from bench.browser import Browser
from bench.figures import Figure, at_most, exactly, plain
from bench.house import ROOT, House, Process, free_port
from bench.people import Person, sessions, write_drafts
from bench.reporters import Load, Reporters, picture

_PATIENCE = 90.0


def run() -> Iterable[Figure]:
    """The long versions."""
    with furnished() as house:
        yield from killed_web(house, kills=50)
        yield from restarted_database(house, times=8)
        yield from full_disk(house)
        yield from killed_worker(house, kills=10, messages=600, helped=False)


@contextmanager
def furnished() -> Iterator[House]:
    """A house with a few residents."""
    with House(static=False) as house:
        house.run("-m", "config.setup")
        house.run("manage.py", "load_demo", "--really", "--estates", "6", "--tickets", "0")
        yield house


# ---------------------------------------------------------------- web workers and the database
def killed_web(house: House, *, kills: int) -> Iterator[Figure]:
    """A worker of the web server is killed again and again while eight people report."""
    with house.web() as web:
        reporters = Reporters(house, web)
        random = Random(kills)
        for _ in range(kills):
            time.sleep(random.uniform(0.3, 1.2))
            victim = random.choice(_two(web))
            victim.send_signal(signal.SIGKILL)
        load = reporters.stop()
    yield plain("faults.web_kills", kills, "")
    yield from _accounts(house, load, "web")


def _two(web: Process) -> list[psutil.Process]:
    """The workers, once there are two again."""
    until = time.monotonic() + _PATIENCE
    while len(workers := web.workers()) < 2:
        if time.monotonic() > until:
            raise RuntimeError("The web server does not bring its workers back.")
        time.sleep(0.05)
    return workers


def restarted_database(house: House, *, times: int) -> Iterator[Figure]:
    """The database stops without tidying up, twice as long each time for a while, and comes back."""
    pages: list[tuple[int, bool]] = []
    with house.web() as web:
        reporters = Reporters(house, web)
        for turn in range(times):
            time.sleep(2)
            house.crash_database()
            pages.append(_meanwhile(web))
            time.sleep(min(turn, 4) / 2)
            house.start_database()
        time.sleep(2)
        load = reporters.stop()
        with Browser(web.port) as browser:
            after = browser.get("/").status
    plainly = sum(1 for status, said in pages if status == 503 and said)
    yield exactly("faults.database_plain_503", plainly, f"of {times}", times)
    yield exactly("faults.database_page_after", after, "", 200)
    yield exactly("faults.database_errors_500", load.statuses.get(500, 0), "", 0)
    yield from _accounts(house, load, "database")


def _meanwhile(web: Process) -> tuple[int, bool]:
    """A page while the database is away: its status, and whether it says what to do and whom to call."""
    with Browser(web.port, django_language="en", sessionid="x" * 32) as browser:
        answer = browser.get("/repairs/", follow=False)
    said = all(word in answer.text for word in ("tel:119", "tel:120", "Nothing that was sent is lost"))
    return answer.status, said and int(answer.headers.get("retry-after", "0")) > 0


def _accounts(house: House, load: Load, name: str) -> Iterator[Figure]:
    """Every report whose number was shown is there with its photos, and no report is there twice."""
    lost = sum(not _is_whole(house, shown.ticket, shown.pictures) for shown in load.shown)
    words = [f"厨房下水管漏水 {draft}" for draft in load.begun]
    twice = house.query(
        "SELECT count(*) - count(DISTINCT words) FROM repairs_ticket WHERE words = ANY(%s)",
        words,
    )[0][0]
    keys = {shown.draft: shown.ticket for shown in load.shown}
    yield plain(f"faults.{name}_reports", len(load.shown), "")
    yield plain(f"faults.{name}_broken_lines", load.broken_lines, "")
    yield exactly(f"faults.{name}_lost", lost, "", 0)
    yield exactly(f"faults.{name}_twice", twice + load.strayed + len(keys) - len(set(keys.values())), "", 0)
    yield exactly(f"faults.{name}_number_not_shown", sum(not shown.number_shown for shown in load.shown), "", 0)
    yield exactly(f"faults.{name}_gave_up", len(load.failed), "", 0)


def _is_whole(house: House, ticket: int, pictures: int) -> bool:
    rows = house.query("SELECT key FROM repairs_photo WHERE ticket_id = %s AND event_id IS NOT NULL", ticket)
    found = house.query("SELECT count(*) FROM repairs_ticketevent WHERE ticket_id = %s AND verb = 'report'", ticket)
    files = [path for (key,) in rows for path in _files(house, str(key))]
    return found[0][0] == 1 and len(rows) == pictures and all(map(_is_jpeg, files))


def _files(house: House, key: str) -> list[Path]:
    return [house.folder / "media" / "photos" / key[:2] / f"{key}-{size}.jpg" for size in ("large", "small")]


def _is_jpeg(path: Path) -> bool:
    if not path.exists():
        return False
    content = path.read_bytes()
    return content.startswith(b"\xff\xd8") and content.endswith(b"\xff\xd9")


# ---------------------------------------------------------------- the disk
def full_disk(house: House) -> Iterator[Figure]:
    """No room for a photo: a sentence, the words kept, no half photo; with room again the same press goes through."""
    ((pk, name, phone, _home),) = house.query(
        "SELECT u.id, display_name, phone, r.id FROM accounts_user u JOIN estates_residence r ON r.person_id = u.id"
        " WHERE phone IS NOT NULL ORDER BY u.id LIMIT 1"
    )
    person = Person(pk, name, phone)
    (cookie,), (session,) = write_drafts(house, person, 1), sessions(house, [pk])[pk]
    draft, words = cookie.partition(".")[0], f"厨房下水管漏水 {cookie}"
    with _small_disk(house) as (limit, room), house.web(limit=limit) as web:
        said, files = {"draft": draft, "words": words}, {"photos": [picture(Random(1), edge=1600)]}
        with Browser(web.port, sessionid=session, report=cookie, django_language="en") as browser:
            page = browser.post("/report/words/save/", said, files)
        yield exactly("faults.disk_status", page.status, "", 200)
        yield exactly("faults.disk_sentence", "Please try again in a few minutes" in page.text, "", True)
        yield exactly("faults.disk_words_on_the_page", words in page.text, "", True)
        kept = house.query("SELECT words FROM repairs_reportdraft WHERE key::text = %s", draft)[0][0]
        yield exactly("faults.disk_words_kept", kept == words, "", True)
        rows = house.query("SELECT count(*) FROM repairs_photo WHERE draft_id::text = %s", draft)[0][0]
        yield exactly("faults.disk_photo_rows", rows, "", 0)
        left = [path for path in (house.folder / "media" / "photos").rglob("*") if draft_file(path, room)]
        yield exactly("faults.disk_half_photos", len(left), "", 0)


def draft_file(path: Path, before: set[Path]) -> bool:
    """A file that was not there before."""
    return path.is_file() and path not in before


@contextmanager
def _small_disk(house: House) -> Iterator[tuple[int, set[Path]]]:
    """A disk of 64 kB where root may mount one; elsewhere a limit of 32 kB on every file (same refusal, EFBIG)."""
    media = house.folder / "media"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs", str(media)], capture_output=True, check=False
    )
    if mounted.returncode:
        yield 64, set(media.rglob("*"))
        return
    try:
        yield 0, set()
    finally:
        subprocess.run(["umount", "--lazy", str(media)], check=True)


# ---------------------------------------------------------------- messages
_MESSAGES = """
INSERT INTO repairs_message (event_id, ticket_id, channel, phone, text, created_at, next_try_at, tries, last_error)
SELECT event.id, event.ticket_id, 'sms', '+86199000' || lpad(n::text, 5, '0'), %s || n, now(), now(), 0, ''
FROM generate_series(1, %s) n, (SELECT id, ticket_id FROM repairs_ticketevent ORDER BY id LIMIT 1) event
"""
_DEFER = "from repairs.tasks import deliver_messages; deliver_messages.defer()"
_runs = count(1)


def killed_worker(house: House, *, kills: int, messages: int, helped: bool) -> Iterator[Figure]:
    """The worker is killed while it hands messages to the carrier; the next one goes on.

    `helped`: a new message asks for delivery after each kill. Otherwise the sweep of every minute finds what is left.
    """
    mark = f"第{next(_runs)}批 "
    received, port = house.folder / "received.jsonl", free_port()
    received.touch()
    with house.connect() as connection:
        connection.execute(_MESSAGES, (mark, messages))
    carrier = subprocess.Popen([sys.executable, "-m", "bench.provider", str(port), str(received)], cwd=ROOT)
    try:
        for kill in range(kills):
            if helped or kill == 0:
                house.run("manage.py", "shell", "--no-imports", "-c", _DEFER)
            _kill_while_sending(house, port, received)
        if helped:
            house.run("manage.py", "shell", "--no-imports", "-c", _DEFER)
        with house.worker(SMS_BACKEND="bench.provider.Carrier", CARRIER_PORT=str(port)):
            _wait_until_sent(house, mark)
    finally:
        carrier.kill()
        carrier.wait()
    got = [json.loads(line)["text"] for line in received.read_text().splitlines()]
    mine = [text for text in got if text.startswith(mark)]
    yield plain("faults.worker_kills", kills, "")
    yield exactly("faults.worker_messages_lost", messages - len(set(mine)), "", 0)
    unsent = house.query("SELECT count(*) FROM repairs_message WHERE starts_with(text, %s) AND sent_at IS NULL", mark)
    yield exactly("faults.worker_messages_unsent", unsent[0][0], "", 0)
    # Whoever dies between the carrier's receipt and the commit can't know: at most one a kill goes out again.
    yield at_most("faults.worker_messages_twice", len(mine) - len(set(mine)), "", kills)


def _kill_while_sending(house: House, port: int, received: Path) -> None:
    """Start a worker and kill it as soon as it has handed over some."""
    before = received.stat().st_size
    with house.worker(SMS_BACKEND="bench.provider.Carrier", CARRIER_PORT=str(port)) as worker:
        until = time.monotonic() + _PATIENCE
        while received.stat().st_size < before + 400:
            if time.monotonic() > until:
                raise RuntimeError(f"The worker sends nothing:\n{worker.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.01)
        os.kill(worker.started.pid, signal.SIGKILL)


def _wait_until_sent(house: House, mark: str) -> None:
    until = time.monotonic() + _PATIENCE * 2
    left = "SELECT count(*) FROM repairs_message WHERE starts_with(text, %s) AND sent_at IS NULL"
    while house.query(left, mark)[0][0] and time.monotonic() < until:
        time.sleep(0.2)
