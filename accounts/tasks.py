"""What is thrown away when its time is over (DOMAIN.md, Privacy)."""

import logging
from datetime import timedelta

from django.core.management import call_command
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import LoginCode, SignIn, User

logger = logging.getLogger(__name__)

KEEP_CODES = timedelta(days=30)
KEEP_GUESTS = timedelta(days=30)
KEEP_LOG = timedelta(days=365)


def purge() -> dict[str, int]:
    """Remove old codes, guests who left nothing behind, old log rows and dead sessions; says how many of each."""
    now = timezone.now()
    codes, _each = LoginCode.objects.filter(created_at__lt=now - KEEP_CODES).delete()
    guests = sum(_remove(guest) for guest in User.objects.guests().filter(date_joined__lt=now - KEEP_GUESTS))
    log = SignIn.objects.purge(before=now - KEEP_LOG)
    call_command("clearsessions")
    return {"codes": codes, "guests": guests, "log": log}


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="accounts.purge", name="accounts.purge")
def purge_nightly(timestamp: int) -> None:
    """Run `purge` every night."""
    removed = purge()
    logger.info("Purged %(codes)d codes, %(guests)d guests, %(log)d log rows.", removed)


def _remove(guest: User) -> bool:
    """Remove a guest, unless something of theirs is kept: those rows point at them with PROTECT."""
    try:
        guest.delete()
    except (ProtectedError, RestrictedError):
        return False
    return True
