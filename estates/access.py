"""Who may do what, where. The only reader of roles (HOUSE.md).

An appointment counts in two ways: every role counts where its organisation is on duty; the roles of
`COVERING_ROLES` also count over the whole area (community, street, district) their organisation heads, and there
the manager of a community counts as its officer: small ones have no other.
"""

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from accounts.roles import COVERING_ROLES, GRANTS, Permission, Role, roles_granting
from estates.duty import duty_organisation
from estates.models import Appointment, Estate, Management, Organisation, OrganisationKind, Street
from estates.models.place import EstateQuerySet


def _own(user: User) -> list[Appointment]:
    # Asked several times in one request: kept on the person, who lives as long as the request.
    kept: list[Appointment] | None = getattr(user, "_appointments_now", None)
    if kept is None:
        kept = []
        if user.is_authenticated and user.is_active:
            today = timezone.localdate()
            kept = list(Appointment.objects.current(today).filter(person=user).select_related("organisation"))
        user._appointments_now = kept  # type: ignore[attr-defined]
    return kept


def _covering(appointment: Appointment) -> Role | None:
    """As what an appointment counts over the whole area its organisation heads, if it does."""
    role = Role(appointment.role)
    if role is Role.MANAGER and appointment.organisation.kind == OrganisationKind.COMMUNITY:
        return Role.COMMUNITY_OFFICER
    return role if role in COVERING_ROLES else None


def _over_areas(user: User, roles: Container[Role]) -> set[int]:
    """The organisations over whose whole area `user` counts as one of `roles`."""
    return {each.organisation_id for each in _own(user) if (role := _covering(each)) and role in roles}


def _heads(estate: Estate) -> set[int | None]:
    street = estate.community.street
    return {estate.community.organisation_id, street.office_id, street.district.office_id}


def permissions_in(user: User, estate: Estate, organisation: Organisation | None = None) -> frozenset[Permission]:
    """What `user` may do in `estate`.

    `organisation` is the one that has the duty there, when the caller knows it better than today's register
    (a ticket stays with the organisation that received it).
    """
    appointments = _own(user)
    if not appointments:
        return frozenset()
    on_duty = organisation or duty_organisation(estate, timezone.localdate()).organisation
    heads = _heads(estate)
    granted: set[Permission] = set()
    for appointment in appointments:
        covering = _covering(appointment)
        if covering and appointment.organisation_id in heads:
            granted |= GRANTS[covering]
        if appointment.organisation_id == on_duty.pk:
            granted |= GRANTS[Role(appointment.role)]
    return frozenset(granted)


def require(user: User, permission: Permission, estate: Estate, organisation: Organisation | None = None) -> None:
    """Raise `PermissionDenied` unless `user` may do that there."""
    if permission not in permissions_in(user, estate, organisation):
        raise PermissionDenied


def appointments_of(user: User) -> list[Appointment]:
    """What `user` is appointed to today; read once in a request."""
    return list(_own(user))


def works_for(user: User, organisation: Organisation) -> bool:
    """Whether `user` holds any appointment there today."""
    return any(appointment.organisation_id == organisation.pk for appointment in _own(user))


def organisations_where(user: User, permission: Permission) -> list[Organisation]:
    """The organisations in which `user` holds a role that grants `permission`, by name."""
    roles = roles_granting(permission)
    found = {a.organisation.pk: a.organisation for a in _own(user) if a.role in roles}
    return sorted(found.values(), key=lambda organisation: organisation.name)


def appointed(organisation: Organisation, permission: Permission) -> list[Appointment]:
    """Who holds a role there today that grants `permission`, each once, those of the fewest rights first."""
    roles = sorted(roles_granting(permission), key=lambda role: len(GRANTS[role]))
    held = Appointment.objects.current(timezone.localdate()).filter(
        organisation=organisation, role__in=roles, person__is_active=True
    )
    by_person: dict[int, Appointment] = {}
    for each in sorted(held.select_related("person"), key=lambda one: (roles.index(Role(one.role)), one.person_id)):
        by_person.setdefault(each.person_id, each)
    return list(by_person.values())


def people_of(organisations: Iterable[Organisation]) -> list[int]:
    """Who holds any appointment in one of them today, by key."""
    held = Appointment.objects.current(timezone.localdate()).filter(organisation__in=list(organisations))
    return list(held.order_by().values_list("person", flat=True).distinct())


def staffed(permission: Permission | None = None) -> Exists:
    """For rows of organisations: whether somebody there holds a role today that grants `permission`, or any role."""
    held = Appointment.objects.current(timezone.localdate())
    held = held.filter(role__in=roles_granting(permission)) if permission else held
    return Exists(held.filter(organisation=OuterRef("pk"), person__is_active=True))


def holders(organisations: Iterable[int], roles: Collection[Role]) -> dict[int, dict[Role, list[User]]]:
    """Who holds which of `roles` today, by organisation; one statement however many there are."""
    held = Appointment.objects.current(timezone.localdate()).filter(
        organisation__in=set(organisations), role__in=roles, person__is_active=True
    )
    found: dict[int, dict[Role, list[User]]] = {}
    for each in held.select_related("person").order_by("pk"):
        found.setdefault(each.organisation_id, {}).setdefault(Role(each.role), []).append(each.person)
    return found


