"""Load the project's catalogue of repairs, questions and safety cards."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from repairs.catalogue.files import CatalogueMistake
from repairs.catalogue.loader import load_catalogue


class Command(BaseCommand):
    """Part of every set-up; safe to run again."""

    help = "Load the catalogue of repairs, questions and safety cards; keeps what an administrator has edited."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = load_catalogue()
        except CatalogueMistake as mistake:
            raise CommandError(f"The catalogue's files are wrong: {mistake}") from mistake
        if result.skipped:
            self.stdout.write(f"Catalogue version {result.version} is already loaded.")
            return
        self.stdout.write(
            f"Catalogue version {result.version}: {result.added} added, {result.changed} changed, "
            f"{result.unchanged} unchanged, {result.retired} taken out of use, {len(result.kept)} kept as edited."
        )
        for name in result.kept:
            self.stdout.write(f"  kept: {name}")
