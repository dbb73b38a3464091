"""Who manages which estate from when to when: 45 % a company, 35 % a home centre or the fallback, 20 % nobody."""

import datetime
from dataclasses import dataclass, field
from itertools import cycle
from random import Random

from estates.models import Estate, Management, ManagementMode, Organisation, OrganisationKind, Zone
from repairs.demo import names
from repairs.demo.phones import office_phones
from repairs.demo.places import Places


@dataclass
class Organisations:
    """The organisations that manage or are handed jobs; the first centre is the demo's own."""

    centres: list[Organisation] = field(default_factory=list)
    companies: list[Organisation] = field(default_factory=list)
    others: list[Organisation] = field(default_factory=list)


def build_organisations(random: Random, places: Places, today: datetime.date) -> Organisations:
    """Organisations of every kind, and a management (past ones too) for most estates."""
    made = _organisations(today)
    managements: list[Management] = []
    modes = _modes(random, len(places.estates))
    centres, companies = cycle(made.centres[1:]), cycle(made.companies[:-1])
    zones: dict[Zone, Organisation] = {}
    for number, (estate, mode) in enumerate(zip(places.estates, modes, strict=True)):
        if estate.zone is not None:
            # One management for the whole zone; its estates have none of their own.
            zones[estate.zone] = zones.get(estate.zone) or next(centres)
            continue
        if mode is ManagementMode.FALLBACK and estate.community.organisation is None:
            mode = ManagementMode.HOME_CENTRE
        if number == 0:
            now: Organisation | None = made.centres[0]
        elif mode is ManagementMode.FALLBACK:
            now = estate.community.organisation
        elif mode is ManagementMode.NOBODY:
            now = None
        else:
            now = next(companies if mode is ManagementMode.COMPANY else centres)
        managements += _history(random, estate, mode, now, next(companies), today)
    managements += [
        Management(zone=zone, organisation=centre, mode=ManagementMode.HOME_CENTRE, starts_on=_ago(today, 700))
        for zone, centre in zones.items()
    ]
    managements += _left_behind(places, made, managements, today)
    Management.objects.bulk_create(managements)
    return made


def _organisations(today: datetime.date) -> Organisations:
    phones = office_phones()

    def make(kind: OrganisationKind, name: str, closed_on: datetime.date | None = None) -> Organisation:
        return Organisation(kind=kind, name=f"{name}{names.EXAMPLE}", phone=next(phones), closed_on=closed_on)

    kind = OrganisationKind
    made = Organisations(
        centres=[make(kind.HOME_CENTRE, name) for name in names.CENTRES],
        companies=[
            *(make(kind.COMPANY, name) for name in names.COMPANIES),
            make(kind.COMPANY, names.CLOSED_COMPANY, _ago(today, 240)),
        ],
        others=[
            make(kind.CONTRACTOR, names.CONTRACTOR),
            *(make(kind.UTILITY, name) for name in names.UTILITIES),
        ],
    )
    Organisation.objects.bulk_create([*made.centres, *made.companies, *made.others])
    return made


def _modes(random: Random, count: int) -> list[ManagementMode]:
    """The first three show one mode each; the rest by DOMAIN.md's shares."""
    mode = ManagementMode
    some = [mode.COMPANY] * 17 + [mode.HOME_CENTRE] * 8 + [mode.FALLBACK] * 5 + [mode.NOBODY] * 7
    rest = some * max(1, -(-(count - 3) // len(some)))
    random.shuffle(rest)
    return [mode.HOME_CENTRE, mode.NOBODY, mode.COMPANY, *rest][:count]


def _ago(today: datetime.date, days: int) -> datetime.date:
    return today - datetime.timedelta(days=days)


def _history(
    random: Random,
    estate: Estate,
    mode: ManagementMode,
    now: Organisation | None,
    before: Organisation,
    today: datetime.date,
) -> list[Management]:
    """How the estate is managed now, and for some what was before."""
    recent = mode in {ManagementMode.HOME_CENTRE, ManagementMode.FALLBACK}
    # The demo's own centre has been there all year, so that its tickets are its own.
    since = _ago(today, 900 if estate.name.startswith("水门") else random.randint(60 if recent else 400, 1500))
    past = []
    if random.random() < 0.6:
        first, last = since - datetime.timedelta(days=random.randint(400, 1500)), since - datetime.timedelta(days=1)
        was_nobody = recent and random.random() < 0.6
        past.append(
            Management(
                estate=estate,
                organisation=None if was_nobody else before,
                mode=ManagementMode.NOBODY if was_nobody else ManagementMode.COMPANY,
                starts_on=first,
                ends_on=last,
            )
        )
    if mode is ManagementMode.NOBODY and random.random() < 0.5:
        return past  # what was has ended, and nothing was written down since
    return [*past, Management(estate=estate, organisation=now, mode=mode, starts_on=since)]


def _left_behind(
    places: Places, made: Organisations, managements: list[Management], today: datetime.date
) -> list[Management]:
    """One estate whose company closed while its contract still stands in the register: the duty falls back."""
    managed = {management.estate_id for management in managements}
    free = [estate for estate in places.estates if estate.zone is None and estate.pk not in managed]
    return [
        Management(
            estate=estate, organisation=made.companies[-1], mode=ManagementMode.COMPANY, starts_on=_ago(today, 1600)
        )
        for estate in free[:1]
    ]
