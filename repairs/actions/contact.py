"""What touches the people of a ticket rather than its state."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission
from estates import access
from repairs.models import ContactView, Message, MessageChannel, Photo, PushDevice, Ticket


def works_on(ticket: Ticket, user: User) -> bool:
    """Whether `user` sees this ticket as staff: it is their job, or of a place they answer for."""
    granted = access.permissions_in(user, ticket.estate, ticket.organisation)
    return ticket.assignee_id == user.pk or Permission.TICKET_VIEW in granted


def plans_visits(ticket: Ticket, user: User) -> bool:
    """Whether `user` plans this ticket's visit as staff; a clerk who took the call is its reporter and plans it too."""
    return Permission.TICKET_ASSIGN in access.permissions_in(user, ticket.estate, ticket.organisation)


def may_reveal(ticket: Ticket, user: User) -> bool:
    """Whether `user` may see the contact of this ticket in full, with a reason."""
    granted = access.permissions_in(user, ticket.estate, ticket.organisation)
    return Permission.CONTACT_REVEAL in granted and works_on(ticket, user)


@transaction.atomic
def reveal_contact(ticket: Ticket, *, by: User, reason: str) -> ContactView:
    """Note down that `by` sees the contact in full, and why; show nothing before this returns."""
    if not may_reveal(ticket, by):
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
        # Of what both were told, as reporter and as a household that opens its door, theirs stays.
        known = Message.objects.filter(recipient=user, event=OuterRef("event"), channel=OuterRef("channel"))
        Message.objects.filter(Exists(known), recipient=guest).exclude(channel=MessageChannel.PUSH).delete()
        Message.objects.filter(recipient=guest).update(recipient=user)
        PushDevice.objects.filter(person=guest).update(person=user)
    if user.phone:
        Ticket.objects.filter(reporter=user, contact_phone=user.phone, phone_verified=False).update(
            phone_verified=True, contact_agreed=True
        )


def read_messages(user: User) -> int:
    """Mark everything in the app as read; how many were new."""
    return Message.objects.visible_to(user).unread().update(read_at=timezone.now())
