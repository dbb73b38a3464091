"""A part of a promise's time, and a day put off by pauses: what holds for every moment of the holiday weeks."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repairs.clocks import Amount, Basis, Stretch, close_of, due, moved, part, running
from tests.repairs.test_clocks import CHINA, FESTIVAL, HOUR, NATIONAL, _at, amounts, bases, moments, pauses

SECOND = timedelta(seconds=1)
# Those of the ladder and their neighbours often.
percents = st.one_of(st.integers(0, 300), st.sampled_from([80, 99, 100, 101, 150, 200]))
days = st.builds(
    lambda day, number: day + timedelta(days=number), st.sampled_from([FESTIVAL, NATIONAL]), st.integers(0, 40)
)


@given(amounts, moments, pauses)
def test_a_hundred_per_cent_is_exactly_the_due_moment(amount: Amount, starts: datetime, paused: list[Stretch]) -> None:
    ends = due(amount, starts, CHINA, paused)

    assert part(amount.basis, starts, ends, 100, CHINA, paused) == ends


@given(amounts, moments, pauses, percents, percents)
def test_a_larger_part_is_never_over_earlier(
    amount: Amount, starts: datetime, paused: list[Stretch], one: int, other: int
) -> None:
    ends = due(amount, starts, CHINA, paused)
    less, more = (part(amount.basis, starts, ends, each, CHINA, paused) for each in sorted((one, other)))

    assert starts <= less <= more


@given(amounts, moments, pauses, percents)
def test_a_part_has_run_when_it_is_reached_and_not_a_moment_before(
    amount: Amount, starts: datetime, paused: list[Stretch], percent: int
) -> None:
    """Pause-invariance: what counts is the time that ran, wherever the pauses lie."""
    ends = due(amount, starts, CHINA, paused)
    whole = running(amount.basis, starts, ends, CHINA, paused)
    reached = part(amount.basis, starts, ends, percent, CHINA, paused)

    assert abs(running(amount.basis, starts, reached, CHINA, paused) - whole * percent / 100) <= timedelta(
        microseconds=2
    )


@given(amounts, moments, st.integers(1, 99), st.integers(0, 30))
def test_a_pause_after_a_part_was_reached_does_not_move_it(
    amount: Amount, starts: datetime, percent: int, hours: int
) -> None:
    ends = due(amount, starts, CHINA)
    reached = part(amount.basis, starts, ends, percent, CHINA)
    later = [Stretch(ends, ends + hours * HOUR)]

    assert part(amount.basis, starts, ends, percent, CHINA, later) == reached


@given(bases, moments, days)
def test_a_day_that_nothing_paused_stays(basis: Basis, starts: datetime, day: datetime) -> None:
    ends = close_of(basis, day.date(), CHINA)
    before = [Stretch(starts - 3 * HOUR, starts)]

    assert moved(basis, starts, ends, CHINA, []) == ends
    assert moved(basis, starts, ends, CHINA, before) == ends


@given(bases, moments, days, pauses)
def test_a_day_that_was_put_off_is_the_close_of_a_day_that_counts(
    basis: Basis, starts: datetime, day: datetime, paused: list[Stretch]
) -> None:
    ends = close_of(basis, day.date(), CHINA)
    put_off = moved(basis, starts, ends, CHINA, paused)

    assert put_off >= ends
    assert put_off == ends or put_off == close_of(basis, (put_off - SECOND).date(), CHINA)
    # There is never less time than before the pauses.
    assert running(basis, starts, put_off, CHINA, paused) >= running(basis, starts, ends, CHINA)


@given(bases, moments, days, pauses, pauses)
def test_more_pauses_never_bring_a_day_forward(
    basis: Basis, starts: datetime, day: datetime, some: list[Stretch], more: list[Stretch]
) -> None:
    ends = close_of(basis, day.date(), CHINA)

    assert moved(basis, starts, ends, CHINA, some) <= moved(basis, starts, ends, CHINA, [*some, *more])


@given(bases, moments, days, days, pauses)
def test_a_later_day_is_never_put_off_to_an_earlier_one(
    basis: Basis, starts: datetime, one: datetime, other: datetime, paused: list[Stretch]
) -> None:
    sooner, later = (
        moved(basis, starts, close_of(basis, each.date(), CHINA), CHINA, paused) for each in sorted((one, other))
    )

    assert sooner <= later


@pytest.mark.parametrize(
    ("basis", "starts", "ends", "percent", "reached"),
    [
        (Basis.SERVICE, "2026-11-24 19:00:00", "2026-11-25 09:00:00", 50, "2026-11-24 20:00:00"),
        (Basis.SERVICE, "2026-11-24 19:00:00", "2026-11-25 09:00:00", 51, "2026-11-25 08:01:12"),
        (Basis.SERVICE, "2026-11-24 19:00:00", "2026-11-25 09:00:00", 150, "2026-11-25 10:00:00"),
        # Over the National Day to the make-up Saturday, and over the Spring Festival.
        (Basis.WORKING, "2026-09-30 14:00:00", "2026-10-08 14:00:00", 80, "2026-10-08 11:36:00"),
        (Basis.WORKING, "2026-10-09 08:00:00", "2026-10-09 20:00:00", 200, "2026-10-10 20:00:00"),
        (Basis.WORKING, "2026-02-14 08:00:00", "2026-02-14 20:00:00", 150, "2026-02-24 14:00:00"),
        (Basis.ALWAYS, "2026-09-30 23:59:59", "2026-10-01 00:00:01", 50, "2026-10-01 00:00:00"),
    ],
)
def test_a_part_to_the_second_at_the_edges_and_over_the_holidays(
    basis: Basis, starts: str, ends: str, percent: int, reached: str
) -> None:
    assert part(basis, _at(starts), _at(ends), percent, CHINA) == _at(reached)


@pytest.mark.parametrize(
    ("paused", "put_off"),
    [
        (("2026-10-09 08:00:00", "2026-10-09 08:00:01"), "2026-10-10 20:00:00"),  # a second: the make-up Saturday
        (("2026-10-09 20:00:00", "2026-10-10 08:00:00"), "2026-10-09 20:00:00"),  # a night is nothing
        (("2026-10-01 00:00:00", "2026-10-08 00:00:00"), "2026-10-09 20:00:00"),  # nor is a holiday
        (("2026-10-08 12:00:00", "2026-10-11 00:00:00"), "2026-10-13 20:00:00"),  # the Sunday after is free
    ],
)
def test_a_planned_day_is_put_off_by_days_of_work(paused: tuple[str, str], put_off: str) -> None:
    starts, ends = _at("2026-09-30 10:00:00"), _at("2026-10-09 20:00:00")

    assert moved(Basis.WORKING, starts, ends, CHINA, [Stretch(_at(paused[0]), _at(paused[1]))]) == _at(put_off)


@pytest.mark.parametrize(
    ("paused", "put_off"),
    [
        (("2026-12-05 11:00:00", "2026-12-06 00:00:00"), "2026-12-06 20:00:00"),  # over before the Sunday
        (("2026-12-05 11:00:00", "2026-12-07 00:00:00"), "2026-12-07 20:00:00"),
        (("2026-12-06 11:00:00", "2026-12-12 00:00:00"), "2026-12-14 20:00:00"),  # to a Saturday: the Monday after
    ],
)
def test_a_planned_day_off_is_put_off_by_a_pause_that_stands_over_it(paused: tuple[str, str], put_off: str) -> None:
    starts, ends = _at("2026-12-05 10:00:00"), _at("2026-12-06 20:00:00")

    assert moved(Basis.WORKING, starts, ends, CHINA, [Stretch(_at(paused[0]), _at(paused[1]))]) == _at(put_off)
