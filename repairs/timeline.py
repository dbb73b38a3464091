"""The timeline as it is read: the same events for both sides, less internal notes, with people masked."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from accounts.masks import mask_name
from accounts.models import User
from repairs import climb_words
from repairs.actions import works_on
from repairs.messages.sentences import speaks_for_the_resident
from repairs.models import Booking, PauseReason, Photo, Ticket, TicketEvent, VisitWish
from repairs.promise_words import awaits_plan
from repairs.times import day_words, lately, moment, pause_words, stretch, visit_words
from repairs.workflow import Closure, State, Urgency

TITLES = {
    "report": pgettext_lazy("timeline", "Reported"),
    "acknowledge": pgettext_lazy("timeline", "Taken up"),
    "assign": pgettext_lazy("timeline", "Worker assigned"),
    "take": pgettext_lazy("timeline", "Worker assigned"),
    "rotate": pgettext_lazy("timeline", "Worker assigned"),
    "hand_back": pgettext_lazy("timeline", "Handed back by the worker"),
    "book": pgettext_lazy("timeline", "Visit agreed"),
    "rebook": pgettext_lazy("timeline", "Visit moved"),
    "unbook": pgettext_lazy("timeline", "Visit cancelled"),
    "wish": pgettext_lazy("timeline", "Wish for the visit"),
    "agree": pgettext_lazy("timeline", "A household agreed to the visit"),
    "refuse": pgettext_lazy("timeline", "A household can't at that time"),
    "expire": pgettext_lazy("timeline", "Visit given up: not everybody answered"),
    "remind": pgettext_lazy("timeline", "Reminded of the visit"),
    "set_out": pgettext_lazy("timeline", "Worker on the way"),
    "miss": pgettext_lazy("timeline", "Nobody came at the agreed time"),
    "nobody_came": pgettext_lazy("timeline", "Nobody came, says the resident"),
    "nobody_home": pgettext_lazy("timeline", "Nobody was home"),
    "arrive": pgettext_lazy("timeline", "Worker arrived"),
    "make_safe": pgettext_lazy("timeline", "Made safe"),
    "post_plan": pgettext_lazy("timeline", "Plan posted"),
    "set_urgency": pgettext_lazy("timeline", "Urgency changed"),
    "finish": pgettext_lazy("timeline", "Repaired, waiting for confirmation"),
    "pause": pgettext_lazy("timeline", "Paused"),
    "renew": pgettext_lazy("timeline", "Paused for longer"),
    "resume": pgettext_lazy("timeline", "Pause ended, work goes on"),
    "pause_ends": pgettext_lazy("timeline", "Pause over, work goes on"),
    "offer": pgettext_lazy("timeline", "Offered to another organisation"),
    "withdraw_offer": pgettext_lazy("timeline", "Offer taken back"),
    "turn_down": pgettext_lazy("timeline", "Taking it over turned down"),
    "accept": pgettext_lazy("timeline", "Taken over by another organisation"),
    "pass_outside": pgettext_lazy("timeline", "Handed over outside Anju"),
    "climb": pgettext_lazy("timeline", "Went up to the next level"),
    "answer_climb": pgettext_lazy("timeline", "Answered by the office"),
    "order": pgettext_lazy("timeline", "Ordered to answer by a day"),
    "answer_order": pgettext_lazy("timeline", "Order answered"),
    "order_goes_up": pgettext_lazy("timeline", "Order not answered in time"),
    "confirm": pgettext_lazy("timeline", "Confirmed: it is fixed"),
    "not_fixed": pgettext_lazy("timeline", "Not fixed: opened again"),
    "lapse": pgettext_lazy("timeline", "Closed without an answer"),
    "cancel": pgettext_lazy("timeline", "Cancelled by the resident"),
    "decline": pgettext_lazy("timeline", "Not accepted"),
    "comment": pgettext_lazy("timeline", "Remark"),
    "internal_note": pgettext_lazy("timeline", "Internal note"),
    "resend": pgettext_lazy("timeline", "Message sent again"),
}


# Moves that name who comes.
_GIVEN = frozenset({"assign", "take", "rotate"})
# Moves that end an agreed visit beside what they are for.
_ENDS_A_VISIT = frozenset({"acknowledge", "arrive", "accept", "pass_outside"})
# Moves after which another moment is promised.
_PROMISES = frozenset({"acknowledge", "pause", "renew", "resume", "set_urgency", "post_plan"})


class Line(NamedTuple):
    """One entry as `ui/timeline.html` draws it."""

    title: str
    when: str
    who: str
    note: str
    photos: list[Photo]
    internal: bool
    current: bool


def timeline(ticket: Ticket, reader: User) -> list[Line]:
    """What `reader`, who was let in to `ticket`, may read of its story, newest first: at most three queries, and for
    the staff one more for each answer of a household."""
    staff = works_on(ticket, reader)
    events = list(TicketEvent.objects.of(ticket, internal=staff).for_timeline())
    workers, houses, plans = _workers(events, ticket), _houses(events, ticket), _promising_a_plan(events, ticket)
    return [
        Line(
            title=str(TITLES[event.verb]),
            when=lately(event.at),
            who=_who(event, ticket, reader, houses[event.pk], staff=staff),
            note=_note(event, ticket, workers, staff=staff, plan=event.pk in plans),
            photos=list(event.photos.all()),
            internal=event.internal,
            current=position == 0,
        )
        for position, event in enumerate(events)
    ]


def _workers(events: Iterable[TicketEvent], ticket: Ticket) -> dict[int, str]:
    named = {event.changes["assignee"][1] for event in events if event.verb in _GIVEN and "assignee" in event.changes}
    known = {ticket.assignee.pk: ticket.assignee.display_name} if ticket.assignee else {}
    others = named - known.keys()
    return known | dict(User.objects.filter(pk__in=others).values_list("pk", "display_name")) if others else known


def _houses(events: Iterable[TicketEvent], ticket: Ticket) -> dict[int, str]:
    """Whose people acted in each event (`events` newest first): the organisation that had the ticket then."""
    found, has = {}, ticket.organisation.name
    for event in events:
        handed = event.changes.get("handover", {})
        found[event.pk] = handed["to"] if event.verb == "turn_down" else has
        if event.verb == "accept":
            has = handed["from"]
    return found


def _promising_a_plan(events: Iterable[TicketEvent], ticket: Ticket) -> set[int]:
    """The events (`events` newest first) after which it was the plan that was promised, and no repair yet."""
    found, urgency, posted = set(), ticket.urgency, sum(event.verb == "post_plan" for event in events)
    for event in events:
        if urgency == Urgency.PLANNED and not posted:
            found.add(event.pk)
        urgency = event.changes.get("urgency", [urgency])[0]
        posted -= event.verb == "post_plan"
    return found


def _who(event: TicketEvent, ticket: Ticket, reader: User, house: str, *, staff: bool) -> str:
    """Each side reads itself in full and the other masked; whoever comes to the door is named to the resident."""
    if event.by is None:
        return ""
    # A clerk who wrote the report down is its reporter, and reads it as the staff does.
    resident = ticket.is_party(reader) and not staff
    if event.verb in {"agree", "refuse"}:
        household = _("A household of the stair")
        if resident:
            return household
        # The desk may have written the answer down for them.
        if event.by_id != reader.pk and not works_on(ticket, event.by):
            return f"{household} {mask_name(event.by.display_name)}"
    by_resident = speaks_for_the_resident(ticket, event.by) or event.by.is_guest
    if event.by_id == reader.pk:
        return pgettext("timeline", "You")
    if by_resident:
        return _("Resident %(name)s") % {"name": mask_name(event.by.display_name or ticket.contact_name)}
    # Offices speak for themselves.
    house = event.changes.get("office", house)
    if resident and event.verb not in {"arrive", "finish", "take", "set_out", "nobody_home"}:
        return f"{house} {mask_name(event.by.display_name)}"
    return f"{house} {event.by.display_name}"


def _note(event: TicketEvent, ticket: Ticket, workers: dict[int, str], *, staff: bool, plan: bool) -> str:
    # What a household writes when it can't is for the organisation, as its page says, not for its neighbour.
    lines = [event.note] if event.note and (staff or event.verb != "refuse") else []
    if event.verb == "report" and ticket.words:
        lines.insert(0, ticket.words)
    if event.verb in _GIVEN and "assignee" in event.changes:
        lines.insert(0, _("%(worker)s comes to repair it.") % {"worker": workers[event.changes["assignee"][1]]})
    if "visit" in event.changes:
        before, after = (visit_words(span) for span in event.changes["visit"])
        if event.verb in _ENDS_A_VISIT:
            before, after = _("The visit at %(when)s is off.") % {"when": before}, ""
        lines.insert(0, f"{before} → {after}" if before and after else before or after)
    if "noted_at" in event.changes:
        lines.insert(0, _noted(event))
    if event.verb in climb_words.LINES:
        lines.insert(0, climb_words.LINES[event.verb](event))
    if event.verb == "wish":
        lines.insert(0, str(VisitWish(event.changes["visit_wish"][1]).label))
    if event.verb in _PROMISES and "restore_by" in event.changes:
        by = {"by": moment(datetime.fromisoformat(event.changes["restore_by"][1]))}
        promised = (
            _("A plan for the repair is promised by %(by)s.") if plan else _("Promised to be repaired by %(by)s.")
        )
        lines.insert(0, promised % by)
    if "urgency" in event.changes:
        lines.insert(0, " → ".join(str(Urgency(each).label) for each in event.changes["urgency"]))
    if event.verb == "post_plan":
        day = date.fromisoformat(event.changes["planned_for"])
        lines.insert(0, _("Planned for %(day)s.") % {"day": day_words(day)})
    if event.verb in {"pause", "renew"}:
        kept = event.changes["pause"]
        lines.insert(0, pause_words(str(PauseReason(kept["reason"]).label), datetime.fromisoformat(kept["until"])))
    if "handover" in event.changes:
        lines.insert(0, handed_words(event))
    return "\n".join(lines)


def handed_words(event: TicketEvent) -> str:
    """From whom to whom, and by which number it is asked for there."""
    handed: dict[str, str] = event.changes["handover"]
    if event.verb == "turn_down":
        return _("%(to)s does not take it; it stays with %(from)s.") % handed
    if event.verb == "withdraw_offer":
        return _("%(from)s goes on itself; %(to)s need not answer.") % handed
    words = f"{handed['from']} → {handed['to']}"
    return (
        words + "\n" + _("Their number: %(reference)s, telephone %(phone)s") % handed
        if "reference" in handed
        else words
    )


def _noted(event: TicketEvent) -> str:
    """When it was by the clock of the worker's phone: at the door, or where there was no network."""
    when = {"when": lately(datetime.fromisoformat(event.changes["noted_at"]))}
    if event.verb == "nobody_home":
        return _("At the door %(when)s.") % when
    return _("Entered on the phone %(when)s, sent later.") % when


