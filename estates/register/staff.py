"""Staff of a file against the people we know. New people get no password: an administrator sets their first one."""

import datetime
import re
import unicodedata

from django.utils.translation import gettext_noop as _

from accounts.models import User
from accounts.roles import Role
from estates.access import RegisterReach, whole_register
from estates.labels import name_key
from estates.models import Appointment, Organisation
from estates.register import cells, words
from estates.register.organisations import organisations_within
from estates.register.plan import Plan
from estates.register.reasons import RowRefused
from estates.register.table import Choice, Entry

# Said again for the reason's sake, which is put into words later, in the reader's language.
_ROLE_TITLES = {
    Role.STREET_OFFICER: _("street officer"),
    Role.DISTRICT_OFFICER: _("district officer"),
}
_USERNAME = re.compile(r"[\w.@+-]{1,150}")


class StaffComparison:
    """Compares rows of appointments; the same person, organisation and role is the same appointment while it lasts."""

    def __init__(self, reach: RegisterReach, choice: Choice, rows: list[Entry]) -> None:
        self.plan = Plan()
        self.reach = reach
        self.organisations = {name_key(each.name): each for each in Organisation.objects.order_by("pk")}
        self.within = organisations_within(reach)
        self.people = {each.username: each for each in User.objects.filter(username__isnull=False) if each.username}
        self.held: dict[tuple[str, int, str], list[Appointment]] = {}
        self.employers: dict[str, set[int]] = {}
        for each in Appointment.objects.select_related("person").order_by("starts_on"):
            if each.person.username:
                key = (each.person.username, each.organisation_id, each.role)
                self.held.setdefault(key, []).append(each)
                self.employers.setdefault(each.person.username, set()).add(each.organisation_id)
        self.rows: dict[tuple[str, int, str, datetime.date], int] = {}
        self.fresh_people: dict[str, User] = {}
        self.renamed: list[User] = []
        self.fresh: list[Appointment] = []
        self.changed: list[Appointment] = []

    def take(self, entry: Entry) -> None:
        values = entry.values
        username = self._username(entry)
        name = cells.name(values["name"], _("Name"), 40)
        organisation = self._organisation(entry)
        role = words.understood(words.ROLES, values["role"])
        trade = cells.name(values["trade"], _("Trade"), 40) if values.get("trade") is not None else ""
        starts_on = cells.day(values["starts_on"], _("From"), required=True) or datetime.date.max
        ends_on = cells.day(values.get("ends_on"), _("To"), required=False)
        if ends_on and ends_on < starts_on:
            raise RowRefused("ends_before")
        key = (username, organisation.pk, role.value)
        if (*key, starts_on) in self.rows:
            raise RowRefused("twice", row=self.rows[*key, starts_on])
        self._judge(username, organisation, role)
        wanted = Appointment(organisation=organisation, role=role, trade=trade, starts_on=starts_on, ends_on=ends_on)
        same = self._same(key, wanted)
        self.rows[*key, starts_on] = entry.number
        told = self._name(username, name)
        if same is None:
            self._appoint(username, wanted)
        else:
            self._compare(entry, same, wanted, told, name)

    def _username(self, entry: Entry) -> str:
        text = cells.label(entry.values["username"], _("Username"), 150)
        username = unicodedata.normalize("NFKC", text).lower()
        if not _USERNAME.fullmatch(username):
            raise RowRefused("not_a_username", username=username[:60])
        return username

    def _organisation(self, entry: Entry) -> Organisation:
        name = cells.name(entry.values["organisation"], _("Organisation"), 80)
        organisation = self.organisations.get(name_key(name))
        if organisation is None:
            raise RowRefused("no_organisation", name=name)
        return organisation

    def _judge(self, username: str, organisation: Organisation, role: Role) -> None:
        """Nobody reaches beyond their own organisations, appoints above themselves, or touches a stranger."""
        if not self.reach.everything and organisation.pk not in self.within:
            raise RowRefused("not_your_organisation", name=organisation.name)
        if role not in self.reach.roles:
            raise RowRefused("not_your_role", role=_ROLE_TITLES[role])
        employers = self.employers.get(username, set())
        elsewhere = username in self.people and not (employers and employers <= self.within)
        if elsewhere and not self.reach.everything:
            raise RowRefused("not_your_person", username=username)
        if self._is_administrator(username) and self.reach != whole_register():
            raise RowRefused("not_your_person", username=username)

    def _is_administrator(self, username: str) -> bool:
        person = self.people.get(username)
        return person is not None and person.is_superuser

    def _same(self, key: tuple[str, int, str], wanted: Appointment) -> Appointment | None:
        held = self.held.get(key, [])
        exact = next((each for each in held if each.starts_on == wanted.starts_on), None)
        # One open appointment at a time: another first day corrects it.
        return exact or next((each for each in held if each.ends_on is None), None)

    def _name(self, username: str, name: str) -> list[tuple[str, object, object]]:
        person = self.people.get(username)
        if person is None:
            person = self.people[username] = self.fresh_people[username] = User(username=username, display_name=name)
            self.plan.new["people"] += 1
            self.plan.made.append(f"{username}/{name}")
            return []
        if person.display_name == name or person.pk is None:
            return []
        told: list[tuple[str, object, object]] = [(_("Name"), person.display_name, name)]
        person.display_name = name
        self.renamed.append(person)
        return told

    def _appoint(self, username: str, wanted: Appointment) -> None:
        wanted.person = self.people[username]
        self.fresh.append(wanted)
        self.held.setdefault((username, wanted.organisation_id, wanted.role), []).append(wanted)
        self.plan.new["appointments"] += 1
        self.plan.made.append(
            f"{username}/{wanted.organisation_id}/{wanted.role}/{wanted.trade}/{wanted.starts_on}/{wanted.ends_on}"
        )

    def _compare(
        self,
        entry: Entry,
        same: Appointment,
        wanted: Appointment,
        told: list[tuple[str, object, object]],
        name: str,
    ) -> None:
        own: list[tuple[str, object, object]] = []
        for at, title in (("trade", _("Trade")), ("starts_on", _("From")), ("ends_on", _("To"))):
            old, new = getattr(same, at), getattr(wanted, at)
            if old != new:
                own.append((title, old, new))
                setattr(same, at, new)
        if own and same.pk:
            self.changed.append(same)
        if own or told:
            self.plan.change(entry, f"{name} · {wanted.organisation.name}", told + own)
        else:
            self.plan.unchanged += 1

    def finish(self) -> None:
        """Staff the file leaves out stay: an appointment ends by its last day."""

    def write(self) -> None:
        for person in self.fresh_people.values():
            person.set_unusable_password()
        User.objects.bulk_create(self.fresh_people.values(), batch_size=500)
        User.objects.bulk_update(self.renamed, ["display_name"], batch_size=500)
        for each in self.fresh:
            each.person_id = each.person.pk
        for each in sorted(self.changed, key=lambda one: one.ends_on or datetime.date.max):
            each.save(update_fields=["trade", "starts_on", "ends_on"])
        Appointment.objects.bulk_create(self.fresh, batch_size=500)
