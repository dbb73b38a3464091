"""What must not be lost when something is killed: long here, short in tests/faults.

Real processes, a real PostgreSQL, eight people reporting with photos; afterwards the rows and files themselves are
looked at, past all of our own code.
"""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random

import psutil

from bench.browser import Browser
from bench.figures import Figure, exactly, plain
from bench.house import ROOT, House, Process, free_port
from bench.people import Person, sessions, write_drafts
from bench.reporters import Load, Reporters, picture

_PATIENCE = 90.0
_PAGES = 16


def run() -> Iterable[Figure]:
    """The long versions."""
    with furnished() as house:
        # First, while no reports have left jobs behind that would do the work of the sweep.
        yield from killed_worker(house, kills=10, messages=600, swept=2)
        yield from killed_web(house, kills=50)
        yield from restarted_database(house, times=8)
        yield from full_disk(house)


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
        unnoticed = _after_a_restart_nobody_noticed(house, web)
    plainly = sum(1 for status, said in pages if status == 503 and said)
    yield exactly("faults.database_plain_503", plainly, f"of {times}", times)
    yield exactly("faults.database_pages_after", unnoticed, f"of {_PAGES}", _PAGES)
    yield exactly("faults.database_errors_500", load.statuses.get(500, 0), "", 0)
    yield from _accounts(house, load, "database")


def _meanwhile(web: Process) -> tuple[int, bool]:
    """A page while the database is away: its status, and whether it says what to do and whom to call."""
    with Browser(web.port, django_language="en", sessionid="x" * 32) as browser:
        answer = browser.get("/repairs/", follow=False)
    said = all(word in answer.text for word in ("tel:119", "tel:120", "Nothing that was sent is lost"))
    return answer.status, said and int(answer.headers.get("retry-after", "0")) > 0


def _after_a_restart_nobody_noticed(house: House, web: Process) -> int:
    """Pages that come at once after a restart at a quiet hour, when every kept connection is dead and none knows."""
    _ask_at_once(web)
    house.crash_database()
    house.start_database()
    return sum(status in {200, 302} for status in _ask_at_once(web))


def _ask_at_once(web: Process) -> list[int]:
    """So many at a time that every thread of the server has one to answer; each looks into the database."""

    def ask(_number: int) -> int:
        with Browser(web.port, sessionid="x" * 32) as browser:
            return browser.get("/repairs/", follow=False).status

    with ThreadPoolExecutor(_PAGES) as people:
        return list(people.map(ask, range(_PAGES)))


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
SELECT event.id, event.ticket_id, 'sms', '+86199000' || lpad(n::text, 5, '0'), '第' || n || '条', now(), now(), 0, ''
FROM generate_series(1, %s) n, (SELECT id, ticket_id FROM repairs_ticketevent ORDER BY id LIMIT 1) event
"""
_OWED = "SELECT phone, text FROM repairs_message WHERE channel = 'sms' AND sent_at IS NULL"
# A short lease, no night, and no day's cap: the reporters before may have used up theirs.
_WORKER = {
    "SMS_BACKEND": "bench.provider.Carrier",
    "SMS_TIMEOUT": "2",
    "QUIET_FROM": "0",
    "QUIET_UNTIL": "0",
    "SMS_PHONE_DAY_CAP": "1000000",
}
# As every transaction that writes a message asks for it.
_DEFER = """
INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('messages', 'repairs.tasks.deliver_messages')
RETURNING id
"""


def killed_worker(house: House, *, kills: int, messages: int, swept: int, group: str = "faults") -> Iterator[Figure]:
    """The worker is killed while it hands messages to the carrier; the next one goes on.

    After the last `swept` kills nobody asks for delivery: the sweep of every minute has to find what is left. Every
    message that waited is counted, those of earlier reports too: the oldest go first and meet the kills.
    """
    received, port, random = house.folder / "received.jsonl", free_port(), Random(kills)
    received.write_text("")
    with house.connect() as connection:
        connection.execute(_MESSAGES, (messages,))
    owed = Counter(house.query(_OWED))
    carrier = subprocess.Popen([sys.executable, "-m", "bench.provider", str(port), str(received)], cwd=ROOT)
    try:
        for kill in range(kills + 1):
            if kill <= kills - swept:
                house.query(_DEFER)
            with house.worker(CARRIER_PORT=str(port), **_WORKER) as worker:
                if kill < kills:
                    _kill_while_sending(house, worker, received, random.uniform(0, 0.05))
                else:
                    _wait_until_sent(house)
    finally:
        carrier.kill()
        carrier.wait()
    lines = [json.loads(line) for line in received.read_text().splitlines()]
    got = Counter((line["to"], line["text"]) for line in lines)
    # With what other jobs wrote meanwhile.
    known = Counter(house.query("SELECT phone, text FROM repairs_message WHERE channel = 'sms'"))
    yield plain(f"{group}.worker_kills", kills, "")
    yield plain(f"{group}.worker_messages", owed.total(), "")
    yield exactly(f"{group}.worker_messages_lost", (owed - got).total(), "", 0)
    yield exactly(f"{group}.worker_messages_unsent", len(house.query(_OWED)), "", 0)
    # Whoever dies between the carrier's receipt and the commit can't know; the next one asks the carrier.
    yield exactly(f"{group}.worker_messages_twice", (got - known).total(), "", 0)


def _kill_while_sending(house: House, worker: Process, received: Path, later: float) -> None:
    """Kill the worker when it has handed over some, at any moment of the next; there must be more to send."""
    before, until = received.stat().st_size, time.monotonic() + _PATIENCE
    while received.stat().st_size < before + 400:
        if time.monotonic() > until:
            raise RuntimeError(f"The worker sends nothing:\n{worker.log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.01)
    time.sleep(later)
    worker.started.send_signal(signal.SIGKILL)
    if not house.query(_OWED):
        raise RuntimeError("Nothing was left to send: that kill shows nothing.")


def _wait_until_sent(house: House) -> None:
    until = time.monotonic() + _PATIENCE * 2
    while house.query(_OWED) and time.monotonic() < until:
        time.sleep(0.2)
