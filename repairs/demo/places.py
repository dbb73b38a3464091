"""Streets, communities, estates and everything in them, after the shapes of DOMAIN.md."""

from dataclasses import dataclass, field
from random import Random

from estates.labels import label_key
from estates.models import (
    Building,
    Community,
    District,
    Dwelling,
    DwellingKind,
    Entrance,
    Estate,
    Organisation,
    OrganisationKind,
    Street,
    Zone,
)
from repairs.demo import names
from repairs.demo.phones import office_phones

_MOST_BUILDINGS = 12


@dataclass
class Places:
    """The register the other parts of the town build on."""

    district: District
    streets: list[Street] = field(default_factory=list)
    communities: list[Community] = field(default_factory=list)
    estates: list[Estate] = field(default_factory=list)
    buildings: dict[int, list[Building]] = field(default_factory=dict)
    dwellings: dict[int, list[Dwelling]] = field(default_factory=dict)

    def households(self, estate: Estate) -> int:
        """Dwellings of one estate."""
        return len(self.dwellings[estate.pk])


def build_places(random: Random, estates: int) -> Places:
    """The district with its eight streets and `estates` estates, each with buildings, stairs and flats."""
    places = Places(_district())
    places.streets = [_street(places.district, *each) for each in names.STREETS]
    for street in places.streets:
        places.communities += [_community(street, name) for name in names.COMMUNITIES[street.short_name]]
    places.estates = _estates(random, places.communities, estates)
    _fill(random, places)
    return places


def _office(kind: OrganisationKind, name: str) -> Organisation:
    name = f"{name}{names.EXAMPLE}"
    return Organisation.objects.get_or_create(name=name, defaults={"kind": kind, "phone": next(office_phones())})[0]


def _district() -> District:
    known = District.objects.filter(code="350502").first()
    return known or District.objects.create(
        code="350502",
        name_zh="鲤城区",
        name_en="Licheng District",
        office=_office(OrganisationKind.DISTRICT_OFFICE, "鲤城区住建局"),
    )


def _street(district: District, code: str, short: str, english: str) -> Street:
    known = Street.objects.filter(code=code).first()
    return known or Street.objects.create(
        district=district,
        code=code,
        name_zh=f"{short}街道",
        name_en=f"{english} Street",
        short_name=short,
        office=_office(OrganisationKind.STREET_OFFICE, f"{short}街道办"),
    )


def _community(street: Street, name: str) -> Community:
    known = Community.objects.filter(street=street, name=name).first()
    if known:
        return known
    office = None
    if name not in names.WITHOUT_OFFICE:
        office = _office(OrganisationKind.COMMUNITY, f"{name.removesuffix('社区')}社区居委会")
    return Community.objects.create(street=street, name=name, organisation=office)


def _estates(random: Random, communities: list[Community], count: int) -> list[Estate]:
    """The first six stand in 临江 (the demo's street), the others go round the rest."""
    here = [community for community in communities if community.street.short_name == "临江"]
    others = [community for community in communities if community not in here]
    random.shuffle(others)
    homes = [here[0], here[1], here[0], here[2], here[1], here[2], *(others[i % len(others)] for i in range(count))]
    made = [
        Estate(community=home, name=f"{name}{names.EXAMPLE}", year_built=_year(random)).set_keys()
        for name, home in zip(names.estates(count), homes, strict=False)
    ]
    made[0].year_built = 1987
    _join_zones(made)
    return Estate.objects.bulk_create(made)


def _join_zones(estates: list[Estate]) -> None:
    """Small neighbours in one community become one unit of management (管理单元)."""
    by_community: dict[int, list[Estate]] = {}
    for estate in estates[6:]:
        by_community.setdefault(estate.community_id, []).append(estate)
    for neighbours in [group for group in by_community.values() if len(group) >= 2][:3]:
        community = neighbours[0].community
        zone = Zone.objects.create(community=community, name=f"{community.name.removesuffix('社区')}联片")
        for estate in neighbours[-2:]:
            estate.zone = zone


def _year(random: Random) -> int:
    return round(random.triangular(1974, 2000, 1992))


def _count_of_buildings(random: Random) -> int:
    """45 % have one or two buildings, 40 % three to six, 15 % more."""
    share = random.random()
    if share < 0.45:
        return random.choice([1, 2])
    return random.randint(3, 6) if share < 0.85 else random.randint(7, _MOST_BUILDINGS)


def _fill(random: Random, places: Places) -> None:
    """Buildings, entrances and dwellings, three inserts in all."""
    buildings, entrances, dwellings = [], [], []
    for number, estate in enumerate(places.estates):
        own = number == 0
        word = "幢" if own else random.choice(["幢", "号楼", "栋"])
        for at in range(1, (6 if own else _count_of_buildings(random)) + 1):
            storeys = 6 if own else random.choice([4, 5, 6, 6, 7, 7])
            building = Building(estate=estate, label=f"{at}{word}", storeys=storeys, year_built=estate.year_built)
            stairs = _stairs(building, 4 if own else random.choice([1, 1, 2, 2, 3, 4]), lettered=number % 10 == 9)
            buildings.append(building)
            entrances += stairs
            shops = not own and at == 1 and random.random() < 0.3
            for stair in stairs:
                dwellings += _flats(random, stair, storeys, shops=shops)
    for row in (*buildings, *entrances, *dwellings):
        row.label_key = label_key(row.label)
    for building in Building.objects.bulk_create(buildings):
        places.buildings.setdefault(building.estate_id, []).append(building)
    Entrance.objects.bulk_create(entrances)
    for dwelling in Dwelling.objects.bulk_create(dwellings, batch_size=2000):
        places.dwellings.setdefault(dwelling.entrance.building.estate_id, []).append(dwelling)


def _stairs(building: Building, count: int, *, lettered: bool) -> list[Entrance]:
    return [Entrance(building=building, label=f"{mark}梯") for mark in ("ABCD" if lettered else "1234")[:count]]


def _flats(random: Random, stair: Entrance, storeys: int, *, shops: bool) -> list[Dwelling]:
    """Two flats a landing, 101 to 702; the ground floor may be shops."""
    flats = []
    for floor in range(1, storeys + 1):
        for door in (1, 2):
            shop = shops and floor == 1
            flats.append(
                Dwelling(
                    entrance=stair,
                    label=f"店面{door}" if shop else f"{floor}{door:02d}",
                    kind=DwellingKind.SHOP if shop else DwellingKind.HOME,
                    floor=floor,
                    area=random.choice([42, 48, 55, 60, 65, 72, 80, 90]),
                )
            )
    return flats
