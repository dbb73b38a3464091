"""Telling the people who work: one row a person in the app, and what rings at their organisation.

A verb that tells somebody on the staff has its sentence in `STAFF_SENTENCES`; the number and the headline of the
ticket go in front by themselves.
"""

from collections.abc import Callable, Iterable
from copy import copy
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.phones import dialled, is_mobile
from estates.models import Organisation
from repairs import climb_words
from repairs.handovers import discreet
from repairs.messages import colleagues, handing_over
from repairs.messages.residents import about, ask_for_delivery, in_the_app
from repairs.models import Audience, Message, MessageChannel, TeamRobot, Ticket, TicketEvent
from repairs.wording import Wording
from repairs.workflow import Urgency

REPORT = Wording("staff.report", gettext_noop("A new report, %(urgency)s, at %(place)s."))
SET_URGENCY = Wording("staff.set_urgency", gettext_noop("It is treated as: %(urgency)s."))


def _reported(ticket: Ticket, event: TicketEvent) -> str:
    return REPORT.say(urgency=ticket.get_urgency_display(), place=ticket.place.public)


def _urgency_set(ticket: Ticket, event: TicketEvent) -> str:
    return SET_URGENCY.say(urgency=ticket.get_urgency_display())


STAFF_SENTENCES: dict[str, Callable[[Ticket, TicketEvent], str]] = {
    "report": _reported,
    "set_urgency": _urgency_set,
    **colleagues.TO_STAFF,
    **handing_over.TO_STAFF,
    **dict.fromkeys(climb_words.LINES, climb_words.line),
    "climb": climb_words.to_climb,
}


def tell_staff(
    event: TicketEvent, ticket: Ticket, people: Iterable[User], organisation: Organisation | None = None
) -> list[Message]:
    """Write the messages of `event` for those `people`, each once and in their own language.

    `organisation` is the one that has to act: its team robots say it, and in danger its duty telephone rings. Who did
    it is not told. Part of the caller's transaction, as the event is.
    """
    robots = robots_of(organisation) if organisation else ()
    messages = staff_messages(event, ticket, people, organisation, robots)
    ask_for_delivery(message.channel for message in messages)
    # The same event told twice, or to somebody who hears it as the reporter already, stays one row.
    return Message.objects.bulk_create(messages, ignore_conflicts=True)


def staff_messages(
    event: TicketEvent,
    ticket: Ticket,
    people: Iterable[User],
    organisation: Organisation | None,
    robots: Iterable[TeamRobot],
) -> list[Message]:
    """The messages of `tell_staff`, not stored yet; `robots` are those of `organisation`."""
    told = {person.pk: person for person in people if person.pk != event.by_id and person.is_active}
    messages = [
        in_the_app(event, ticket, person, Audience.STAFF, **staff_wording(event, ticket, person.language))
        for person in told.values()
    ]
    return messages + (_to_the_house(event, ticket, organisation, robots) if organisation else [])


def staff_wording(event: TicketEvent, ticket: Ticket, language: str) -> dict[str, str]:
    """What the people who work read about `event`: `text`, and its `sentence` as a team chat or a call says it."""
    say = STAFF_SENTENCES[event.verb]
    with translation.override(language):
        headline = ticket.repair_type.name if event.verb in handing_over.WITHOUT_WORDS else ""
        return {"text": about(ticket, say(ticket, event), headline), "sentence": say(ticket, _aloud(event, ticket))}


def _aloud(event: TicketEvent, ticket: Ticket) -> TicketEvent:
    """`event` with what somebody wrote as others may read or hear it: no telephone number, name or flat."""
    said = discreet(event.note, ticket) if event.note else ""
    if said == event.note:
        return event
    aloud = copy(event)
    aloud.note = said
    return aloud


def _to_the_house(
    event: TicketEvent, ticket: Ticket, organisation: Organisation, robots: Iterable[TeamRobot]
) -> list[Message]:
    """What rings there whoever is on duty: the robots of its team chats, in danger the duty telephone.

    A landline reads no text message, so it is called; a mobile gets both.
    """
    messages = [_by_robot(event, ticket, robot) for robot in robots]
    phone = dialled(organisation.phone)
    if ticket.urgency == Urgency.DANGER and phone:
        channels = [MessageChannel.CALL, *([MessageChannel.SMS] if is_mobile(phone) else [])]
        messages += [Message(channel=channel, phone=phone, **_told(event, ticket)) for channel in channels]
    return messages


def tell_colleagues(event: TicketEvent, ticket: Ticket, before: Ticket) -> list[Message]:
    """Tell worker and desk what somebody else did; `before`: the ticket as it was."""
    people = colleagues.heard_by(event, ticket, before)
    # Opened again, somebody has to be sent: that is said in the team chats, too.
    acts = ticket.organisation if event.verb == "not_fixed" else None
    return tell_staff(event, ticket, people, acts) if people or acts else []


def to_the_desk(event: TicketEvent, ticket: Ticket) -> list[Message]:
    """What the desk and the robots of the ticket's organisation are told of a new report, not stored yet."""
    to_people = staff_messages(event, ticket, colleagues.newly_told(ticket), None, ())
    return to_people + [_by_robot(event, ticket, robot) for robot in robots_of(ticket.organisation)]


def robots_of(organisation: Organisation) -> list[TeamRobot]:
    """The robots that speak in its team chats."""
    return list(TeamRobot.objects.speaking().filter(organisation=organisation))


def _by_robot(event: TicketEvent, ticket: Ticket, robot: TeamRobot) -> Message:
    return Message(channel=MessageChannel.ROBOT, robot=robot, **_told(event, ticket))


def _told(event: TicketEvent, ticket: Ticket) -> dict[str, Any]:
    told = {"event": event, "ticket": ticket, "audience": Audience.STAFF, "created_at": event.at}
    return {**told, "next_try_at": event.at, **staff_wording(event, ticket, settings.LANGUAGE_CODE)}
