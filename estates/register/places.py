"""Estates, buildings, stairs and flats of a file against the register: found, made, changed, or missing from it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext_noop as _

from estates.access import RegisterReach
from estates.labels import label_key, name_key
from estates.models import Building, Community, Dwelling, DwellingKind, Entrance, Estate, Street
from estates.register import cells, tree
from estates.register.plan import Plan, cell_name, title_of
from estates.register.reasons import RowRefused
from estates.register.table import Choice, Entry
from estates.register.tree import Node, Register

_BATCH = 2000


class _Path(NamedTuple):
    """Where a row's flat stands, as the row writes it."""

    street: Street
    community: str
    estate: str
    building: str
    entrance: str
    dwelling: str


class _Found(NamedTuple):
    """The nodes of a path as far as they are there."""

    community: Node | None
    estate: Node | None
    building: Node | None
    entrance: Node | None
    dwelling: Node | None


class _Facts(NamedTuple):
    """What a row says of its flat; None: it does not say."""

    kind: DwellingKind | None
    floor: int | None
    area: Decimal | None
    year: int | None


class PlacesComparison:
    """Compares rows of flats; a row is new, changed, unchanged or refused."""

    def __init__(self, reach: RegisterReach, choice: Choice, rows: list[Entry]) -> None:
        self.plan = Plan()
        self.reach, self.choice = reach, choice
        self.register = Register()
        self.register.load(self._names(rows))
        self.touched: dict[int, tuple[_Path, Node]] = {}
        self.changed_flats: list[Node] = []
        self.changed_buildings: dict[int, Node] = {}
        self.building_word = tree.building_word(choice.title("building"))
        self.entrance_word = tree.entrance_word(choice.title("entrance"))

    @staticmethod
    def _names(rows: list[Entry]) -> set[str]:
        written = {row.values["estate"] for row in rows if isinstance(row.values["estate"], str | int | float)}
        return {name_key(cells.undefused(str(each))) for each in written}

    # ------------------------------------------------------------------ one row
    def take(self, entry: Entry) -> None:
        path = self._path(entry)
        found = self._find(path)
        if found.dwelling and found.dwelling.row is None and found.dwelling.pk:
            found.dwelling.row = -entry.number  # mentioned: not gone, even if the row is refused
        self._judge_reach(path, found)
        facts = self._facts(entry)
        if found.dwelling and (found.dwelling.row or 0) > 0:
            raise RowRefused("twice", row=found.dwelling.row)
        if facts.year and found.building and found.building.stated_year not in (None, facts.year):
            raise RowRefused("year_differs", row=found.building.year_row)
        self._place(entry, path, found, facts)

    def _path(self, entry: Entry) -> _Path:
        values, kind = entry.values, self.choice.kind
        street = cells.name(values["street"], _("Street"), 40)
        community = cells.name(values["community"], _("Community"), 40)
        estate = cells.name(values["estate"], _("Estate"), 60)
        labels = [
            cells.label(values[at], title_of(kind, at), cell=cell_name(self.choice, at, entry.number))
            for at in ("building", "entrance", "dwelling")
        ]
        known = self.register.streets.get(tree.street_key(street))
        if known is None:
            raise RowRefused("no_street", street=street)
        return _Path(known, community, estate, *labels)

    def _find(self, path: _Path) -> _Found:
        street = self.register.communities[path.street.pk]
        community = street.children.get(tree.community_key(path.community))
        estate = community.children.get(name_key(path.estate)) if community else None
        building = tree.find_building(estate, path.building) if estate else None
        entrance = tree.find_entrance(building, path.entrance) if building else None
        dwelling = tree.find_flat(entrance, path.dwelling) if entrance else None
        return _Found(community, estate, building, entrance, dwelling)

    def _judge_reach(self, path: _Path, found: _Found) -> None:
        if not self.reach.covers(path.street.pk, found.estate.pk if found.estate else None):
            raise RowRefused("not_yours", place=f"{path.street.name_zh} {path.estate}")

    @staticmethod
    def _facts(entry: Entry) -> _Facts:
        values = entry.values
        return _Facts(
            cells.kind(values.get("kind")),
            cells.floor(values.get("floor")),
            cells.area(values.get("area")),
            cells.year(values.get("year")),
        )

    def _place(self, entry: Entry, path: _Path, found: _Found, facts: _Facts) -> None:
        street = self.register.communities[path.street.pk]
        community = found.community or self._made(
            "communities", street, tree.community_key(path.community), path.community, entry
        )
        estate = found.estate or self._made("estates", community, name_key(path.estate), path.estate, entry)
        building_label = tree.with_word(path.building, self.building_word)
        building = found.building or self._made("buildings", estate, label_key(building_label), building_label, entry)
        entrance_label = tree.with_word(path.entrance, self.entrance_word)
        entrance = found.entrance or self._made("entrances", building, label_key(entrance_label), entrance_label, entry)
        for node, text in ((building, building_label), (entrance, entrance_label)):
            node.spellings[text] += node.pk is None
        self.touched.setdefault(id(estate), (path, estate))
        told = self._tell_year(building, entry, facts.year)
        if found.dwelling is None:
            flat_label = tree.without_word(path.dwelling)
            flat = self._made("dwellings", entrance, label_key(flat_label), flat_label, entry)
            flat.kind, flat.floor, flat.area = facts.kind or DwellingKind.HOME, facts.floor, facts.area
            self.plan.made.append(f"{id_of(entrance)}{facts}")
            return
        self._compare(entry, path, found.dwelling, facts, told)

    def _made(self, counted: str, parent: Node, key: str, name: str, entry: Entry) -> Node:
        node = parent.children[key] = Node(name, row=entry.number)
        self.plan.new[counted] += 1
        self.plan.made.append(f"{counted}/{entry.number}/{parent.pk}/{key}")
        return node

    def _tell_year(self, building: Node, entry: Entry, year: int | None) -> list[tuple[str, object, object]]:
        if year is None:
            return []
        if building.stated_year is None:
            building.stated_year, building.year_row = year, entry.number
        if building.pk is None or building.year == year:
            return []
        self.changed_buildings[building.pk] = building
        return [(_("Year built"), building.year, year)]

    def _compare(
        self, entry: Entry, path: _Path, flat: Node, facts: _Facts, told: list[tuple[str, object, object]]
    ) -> None:
        flat.row = entry.number
        own: list[tuple[str, object, object]] = []
        if facts.kind is not None and facts.kind != flat.kind:
            own.append((_("Use"), _KIND_WORDS[flat.kind], _KIND_WORDS[facts.kind]))
            flat.kind = facts.kind
        if facts.floor is not None and facts.floor != flat.floor:
            own.append((_("Floor"), flat.floor, facts.floor))
            flat.floor = facts.floor
        if facts.area is not None and facts.area != flat.area:
            own.append((_("Floor area"), flat.area, facts.area))
            flat.area = facts.area
        if own:
            self.changed_flats.append(flat)
        if own or told:
            self.plan.change(entry, " ".join(path[2:]), own + told)
        else:
            self.plan.unchanged += 1

    # ------------------------------------------------------------------ all rows
    def finish(self) -> None:
        """What the register has in these estates and the file no longer names."""
        for path, estate in self.touched.values():
            for building in estate.children.values():
                for entrance in building.children.values():
                    gone = [flat.name for flat in entrance.children.values() if flat.pk and flat.row is None]
                    above = f"{path.street.name_zh} {estate.name} {building.name} {entrance.name}"
                    self.plan.vanished += [f"{above} {name}" for name in gone]

    def write(self) -> None:
        """New rows level by level, then what changed."""
        communities = [
            (pk, node) for pk, street in self.register.communities.items() for node in street.children.values()
        ]
        fresh = [(Community(street_id=pk, name=node.name), node) for pk, node in communities if node.pk is None]
        self._insert(Community, fresh)
        estates = [(top, node) for _pk, top in communities for node in top.children.values()]
        self._insert(Estate, [(_new_estate(top, node), node) for top, node in estates if node.pk is None])
        buildings = [(top, node) for _top, top in estates for node in top.children.values()]
        self._insert(Building, [(_new_building(top, node), node) for top, node in buildings if node.pk is None])
        entrances = [(top, node) for _top, top in buildings for node in top.children.values()]
        self._insert(Entrance, [(_new_entrance(top, node), node) for top, node in entrances if node.pk is None])
        flats = [(top, node) for _top, top in entrances for node in top.children.values()]
        self._insert(Dwelling, [(_new_dwelling(top, node), node) for top, node in flats if node.pk is None])
        Dwelling.objects.bulk_update(
            [Dwelling(pk=each.pk, kind=each.kind, floor=each.floor, area=each.area) for each in self.changed_flats],
            ["kind", "floor", "area"],
            batch_size=500,
        )
        changed = [Building(pk=pk, year_built=each.stated_year) for pk, each in self.changed_buildings.items()]
        Building.objects.bulk_update(changed, ["year_built"], batch_size=500)

    @staticmethod
    def _insert(model: type, fresh: "Sequence[tuple[object, Node]]") -> None:
        rows = model.objects.bulk_create([row for row, _node in fresh], batch_size=_BATCH)  # type: ignore[attr-defined]
        for row, (_row, node) in zip(rows, fresh, strict=True):
            node.pk = row.pk


