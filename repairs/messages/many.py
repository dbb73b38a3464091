"""Telling residents and staff of many events at once: the same rows, in a handful of statements."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from accounts.models import User
from estates.models import Organisation
from repairs.messages.residents import ask_for_delivery, contacts_of, kind_of, messages_of, silent_phones
from repairs.messages.staff import staff_messages
from repairs.models import Message, MessageChannel, TeamRobot, Ticket, TicketEvent


class Telling(NamedTuple):
    """One event and who hears of it beside the resident; `aloud`: the resident by text message, too."""

    event: TicketEvent
    ticket: Ticket
    people: Sequence[User]
    organisation: Organisation | None
    aloud: bool = True


def tell_many(tellings: Sequence[Telling]) -> None:
    """What `tell_resident` and `tell_staff` do for each, whatever their number. All of one verb."""
    if not tellings:
        return
    kind = kind_of(tellings[0].event.verb)
    silent = silent_phones((each.ticket.contact_phone for each in tellings), kind)
    contacts = contacts_of(each.ticket for each in tellings)
    robots = _robots(each.organisation for each in tellings)
    messages: list[Message] = []
    for each in tellings:
        to_resident = messages_of(each.event, each.ticket, silent, contacts)
        messages += [row for row in to_resident if each.aloud or row.channel != MessageChannel.SMS]
        speaking = robots.get(each.organisation.pk, []) if each.organisation else []
        messages += staff_messages(each.event, each.ticket, each.people, each.organisation, speaking)
    ask_for_delivery(row.channel for row in messages)
    Message.objects.bulk_create(messages, ignore_conflicts=True)


def _robots(organisations: Iterable[Organisation | None]) -> dict[int, list[TeamRobot]]:
    found: dict[int, list[TeamRobot]] = {}
    for robot in TeamRobot.objects.speaking().filter(organisation__in={each.pk for each in organisations if each}):
        found.setdefault(robot.organisation_id, []).append(robot)
    return found
