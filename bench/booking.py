"""Nobody twice: too many people at too few places, too many workers at one job; and what offering times costs."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from bench.browser import COUNT, Answer, Browser
from bench.figures import Figure, at_most, exactly, percentile, plain
from bench.house import ROOT, House
from bench.people import sessions

PROCESSES = 8
ATTEMPTS, JOBS = 10_000, 1_000


def run() -> Iterable[Figure]:
    """The long versions."""
    with furnished() as house:
        yield from too_few_places(house, attempts=ATTEMPTS)
        yield from one_winner(house, jobs=JOBS)
        yield from offering(house)


@contextmanager
def furnished() -> Iterator[House]:
    """A house in which one organisation has tickets to book and workers to grab them."""
    with House(static=False) as house:
        house.run("-m", "config.setup")
        house.run("manage.py", "load_demo", "--really", "--estates", "6", "--tickets", "0")
        yield house


_SCENE = """
import datetime, json
from django.utils import timezone
from accounts.models import User
from accounts.roles import Role
from estates.models import Appointment, Estate
from repairs.models import Category, DispatchMode, DispatchRule, RepairType, Shift, Team, Ticket
from repairs.windows import produce
from repairs.workflow import State, Urgency
lin = Appointment.objects.filter(role=Role.DISPATCHER, organisation__managements__estate__isnull=False).first()
organisation, now = lin.organisation, timezone.now()
DispatchRule.objects.update_or_create(
    organisation=organisation, defaults={{"mode": DispatchMode.POOL, "open_jobs_most": None}}
)
workers = [
    User.objects.create_user(username=f"bench{{n}}", password=None, display_name=f"师傅{{n}}")
    for n in range({processes})
]
Appointment.objects.bulk_create(
    Appointment(person=each, organisation=organisation, role=Role.WORKER, starts_on=timezone.localdate())
    for each in workers
)
Team.objects.filter(organisation=organisation).update(active=False)
team = Team.objects.create(organisation=organisation, name="bench", held_back=0)
Shift.objects.bulk_create(
    Shift(team=team, weekday=day, starts=datetime.time(hour), ends=datetime.time(hour + 2), capacity={capacity})
    for day in range(7) for hour in (8, 10, 14, 16)
)
produce(team)
estate = Estate.objects.select_related("community__street").filter(managements__organisation=organisation).first()
kind = RepairType.objects.get(code="DRN-PIPE")
made = Ticket.objects.bulk_create(
    Ticket(
        number=f"B-{{n}}", repair_type=kind, urgency=Urgency.NORMAL, scope="private", street=estate.community.street,
        estate=estate, words="x", reporter=lin.person, organisation=organisation, mode="home_centre",
        state=State.ACKNOWLEDGED, filed_at=now, acknowledged_at=now, acknowledge_by=now,
        restore_by=now + datetime.timedelta(days=3), due_at=now + datetime.timedelta(days=3),
    )
    for n in range({tickets})
)
windows = team.windows.filter(starts_at__gt=now + datetime.timedelta(days=1)).order_by("starts_at")[:{windows}]
print(json.dumps({{
    "clerk": lin.person_id, "team": team.pk, "tickets": [each.pk for each in made],
    "workers": [each.pk for each in workers], "windows": [each.starts_at.isoformat() for each in windows],
}}))
"""


def _scene(house: House, **numbers: int) -> dict[str, Any]:
    script = _SCENE.format(processes=PROCESSES, **numbers)
    scene: dict[str, Any] = json.loads(house.run("manage.py", "shell", "--no-imports", "-c", script).splitlines()[-1])
    return scene


def _together(house: House, verb: str, plans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each of the processes was told; all start in the same moment."""
    begins = time.time() + 6
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.bookers", verb, json.dumps(plan | {"at": begins})],
            cwd=ROOT,
            env={**house.environment, "LOG_LEVEL": "ERROR"},
            text=True,
            stdout=subprocess.PIPE,
        )
        for plan in plans
    ]
    printed = [process.communicate()[0] for process in started]
    if any(process.returncode for process in started):
        raise RuntimeError(f"A process that {verb}s died; see above.")
    return [json.loads(each.splitlines()[-1]) for each in printed]


