"""Short versions of `make bench ONLY=booking`: real processes press at the same places."""

from collections.abc import Iterator

import pytest

from bench import booking
from bench.figures import table
from bench.house import House


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One installation for both."""
    with booking.furnished() as built:
        yield built


def test_eight_processes_at_too_few_places_sell_none_twice(house: House) -> None:
    measured = list(booking.too_few_places(house, attempts=400))

    assert all(each.ok is not False for each in measured), table(measured)
    assert {each.name: each.value for each in measured}["booking.refused_as_taken"] > 0


def test_of_eight_workers_who_grab_a_job_one_gets_it(house: House) -> None:
    measured = list(booking.one_winner(house, jobs=40))

    assert all(each.ok is not False for each in measured), table(measured)
