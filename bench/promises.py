"""Promises kept: workers that are killed, a hundred thousand open tickets on the ladder, the queue by what is due."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from bench import faults
from bench.browser import Answer, Browser
from bench.figures import Figure, at_most, percentile, plain
from bench.house import House
from bench.people import known, sessions

KILLS, MESSAGES = 200, 3_000
OPEN, CLOSED = 100_000, 1_000_000
# A town of so many open tickets has some 50 steps a minute; this is what a quarter of an hour's standstill leaves.
DUE = 1_000
ROUNDS, WARM = 100, 15


def run() -> Iterable[Figure]:
    """The long versions."""
    with faults.furnished() as house:
        yield from faults.killed_worker(house, kills=KILLS, messages=MESSAGES, swept=10, group="promises")
    with furnished(estates=60, tickets=3_000) as house:
        yield from ladder(house, open_=OPEN, due=DUE, closed=CLOSED)
        yield from queue(house)


@contextmanager
def furnished(*, estates: int, tickets: int) -> Iterator[House]:
    """A town with the people of every rung."""
    with House(static=False) as house:
        house.run("-m", "config.setup")
        house.run("manage.py", "load_demo", "--really", "--estates", str(estates), "--tickets", str(tickets))
        yield house


# ---------------------------------------------------------------- the ladder
# Copies of tickets as they stand, numbered anew: every other column is kept, so that none is forgotten here.
_COPY = """
INSERT INTO repairs_ticket (number, climbs_at, rung, {columns})
SELECT {letter!r} || n || '-' || id, {climbs_at}, 0, {columns}
FROM (SELECT *, row_number() OVER (ORDER BY id) AS nth, count(*) OVER () AS whole FROM repairs_ticket
      WHERE {which}) AS source, generate_series(1, ({count} - 1) / whole + 1) n
WHERE (n - 1) * whole + nth <= {count}
"""
_OPEN = "state IN ('acknowledged', 'assigned') AND due_clock <> ''"
_COLUMNS = """
SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
WHERE table_name = 'repairs_ticket' AND column_name NOT IN ('id', 'number', 'climbs_at', 'rung')
"""
# Only broken promises: a step is looked up anew, and what is not late takes none and would be met again by every run.
_DUE = """
UPDATE repairs_ticket SET climbs_at = now() - interval '1 second' WHERE id IN
    (SELECT id FROM repairs_ticket WHERE number LIKE 'O%%' AND rung = 0 AND climbs_at > now() AND due_at < now()
     ORDER BY hashint8(id) LIMIT %s)
RETURNING id
"""
_RUN = """
import json, time
from repairs.models import Escalation
from repairs.tasks import climb_the_ladder
before, begins = Escalation.objects.count(), time.perf_counter()
climb_the_ladder.func(0)
took = time.perf_counter() - begins
print(json.dumps([took, Escalation.objects.count() - before]))
"""


def ladder(house: House, *, open_: int, due: int, closed: int) -> Iterator[Figure]:
    """The job of every minute: with many open tickets, with ten times as many closed ones beside them, and twice at
    once; last, with everything due at the same moment."""
    _copy(house, "O", _OPEN, open_, "now() + interval '1 day'")
    ((count,),) = house.query("SELECT count(*) FROM repairs_ticket WHERE state <> 'closed'")
    yield plain("promises.ladder_open", count, "tickets")
    took = _run(house, due)
    yield at_most("promises.ladder_run", took, "s", 5)
    _copy(house, "C", "state = 'closed'", closed, "NULL")
    yield plain("promises.ladder_closed", closed, "tickets")
    beside = _run(house, due)
    yield plain("promises.ladder_run_beside_closed", beside, "s")
    yield at_most("promises.ladder_closed_growth", beside / took, "×", 1.5)


def _copy(house: House, letter: str, which: str, count: int, climbs_at: str) -> None:
    ((columns,),) = house.query(_COLUMNS)
    with house.connect() as connection:
        connection.execute(
            _COPY.format(columns=columns, letter=letter, climbs_at=climbs_at, which=which, count=count).encode()
        )
    house.tidy()


def _run(house: House, due: int) -> float:
    """The median of three runs, each with as many tickets that have to climb."""
    times = []
    for _ in range(3):
        chosen = [pk for (pk,) in house.query(_DUE, due)]
        took, steps = json.loads(house.run("manage.py", "shell", "--no-imports", "-c", _RUN).splitlines()[-1])
        ((left,),) = house.query("SELECT count(*) FROM repairs_ticket WHERE rung = 0 AND id = ANY(%s)", chosen)
        if left:
            raise RuntimeError(f"Of {due} tickets that were due {left} were left; {steps} steps were taken.")
        times.append(took)
    return percentile(times, 0.5)


# ---------------------------------------------------------------- the queue
def queue(house: House) -> Iterator[Figure]:
    """The busiest desk's list of what is in hand, by what is due next, in turns with the bare view."""
    people = known(house)
    dispatcher = people.people["dispatcher"]
    key = sessions(house, [dispatcher.pk])[dispatcher.pk][0]
    with house.web() as web, Browser(web.port, sessionid=key) as browser:
        bare, pages = [], []
        for turn in range(ROUNDS + WARM):
            least = _good(browser.get(f"/bench/rows/?estate={people.estate}", follow=False))
            page = _good(browser.get("/desk/in-hand/", follow=False))
            if turn >= WARM:
                bare.append(least)
                pages.append(page)
    yield plain("promises.bare_p50", percentile(bare, 0.5), "ms")
    yield plain("promises.queue_p50", percentile(pages, 0.5), "ms")
    yield at_most("promises.queue_ratio", percentile(pages, 0.5) / percentile(bare, 0.5), "× bare", 3)


def _good(answer: Answer) -> float:
    if answer.status != 200:
        raise RuntimeError(f"{answer.path} answers {answer.status}: {answer.text[:300]}")
    return answer.ms