def too_few_places(house: House, *, attempts: int) -> Iterator[Figure]:
    """Eight processes book, move and give up; afterwards the rows are looked at, past all of our own code."""
    scene = _scene(house, capacity=3, tickets=PROCESSES * 40, windows=20)
    plans = [
        {
            "seed": number,
            "clerk": scene["clerk"],
            "attempts": attempts // PROCESSES,
            "tickets": scene["tickets"][number::PROCESSES],
            "windows": scene["windows"],
        }
        for number in range(PROCESSES)
    ]
    begun = time.monotonic()
    told = _together(house, "book", plans)
    yield plain("booking.attempts", attempts, "")
    yield plain("booking.attempts_took", time.monotonic() - begun, "s")
    yield plain("booking.refused_as_taken", sum(each["taken"] for each in told), "")
    yield from _sold(house)
    acknowledged = {pk for each in told for pk in each["held"]}
    live = _live(house)
    yield exactly("booking.acknowledged_and_lost", len(acknowledged - live), "", 0)
    yield exactly("booking.live_and_never_told", len(live - acknowledged), "", 0)


def _sold(house: House) -> Iterator[Figure]:
    """Windows with more live bookings than places, and places with more than one."""
    over = house.query(
        "SELECT count(*) FROM (SELECT w.id FROM repairs_window w JOIN repairs_booking b"
        " ON b.team_id = w.team_id AND b.starts_at = w.starts_at AND b.state IN ('asked', 'booked')"
        " GROUP BY w.id HAVING count(*) > (SELECT count(*) FROM repairs_windowplace p WHERE p.window_id = w.id)) x"
    )
    twice = house.query(
        "SELECT count(*) FROM (SELECT place_id FROM repairs_booking WHERE state IN ('asked', 'booked')"
        " GROUP BY place_id HAVING count(*) > 1) x"
    )
    yield exactly("booking.overbooked_windows", over[0][0], "", 0)
    yield exactly("booking.places_sold_twice", twice[0][0], "", 0)


def _live(house: House) -> set[int]:
    found = house.query(
        "SELECT b.id FROM repairs_booking b JOIN repairs_ticket t ON t.id = b.ticket_id"
        " WHERE b.state IN ('asked', 'booked') AND t.number LIKE 'B-%%'"
    )
    return {pk for (pk,) in found}


def one_winner(house: House, *, jobs: int) -> Iterator[Figure]:
    """Eight workers grab the same jobs in the same order."""
    house.query("UPDATE accounts_user SET username = NULL, is_active = false WHERE username LIKE 'bench%%' RETURNING 1")
    house.query("UPDATE repairs_team SET name = 'before' WHERE name = 'bench' RETURNING 1")
    house.query("UPDATE repairs_ticket SET number = 'A' || id WHERE number LIKE 'B-%%' RETURNING 1")
    scene = _scene(house, capacity=1, tickets=jobs, windows=1)
    told = _together(house, "take", [{"clerk": worker, "tickets": scene["tickets"]} for worker in scene["workers"]])
    winners = Counter(pk for each in told for pk in each["won"])
    yield plain("booking.grabs", jobs, "")
    yield exactly("booking.jobs_won_twice", sum(count > 1 for count in winners.values()), "", 0)
    yield exactly("booking.jobs_won_by_nobody", jobs - len(winners), "", 0)
    events = house.query(
        "SELECT count(*) FROM (SELECT ticket_id FROM repairs_ticketevent WHERE verb = 'take'"
        " GROUP BY ticket_id HAVING count(*) > 1) x"
    )
    yield exactly("booking.double_take_events", events[0][0], "", 0)
    yield plain("booking.most_jobs_of_one_worker", max(len(each["won"]) for each in told), "")


