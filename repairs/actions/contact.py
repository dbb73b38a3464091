"""What touches the people of a ticket rather than its state."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission
from estates import access
from repairs.models import ContactView, Message, Photo, Ticket


@transaction.atomic
def reveal_contact(ticket: Ticket, *, by: User, reason: str) -> ContactView:
    """Note down that `by` sees the contact in full, and why; show nothing before this returns."""
    granted = access.permissions_in(by, ticket.estate, ticket.organisation)
    in_charge = ticket.assignee_id == by.pk or Permission.TICKET_VIEW in granted
    if Permission.CONTACT_REVEAL not in granted or not in_charge:
        raise PermissionDenied
    return ContactView.objects.create(ticket=ticket, by=by, at=timezone.now(), reason=reason)


def adopt_guest(*, guest: User, user: User) -> None:
    """`guest` has proved to be `user`: the reports of that browser become theirs.

    Also called with one and the same person, when a guest became someone with a phone. The timeline keeps
    saying who wrote what: it is never changed.
    """
    if guest.pk != user.pk:
        Ticket.objects.filter(reporter=guest).update(reporter=user)
        Photo.objects.filter(uploaded_by=guest).update(uploaded_by=user)
        Message.objects.filter(recipient=guest).update(recipient=user)
    if user.phone:
        Ticket.objects.filter(reporter=user, contact_phone=user.phone, phone_verified=False).update(
            phone_verified=True, contact_agreed=True
        )


def read_messages(user: User) -> int:
    """Mark everything in the app as read; how many were new."""
    return Message.objects.visible_to(user).unread().update(read_at=timezone.now())