class Row(NamedTuple):
    """A ticket as lists show it: every word made a string before the template sees it."""

    pk: int
    number: str
    headline: str
    type_name: str
    icon: str
    place: str
    public_place: str
    state: str
    closure: str
    word: str
    filed: str
    version: int
    organisation: str
    phone: str
    overdue: bool
    said: str


def listed(tickets: Iterable[Ticket], visits: Mapping[int, Booking] = MappingProxyType({})) -> list[Row]:
    """`tickets` (read with `for_list()`) as rows, with the agreed times by the ticket's key."""
    return [
        Row(
            pk=ticket.pk,
            number=ticket.number,
            headline=ticket.headline,
            type_name=ticket.repair_type.name,
            icon=ticket.repair_type.category.icon,
            place=ticket.place.full,
            public_place=ticket.place.public,
            state=visits[ticket.pk].state if ticket.pk in visits else ticket.state,
            closure=ticket.closure,
            word=str(visits[ticket.pk].get_state_display()) if ticket.pk in visits else status_word(ticket),
            filed=lately(ticket.filed_at),
            version=ticket.version,
            organisation=ticket.organisation.name,
            phone=ticket.organisation.phone,
            overdue=ticket.is_overdue,
            said=_said(ticket, visits.get(ticket.pk)),
        )
        for ticket in tickets
    ]


