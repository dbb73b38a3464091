"""Staff of every role and residents with their dwellings. Everybody on the staff has the demo's one password."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import User
from accounts.notice import VERSION
from accounts.roles import Role
from estates.models import Appointment, Dwelling, Organisation, Residence, ResidenceKind
from repairs.demo import names
from repairs.demo.organisations import Organisations
from repairs.demo.phones import people_phones
from repairs.demo.places import Places

# Printed by load_demo for whoever tries the demo; the command refuses to run on a real installation.
PASSWORD = "anju-demo-2026"  # noqa: S105
# The ones to sign in as: username, name, role.
KNOWN = {
    "dispatcher": ("林秀英", Role.DISPATCHER),
    "worker": ("王建国", Role.WORKER),
    "manager": ("黄美玲", Role.MANAGER),
    "grid": ("许志强", Role.GRID_WORKER),
    "community": ("柯丽红", Role.COMMUNITY_OFFICER),
    "street": ("郑国栋", Role.STREET_OFFICER),
    "district": ("吴惠兰", Role.DISTRICT_OFFICER),
}
ADMIN = "admin"


@dataclass
class Resident:
    """Someone and where they live."""

    user: User
    dwelling: Dwelling
    since: datetime.date


@dataclass
class People:
    """Who works where, by organisation, and who lives where, by estate."""

    staff: dict[tuple[int, Role], list[User]] = field(default_factory=dict)
    residents: dict[int, list[Resident]] = field(default_factory=dict)
    known: dict[str, User] = field(default_factory=dict)
    by_phone: dict[str, User] = field(default_factory=dict)
    chen: Resident = field(init=False)


def build_people(random: Random, places: Places, organisations: Organisations, today: datetime.date) -> People:
    """Everybody, in a handful of inserts."""
    people = People()
    _appoint(random, people, places, organisations, today)
    _settle(random, people, places, today)
    if not User.objects.filter(username=ADMIN).exists():
        User.objects.create_superuser(username=ADMIN, password=PASSWORD, display_name="系统管理员")
    return people


def _posts(places: Places, organisations: Organisations) -> Iterator[tuple[Organisation, Role, str]]:
    """Every post there is: organisation, role, and the username of those the demo signs in as."""
    here = places.streets[1]
    home = next(each for each in places.communities if each.name == "水门社区")
    for centre in organisations.centres:
        own = centre is organisations.centres[0]
        yield centre, Role.DISPATCHER, "dispatcher" if own else ""
        yield centre, Role.WORKER, "worker" if own else ""
        yield from [(centre, Role.WORKER, "")] * 3
        yield centre, Role.MANAGER, "manager" if own else ""
    for company in organisations.companies:
        yield from [(company, role, "") for role in (Role.DISPATCHER, *[Role.WORKER] * 3, Role.MANAGER)]
    for community in places.communities:
        if community.organisation:
            yield community.organisation, Role.GRID_WORKER, "grid" if community == home else ""
            yield community.organisation, Role.COMMUNITY_OFFICER, "community" if community == home else ""
            yield from [(community.organisation, role, "") for role in (Role.DISPATCHER, Role.WORKER)]
    for street in places.streets:
        yield street.office, Role.STREET_OFFICER, "street" if street == here else ""
        yield from [(street.office, role, "") for role in (Role.DISPATCHER, Role.WORKER)]
    yield places.district.office, Role.DISTRICT_OFFICER, "district"


def _appoint(
    random: Random, people: People, places: Places, organisations: Organisations, today: datetime.date
) -> None:
    # One hash for all: a hundred of them would take longer than the whole town.
    password = make_password(PASSWORD)
    users, appointments = [], []
    for number, (organisation, role, known) in enumerate(_posts(places, organisations), start=1):
        name = KNOWN[known][0] if known else names.person(random, senior=0)
        user = User(username=known or f"staff{number:03d}", display_name=name, password=password)
        trade = ""
        if role is Role.WORKER:
            trade = names.TRADES[0] if known else random.choice(names.TRADES)
        users.append(user)
        started = today - datetime.timedelta(days=random.randint(400, 2000))
        appointments.append(
            Appointment(person=user, organisation=organisation, role=role, trade=trade, starts_on=started)
        )
        people.staff.setdefault((organisation.pk, role), []).append(user)
        if known:
            people.known[known] = user
    User.objects.bulk_create(users)
    Appointment.objects.bulk_create(appointments)


def _settle(random: Random, people: People, places: Places, today: datetime.date) -> None:
    """About a fifth of the dwellings have somebody who uses the app; 陈阿婆 lives in 水门新村 3幢 2梯 502."""
    phones, no_password = people_phones(), make_password(None)
    users, residences = [], []
    verifier = people.known["manager"]
    for estate in places.estates:
        dwellings = places.dwellings[estate.pk]
        own = next((each for each in dwellings if estate is places.estates[0] and _is_chens(each)), None)
        homes = random.sample(dwellings, min(len(dwellings), max(6, len(dwellings) // 5)))
        for dwelling in [own, *(home for home in homes if home is not own)] if own else homes:
            joined = today - datetime.timedelta(days=random.randint(380, 900))
            user = _resident(random, next(phones), no_password, joined)
            users.append(user)
            people.by_phone[user.phone or ""] = user
            residences.append(_residence(random, user, dwelling, joined, verifier))
            people.residents.setdefault(estate.pk, []).append(Resident(user, dwelling, joined))
    people.chen = people.residents[places.estates[0].pk][0]
    people.chen.user.display_name = "陈阿婆"
    User.objects.bulk_create(users)
    Residence.objects.bulk_create(residences)


def _is_chens(dwelling: Dwelling) -> bool:
    stair = dwelling.entrance
    return (stair.building.label, stair.label, dwelling.label) == ("3幢", "2梯", "502")


def _resident(random: Random, phone: str, password: str, joined: datetime.date) -> User:
    agreed = datetime.datetime.combine(joined, datetime.time(9), timezone.get_current_timezone())
    return User(
        phone=phone,
        display_name=names.person(random),
        password=password,
        date_joined=agreed,
        notice_version=VERSION,
        notice_accepted_at=agreed,
    )


def _residence(random: Random, user: User, dwelling: Dwelling, since: datetime.date, verifier: User) -> Residence:
    kind = random.choices([ResidenceKind.OWNER, ResidenceKind.TENANT, ResidenceKind.FAMILY], [68, 20, 12])[0]
    verified_at = None
    if random.random() < 0.5:
        day = since + datetime.timedelta(days=random.randint(1, 20))
        verified_at = datetime.datetime.combine(day, datetime.time(10, 30), timezone.get_current_timezone())
    return Residence(
        person=user,
        dwelling=dwelling,
        kind=kind,
        starts_on=since,
        verified_by=verifier if verified_at else None,
        verified_at=verified_at,
    )
