"""When things break (DOMAIN.md): damp Feb–Apr, termites Apr–Jun, roof leaks May–Jun, typhoon Jul–Oct."""

import datetime
from random import Random

# How many times as often as in the rest of the year, by month.
SEASONS: dict[str, dict[int, float]] = {
    "": {},
    "cold": {12: 1.6, 1: 2.2, 2: 1.6},
    "damp": {2: 4, 3: 6, 4: 4},
    "termites": {4: 5, 5: 7, 6: 4},
    "rain": {3: 1.5, 4: 2, 5: 4, 6: 4, 7: 2, 8: 2, 9: 1.5},
    "summer": {6: 1.8, 7: 2.5, 8: 2.5, 9: 1.6},
    "typhoon": {7: 3, 8: 4, 9: 4, 10: 2.5},
}
# How often out of season, where it hardly happens then.
_OUT_OF_SEASON = {"damp": 0.15, "termites": 0.15, "typhoon": 0.5}
# Words nobody writes in other months.
_WORDS = {"台风": range(7, 11), "回南天": range(2, 5), "太热": range(6, 10), "夏天": range(5, 10)}
# Hours of a day at which people report; danger comes at any hour.
_HOURS = [1, 1, 0, 0, 0, 1, 5, 14, 22, 20, 15, 11, 9, 9, 11, 12, 11, 12, 17, 20, 18, 12, 6, 2]


def factor(season: str, month: int) -> float:
    """How much more often than in an ordinary month."""
    return SEASONS[season].get(month, _OUT_OF_SEASON.get(season, 1.0))


def fits(words: str, month: int) -> bool:
    """Whether somebody might write that in that month."""
    return all(month in months for word, months in _WORDS.items() if word in words)


def moment_on(day: datetime.date, random: Random, zone: datetime.tzinfo) -> datetime.datetime:
    """A plausible moment of that day to report something."""
    hour = random.choices(range(24), _HOURS)[0]
    clock = datetime.time(hour, random.randrange(60), random.randrange(60))
    return datetime.datetime.combine(day, clock, zone)
