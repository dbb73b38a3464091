"""One of several processes that press at the same places: `python -m bench.bookers book|take PLAN`, the plan as JSON.

Prints what it was told, as JSON: every booking it was acknowledged, every job it won.
"""

import json
import sys
import time
from datetime import datetime
from random import Random
from typing import Any

import django

django.setup()

from accounts.models import User  # noqa: E402 — models can't be imported before the set-up
from repairs import actions  # noqa: E402
from repairs.models import Booking, Ticket  # noqa: E402


def _wait(plan: dict[str, Any]) -> None:
    """All begin in the same moment."""
    time.sleep(max(0.0, plan["at"] - time.time()))


def _tickets(plan: dict[str, Any]) -> dict[int, Ticket]:
    return Ticket.objects.for_page().in_bulk(plan["tickets"])


def book(plan: dict[str, Any]) -> dict[str, Any]:
    """Book, move and give up at random, on tickets that only this process holds, at windows everybody wants."""
    random, tickets, clerk = Random(plan["seed"]), _tickets(plan), User.objects.get(pk=plan["clerk"])
    windows = [datetime.fromisoformat(each) for each in plan["windows"]]
    held: dict[int, int] = {}
    told = {"booked": 0, "taken": 0, "moved": 0, "given_up": 0}
    _wait(plan)
    for _ in range(plan["attempts"]):
        pk, at = random.choice(plan["tickets"]), random.choice(windows)
        try:
            if pk not in held:
                actions.book(tickets[pk], by=clerk, starts_at=at)
                told["booked"] += 1
            elif random.random() < 0.5:
                actions.rebook(tickets[pk], by=clerk, seen=held.pop(pk), starts_at=at)
                told["moved"] += 1
            else:
                actions.unbook(tickets[pk], by=clerk, seen=held.pop(pk))
                told["given_up"] += 1
                continue
        except actions.WindowTaken:
            told["taken"] += 1
        live = Booking.objects.live().filter(ticket=pk).values_list("pk", flat=True).first()
        if live is not None:
            held[pk] = live
    return told | {"held": sorted(held.values())}


def take(plan: dict[str, Any]) -> dict[str, Any]:
    """Grab every job of the list, in its order, as everybody does."""
    tickets, worker = _tickets(plan), User.objects.get(pk=plan["clerk"])
    won = []
    _wait(plan)
    for pk in plan["tickets"]:
        try:
            actions.take(tickets[pk], by=worker)
        except actions.TicketMoved:
            continue
        won.append(pk)
    return {"won": won}


if __name__ == "__main__":
    print(json.dumps({"book": book, "take": take}[sys.argv[1]](json.loads(sys.argv[2]))))
