"""The pages of one ticket in every state it can stand in: they open, and ask the database no more than they may."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from repairs.models import Ticket
from repairs.workflow import Closure
from tests.clients import signed_in
from tests.repairs.states import STATES, moment, tell
from tests.town import Town


def statements(ticket: Ticket, reader: User, page: str) -> list[str]:
    """What the page asks the second time."""
    client, url = signed_in(reader), reverse(page, args=[ticket.pk])
    assert client.get(url).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        client.get(url)
    return [each["sql"] for each in asked.captured_queries]


# What the resident's page and the staff's may ask at most; the staff's draws every form the reader may send.
RESIDENT, STAFF = 10, 28


@pytest.mark.parametrize("state", STATES)
def test_the_resident_s_page_asks_ten_statements_at_most(town: Town, state: str) -> None:
    ticket, at = tell(town, state)
    with moment(at):
        asked = statements(ticket, town.chen, "repairs:ticket")
    assert len(asked) <= RESIDENT, "\n".join(asked)


@pytest.mark.parametrize("state", STATES)
def test_the_staff_s_page_asks_no_more_than_it_did(town: Town, state: str) -> None:
    ticket, at = tell(town, state)
    with moment(at):
        asked = statements(ticket, town.lin, "repairs:desk_ticket")
    assert len(asked) <= STAFF, "\n".join(asked)


def test_every_way_to_end_is_among_the_states(town: Town) -> None:
    """Two of the same problem are not merged yet, so no ticket ends as a duplicate."""
    ends = set()
    for state in ("confirmed", "unconfirmed", "cancelled", "rejected", "handed over"):
        ends.add(tell(town, state)[0].closure)
    assert ends == {*Closure.values} - {Closure.DUPLICATE}
