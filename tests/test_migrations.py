"""The migrations say what the models say."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    said = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said)
    assert said.getvalue() == "No changes detected\n"


@pytest.mark.parametrize("room", ["accounts", "estates", "repairs"])
def test_every_migration_has_a_name_of_its_own(room: str) -> None:
    names = [name for app, name in MigrationLoader(None).disk_migrations if app == room]
    assert names
    assert [name for name in names if "_auto_" in name] == []