def status_word(ticket: Ticket) -> str:
    """The state, or for a closed ticket how it ended."""
    return str(Closure(ticket.closure).label if ticket.closure else State(ticket.state).label)


def _said(ticket: Ticket, visit: Booking | None) -> str:
    """One line under the headline: who comes and by when."""
    if visit is not None and not visit.is_over:
        who = ticket.assignee.display_name if ticket.assignee else ticket.organisation.name
        return _("%(who)s comes %(when)s") % {"who": who, "when": stretch(visit.starts_at, visit.ends_at)}
    if ticket.state == State.FINISHED and ticket.finished_at:
        return _("Repaired %(when)s. Please look whether it is really fixed.") % {"when": lately(ticket.finished_at)}
    if ticket.is_open and ticket.state != State.SUBMITTED and awaits_plan(ticket):
        return _("A plan is promised by %(by)s") % {"by": lately(ticket.restore_by)}
    if ticket.assignee and ticket.is_open:
        return _("%(worker)s comes; promised by %(by)s") % {
            "worker": ticket.assignee.display_name,
            "by": lately(ticket.restore_by),
        }
    if ticket.state == State.SUBMITTED:
        return _("%(organisation)s takes it up by %(by)s") % {
            "organisation": ticket.organisation.name,
            "by": lately(ticket.acknowledge_by),
        }
    if ticket.is_open:
        return _("Promised to be repaired by %(by)s") % {"by": lately(ticket.restore_by)}
    return _("Reported %(when)s") % {"when": lately(ticket.filed_at)}
