"""The part of the register a file speaks of, as a tree in memory: community, estate, building, entrance, flat."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from estates.labels import label_key, name_key
from estates.models import Building, Community, Dwelling, DwellingKind, Entrance, Estate, Street
from estates.register.reasons import RowRefused

_BUILDING_WORDS = ("号楼", "幢", "栋", "座", "楼")
_ENTRANCE_WORDS = ("号梯", "单元", "梯")
_FLAT_WORDS = ("室", "户")
_BARE = re.compile(r"\d+")


@dataclass(slots=True)
class Node:
    """One place; `pk` None: not in the register yet. `row` is where the file names it first."""

    name: str
    pk: int | None = None
    row: int | None = None
    children: dict[str, "Node"] = field(default_factory=dict)
    spellings: Counter[str] = field(default_factory=Counter)
    year: int | None = None
    stated_year: int | None = None
    year_row: int | None = None
    floor: int | None = None
    area: Decimal | None = None
    kind: str = DwellingKind.HOME

    @property
    def spelled(self) -> str:
        """As most rows write it: 1梯 rather than 一梯."""
        return self.spellings.most_common(1)[0][0] if self.spellings else self.name


def street_key(name: str) -> str:
    """Streets are named with and without 街道, 街道办 or 街道办事处."""
    return re.sub(r"(?:街道|街道办|街道办事处|镇|street)$", "", name_key(name))


def community_key(name: str) -> str:
    """Communities are named with and without 社区."""
    return re.sub(r"(?:社区|社区居委会|居委会)$", "", name_key(name)) or name_key(name)


def _words(text: str) -> tuple[str, str]:
    """A key parted into its number and the word after it; ("", "") for labels of another shape."""
    match = re.fullmatch(r"(\d+)(\D*)", text)
    return (match[1], match[2]) if match else ("", "")


def find(parent: Node, text: str, words: tuple[str, ...]) -> Node | None:
    """The child of that label. A bare "1" is 1幢 where there is only one that it can be, and the other way round."""
    key = label_key(text)
    exact = parent.children.get(key)
    if exact is not None:
        return exact
    number, word = _words(key)
    if word == "":
        alike = [parent.children[number + each] for each in words if number + each in parent.children] if number else []
        if len(alike) > 1:
            raise RowRefused("ambiguous", text=text, one=alike[0].name, other=alike[1].name)
        return alike[0] if alike else None
    return parent.children.get(number) if word in words else None


def find_building(estate: Node, text: str) -> Node | None:
    """A building of an estate."""
    return find(estate, text, _BUILDING_WORDS)


def find_entrance(building: Node, text: str) -> Node | None:
    """A stair of a building."""
    return find(building, text, _ENTRANCE_WORDS)


def find_flat(entrance: Node, text: str) -> Node | None:
    """A flat of a stair: 502 and 502室 are one."""
    return find(entrance, text, _FLAT_WORDS)


def without_word(text: str) -> str:
    """502室 is kept as 502, as all flats are."""
    return re.sub(rf"^(\d+)[{''.join(_FLAT_WORDS)}]$", r"\1", text)


def with_word(text: str, word: str) -> str:
    """A bare number gets the word its column stands for: 3 under 幢号 is 3幢."""
    return text + word if _BARE.fullmatch(text) else text


def building_word(title: str) -> str:
    """What a bare number in a column of that title means."""
    return next((word for word in ("幢", "座") if word in title), "栋" if "栋号" in title else "号楼")


def entrance_word(title: str) -> str:
    """What a bare number in a column of that title means."""
    return "单元" if "单元" in title and "梯" not in title else "梯"


class Register:
    """Streets and communities whole, and of the estates those asked for with everything in them."""

    def __init__(self) -> None:
        self.streets: dict[str, Street] = {}
        for street in Street.objects.all():
            for spelling in (street.name_zh, street.name_en, street.short_name):
                self.streets.setdefault(street_key(spelling), street)
        self.communities: dict[int, Node] = {
            street.pk: Node(street.name_zh, street.pk) for street in self.streets.values()
        }
        self._estates: dict[int, Node] = {}
        by_pk: dict[int, Node] = {}
        for community in Community.objects.order_by("pk"):
            node = by_pk[community.pk] = Node(community.name, community.pk)
            self.communities[community.street_id].children.setdefault(community_key(community.name), node)
        self._by_pk = by_pk

    def load(self, names: Iterable[str]) -> None:
        """The estates of these names (as `name_key`), in whatever community."""
        estates = Estate.objects.filter(name_key__in=set(names)).order_by("pk")
        for pk, community, name, key, year in estates.values_list(
            "pk", "community_id", "name", "name_key", "year_built"
        ):
            node = self._estates[pk] = Node(name, pk, year=year)
            self._by_pk[community].children[key] = node
        buildings = self._level(
            Building.objects.filter(estate__in=self._estates), "estate_id", self._estates, ("year_built",)
        )
        entrances = self._level(Entrance.objects.filter(building__in=buildings), "building_id", buildings)
        rows = Dwelling.objects.filter(entrance__building__estate__in=self._estates).order_by("pk")
        fields = ("pk", "entrance_id", "label", "label_key", "kind", "floor", "area")
        for pk, entrance, label, key, kind, floor, area in rows.values_list(*fields).iterator(chunk_size=5000):
            entrances[entrance].children[key] = Node(label, pk, kind=kind, floor=floor, area=area)

    @staticmethod
    def _level(rows: "object", parent: str, parents: dict[int, Node], more: tuple[str, ...] = ()) -> dict[int, Node]:
        found: dict[int, Node] = {}
        for row in rows.order_by("pk").values("pk", "label", "label_key", parent, *more):  # type: ignore[attr-defined]
            node = found[row["pk"]] = Node(row["label"], row["pk"], year=row.get("year_built"))
            parents[row[parent]].children[row["label_key"]] = node
        return found
