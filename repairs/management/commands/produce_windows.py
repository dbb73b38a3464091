"""`manage.py produce_windows`: what the worker does every night, for a first day or after a rest."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from repairs import windows


class Command(BaseCommand):
    """Produces the windows of the next 28 days for every team."""

    help = "Produces the windows of the next 28 days for every team. Changes nothing when they are there."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and fail loudly for a team that can't have them."""
        if failed := windows.produce_all():
            raise CommandError(f"These teams have no windows, the log says why: {failed}")
