"""What stands on a resident's first page, and to which desk the staff goes instead."""

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.duty import Duty, duty_organisation
from estates.models import Estate, Residence
from estates.places import Place, place_of
from repairs.models import Booking, BookingConsent, ConsentAnswer, Message, Scope, Ticket
from repairs.timeline import listed
from repairs.visit_page import doors

SHOWN = 3
_SHARED = (Scope.ENTRANCE, Scope.BUILDING, Scope.ESTATE)


def desk_of(user: User) -> str | None:
    """The address of a staff member's own first page; `None` for residents (and grid workers, who report)."""
    if access.has_role(user, Permission.TICKET_ACKNOWLEDGE):
        return reverse("repairs:queue", args=["new"])
    if access.has_role(user, Permission.TICKET_WORK):
        return reverse("repairs:jobs")
    if access.has_role(user, Permission.ESTATE_OVERSEE):
        return reverse("oversight:overview")
    return reverse("admin:index") if user.is_superuser else None


def place_of_resident(user: User | AnonymousUser) -> Place | None:
    """Where someone lives, else where they last reported something from."""
    if not isinstance(user, User):
        return None
    above = "entrance__building__estate__community__street__district"
    home = (
        Residence.objects.visible_to(user)
        .current(timezone.localdate())
        .select_related(f"dwelling__{above}")
        .order_by("-starts_on", "-pk")
        .first()
    )
    if home is not None:
        return place_of(home.dwelling)
    last = Ticket.objects.filter(reporter=user).for_page().order_by("-filed_at", "-pk").first()
    return last.place if last else None


def duty_of(user: User | AnonymousUser) -> Duty | None:
    """Who answers for the place someone lives in, when we know it."""
    place = place_of_resident(user)
    return duty_organisation(place, timezone.localdate()) if place else None


def contents(user: User | AnonymousUser) -> dict[str, object]:
    """The context of the home page; the same few queries however much there is."""
    place = place_of_resident(user)
    if not isinstance(user, User):
        return {"place": None}
    own = Ticket.objects.of_resident(user)
    mine = list(own.open().for_list().order_by("-filed_at", "-pk")[: SHOWN + 1])
    return {
        "place": place,
        "duty": duty_organisation(place, timezone.localdate()) if place else None,
        "tickets": listed(mine[:SHOWN], Booking.objects.standing(mine[:SHOWN])),
        "has_more": len(mine) > SHOWN,
        "reported_any": bool(mine) or own.exists(),
        "doors": doors(_doors(user)),
        "shared": listed(_shared(place.estate, user)) if place else [],
        "unread": Message.objects.visible_to(user).unread().count(),
    }


def _doors(user: User) -> list[BookingConsent]:
    """Visits at a neighbour's for which one's own door has to be opened, soonest first."""
    asked = BookingConsent.objects.visible_to(user).coming(timezone.now())
    return list(asked.exclude(answer=ConsentAnswer.REFUSED).for_page().order_by("booking__starts_at", "pk")[:SHOWN])


def _shared(estate: Estate, user: User) -> list[Ticket]:
    """Open problems of the common parts of one's estate that others reported: what and where, never who."""
    others = Ticket.objects.filter(estate=estate, scope__in=_SHARED).open().exclude(reporter=user)
    return list(others.for_list().order_by("-filed_at", "-pk")[:SHOWN])
