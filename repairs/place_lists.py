"""Choosing a place by tapping: street → estate → building → entrance → dwelling or common part, few rows at a time."""

from dataclasses import dataclass, field
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from estates.models import Building, Dwelling, DwellingKind, Entrance, Estate, Residence, Street
from estates.places import Place, find_place, place_of
from repairs.models import Ticket

ESTATES_AT_ONCE = 15
FOUND_AT_ONCE = 20
HOMES_AT_ONCE = 5
_STREET = "street-"
_ABOVE = "community__street"


class Row(NamedTuple):
    """One thing to tap: `ref` is opened or, in a list of places, chosen."""

    ref: str
    label: str
    note: str = ""


class Letter(NamedTuple):
    """The estates of a street whose name begins with one letter in pinyin."""

    letter: str
    estates: int


@dataclass
class Level:
    """One screen of the choice: rows that lead further, places that can be chosen, and the way back up."""

    question: str
    ref: str = ""
    here: str = ""
    up: str = ""
    deeper: list[Row] = field(default_factory=list)
    homes: list[Row] = field(default_factory=list)
    shops: list[Row] = field(default_factory=list)
    shared: list[Row] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    # Short labels stand three in a row.
    short: bool = False


def level_of(ref: str, letter: str = "") -> Level:
    """The screen for `ref` ("street-3", "estate-8", "building-5", "entrance-7"); the streets when it names nothing."""
    street = _street(ref)
    if street is not None:
        return _in_street(street, letter)
    place = find_place(ref)
    if place is None:
        return _streets()
    if place.entrance is not None:
        return _in_entrance(place, place.entrance)
    if place.building is not None:
        return _in_building(place, place.building)
    return _in_estate(place)


def found(text: str) -> list[Row]:
    """Estates by name or by the first letters of their pinyin; one more than `FOUND_AT_ONCE` says there are more."""
    estates = Estate.objects.named_like(text).select_related(_ABOVE)[: FOUND_AT_ONCE + 1]
    return [
        Row(f"estate-{estate.pk}", estate.name, f"{estate.community.street} · {estate.community}") for estate in estates
    ]


def row_of(place: Place) -> Row:
    """A place as one row to choose."""
    return Row(place.ref, place.full)


def own_places(user: User | AnonymousUser) -> list[Row]:
    """Where someone lives, else where they last reported from: at most `HOMES_AT_ONCE` places to choose at once."""
    if not isinstance(user, User):
        return []
    lived_in = (
        Residence.objects.visible_to(user)
        .current(timezone.localdate())
        .select_related("dwelling__entrance__building__estate")
        .order_by("-starts_on", "-pk")[:HOMES_AT_ONCE]
    )
    places = [place_of(residence.dwelling) for residence in lived_in] or _last_reported(user)
    return [row_of(place) for place in places]


def _last_reported(user: User) -> list[Place]:
    last = Ticket.objects.filter(reporter=user).for_list().order_by("-filed_at", "-pk").first()
    return [last.place] if last else []


def _street(ref: str) -> Street | None:
    number = ref.removeprefix(_STREET)
    if number == ref or not number.isdecimal() or len(number) > 18:
        return None
    return Street.objects.filter(pk=int(number)).first()


def _streets() -> Level:
    rows = [Row(f"{_STREET}{street.pk}", street.name) for street in Street.objects.all()]
    return Level(question=_("Which street is it in?"), deeper=rows)


def _in_street(street: Street, letter: str) -> Level:
    level = Level(question=_("Which estate is it?"), ref=f"{_STREET}{street.pk}", here=street.name)
    estates = list(Estate.objects.filter(community__street=street).select_related("community"))
    if len(estates) > ESTATES_AT_ONCE and not letter:
        level.letters = _letters(estates)
        return level
    if letter:
        level.up = f"{_STREET}{street.pk}"
        estates = [estate for estate in estates if _letter(estate) == letter]
    level.deeper = [Row(f"estate-{estate.pk}", estate.name, estate.community.name) for estate in estates]
    return level


def _letter(estate: Estate) -> str:
    return estate.initials[:1].upper() if estate.initials[:1].isalpha() else "#"


def _letters(estates: list[Estate]) -> list[Letter]:
    named = [_letter(estate) for estate in estates]
    return [Letter(letter, named.count(letter)) for letter in sorted(set(named))]


def _in_estate(place: Place) -> Level:
    buildings: QuerySet[Building] = Building.objects.filter(estate=place.estate)
    return Level(
        question=_("Which building?"),
        here=place.public,
        up=f"{_STREET}{place.estate.community.street_id}",
        deeper=[Row(f"building-{building.pk}", building.label) for building in buildings],
        shared=[Row(place.ref, _("The estate itself: road, gate, green, yard light"))],
        short=True,
    )


def _in_building(place: Place, building: Building) -> Level:
    entrances: QuerySet[Entrance] = Entrance.objects.filter(building=building)
    return Level(
        question=_("Which stair?"),
        here=place.public,
        up=f"estate-{place.estate.pk}",
        deeper=[Row(f"entrance-{entrance.pk}", entrance.label) for entrance in entrances],
        shared=[Row(place.ref, _("The whole building: roof, outer wall"))],
        short=True,
    )


def _in_entrance(place: Place, entrance: Entrance) -> Level:
    dwellings = list(Dwelling.objects.filter(entrance=entrance))
    rows = {kind: [_dwelling(each) for each in dwellings if each.kind == kind] for kind in DwellingKind}
    return Level(
        question=_("Which flat?"),
        here=place.public,
        up=f"building-{entrance.building_id}",
        homes=rows[DwellingKind.HOME],
        shops=rows[DwellingKind.SHOP],
        shared=[Row(place.ref, _("The stair itself: light, handrail, door, shared pipes"))],
        short=True,
    )


def _dwelling(dwelling: Dwelling) -> Row:
    return Row(f"dwelling-{dwelling.pk}", dwelling.label)
