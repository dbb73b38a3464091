"""Types of repair for a select, under the names of their categories."""

from django.db.models import QuerySet

from repairs.models import RepairType


def types_by_category(types: "QuerySet[RepairType]") -> list[tuple[str, list[tuple[int, str]]]]:
    """Groups of choices in the order of the catalogue; one statement."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for each in types.select_related("category").order_by("category__position", "category", "position", "pk"):
        groups.setdefault(each.category.name, []).append((each.pk, each.name))
    return list(groups.items())