def without_anybody(*permissions: Permission) -> frozenset[int]:
    """The organisations in which nobody holds any of `permissions` today, by key."""
    nobody = Organisation.objects.order_by("pk")
    for permission in permissions:
        nobody = nobody.exclude(staffed(permission))
    return frozenset(nobody.values_list("pk", flat=True))


def has_role(user: User, permission: Permission) -> bool:
    """Whether `user` has `permission` anywhere: decides which desk they are sent to, never what they see."""
    return bool(organisations_where(user, permission))


def in_scope(user: User, permission: Permission) -> Q:
    """The condition on rows with `organisation`, `estate` and `street` that `user` may reach with `permission`.

    Built from the appointments already read for this person, and with `Exists`: no join multiplies a row. Asking the
    appointments again in every row's condition took half of a page's time.
    """
    roles = roles_granting(permission)
    held = [appointment for appointment in _own(user) if appointment.role in roles]
    heads = _over_areas(user, roles)
    scope = Q(organisation__in={appointment.organisation_id for appointment in held})
    if heads:
        scope |= Q(Exists(Estate.objects.filter(pk=OuterRef("estate"), community__organisation__in=heads)))
        streets = Street.objects.filter(Q(office__in=heads) | Q(district__office__in=heads))
        scope |= Q(Exists(streets.filter(pk=OuterRef("street"))))
    return scope


def estates_overseen_by(user: User) -> EstateQuerySet:
    """The estates a community, street or district officer or a manager answers for."""
    return estates_where(user, Permission.ESTATE_OVERSEE)


def estates_where(user: User, permission: Permission) -> EstateQuerySet:
    """The estates in which an appointment of `user` grants `permission`: over their area, or where they manage."""
    roles = roles_granting(permission)
    heads = _over_areas(user, roles)
    held = {each.organisation_id for each in _own(user) if each.role in roles}
    managed = Management.objects.in_force(timezone.localdate()).filter(organisation__in=held)
    return Estate.objects.filter(
        Q(community__organisation__in=heads)
        | Q(community__street__in=Street.objects.filter(Q(office__in=heads) | Q(district__office__in=heads)))
        | Exists(managed.filter(estate=OuterRef("pk")))
        | Exists(managed.filter(zone=OuterRef("zone")))
    )


@dataclass(frozen=True)
class RegisterReach:
    """What of the register someone may bring in; keys, because ten thousand rows are asked one by one."""

    everything: bool
    organisations: frozenset[int]
    streets: frozenset[int]
    estates: frozenset[int]
    roles: frozenset[Role]

    @property
    def nothing(self) -> bool:
        """Whether the register is none of their business."""
        return not (self.everything or self.organisations)

    def covers(self, street: int, estate: int | None) -> bool:
        """Whether they may bring in that estate (`None`: one that is not there yet)."""
        return self.everything or street in self.streets or estate in self.estates


_WHOLE_REGISTER = RegisterReach(True, frozenset(), frozenset(), frozenset(), frozenset(Role))
_OFFICERS = frozenset({Role.STREET_OFFICER, Role.DISTRICT_OFFICER})


def whole_register() -> RegisterReach:
    """The reach of the operator at the console."""
    return _WHOLE_REGISTER


def register_reach(user: User) -> RegisterReach:
    """The district brings in everything, a street office its street, a manager what their organisation manages.

    Below the district, nobody appoints an officer of a level they do not hold themselves.
    """
    if user.is_active and user.is_superuser:
        return _WHOLE_REGISTER
    roles = roles_granting(Permission.REGISTER_IMPORT)
    held = [each for each in _own(user) if each.role in roles]
    covering = [each.organisation_id for each in held if each.role in COVERING_ROLES]
    organisations = frozenset(each.organisation_id for each in held)
    may_appoint = (frozenset(Role) - _OFFICERS) | {Role(each.role) for each in held}
    if Organisation.objects.filter(pk__in=covering, heads_district__isnull=False).exists():
        return RegisterReach(True, organisations, frozenset(), frozenset(), frozenset(Role))
    streets = frozenset(Street.objects.filter(office__in=covering).values_list("pk", flat=True))
    today = timezone.localdate()
    managing = (
        Q(managements__organisation__in=organisations)
        & Q(managements__starts_on__lte=today)
        & (Q(managements__ends_on__isnull=True) | Q(managements__ends_on__gte=today))
    )
    by_zone = Q(zone__managements__organisation__in=organisations, zone__managements__starts_on__lte=today) & (
        Q(zone__managements__ends_on__isnull=True) | Q(zone__managements__ends_on__gte=today)
    )
    estates = frozenset(Estate.objects.filter(managing | by_zone).values_list("pk", flat=True)) if held else frozenset()
    return RegisterReach(False, organisations, streets, estates, may_appoint)
