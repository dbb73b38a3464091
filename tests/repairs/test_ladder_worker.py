"""The ladder's worker: no other work makes danger wait."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob

from repairs import actions, recount, tasks
from repairs.actions import climbing
from tests.town import Town


def _workers() -> list[dict[str, Any]]:
    """The workers of the Procfile that take jobs off queues by name."""
    lines = [line for line in Path("Procfile").read_text().splitlines() if "procrastinate worker" in line]
    found = [re.search(r"--queues (\w+)(?: --concurrency (\d+))?$", line) for line in lines]
    return [{"queues": [each[1]], "concurrency": int(each[2] or 1)} for each in found if each]


def _work(workers: list[dict[str, Any]]) -> None:
    """Until there is nothing left to do."""

    async def work() -> None:
        async with app.open_async():
            how: dict[str, Any] = {"wait": False, "install_signal_handlers": False}
            await asyncio.gather(*(app.run_worker_async(**each, **how) for each in workers))

    # In a thread: after a test with a browser this one has an event loop already.
    their_own = app.replace_connector(cast(DjangoConnector, app.connector).get_worker_connector())
    with their_own, ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work()).result(60)


def test_every_queue_has_its_worker() -> None:
    ours = {task.queue for task in app.tasks.values()} - {"builtin"}  # procrastinate's own
    assert ours == {*(each["queues"][0] for each in _workers()), "messages"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("busy", ["recount", "run"])
def test_no_other_work_makes_danger_wait(monkeypatch: pytest.MonkeyPatch, busy: str) -> None:
    ticket = Town().ticket()
    ProcrastinateJob.objects.all()._raw_delete("default")
    rang, in_time = Event(), []

    def climb(ticket: int | None = None, *, ring: bool = False) -> int:
        if ring:
            rang.set()
        elif busy == "run":
            in_time.append(rang.wait(20))
        return 0

    monkeypatch.setattr(app.periodic_registry, "periodic_tasks", {})
    monkeypatch.setattr(actions, "climb", climb)
    monkeypatch.setattr(recount, "recount", lambda: in_time.append(rang.wait(20)))
    jobs: dict[str, Any] = {"recount": tasks.renew_promises.defer, "run": tasks.climb_the_ladder.configure().defer}
    jobs[busy](**({"timestamp": 0} if busy == "run" else {}))
    climbing.ask_to_ring(ticket)

    _work(_workers())
    assert in_time
    assert all(in_time)


@pytest.mark.django_db(transaction=True)
def test_a_job_leaves_its_row_only_when_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    ProcrastinateJob.objects.all()._raw_delete("default")
    monkeypatch.setattr(app.periodic_registry, "periodic_tasks", {})
    done, failed = (tasks.renew_promises.configure(lock=name).defer() for name in ("done", "failed"))
    asked: list[int] = []

    def recounted() -> None:
        asked.append(1)
        if len(asked) > 1:
            raise ZeroDivisionError

    monkeypatch.setattr(recount, "recount", recounted)
    _work(_workers()[:1])
    assert list(ProcrastinateJob.objects.values_list("pk", "status")) == [(failed, "failed")]
    assert done < failed