_FIFTY_TEAMS = """
import datetime, json
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from accounts.roles import Role
from accounts.models import User
from estates.models import Appointment, Dwelling, Organisation, Residence
from repairs.models import Shift, Team, Ticket
from repairs.slots import free_slots
from repairs.windows import produce
ticket = Ticket.objects.filter(number__startswith="B-", state="acknowledged").first()
ticket = ticket or Ticket.objects.filter(number__startswith="B-").first()
organisation = ticket.organisation
Team.objects.filter(organisation=organisation).update(active=False)
teams = Team.objects.bulk_create(
    Team(organisation=organisation, name=f"{{n}}班") for n in range({teams})
)
Shift.objects.bulk_create(
    Shift(team=team, weekday=day, starts=datetime.time(hour), ends=datetime.time(hour + 2), capacity=2)
    for team in teams for day in range(7) for hour in (8, 10, 14, 16)
)
for team in teams:
    produce(team)
workers = [
    User.objects.create_user(username=f"many{{n}}", password=None, display_name=f"工{{n}}") for n in range({workers})
]
Appointment.objects.bulk_create(
    Appointment(person=each, organisation=organisation, role=Role.WORKER, starts_on=timezone.localdate())
    for each in workers
)
for number, worker in enumerate(workers):
    teams[number % len(teams)].members.add(worker)
    ticket_of = Ticket.objects.filter(number__startswith="B-").order_by("pk")[number]
    Ticket.objects.filter(pk=ticket_of.pk).update(assignee=worker, state="assigned", assigned_at=timezone.now())
from repairs import actions
clerk = Appointment.objects.filter(role=Role.DISPATCHER, organisation=organisation).first().person
slots = free_slots(ticket)
for number, one in enumerate(Ticket.objects.for_page().filter(number__startswith="B-").order_by("pk")[:40]):
    actions.book(one, by=clerk, starts_at=slots[number % len(slots)].starts_at)
free = Ticket.objects.for_page().filter(number__startswith="B-", bookings__isnull=True).order_by("pk")[0]
person = User.objects.filter(phone__isnull=False, username__isnull=True, is_active=True).first()
Ticket.objects.filter(pk=free.pk).update(reporter=person, state="acknowledged", assignee=None, assigned_at=None)
with CaptureQueriesContext(connection) as read:
    free_slots(free)
print(json.dumps({{
    "ticket": free.pk, "estate": free.estate_id, "resident": person.pk, "clerk": clerk.pk, "queries": len(read),
    "windows": sum(team.windows.count() for team in teams),
}}))
"""


def offering(house: House, *, teams: int = 50, workers: int = 40, turns: int = 60) -> Iterator[Figure]:
    """The page that offers times, and the week board, in turns with the bare view."""
    script = _FIFTY_TEAMS.format(teams=teams, workers=workers)
    scene = json.loads(house.run("manage.py", "shell", "--no-imports", "-c", script).splitlines()[-1])
    house.tidy()
    keys = sessions(house, [scene["resident"], scene["clerk"]])
    visit, bare = f"/tickets/{scene['ticket']}/visit/", f"/bench/rows/?estate={scene['estate']}"
    with house.web() as web:
        resident = Browser(web.port, sessionid=keys[scene["resident"]][0])
        clerk = Browser(web.port, sessionid=keys[scene["clerk"]][0])
        pages = {"offer": (resident, visit), "board": (clerk, "/desk/board/")}
        took: dict[str, list[float]] = {name: [] for name in pages}
        beside: dict[str, list[float]] = {name: [] for name in pages}
        for turn in range(turns + 10):
            for name, (browser, path) in pages.items():
                least, ms = _ms(browser.get(bare, follow=False)), _ms(browser.get(path, follow=False))
                if turn >= 10:
                    beside[name].append(least)
                    took[name].append(ms)
        counted = {
            name: int(browser.get(path, follow=False, headers={COUNT: "1"}).headers[COUNT.lower()])
            for name, (browser, path) in pages.items()
        }
    yield plain("booking.windows_offered_from", scene["windows"], "")
    yield at_most("booking.offer_queries", scene["queries"], "", 3)
    yield plain("booking.offer_page_statements", counted["offer"], "")
    yield plain("booking.offer_p50_1", percentile(took["offer"], 0.5), "ms")
    yield at_most("booking.offer_p50_ratio", _ratio(took["offer"], beside["offer"]), "× bare", 2)
    yield at_most("booking.board_statements", counted["board"], "", 8)
    yield plain("booking.board_p50_ratio", _ratio(took["board"], beside["board"]), "× bare")


def _ms(answer: Answer) -> float:
    if answer.status != 200:
        raise RuntimeError(f"{answer.path} answers {answer.status}: {answer.text[:300]}")
    return answer.ms


def _ratio(took: list[float], beside: list[float]) -> float:
    return percentile(took, 0.5) / percentile(beside, 0.5)
