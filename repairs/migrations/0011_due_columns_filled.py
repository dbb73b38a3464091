"""Open tickets get the promises they were given: the table as it stood when this was written, by a frozen copy of it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from repairs.clocks import Amount, Basis, Stretch, due, part
from repairs.workdays import Calendar

_CHINA = Calendar({})
_BATCH = 5000
_WORK = ["submitted", "acknowledged", "assigned", "on_site"]
# By mode company, home centre, fallback: to arrive (minutes, service hours, working days), to make safe (minutes).
_ARRIVE = {
    "danger": (Basis.ALWAYS, (30, 30, 60)),
    "urgent": (Basis.ALWAYS, (60, 120, 240)),
    "normal": (Basis.SERVICE, (12 * 60, 24 * 60, 36 * 60)),
}
_SURVEY = (3, 5, 7)
_MAKE_SAFE = {"danger": timedelta(hours=2), "urgent": timedelta(hours=4)}
_RESTORE = {"danger": Basis.ALWAYS, "urgent": Basis.ALWAYS, "normal": Basis.SERVICE, "planned": Basis.WORKING}
_LADDER = {"danger": 0, "urgent": 80, "normal": 80, "planned": 80}

_REOPENED = """
UPDATE repairs_ticket SET reopened_at = again.at
FROM (SELECT ticket_id, max(at) AS at FROM repairs_ticketevent WHERE verb = 'not_fixed' GROUP BY ticket_id) again
WHERE again.ticket_id = repairs_ticket.id AND times_reopened > 0
"""
_FILL = """
UPDATE repairs_ticket SET arrive_by = new.arrive_by, make_safe_by = new.make_safe_by, due_at = new.due_at,
    due_clock = new.due_clock, climbs_at = new.climbs_at
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::timestamptz[])
    AS new (id, arrive_by, make_safe_by, due_at, due_clock, climbs_at)
WHERE repairs_ticket.id = new.id
"""
_BACK = """
UPDATE repairs_ticket SET due_at = CASE WHEN state = 'submitted' THEN acknowledge_by ELSE restore_by END
WHERE state IN ('submitted', 'acknowledged', 'assigned', 'on_site')
"""


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Set-based where a statement can tell, in batches where the calendar has to be counted."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_REOPENED)
        tickets = apps.get_model("repairs", "Ticket").objects.filter(state__in=_WORK).order_by("pk")
        columns = (
            *("pk", "state", "urgency", "mode", "filed_at", "arrived_at", "times_nobody_home", "times_reopened"),
            *("reopened_at", "acknowledge_by", "restore_by"),
        )
        known = list(tickets.values(*columns))
        for first in range(0, len(known), _BATCH):
            rows = known[first : first + _BATCH]
            pauses, slots = _pauses(apps, rows), _slots(apps, rows)
            filled = [_columns(row, pauses.get(row["pk"], []), slots.get(row["pk"])) for row in rows]
            cursor.execute(_FILL, [list(column) for column in zip(*filled, strict=True)])


def _pauses(apps: StateApps, rows: Iterable[dict[str, Any]]) -> dict[int, list[Stretch]]:
    found: dict[int, list[Stretch]] = {}
    pauses = apps.get_model("repairs", "Pause").objects.filter(ticket__in=[row["pk"] for row in rows])
    for ticket, starts, ended, until in pauses.values_list("ticket", "started_at", "ended_at", "until"):
        found.setdefault(ticket, []).append(Stretch(starts, ended or until))
    return found


def _slots(apps: StateApps, rows: Iterable[dict[str, Any]]) -> dict[int, datetime]:
    """The end of the time agreed last, also where nobody came."""
    binding = apps.get_model("repairs", "Booking").objects.filter(state__in=["asked", "booked", "nobody_came"])
    own = binding.filter(ticket__in=[row["pk"] for row in rows]).order_by("pk")
    return dict(own.values_list("ticket", "ends_at"))


def _columns(row: dict[str, Any], pauses: list[Stretch], slot: datetime | None) -> tuple[Any, ...]:
    filed, urgency, first_run = row["filed_at"], row["urgency"], not row["times_reopened"]
    at = {"company": 0, "home_centre": 1}.get(row["mode"], 2)
    arrive = make_safe = None
    if first_run:
        arrive = slot if slot and urgency == "normal" else due(_arrive(urgency, at), filed, _CHINA, pauses)
        if urgency in _MAKE_SAFE:
            make_safe = due(Amount(Basis.ALWAYS, _MAKE_SAFE[urgency]), filed, _CHINA, pauses)
    owed = _owed(row, arrive, make_safe)
    due_at, clock, basis = min(owed, key=lambda each: each[0])
    starts = (row["reopened_at"] if clock in {"restore", "plan"} else None) or filed
    climbs = part(basis, starts, due_at, _LADDER[urgency], _CHINA, pauses)
    return row["pk"], arrive, make_safe, due_at, clock, climbs


def _arrive(urgency: str, at: int) -> Amount:
    if urgency == "planned":
        return Amount(Basis.WORKING, days=_SURVEY[at])
    basis, minutes = _ARRIVE[urgency]
    return Amount(basis, timedelta(minutes=minutes[at]))


def _owed(
    row: dict[str, Any], arrive: datetime | None, make_safe: datetime | None
) -> Iterator[tuple[datetime, str, Basis]]:
    """What is not yet met."""
    urgency = row["urgency"]
    basis = _RESTORE[urgency]
    if row["state"] == "submitted":
        return iter([(row["acknowledge_by"], "acknowledge", basis)])
    owed = [(row["restore_by"], "plan" if urgency == "planned" else "restore", basis)]
    if arrive and not row["arrived_at"] and not row["times_nobody_home"]:
        owed.append((arrive, "arrive", basis))
    if make_safe:
        owed.append((make_safe, "make_safe", basis))
    return iter(owed)


def back(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As it was: the next due moment is the taking up, then the repair."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_BACK)


class Migration(migrations.Migration):
    dependencies = [("repairs", "0010_due_columns")]

    operations = [migrations.RunPython(fill, back)]
