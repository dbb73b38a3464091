"""Organisations of a file against those we have, by name."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from estates.access import RegisterReach
from estates.labels import name_key
from estates.models import Organisation, OrganisationKind
from estates.register import cells, words
from estates.register.plan import Plan
from estates.register.reasons import RowRefused
from estates.register.table import Choice, Entry

# Whoever heads a street or the district is set up by an administrator.
_OFFICES = frozenset({OrganisationKind.STREET_OFFICE, OrganisationKind.DISTRICT_OFFICE})


def organisations_within(reach: RegisterReach) -> set[int]:
    """The organisations someone may write about: their own, and those that head or manage something in their street."""
    today = timezone.localdate()
    streets = reach.streets
    in_force = Q(managements__starts_on__lte=today) & (
        Q(managements__ends_on__isnull=True) | Q(managements__ends_on__gte=today)
    )
    there = Q(managements__estate__community__street__in=streets) | Q(managements__zone__community__street__in=streets)
    found = Organisation.objects.filter(Q(heads_community__street__in=streets) | (in_force & there))
    return set(reach.organisations) | set(found.values_list("pk", flat=True))


class OrganisationsComparison:
    """Compares rows of organisations."""

    def __init__(self, reach: RegisterReach, choice: Choice, rows: list[Entry]) -> None:
        self.plan = Plan()
        self.reach = reach
        self.known = {name_key(each.name): each for each in Organisation.objects.order_by("pk")}
        self.within = organisations_within(reach)
        self.rows: dict[str, int] = {}
        self.fresh: list[Organisation] = []
        self.changed: list[Organisation] = []

    def take(self, entry: Entry) -> None:
        values = entry.values
        name = cells.name(values["name"], _("Organisation"), 80)
        kind = words.understood(words.ORGANISATION_KINDS, values["kind"])
        phone = cells.phone(values["phone"], _("Telephone"))
        key = name_key(name)
        if key in self.rows:
            raise RowRefused("twice", row=self.rows[key])
        self._judge(key, name, kind)
        self.rows[key] = entry.number
        known = self.known.get(key)
        if known is None:
            self.fresh.append(Organisation(name=name, kind=kind, phone=phone))
            self.plan.new["organisations"] += 1
            self.plan.made.append(f"{name}/{kind}/{phone}")
            return
        self._compare(entry, known, kind, phone)

    def _judge(self, key: str, name: str, kind: OrganisationKind) -> None:
        known = self.known.get(key)
        touches_an_office = kind in _OFFICES or (known is not None and known.kind in _OFFICES)
        if not self.reach.everything:
            # A manager adds nobody; a street office adds those who are to work in its street.
            unknown = known is None and not self.reach.streets
            foreign = known is not None and known.pk not in self.within
            if unknown or foreign or (known is None and touches_an_office):
                raise RowRefused("not_your_organisation", name=name)
        if known and known.kind == OrganisationKind.STREET_OFFICE and kind != known.kind:
            raise RowRefused("office_closed")
        if known and known.kind != kind and touches_an_office and not self.reach.everything:
            raise RowRefused("not_your_organisation", name=name)

    def _compare(self, entry: Entry, known: Organisation, kind: OrganisationKind, phone: str) -> None:
        told: list[tuple[str, object, object]] = []
        if known.kind != kind:
            old = words.written(words.ORGANISATION_KINDS, OrganisationKind(known.kind))
            told.append((_("Kind"), old, words.written(words.ORGANISATION_KINDS, kind)))
        if known.phone != phone:
            told.append((_("Telephone"), known.phone, phone))
        if not told:
            self.plan.unchanged += 1
            return
        known.kind, known.phone = kind, phone
        self.changed.append(known)
        self.plan.change(entry, known.name, told)

    def finish(self) -> None:
        """Organisations the file leaves out are not missing: a file names those somebody wants to bring in."""

    def write(self) -> None:
        Organisation.objects.bulk_create(self.fresh, batch_size=500)
        Organisation.objects.bulk_update(self.changed, ["kind", "phone"], batch_size=500)
