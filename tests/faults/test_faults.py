"""Short versions of `make bench ONLY=faults`: real processes and a real PostgreSQL are killed, and nothing is lost."""

from collections.abc import Iterable, Iterator

import pytest

from bench import faults
from bench.figures import Figure, table
from bench.house import House


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One installation for all."""
    with faults.furnished() as built:
        yield built


def _all_hold(figures: Iterable[Figure]) -> None:
    measured = list(figures)
    assert all(each.ok is not False for each in measured), table(measured)
    assert any(each.ok for each in measured)


def test_a_killed_web_worker_loses_nothing(house: House) -> None:
    _all_hold(faults.killed_web(house, kills=4))


def test_a_crashed_database_loses_nothing_and_comes_back_by_itself(house: House) -> None:
    _all_hold(faults.restarted_database(house, times=2))


def test_a_full_disk_is_said_and_keeps_the_words(house: House) -> None:
    _all_hold(faults.full_disk(house))


def test_a_worker_killed_while_sending_loses_no_message(house: House) -> None:
    _all_hold(faults.killed_worker(house, kills=5, messages=80, swept=0))