_KIND_WORDS = {DwellingKind.HOME.value: "住宅", DwellingKind.SHOP.value: "店面"}


def id_of(node: Node) -> str:
    """A short word for a node in a digest."""
    return f"{node.pk or ''}"


def _key(node: Node) -> int:
    if node.pk is None:
        raise RuntimeError(f"{node.name} was not inserted before what stands in it")
    return node.pk


def _new_estate(community: Node, node: Node) -> Estate:
    years = [building.stated_year for building in node.children.values() if building.stated_year]
    return Estate(community_id=_key(community), name=node.name, year_built=min(years, default=None)).set_keys()


def _new_building(estate: Node, node: Node) -> Building:
    floors = [flat.floor for stair in node.children.values() for flat in stair.children.values() if flat.floor]
    highest = max(floors, default=0)
    return Building(
        estate_id=_key(estate),
        label=node.spelled,
        label_key=label_key(node.spelled),
        storeys=highest if highest > 0 else None,
        year_built=node.stated_year,
    )


def _new_entrance(building: Node, node: Node) -> Entrance:
    return Entrance(building_id=_key(building), label=node.spelled, label_key=label_key(node.spelled))


def _new_dwelling(entrance: Node, node: Node) -> Dwelling:
    return Dwelling(
        entrance_id=_key(entrance),
        label=node.name,
        label_key=label_key(node.name),
        kind=node.kind,
        floor=node.floor,
        area=node.area,
    )
