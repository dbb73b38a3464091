"""Estates that promise more than all others: one for months already and more to come, another from next month on."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from estates.duty import duty_organisation
from estates.models import Estate
from repairs import actions
from repairs.actions.pledging import Stricter
from repairs.clocks import Amount, Basis
from repairs.demo.people import People
from repairs.demo.places import Places
from repairs.models import Pledge, PledgeBasis, PledgeVersion
from repairs.pledges import forget
from repairs.workflow import Clock, Urgency

_MINUTE, _HOUR = datetime.timedelta(minutes=1), datetime.timedelta(hours=1)
_HELD: Stricter = {
    (Urgency.URGENT, Clock.ACKNOWLEDGE): Amount(Basis.ALWAYS, 15 * _MINUTE),
    (Urgency.URGENT, Clock.RESTORE): Amount(Basis.ALWAYS, 36 * _HOUR),
    (Urgency.NORMAL, Clock.ACKNOWLEDGE): Amount(Basis.SERVICE, 6 * _HOUR),
    (Urgency.NORMAL, Clock.RESTORE): Amount(Basis.SERVICE, days=4),
}
_MORE: Stricter = {**_HELD, (Urgency.NORMAL, Clock.RESTORE): Amount(Basis.SERVICE, days=3)}
_TO_COME: Stricter = {
    (Urgency.DANGER, Clock.ARRIVE): Amount(Basis.ALWAYS, 20 * _MINUTE),
    (Urgency.PLANNED, Clock.PLAN): Amount(Basis.WORKING, days=10),
}
# A quarter of the demo's year.
_FOR_DAYS = 90


def promise_more(places: Places, people: People, today: datetime.date) -> None:
    """Before anything is reported, so that each report gets what held on its day."""
    forget()
    estate, manager = places.estates[0], people.known["manager"]
    since = (today - datetime.timedelta(days=_FOR_DAYS)).replace(day=1)
    _held(estate, manager, since)
    next_month = (today.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    _set(estate, manager, next_month, _MORE, "居民议事会商定，先试行半年。")
    neighbour = places.estates[2]
    organisation = duty_organisation(neighbour, today).organisation
    _set(neighbour, people.staff[organisation.pk, Role.MANAGER][0], next_month, _TO_COME, "续签合同时承诺。")
    forget()


def _set(estate: Estate, by: User, starts_on: datetime.date, amounts: Stricter, note: str) -> None:
    mode = duty_organisation(estate, timezone.localdate()).mode
    actions.set_pledges(estate, by=by, mode=mode, starts_on=starts_on, amounts=amounts, note=note)


def _held(estate: Estate, by: User, since: datetime.date) -> None:
    """As the verb would have written it the day before: today nobody can set what has begun."""
    mode = duty_organisation(estate, timezone.localdate()).mode
    made_at = timezone.now() - (timezone.localdate() - since + datetime.timedelta(days=1))
    with _in_the_past():
        version = PledgeVersion.objects.create(
            estate=estate, starts_on=since, note="居民议事会商定。", made_by=by, made_at=made_at
        )
        Pledge.objects.bulk_create(
            Pledge(
                version=version,
                mode=mode,
                urgency=urgency,
                clock=clock,
                basis=PledgeBasis(amount.basis.value),
                time=None if amount.days else amount.time,
                days=amount.days or None,
            )
            for (urgency, clock), amount in _HELD.items()
        )


@contextmanager
def _in_the_past() -> Iterator[None]:
    """The database refuses what has begun already; the demo's past is the one exception, and only in here."""
    tables = (PledgeVersion._meta.db_table, Pledge._meta.db_table)
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER begun_pledges_stay")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER begun_pledges_stay")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
