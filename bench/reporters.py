"""Eight people who report with photos and press again whenever the line breaks, as people do."""

import http.client
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from random import Random

from PIL import Image

from bench.browser import Answer, Browser, File
from bench.house import House, Process
from bench.people import Person, sessions, write_drafts

CLIENTS = 8
_PATIENCE = 60.0
_SENT = re.compile(r"/report/sent/(\d+)/")


@dataclass
class Shown:
    """A report whose number was shown: what must be there for good."""

    draft: str
    ticket: int
    number_shown: bool
    pictures: int


@dataclass
class Load:
    """What the reporters saw."""

    shown: list[Shown] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)
    statuses: dict[int, int] = field(default_factory=dict)
    broken_lines: int = 0
    # Somebody pressed twice, at once or after the number was shown, and came to another ticket.
    strayed: int = 0
    failed: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def saw(self, status: int) -> None:
        """Count an answer."""
        with self.lock:
            self.statuses[status] = self.statuses.get(status, 0) + 1


class Reporters:
    """They begin at once and go on until `stop`."""

    def __init__(self, house: House, web: Process, *, each: int = 400) -> None:
        self.load, self._over, self._web = Load(), threading.Event(), web
        people = _residents(house)
        keys = sessions(house, [person.pk for person in people])
        self._threads = [
            threading.Thread(target=self._report, args=(person, keys[person.pk][0], write_drafts(house, person, each)))
            for person in people
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> Load:
        """Let them finish what they began; what they saw."""
        self._over.set()
        for thread in self._threads:
            thread.join(_PATIENCE * 2)
        return self.load

    def _report(self, person: Person, session: str, drafts: list[str]) -> None:
        browser, random = Browser(self._web.port, sessionid=session), Random(person.pk)
        for draft in drafts:
            if self._over.is_set():
                break
            self.load.begun.add(draft.partition(".")[0])
            browser.cookies["report"] = draft
            try:
                self._one(browser, person, draft.partition(".")[0], random)
            except TimeoutError as late:
                self.load.failed.append(str(late))
        browser.close()

    def _one(self, browser: Browser, person: Person, draft: str, random: Random) -> None:
        pictures = [picture(random) for _ in range(random.choice([1, 1, 2]))]
        words = {"draft": draft, "words": f"厨房下水管漏水 {draft}"}
        self._press(browser, "/report/words/save/", words, {"photos": pictures}, leads_to="/report/who/")
        said = {"draft": draft, "contact_name": person.name, "contact_phone": person.phone, "agreed": "on"}
        answers = self._press_send(browser, said, tabs=random.choice([1, 2]))
        answer, ticket = answers[0], _ticket(answers[0])
        page = self._patiently(lambda: browser.get(answer.headers["location"]), lambda page: page.status == 200)
        self.load.shown.append(Shown(draft, ticket, "-" in page.text and page.status == 200, len(pictures)))
        if random.random() < 0.5:
            answers += self._press_send(browser, said)
        self.load.strayed += sum(_ticket(each) != ticket for each in answers)

    def _press_send(self, browser: Browser, said: dict[str, str], tabs: int = 1) -> list[Answer]:
        """Send it, in several tabs at once as some do; where each was led."""
        kept = {name: browser.cookies[name] for name in ("sessionid", "report")}
        others = [Browser(self._web.port, timeout=browser.timeout, **kept) for _ in range(tabs - 1)]
        try:
            with ThreadPoolExecutor(tabs) as hands:
                return list(
                    hands.map(
                        lambda tab: self._press(tab, "/report/send/", said, None, leads_to="/report/sent/"),
                        [browser, *others],
                    )
                )
        finally:
            for other in others:
                other.close()

    def _press(
        self, browser: Browser, path: str, fields: dict[str, str], files: dict[str, list[File]] | None, *, leads_to: str
    ) -> Answer:
        """Press until it leads on; a report already sent leads to its number from everywhere."""

        def through(answer: Answer) -> bool:
            return answer.headers.get("location", "").startswith((leads_to, "/report/sent/"))

        return self._patiently(lambda: browser.post(path, fields, files, follow=False), through)

    def _patiently(self, ask: Callable[[], Answer], good: Callable[[Answer], bool]) -> Answer:
        until, last = time.monotonic() + _PATIENCE, "nothing"
        while time.monotonic() < until:
            try:
                answer = ask()
            except (OSError, http.client.HTTPException) as broken:
                self.load.broken_lines += 1
                last = repr(broken)
                time.sleep(0.1)
                continue
            self.load.saw(answer.status)
            if good(answer):
                return answer
            last = f"{answer.path} {answer.status} {answer.headers.get('location')}"
            time.sleep(0.2)
        raise TimeoutError(last)


def _ticket(answer: Answer) -> int:
    found = _SENT.match(answer.headers.get("location", ""))
    return int(found[1]) if found else 0


def _residents(house: House) -> list[Person]:
    rows = house.query(
        "SELECT person_id, display_name, phone FROM estates_residence JOIN accounts_user person"
        " ON person.id = person_id WHERE phone IS NOT NULL ORDER BY person_id LIMIT %s",
        CLIENTS,
    )
    return [Person(pk, name, phone.removeprefix("+86")) for pk, name, phone in rows]


def picture(random: Random, edge: int = 640) -> File:
    """A small JPEG unlike any other."""
    buffer = BytesIO()
    noise = Image.frombytes("L", (64, 48), random.randbytes(64 * 48))
    noise.resize((edge, edge * 3 // 4)).convert("RGB").save(buffer, "JPEG", quality=80)
    return File("照片.jpg", buffer.getvalue())
