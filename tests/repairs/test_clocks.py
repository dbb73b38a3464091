"""The arithmetic of promises: what holds for every moment, and the weeks in which others went wrong."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from repairs.clocks import SHANGHAI, Amount, Basis, Stretch, advance, due, running
from repairs.workdays import Calendar

CHINA = Calendar({})
HOUR = timedelta(hours=1)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# Weeks around the Spring Festival and the National Day of 2026, with their make-up Saturdays.
FESTIVAL, NATIONAL = _at("2026-02-09 00:00:00"), _at("2026-09-18 00:00:00")
moments = st.builds(
    lambda begins, after: begins + after,
    st.sampled_from([FESTIVAL, NATIONAL]),
    st.timedeltas(timedelta(0), timedelta(days=25)),
)
times = st.timedeltas(timedelta(seconds=1), timedelta(days=4))
bases = st.sampled_from(Basis)
pauses = st.lists(
    st.tuples(moments, st.timedeltas(timedelta(seconds=1), timedelta(days=7))).map(
        lambda each: Stretch(each[0], each[0] + each[1])
    ),
    max_size=4,
)
amounts = st.one_of(
    st.builds(lambda basis, time: Amount(basis, time), bases, times),
    st.builds(lambda basis, days: Amount(basis, days=days), bases, st.integers(1, 12)),
)


@given(bases, moments, times, pauses)
def test_a_clock_that_was_advanced_has_run_exactly_so_long(
    basis: Basis, starts: datetime, amount: timedelta, paused: list[Stretch]
) -> None:
    ends = advance(basis, starts, amount, CHINA, paused)

    assert running(basis, starts, ends, CHINA, paused) == amount
    assert running(basis, starts, ends - timedelta(microseconds=1), CHINA, paused) < amount


@given(amounts, moments, st.timedeltas(timedelta(0), timedelta(days=9)), pauses)
def test_who_reports_later_is_never_promised_an_earlier_moment(
    amount: Amount, starts: datetime, later: timedelta, paused: list[Stretch]
) -> None:
    assert due(amount, starts, CHINA, paused) <= due(amount, starts + later, CHINA, paused)


@given(bases, moments, times, times, pauses)
def test_more_time_is_never_over_earlier(
    basis: Basis, starts: datetime, less: timedelta, more: timedelta, paused: list[Stretch]
) -> None:
    sooner, later = (due(Amount(basis, each), starts, CHINA, paused) for each in sorted((less, more)))

    assert sooner <= later


@given(bases, moments, times, pauses)
def test_a_pause_moves_the_due_moment_by_just_the_time_it_stopped(
    basis: Basis, starts: datetime, amount: timedelta, paused: list[Stretch]
) -> None:
    """Pause-invariance: the time that ran without pauses, less what was paused, is what was promised."""
    ends = due(Amount(basis, amount), starts, CHINA, paused)
    stopped = running(basis, starts, ends, CHINA) - running(basis, starts, ends, CHINA, paused)

    assert running(basis, starts, ends, CHINA) == amount + stopped


@given(amounts, moments, pauses)
def test_a_pause_never_makes_a_promise_earlier(amount: Amount, starts: datetime, paused: list[Stretch]) -> None:
    assert due(amount, starts, CHINA, paused) >= due(amount, starts, CHINA)


@given(amounts, moments, moments)
def test_a_pause_that_was_over_before_changes_nothing(amount: Amount, starts: datetime, before: datetime) -> None:
    assume(before < starts)

    assert due(amount, starts, CHINA, [Stretch(before, starts)]) == due(amount, starts, CHINA)


@given(amounts, moments, pauses)
def test_in_which_order_pauses_are_told_does_not_matter(
    amount: Amount, starts: datetime, paused: list[Stretch]
) -> None:
    assert due(amount, starts, CHINA, paused) == due(amount, starts, CHINA, [*reversed(paused), *paused])


@given(st.integers(1, 12), moments)
def test_whole_days_end_at_the_close_of_a_day_that_counts(days: int, starts: datetime) -> None:
    ends = due(Amount(Basis.WORKING, days=days), starts, CHINA).astimezone(SHANGHAI)

    assert ends.time() == time(20)
    assert CHINA.is_workday(ends.date())


@pytest.mark.parametrize(
    ("basis", "starts", "hours", "ends"),
    [
        (Basis.SERVICE, "2026-11-24 19:59:59", 1, "2026-11-25 08:59:59"),
        (Basis.SERVICE, "2026-11-24 20:00:00", 1, "2026-11-25 09:00:00"),
        (Basis.SERVICE, "2026-11-24 07:59:59", 12, "2026-11-24 20:00:00"),
        (Basis.SERVICE, "2026-11-24 08:00:01", 12, "2026-11-25 08:00:01"),
        (Basis.WORKING, "2026-09-30 19:00:00", 2, "2026-10-08 09:00:00"),  # over the National Day
        (Basis.WORKING, "2026-10-09 19:00:00", 2, "2026-10-10 09:00:00"),  # Saturday, a make-up workday
        (Basis.WORKING, "2026-10-10 19:00:00", 2, "2026-10-12 09:00:00"),  # the Sunday after is free
        (Basis.WORKING, "2026-02-13 19:00:00", 2, "2026-02-14 09:00:00"),  # Saturday before the Spring Festival
        (Basis.WORKING, "2026-02-14 19:00:00", 2, "2026-02-24 09:00:00"),
        (Basis.ALWAYS, "2026-09-30 23:59:59", 1, "2026-10-01 00:59:59"),
    ],
)
def test_to_the_second_at_the_edges_and_over_the_holidays(basis: Basis, starts: str, hours: int, ends: str) -> None:
    assert due(Amount(basis, hours * HOUR), _at(starts), CHINA) == _at(ends)


def test_a_pause_over_the_weekend_does_not_stop_a_clock_that_stood_still() -> None:
    weekend = Stretch(_at("2026-11-28 00:00:00"), _at("2026-11-30 00:00:00"))
    amount, starts = Amount(Basis.WORKING, 12 * HOUR), _at("2026-11-27 14:00:00")

    assert due(amount, starts, CHINA, [weekend]) == due(amount, starts, CHINA) == _at("2026-11-30 14:00:00")


@given(bases, st.integers(1, 12), moments, pauses)
def test_a_pause_puts_whole_days_off_by_just_the_time_that_would_have_run(
    basis: Basis, days: int, starts: datetime, paused: list[Stretch]
) -> None:
    amount = Amount(basis, days=days)
    before, after = due(amount, starts, CHINA), due(amount, starts, CHINA, paused)
    begins = datetime.combine(starts.astimezone(SHANGHAI).date() + timedelta(days=1), time(), SHANGHAI)

    assert running(basis, begins, after, CHINA, paused) == running(basis, begins, before, CHINA)
    stood_still = running(basis, begins, after, CHINA) - running(basis, begins, after, CHINA, paused)
    assert running(basis, before, after, CHINA) == stood_still


@pytest.mark.parametrize(
    ("ends", "due_at"),
    [
        ("2026-11-25 08:00:30", "2026-11-28 08:00:30"),
        ("2026-11-25 09:00:00", "2026-11-28 09:00:00"),
        ("2026-11-26 08:00:00", "2026-11-28 20:00:00"),
    ],
)
def test_a_pause_inside_whole_days_costs_what_it_lasts_and_no_day(ends: str, due_at: str) -> None:
    paused = Stretch(_at("2026-11-25 08:00:00"), _at(ends))

    assert due(Amount(Basis.SERVICE, days=3), _at("2026-11-24 10:00:00"), CHINA) == _at("2026-11-27 20:00:00")
    assert due(Amount(Basis.SERVICE, days=3), _at("2026-11-24 10:00:00"), CHINA, [paused]) == _at(due_at)


def test_an_override_of_a_day_counts() -> None:
    class Typhoon:
        def is_workday(self, day: date) -> bool:
            return day != date(2026, 11, 25) and CHINA.is_workday(day)

    assert due(Amount(Basis.WORKING, days=1), _at("2026-11-24 10:00:00"), Typhoon()) == _at("2026-11-26 20:00:00")
