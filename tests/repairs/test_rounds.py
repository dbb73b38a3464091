"""The order of a worker's day, on places made of numbers: street, community, estate, building, stair."""

from datetime import UTC, datetime

from repairs.rounds import Spot, Stop, in_order, steps_between

STAIR: Spot = (1, 1, 1, 1, 1)
NEXT_STAIR: Spot = (1, 1, 1, 1, 2)
NEXT_BUILDING: Spot = (1, 1, 1, 2, 3)
NEXT_ESTATE: Spot = (1, 1, 2, 4, 5)
FAR: Spot = (2, 9, 9, 9, 9)


def _at(hour: int) -> datetime:
    return datetime(2026, 11, 25, hour, tzinfo=UTC)


def _stop(pk: int, spot: Spot = STAIR, **fields: object) -> Stop:
    given = {"danger": False, "on_site": False, "window": None, "due_at": None} | fields
    return Stop(pk=pk, spot=spot, **given)  # type: ignore[arg-type]


def _order(*stops: Stop, start: Spot | None = None) -> list[int]:
    return [stop.pk for stop in in_order(stops, start)]


def test_the_more_two_places_share_the_nearer_they_are() -> None:
    others = [STAIR, NEXT_STAIR, NEXT_BUILDING, NEXT_ESTATE, FAR]

    assert [steps_between(STAIR, other) for other in others] == [0, 1, 2, 3, 5]


def test_two_places_known_only_as_an_estate_are_in_that_estate() -> None:
    assert steps_between((1, 1, 1, None, None), (1, 1, 1, None, None)) == 2


def test_danger_goes_before_every_agreed_time() -> None:
    assert _order(_stop(1, window=_at(8)), _stop(2, FAR, danger=True)) == [2, 1]


def test_windows_follow_the_clock_and_jobs_without_one_come_after() -> None:
    assert _order(_stop(1), _stop(2, FAR, window=_at(10)), _stop(3, window=_at(8))) == [3, 2, 1]


def test_the_job_somebody_is_at_stands_before_the_next_window() -> None:
    assert _order(_stop(1, window=_at(8)), _stop(2, on_site=True, window=_at(14))) == [2, 1]


def test_within_a_window_the_next_door_is_the_nearest_one() -> None:
    stops = [_stop(1, FAR, window=_at(8)), _stop(2, NEXT_ESTATE, window=_at(8)), _stop(3, NEXT_STAIR, window=_at(8))]

    assert _order(*stops, start=STAIR) == [3, 2, 1]


def test_a_new_window_begins_from_where_the_last_one_ended() -> None:
    assert _order(_stop(1, FAR, window=_at(8)), _stop(2, STAIR), _stop(3, FAR)) == [1, 3, 2]


def test_equally_near_jobs_go_by_what_was_promised_first() -> None:
    assert _order(_stop(1), _stop(2, due_at=_at(18)), _stop(3, due_at=_at(9))) == [3, 2, 1]
