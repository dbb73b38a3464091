"""The pages people wait for, at 1,000 and at 100,000 tickets, measured against a bare view in the same run.

Every page is asked for in turns with the bare view, so that whatever else the machine does falls on both alike.
"""

import gzip
import re
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil

from bench.browser import COUNT, Answer, Browser
from bench.figures import Figure, at_most, exactly, percentile, plain
from bench.house import House, Process
from bench.people import Known, Person, known, sessions, write_drafts

SMALL, BIG = 1_000, 100_000
ROUNDS, WARM = 100, 15
CLIENTS = 8
SENT = 120


class Page(NamedTuple):
    """A page to measure: who asks, what for, how many times as slow as the bare view it may be, how many statements."""

    name: str
    person: str
    path: str
    ratio: float | None = None
    statements: int | None = None


class Times(NamedTuple):
    """How long one page took, in milliseconds."""

    p50: float
    p95: float


def run() -> Iterable[Figure]:
    """Both towns, one after the other; the figures are those of the big one, and how they compare."""
    small = dict(_town(SMALL))
    for name, figure in _town(BIG):
        yield figure
        if name.endswith("_p50_ratio"):
            # Both as multiples of the bare view beside them: the machine may have been busier the second time.
            yield at_most(f"pages.{name.removesuffix('_p50_ratio')}_growth", figure.value / small[name].value, "×", 1.2)


def _town(tickets: int) -> Iterator[tuple[str, Figure]]:
    """The figures of one town, by name without the group."""
    with House() as house:
        house.run("-m", "config.setup")
        started = time.monotonic()
        estates = "320" if tickets > SMALL else "12"
        house.run("manage.py", "load_demo", "--really", "--estates", estates, "--tickets", str(tickets))
        built = time.monotonic() - started
        house.tidy()
        people = known(house)
        with house.web() as web:
            figures = [plain("pages.town_built", built, "s")] if tickets > SMALL else []
            figures += _measure(house, web, people, whole=tickets > SMALL)
        yield from ((each.name.removeprefix("pages."), each) for each in figures)


def _measure(house: House, web: Process, people: Known, *, whole: bool) -> Iterator[Figure]:
    keys = sessions(house, [person.pk for person in people.people.values()], CLIENTS)
    signed_in = {
        name: [Browser(web.port, sessionid=key) for key in keys[person.pk]] for name, person in people.people.items()
    }
    browsers = {name: each[0] for name, each in signed_in.items()}
    pages = [*_pages(people), Page("queue_page10", "dispatcher", _tenth(browsers["dispatcher"]), 2)]
    yield from _one_client(browsers, pages, f"/bench/rows/?estate={people.estate}")
    yield from _submission(house, browsers["resident"], people.people["resident"])
    if not whole:
        return
    yield from _eight_clients(signed_in, pages)
    yield from _statements(browsers, pages)
    yield from _equal_statements(browsers, people)
    yield _first_visit(web)
    yield from _memory(web, browsers, pages)


def _pages(people: Known) -> list[Page]:
    return [
        Page("list", "resident", "/repairs/", None, 8),
        Page("ticket", "resident", f"/tickets/{people.own_ticket}/", 2, 10),
        Page("desk_ticket", "dispatcher", f"/desk/tickets/{people.desk_ticket}/"),
        Page("queue", "dispatcher", "/desk/in-hand/", 2, 8),
        Page("overview", "street", "/oversight/"),
        Page("form", "resident", "/report/what/", 1, 3),
    ]


# Onward, not the links of the rows, which keep the page and open a ticket beside it.
_ONWARD = re.compile(r'href="((?:(?!selected=)[^"])*after=(?:(?!selected=)[^"])*)"')


def _tenth(browser: Browser) -> str:
    """Nine pages on; as far as there are pages."""
    path = "/desk/in-hand/"
    for _ in range(9):
        found = _ONWARD.search(browser.get(path).text)
        if found is None:
            break
        path = found[1].replace("&amp;", "&")
        path = path if path.startswith("/") else f"/desk/in-hand/{path}"
    return path


# ---------------------------------------------------------------- how long
def _good(answer: Answer) -> float:
    if answer.status != 200:
        raise RuntimeError(f"{answer.path} answers {answer.status}: {answer.text[:300]}")
    return answer.ms


def _times(values: list[float]) -> Times:
    return Times(percentile(values, 0.5), percentile(values, 0.95))


def _one_client(browsers: dict[str, Browser], pages: list[Page], bare: str) -> Iterator[Figure]:
    """In turns: bare, list, bare, ticket …: a page is compared with the bare views right before it."""
    against: list[float] = []
    took: dict[str, list[float]] = {page.name: [] for page in pages}
    beside: dict[str, list[float]] = {page.name: [] for page in pages}
    for turn in range(ROUNDS + WARM):
        for page in pages:
            least = _good(browsers[page.person].get(bare, follow=False))
            ms = _good(browsers[page.person].get(page.path, follow=False))
            if turn >= WARM:
                against.append(least)
                took[page.name].append(ms)
                beside[page.name].append(least)
    base = _times(against)
    yield plain("pages.bare_p50_1", base.p50, "ms")
    yield plain("pages.bare_p95_1", base.p95, "ms")
    for page in pages:
        times = _times(took[page.name])
        yield plain(f"pages.{page.name}_p50_1", times.p50, "ms")
        yield at_most(f"pages.{page.name}_p95_p50", times.p95 / times.p50, "×", 2)
        ratio = times.p50 / percentile(beside[page.name], 0.5)
        name = f"pages.{page.name}_p50_ratio"
        yield plain(name, ratio, "× bare") if page.ratio is None else at_most(name, ratio, "× bare", page.ratio)


