"""Who manages what from when to when, of a file against what is on record: one place, one management on any day."""

import datetime
from typing import NamedTuple

from django.utils.translation import gettext_noop as _

from estates.access import RegisterReach
from estates.labels import name_key
from estates.models import Estate, Management, ManagementMode, Organisation, Zone
from estates.register import cells, tree, words
from estates.register.plan import Plan
from estates.register.reasons import Refusal, RowRefused
from estates.register.table import Choice, Entry, shown

_EVER = datetime.date.max


class _Wanted(NamedTuple):
    """One row understood."""

    place: Estate | Zone
    mode: ManagementMode
    organisation: Organisation | None
    starts_on: datetime.date
    ends_on: datetime.date | None


def _overlap(one: Management, other: Management) -> bool:
    return one.starts_on <= (other.ends_on or _EVER) and other.starts_on <= (one.ends_on or _EVER)


class ManagementsComparison:
    """Compares rows of managements; the same place and first day is the same management.

    New ones wait until all rows are read: a file that ends the old management may name the new one above it.
    """

    def __init__(self, reach: RegisterReach, choice: Choice, rows: list[Entry]) -> None:
        self.plan = Plan()
        self.reach = reach
        self.organisations = {name_key(each.name): each for each in Organisation.objects.order_by("pk")}
        self.places: dict[str, list[Estate | Zone]] = {}
        above = ("community__street",)
        for place in (*Estate.objects.select_related(*above), *Zone.objects.select_related(*above)):
            self.places.setdefault(name_key(place.name), []).append(place)
        self.timelines: dict[tuple[str, int], list[Management]] = {}
        for each in Management.objects.select_related("organisation").order_by("starts_on"):
            key = ("Estate", each.estate_id) if each.estate_id else ("Zone", each.zone_id or 0)
            self.timelines.setdefault(key, []).append(each)
        self.rows: dict[tuple[str, int, datetime.date], int] = {}
        self.waiting: list[tuple[Entry, _Wanted]] = []
        self.fresh: list[Management] = []
        self.changed: list[Management] = []

    def take(self, entry: Entry) -> None:
        wanted = self._understood(entry)
        place = wanted.place
        key = (type(place).__name__, place.pk)
        if (*key, wanted.starts_on) in self.rows:
            raise RowRefused("twice", row=self.rows[*key, wanted.starts_on])
        estate = place.pk if isinstance(place, Estate) else None
        if not self.reach.covers(place.community.street_id, estate):
            raise RowRefused("not_yours", place=place.name)
        self.rows[*key, wanted.starts_on] = entry.number
        same = next((each for each in self.timelines.get(key, []) if each.starts_on == wanted.starts_on), None)
        if same is None:
            self.waiting.append((entry, wanted))
        else:
            self._compare(entry, same, wanted, key)

    def _understood(self, entry: Entry) -> _Wanted:
        values = entry.values
        place = self._place(entry)
        mode = words.understood(words.MODES, values["mode"])
        organisation = self._organisation(entry, mode)
        starts_on = cells.day(values["starts_on"], _("From"), required=True) or _EVER
        ends_on = cells.day(values.get("ends_on"), _("To"), required=False)
        if ends_on and ends_on < starts_on:
            raise RowRefused("ends_before")
        return _Wanted(place, mode, organisation, starts_on, ends_on)

    def _place(self, entry: Entry) -> Estate | Zone:
        values = entry.values
        name = cells.name(values["estate"], _("Estate or zone"), 60)
        found = self.places.get(name_key(name), [])
        if street := values.get("street"):
            key = tree.street_key(cells.name(street, _("Street"), 40))
            found = [each for each in found if tree.street_key(each.community.street.name_zh) == key]
        if community := values.get("community"):
            key = tree.community_key(cells.name(community, _("Community"), 40))
            found = [each for each in found if tree.community_key(each.community.name) == key]
        if len(found) != 1:
            raise RowRefused("many_estates" if found else "no_estate", name=name)
        return found[0]

    def _organisation(self, entry: Entry, mode: ManagementMode) -> Organisation | None:
        value = entry.values["organisation"]
        if mode == ManagementMode.NOBODY:
            if value is not None:
                raise RowRefused("nobody_named")
            return None
        if value is None:
            raise RowRefused("nobody_missing")
        name = cells.name(value, _("Organisation"), 80)
        organisation = self.organisations.get(name_key(name))
        if organisation is None:
            raise RowRefused("no_organisation", name=name)
        return organisation

    def _compare(self, entry: Entry, same: Management, wanted: _Wanted, key: tuple[str, int]) -> None:
        told: list[tuple[str, object, object]] = []
        if same.mode != wanted.mode:
            old = words.written(words.MODES, ManagementMode(same.mode))
            told.append((_("How it is managed"), old, words.written(words.MODES, wanted.mode)))
        if same.organisation != wanted.organisation:
            told.append((_("Organisation"), same.organisation, wanted.organisation))
        if same.ends_on != wanted.ends_on:
            told.append((_("To"), same.ends_on, wanted.ends_on))
        if not told:
            self.plan.unchanged += 1
            return
        as_it_is = same.mode, same.organisation, same.ends_on
        same.mode, same.organisation, same.ends_on = wanted.mode, wanted.organisation, wanted.ends_on
        try:
            self._judge_overlap(same, key, wanted.place.name)
        except RowRefused:
            same.mode, same.organisation, same.ends_on = as_it_is
            raise
        self.changed.append(same)
        self.plan.change(entry, wanted.place.name, told)

    def _judge_overlap(self, management: Management, key: tuple[str, int], name: str) -> None:
        for other in self.timelines.get(key, []):
            if other is not management and _overlap(management, other):
                start, end = other.starts_on.isoformat(), other.ends_on
                if end is None:
                    raise RowRefused("overlaps_open", place=name, start=start)
                raise RowRefused("overlaps", place=name, start=start, end=end.isoformat())

    def finish(self) -> None:
        """The new ones, now that the old ones end when the file says."""
        for entry, wanted in self.waiting:
            place = wanted.place
            key = (type(place).__name__, place.pk)
            management = Management(
                mode=wanted.mode,
                organisation=wanted.organisation,
                starts_on=wanted.starts_on,
                ends_on=wanted.ends_on,
                **{type(place).__name__.lower(): place},
            )
            try:
                self._judge_overlap(management, key, place.name)
            except RowRefused as refused:
                self.plan.refused.append(Refusal(entry.number, refused.code, refused.words, shown(entry.cells)))
                continue
            self.timelines.setdefault(key, []).append(management)
            self.fresh.append(management)
            self.plan.new["managements"] += 1
            self.plan.made.append(f"{key}/{wanted.mode}/{wanted.organisation}/{wanted.starts_on}/{wanted.ends_on}")

    def write(self) -> None:
        # The shorter first: one may only grow into the days another has given up.
        for each in sorted(self.changed, key=lambda one: one.ends_on or _EVER):
            each.save(update_fields=["mode", "organisation", "ends_on"])
        Management.objects.bulk_create(self.fresh, batch_size=500)
