"""A ticket is locked before its bookings by every verb, else two who press at once could wait for each other."""

from collections.abc import Callable
from threading import Thread
from time import monotonic, sleep

import pytest
from django.db import connection, connections, transaction

from repairs import actions
from repairs.models import Booking, Ticket
from repairs.slots import next_slots
from tests.town import Town

pytestmark = pytest.mark.usefixtures("by_day")


def _someone_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def _verbs(town: Town, booking: Booking) -> dict[str, Callable[[], object]]:
    ticket, later = booking.ticket, next_slots(booking.ticket)[1].starts_at
    return {
        "rebook": lambda: actions.rebook(ticket, by=town.chen, seen=booking.pk, starts_at=later),
        "unbook": lambda: actions.unbook(ticket, by=town.chen, seen=booking.pk),
        "set_out": lambda: actions.set_out(ticket, by=town.wang),
        "remind": lambda: actions.remind(ticket),
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["rebook", "unbook", "set_out", "remind"])
def test_who_waits_for_the_ticket_holds_none_of_its_bookings(verb: str) -> None:
    town = Town()
    town.team()
    booking = town.booked(town.assigned())
    press = _verbs(town, booking)[verb]

    def pressing() -> None:
        press()
        connections.close_all()

    other = Thread(target=pressing)
    with transaction.atomic():
        Ticket.objects.select_for_update().get(pk=booking.ticket_id)
        other.start()
        until = monotonic() + 10
        while not _someone_waits() and monotonic() < until:
            sleep(0.02)
        # Refused at once if the waiting verb had it: that would be the deadlock.
        assert Booking.objects.select_for_update(nowait=True).get(pk=booking.pk) == booking
    other.join()