def _eight_clients(signed_in: dict[str, list[Browser]], pages: list[Page]) -> Iterator[Figure]:
    """Eight browsers of the same person at once."""
    for page in pages:

        def ask(browser: Browser, path: str = page.path) -> list[float]:
            return [_good(browser.get(path, follow=False)) for _ in range(ROUNDS // 5)]

        with ThreadPoolExecutor(CLIENTS) as pool:
            times = _times([ms for found in pool.map(ask, signed_in[page.person]) for ms in found])
        yield plain(f"pages.{page.name}_p50_8", times.p50, "ms")
        yield plain(f"pages.{page.name}_p95_8", times.p95, "ms")


def _submission(house: House, browser: Browser, resident: Person) -> Iterator[Figure]:
    """Sending a finished report, in turns with a bare insert."""
    drafts = write_drafts(house, resident, SENT + 2)
    said = {"contact_name": resident.name, "contact_phone": resident.phone, "agreed": "on"}
    sent, inserted = [], []
    for draft in drafts[:SENT]:
        inserted.append(_sent(browser.post("/bench/insert/", {}, follow=False), "/bench/"))
        browser.cookies["report"] = draft
        sent.append(_sent(browser.post("/report/send/", said, follow=False), "/report/sent/"))
    browser.cookies["report"] = drafts[SENT]
    counted = browser.post("/report/send/", said, follow=False, headers={COUNT: "1"})
    base, times = _times(inserted[5:]), _times(sent[5:])
    yield plain("pages.insert_p50_1", base.p50, "ms")
    yield plain("pages.submission_p50_1", times.p50, "ms")
    yield at_most("pages.submission_p95_p50", times.p95 / times.p50, "×", 2)
    yield at_most("pages.submission_p50_ratio", times.p50 / base.p50, "× insert", 3)
    yield at_most("pages.submission_statements", int(counted.headers[COUNT.lower()]), "", 12)


def _sent(answer: Answer, leads_to: str) -> float:
    if not answer.headers.get("location", "").startswith(leads_to):
        raise RuntimeError(f"{answer.path}: {answer.status} {answer.headers.get('location')} {answer.text[:300]}")
    return answer.ms


# ---------------------------------------------------------------- how much
def _count(browser: Browser, path: str) -> int:
    # Twice: a session's first page writes down that it is in use.
    browser.get(path, follow=False)
    answer = browser.get(path, follow=False, headers={COUNT: "1"})
    _good(answer)
    return int(answer.headers[COUNT.lower()])


def _statements(browsers: dict[str, Browser], pages: list[Page]) -> Iterator[Figure]:
    for page in pages:
        count = _count(browsers[page.person], page.path)
        name = f"pages.{page.name}_statements"
        yield plain(name, count, "") if page.statements is None else at_most(name, count, "", page.statements)


def _equal_statements(browsers: dict[str, Browser], people: Known) -> Iterator[Figure]:
    """A list with one row and one with many: the same statements."""
    pairs = {
        "list": (_count(browsers["newcomer"], "/repairs/"), _count(browsers["resident"], "/repairs/")),
        "queue": (_count(browsers["small_desk"], "/desk/in-hand/"), _count(browsers["dispatcher"], "/desk/in-hand/")),
        "ticket": tuple(_count(browsers["dispatcher"], f"/desk/tickets/{pk}/") for pk in people.short_and_long),
    }
    for name, (few, many) in pairs.items():
        yield exactly(f"pages.{name}_more_statements_for_more_rows", many - few, "", 0)


_ASSETS = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def _first_visit(web: Process) -> Figure:
    """The home page with everything it loads, as it goes over the wire to a phone that takes brotli."""
    with Browser(web.port) as browser:
        page = browser.get("/")
        # The proxy in front compresses pages; files come compressed from us.
        total = len(gzip.compress(page.body, 6))
        for path in dict.fromkeys(_ASSETS.findall(page.text)):
            total += len(browser.get(urlsplit(path).path, headers={"Accept-Encoding": "br, gzip"}).body)
    return at_most("pages.first_visit", total / 1000, "kB", 100)


def _memory(web: Process, browsers: dict[str, Browser], pages: Iterable[Page]) -> Iterator[Figure]:
    """A worker after what was measured so far, and what another 600 pages add."""
    before = max(_rss(child) for child in web.workers())
    ask: Callable[[Page], Answer] = lambda page: browsers[page.person].get(page.path, follow=False)  # noqa: E731
    for page, _turn in zip(cycle(pages), range(600), strict=False):
        _good(ask(page))
    after = max(_rss(child) for child in web.workers())
    yield at_most("pages.worker_memory", after, "MB", 120)
    yield at_most("pages.worker_memory_growth", after - before, "MB", 2)


def _rss(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6
