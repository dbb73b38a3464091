"""The timeline as it is read: the same events for both sides, less internal notes, with people masked."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from accounts.masks import mask_name
from accounts.models import User
from repairs.models import Photo, Ticket, TicketEvent
from repairs.times import lately, moment
from repairs.workflow import State

TITLES = {
    "report": pgettext_lazy("timeline", "Reported"),
    "acknowledge": pgettext_lazy("timeline", "Taken up"),
    "assign": pgettext_lazy("timeline", "Worker assigned"),
    "arrive": pgettext_lazy("timeline", "Worker arrived"),
    "finish": pgettext_lazy("timeline", "Repaired, waiting for confirmation"),
    "confirm": pgettext_lazy("timeline", "Confirmed: it is fixed"),
    "not_fixed": pgettext_lazy("timeline", "Not fixed: opened again"),
    "lapse": pgettext_lazy("timeline", "Closed without an answer"),
    "cancel": pgettext_lazy("timeline", "Cancelled by the resident"),
    "decline": pgettext_lazy("timeline", "Not accepted"),
    "comment": pgettext_lazy("timeline", "Remark"),
    "internal_note": pgettext_lazy("timeline", "Internal note"),
}


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
    """What `reader` may read of the ticket's story, newest first: three queries, however long it is."""
    events = list(TicketEvent.objects.visible_to(reader).filter(ticket=ticket).for_timeline())
    workers = _workers(events)
    return [
        Line(
            title=str(TITLES[event.verb]),
            when=lately(event.at),
            who=_who(event, ticket, reader),
            note=_note(event, ticket, workers),
            photos=list(event.photos.all()),
            internal=event.internal,
            current=position == 0,
        )
        for position, event in enumerate(events)
    ]


def _workers(events: Iterable[TicketEvent]) -> dict[int, str]:
    named = {event.changes["assignee"][1] for event in events if event.verb == "assign" and "assignee" in event.changes}
    return dict(User.objects.filter(pk__in=named).values_list("pk", "display_name")) if named else {}


def _who(event: TicketEvent, ticket: Ticket, reader: User) -> str:
    """Each side reads itself in full and the other masked; whoever comes to the door is named to the resident."""
    if event.by is None:
        return ""
    by_resident = ticket.is_party(event.by) or event.by.is_guest
    if event.by_id == reader.pk:
        return pgettext("timeline", "You")
    if by_resident:
        return _("Resident %(name)s") % {"name": mask_name(event.by.display_name or ticket.contact_name)}
    if ticket.is_party(reader) and event.verb not in {"arrive", "finish"}:
        return f"{ticket.organisation.name} {mask_name(event.by.display_name)}"
    return f"{ticket.organisation.name} {event.by.display_name}"


def _note(event: TicketEvent, ticket: Ticket, workers: dict[int, str]) -> str:
    lines = [event.note] if event.note else []
    if event.verb == "report" and ticket.words:
        lines.insert(0, ticket.words)
    if event.verb == "assign" and "assignee" in event.changes:
        lines.insert(0, _("%(worker)s comes to repair it.") % {"worker": workers[event.changes["assignee"][1]]})
    if event.verb == "acknowledge" and "restore_by" in event.changes:
        by = moment(datetime.fromisoformat(event.changes["restore_by"][1]))
        lines.insert(0, _("Promised to be repaired by %(by)s.") % {"by": by})
    return "\n".join(lines)


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


def listed(tickets: Iterable[Ticket]) -> list[Row]:
    """`tickets` (read with `for_list()`) as rows."""
    return [
        Row(
            pk=ticket.pk,
            number=ticket.number,
            headline=ticket.headline,
            type_name=ticket.repair_type.name,
            icon=ticket.repair_type.category.icon,
            place=ticket.place.full,
            public_place=ticket.place.public,
            state=ticket.state,
            closure=ticket.closure,
            word=status_word(ticket),
            filed=lately(ticket.filed_at),
            version=ticket.version,
            organisation=ticket.organisation.name,
            phone=ticket.organisation.phone,
            overdue=ticket.is_overdue,
            said=_said(ticket),
        )
        for ticket in tickets
    ]


def status_word(ticket: Ticket) -> str:
    """The state, or for a closed ticket how it ended."""
    return str(ticket.get_closure_display() if ticket.closure else ticket.get_state_display())


def _said(ticket: Ticket) -> str:
    """One line under the headline: who comes and by when."""
    if ticket.state == State.FINISHED and ticket.finished_at:
        return _("Repaired %(when)s. Please look whether it is really fixed.") % {"when": lately(ticket.finished_at)}
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
