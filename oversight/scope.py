"""What one overseer looks at: their estates (all, or those of one street) and the tickets in them."""

from functools import cached_property

from django.db.models import Q
from django.http import Http404

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import District, Estate, Organisation, Street
from repairs.models import Ticket
from repairs.models.ticket import TicketQuerySet


class Scope:
    """The estates a person answers for, through `estates_overseen_by`, and of their tickets those they may see."""

    def __init__(self, user: User, street_code: str = "") -> None:
        self.user = user
        if not self.organisations:
            raise Http404
        self.street = self._chosen(street_code)

    def _chosen(self, code: str) -> Street | None:
        if not code:
            return None
        chosen = next((street for street in self.streets if street.code == code), None)
        if chosen is None:
            raise Http404
        return chosen

    @cached_property
    def organisations(self) -> list[Organisation]:
        """Those in which the person oversees; none: there is nothing here for them."""
        return access.organisations_where(self.user, Permission.ESTATE_OVERSEE)

    @cached_property
    def streets(self) -> list[Street]:
        """The streets their estates stand in."""
        overseen = access.estates_overseen_by(self.user)
        return list(Street.objects.filter(pk__in=overseen.order_by().values("community__street")))

    @cached_property
    def estates(self) -> list[Estate]:
        """Every estate in scope, by name."""
        estates = access.estates_overseen_by(self.user).select_related("community__street")
        return list(estates.filter(community__street=self.street) if self.street else estates)

    def estate(self, pk: int) -> Estate:
        """One of them, or 404."""
        found = next((estate for estate in self.estates if estate.pk == pk), None)
        if found is None:
            raise Http404
        return found

    def tickets(self) -> TicketQuerySet:
        """What this person sees as staff in these estates."""
        seen = Ticket.objects.visible_to(self.user).worked_by(self.user)
        return seen.filter(estate__in=[estate.pk for estate in self.estates])

    @cached_property
    def name(self) -> str:
        """The area, as it stands in the heading: the street, the district or the organisation."""
        if self.street:
            return self.street.name
        heads = Q(office__in=self.organisations)
        area = District.objects.filter(heads).first() or Street.objects.filter(heads).first()
        return area.name if area else self.organisations[0].name

    @property
    def has_choice_of_street(self) -> bool:
        """Whether there is more than one street to choose from."""
        return len(self.streets) > 1
