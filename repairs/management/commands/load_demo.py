"""Build the demo town: invented estates on real streets, and a year of their repairs."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from repairs.demo.names import MOST_ESTATES
from repairs.demo.people import ADMIN, KNOWN, PASSWORD
from repairs.demo.town import ESTATES, TICKETS, TownInTheWay, load_town

_DOES = {
    "dispatcher": "takes reports up and assigns them, at 水门家园服务中心",
    "worker": "has jobs today, on a phone",
    "manager": "dispatches too, and sees the figures of the centre's estate",
    "grid": "grid worker of 水门社区, reports for others",
    "community": "watches over the estates of 水门社区",
    "street": "watches over the estates of 临江街道, orders",
    "district": "watches over all streets",
    ADMIN: "administers the register and the catalogue",
}
_OVERSEE = ("community", "street", "district")
_STARTS_AT = {"worker": "/jobs/", "grid": "/", ADMIN: "/admin/"} | dict.fromkeys(_OVERSEE, "/oversight/")


MOST_TICKETS = 5_000_000


def _number(option: str, given: object, least: int, most: int) -> int:
    """What was given for `option`. Raises CommandError with one sentence when it is no number in these bounds."""
    text = str(given)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise CommandError(f"{option} takes a number from {least:,} to {most:,}; nothing was changed.")
    return int(text)


class Command(BaseCommand):
    """Safe to run again: what is there stays as it is."""

    help = "Build the demo town (made-up people with a known password); refuses to on a real installation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--really",
            action="store_true",
            help="also on a real installation, where anyone can then sign in with the demo's password",
        )
        # Read in `handle`: what argparse refuses comes with eight lines of usage before the sentence.
        parser.add_argument("--estates", default=ESTATES, help=f"how many estates ({ESTATES})")
        parser.add_argument("--tickets", default=TICKETS, help=f"how many tickets ({TICKETS})")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.ANJU_DEMO or settings.EMBEDDED or options["really"]):
            raise CommandError(
                "This looks like a real installation: the demo's people have a known password. "
                "If you mean it, run: manage.py load_demo --really"
            )
        estates = _number("--estates", options["estates"], 6, MOST_ESTATES)
        tickets = _number("--tickets", options["tickets"], 0, MOST_TICKETS)
        try:
            loaded = load_town(estates=estates, tickets=tickets)
        except TownInTheWay as taken:
            raise CommandError(f"Somebody here already has these usernames, which the demo needs: {taken}") from taken
        counts = ", ".join(f"{count:,} {what}" for what, count in loaded.made.items())
        said = "The demo town is built" if loaded.new else "The demo town was already there, nothing was changed"
        self.stdout.write(f"{said}: {counts}.\n")
        self._say_how_to_sign_in(loaded.resident_phone)

    def _say_how_to_sign_in(self, phone: str) -> None:
        """One sign-in per role."""
        self.stdout.write("\nResidents sign in at /account/ by phone; the demo shows the code on the page:")
        self.stdout.write(
            f"  {phone.removeprefix('+86'):<12} 陈阿婆, 水门新村 3幢 2梯 502: a repair waits for her word"
        )
        self.stdout.write(f"\nStaff sign in at /staff/login/, all with the password {PASSWORD}")
        for username in (*KNOWN, ADMIN):
            self.stdout.write(f"  {username:<12} {_STARTS_AT.get(username, '/desk/new/'):<12} {_DOES[username]}")
