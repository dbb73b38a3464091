"""The worker's share of bringing in the register."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import User
from estates.models import RegisterFile, RegisterStage
from estates.register import store, work

_STUCK_AFTER = timedelta(minutes=3)
_NEVER_APPLIED_LIVES = timedelta(days=30)


@app.task(name="estates.tasks.work_on_register")
def work_on_register(file: int, by: int) -> None:
    """Read, compare or apply one file, whatever it waits for."""
    work.work_on(file, User.objects.get(pk=by))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="resume_register")
def resume_register(timestamp: int) -> None:
    """Files a killed worker left behind: nothing of them was written, so they begin again."""
    stuck = RegisterFile.objects.at_work().filter(
        touched_at__lt=timezone.now() - _STUCK_AFTER, uploaded_by__isnull=False
    )
    for file in stuck.select_related("uploaded_by"):
        with transaction.atomic():
            RegisterFile.objects.filter(pk=file.pk).update(touched_at=timezone.now())
            if file.uploaded_by:
                work.defer(file, file.uploaded_by)


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="sweep_register")
def sweep_register(timestamp: int) -> None:
    """Files nobody said yes to for a month, then what lies in the store without a row."""
    old = RegisterFile.objects.exclude(stage=RegisterStage.APPLIED).filter(
        uploaded_at__lt=timezone.now() - _NEVER_APPLIED_LIVES
    )
    old.delete()
    store.sweep(
        lambda paths: RegisterFile.objects.filter(path__in=paths).values_list("path", flat=True),
        older_than=timedelta(days=1),
    )
