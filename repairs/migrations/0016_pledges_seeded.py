"""The house's defaults of DOMAIN.md as its first version; from then on what has begun is never changed."""

import datetime
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

LONG_AGO = datetime.date(2020, 1, 1)
MODES = ("company", "home_centre", "fallback")
# Minutes day and night, minutes of service hours, or whole days of a calendar; by mode in the order above.
ALWAYS, SERVICE, SERVICE_DAYS, WORKING_DAYS = "always", "service", "service days", "working days"
_HOUR = 60
DEFAULTS: list[tuple[str, str, str, tuple[int, int, int]]] = [
    ("danger", "acknowledge", ALWAYS, (5, 5, 5)),
    ("danger", "arrive", ALWAYS, (30, 30, 60)),
    ("danger", "make_safe", ALWAYS, (2 * _HOUR,) * 3),
    ("danger", "restore", ALWAYS, (24 * _HOUR,) * 3),
    ("urgent", "acknowledge", ALWAYS, (15, 30, 30)),
    ("urgent", "arrive", ALWAYS, (1 * _HOUR, 2 * _HOUR, 4 * _HOUR)),
    ("urgent", "make_safe", ALWAYS, (4 * _HOUR,) * 3),
    ("urgent", "restore", ALWAYS, (24 * _HOUR, 48 * _HOUR, 72 * _HOUR)),
    ("normal", "acknowledge", SERVICE, (4 * _HOUR, 8 * _HOUR, 8 * _HOUR)),
    # 24, 48 and 72 hours are one, two and three days of service: twelve hours each (decision 9).
    ("normal", "arrive", SERVICE, (12 * _HOUR, 24 * _HOUR, 36 * _HOUR)),
    ("normal", "restore", SERVICE_DAYS, (3, 5, 7)),
    ("planned", "acknowledge", WORKING_DAYS, (1, 2, 2)),
    ("planned", "arrive", WORKING_DAYS, (3, 5, 7)),
    ("planned", "plan", WORKING_DAYS, (15, 20, 30)),
]


def seed(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor | None = None) -> None:
    """The first version of the house; nothing is done where there is one."""
    version_model, pledge_model = apps.get_model("repairs", "PledgeVersion"), apps.get_model("repairs", "Pledge")
    if version_model.objects.filter(estate=None).exists():
        return
    version = version_model.objects.create(starts_on=LONG_AGO, note="DOMAIN.md")
    pledge_model.objects.bulk_create(
        pledge_model(version=version, mode=mode, urgency=urgency, clock=clock, **_amount(kind, amounts[at]))
        for urgency, clock, kind, amounts in DEFAULTS
        for at, mode in enumerate(MODES)
    )


def _amount(kind: str, amount: int) -> dict[str, Any]:
    if kind in {SERVICE_DAYS, WORKING_DAYS}:
        return {"basis": "service" if kind == SERVICE_DAYS else "working", "days": amount}
    return {"basis": kind, "time": datetime.timedelta(minutes=amount)}


def unseed(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Every version goes; nothing freezes them any more when this is asked."""
    apps.get_model("repairs", "Pledge").objects.all().delete()
    apps.get_model("repairs", "PledgeVersion").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("repairs", "0015_pledges")]

    operations = [migrations.RunPython(seed, unseed)]
