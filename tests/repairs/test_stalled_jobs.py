"""What a killed worker was at is taken up again, once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from repairs import tasks
from repairs.actions import climbing
from tests.town import Town


def _being_done(job: int, *, silent: int) -> None:
    """A worker that was last heard of so many seconds ago has begun it."""
    with connection.cursor() as cursor:
        last = timezone.now() - timedelta(seconds=silent)
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", [last])
        worker = cursor.fetchone()[0]
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker, job])


def _ring(town: Town) -> ProcrastinateJob:
    climbing.ask_to_ring(town.ticket())
    job: ProcrastinateJob = ProcrastinateJob.objects.get(task_name="repairs.tasks.ring_of_danger")
    return job


def test_what_a_killed_worker_was_at_goes_back_into_its_queue(town: Town) -> None:
    job = _ring(town)
    _being_done(job.pk, silent=120)
    tasks.take_up_stalled(0)
    job.refresh_from_db()
    assert (job.status, job.queue_name, job.attempts) == ("todo", "ladder", 1)


def test_what_nobody_is_known_to_do_goes_back_too(town: Town) -> None:
    job = _ring(town)
    _being_done(job.pk, silent=120)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")  # as workers that start do with those long silent
    tasks.take_up_stalled(0)
    job.refresh_from_db()
    assert job.status == "todo"


def test_a_worker_that_lives_keeps_its_job(town: Town) -> None:
    job = _ring(town)
    _being_done(job.pk, silent=20)
    tasks.take_up_stalled(0)
    job.refresh_from_db()
    assert job.status == "doing"


@pytest.mark.parametrize(("lock", "attempts"), [("x", 0), (None, 5)])
def test_what_comes_round_or_kills_its_workers_is_left_alone(town: Town, lock: str | None, attempts: int) -> None:
    job = _ring(town)
    _being_done(job.pk, silent=120)
    with connection.cursor() as cursor:
        changed = "UPDATE procrastinate_jobs SET queueing_lock = %s, attempts = %s WHERE id = %s"
        cursor.execute(changed, [lock, attempts, job.pk])
    tasks.take_up_stalled(0)
    job.refresh_from_db()
    assert job.status == "doing"
