"""One place, from an estate down to a flat, as it is named in links, forms and sentences."""

import re
from dataclasses import dataclass

from estates.models import Building, Dwelling, Entrance, Estate

_REF = re.compile(r"(estate|building|entrance|dwelling)-(\d{1,18})")
_ABOVE = "community__street__district"


@dataclass(frozen=True)
class Place:
    """An estate and, as far as known, the building, the entrance and the dwelling in it."""

    estate: Estate
    building: Building | None = None
    entrance: Entrance | None = None
    dwelling: Dwelling | None = None

    @property
    def ref(self) -> str:
        """The short word for links and forms: "entrance-12"."""
        for kind in ("dwelling", "entrance", "building"):
            part = getattr(self, kind)
            if part is not None:
                return f"{kind}-{part.pk}"
        return f"estate-{self.estate.pk}"

    @property
    def public(self) -> str:
        """The place as anybody may read it: it stops at the entrance."""
        return " ".join(str(part) for part in (self.estate, self.building, self.entrance) if part is not None)

    @property
    def full(self) -> str:
        """The place down to the flat, for those who may know."""
        return f"{self.public} {self.dwelling}" if self.dwelling else self.public


def place_of(part: Estate | Building | Entrance | Dwelling) -> Place:
    """The place of one row of the register; reads whatever stands above it."""
    if isinstance(part, Dwelling):
        return Place(part.entrance.building.estate, part.entrance.building, part.entrance, part)
    if isinstance(part, Entrance):
        return Place(part.building.estate, part.building, part)
    if isinstance(part, Building):
        return Place(part.estate, part)
    return Place(part)


def find_place(ref: str) -> Place | None:
    """The place a link or a form names, in one query; `None` when there is no such place."""
    match = _REF.fullmatch(ref)
    if match is None or int(match[2]) > 2**63 - 1:
        return None
    part: Estate | Building | Entrance | Dwelling | None
    kind, pk = match[1], int(match[2])
    if kind == "dwelling":
        part = Dwelling.objects.select_related(f"entrance__building__estate__{_ABOVE}").filter(pk=pk).first()
    elif kind == "entrance":
        part = Entrance.objects.select_related(f"building__estate__{_ABOVE}").filter(pk=pk).first()
    elif kind == "building":
        part = Building.objects.select_related(f"estate__{_ABOVE}").filter(pk=pk).first()
    else:
        part = Estate.objects.select_related(_ABOVE).filter(pk=pk).first()
    return place_of(part) if part else None
