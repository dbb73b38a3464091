"""Making and revoking the secret address of a calendar. Only its hash is kept: a stolen database opens none."""

import hashlib
import secrets

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission
from estates import access
from repairs.models import CalendarFeed, Team


def feed_token(secret: str) -> str:
    """What is kept of the secret in an address."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def make_calendar(*, by: User, team: Team | None = None) -> str:
    """A new address for one's own visits, or for those of `team`; the old one ends. Gives the secret, this once."""
    if team is None:
        may = access.has_role(by, Permission.TICKET_WORK)
        User.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)
    else:
        may = Team.objects.visible_to(by).filter(pk=team.pk).exists()
        Team.objects.select_for_update(no_key=True).only("pk").get(pk=team.pk)
    if not may:
        raise PermissionDenied
    owner = {"person": by} if team is None else {"team": team}
    _end(by, **owner)
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.create(token=feed_token(secret), made_at=timezone.now(), made_by=by, **owner)
    return secret


def revoke_calendar(feed: CalendarFeed, *, by: User) -> None:
    """The address answers no more, for good."""
    _end(by, pk=feed.pk)


def _end(by: User, **which: object) -> None:
    CalendarFeed.objects.filter(revoked_at__isnull=True, **which).update(revoked_at=timezone.now(), revoked_by=by)
