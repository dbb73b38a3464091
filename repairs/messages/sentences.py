"""What the resident reads about each step."""

from collections.abc import Callable
from datetime import date, datetime

from django.utils.translation import gettext as _

from repairs import climb_words
from repairs.messages import handing_over
from repairs.models import BookingState, PauseReason, Ticket, TicketEvent
from repairs.times import day_words, moment, pause_words, visit_words
from repairs.workflow import Urgency


def _reported(ticket: Ticket, event: TicketEvent) -> str:
    return _("We have your report. %(organisation)s will take it up by %(by)s.") % {
        "organisation": ticket.organisation.name,
        "by": moment(ticket.acknowledge_by),
    }


def _acknowledged(ticket: Ticket, event: TicketEvent) -> str:
    words = {"organisation": ticket.organisation.name, "by": moment(ticket.restore_by)}
    said = (
        _("%(organisation)s has taken up your report and promises a plan for the repair by %(by)s.")
        if ticket.urgency == Urgency.PLANNED
        else _("%(organisation)s has taken up your report and promises to repair it by %(by)s.")
    ) % words
    if "urgency" in event.changes:
        said = _treated_as(ticket, event, said)
    return _without_the_visit(ticket, event, said) if "visit" in event.changes else said


def _treated_as(ticket: Ticket, event: TicketEvent, said: str) -> str:
    words = {"said": said, "urgency": str(Urgency(ticket.urgency).label), "reason": event.note}
    if event.note:
        return _("%(said)s It is treated as: %(urgency)s. %(reason)s") % words
    return _("%(said)s It is treated as: %(urgency)s.") % words


def _without_the_visit(ticket: Ticket, event: TicketEvent, said: str) -> str:
    off = (
        _("The visit at %(when)s is off: somebody comes at once.")
        if ticket.urgency == Urgency.DANGER
        else _("The visit at %(when)s is off, because another team is needed. Please choose another time.")
    )
    return f"{said} {off % {'when': visit_words(event.changes['visit'][0])}}"


def _assigned(ticket: Ticket, event: TicketEvent) -> str:
    return _("%(worker)s will come to repair it.") % {
        "worker": ticket.assignee.display_name if ticket.assignee else ticket.organisation.name
    }


def _arrived(ticket: Ticket, event: TicketEvent) -> str:
    if "visit" not in event.changes:
        return _("The worker has arrived.")
    when = visit_words(event.changes["visit"][0])
    return _("The worker has arrived. The visit at %(when)s is not needed any more.") % {"when": when}


def _finished(ticket: Ticket, event: TicketEvent) -> str:
    return _("The worker says it is repaired. Please look whether it is really fixed and tell us.")


def _declined(ticket: Ticket, event: TicketEvent) -> str:
    return _("Your report can't be accepted: %(reason)s Questions? Call %(phone)s.") % {
        "reason": event.note,
        "phone": ticket.organisation.phone,
    }


def _commented(ticket: Ticket, event: TicketEvent) -> str:
    return _("%(organisation)s writes: %(words)s") % {"organisation": ticket.organisation.name, "words": event.note}


def _lapsed(ticket: Ticket, event: TicketEvent) -> str:
    return _("Closed after seven days without an answer. Not fixed? Open the ticket and say so; no new form is needed.")


def _agreed(event: TicketEvent) -> str:
    return visit_words(event.changes["visit"][1])


def _booked(ticket: Ticket, event: TicketEvent) -> str:
    if ticket.bookings.filter(state=BookingState.ASKED).exists():
        return _("%(when)s is kept for the visit. It stands as soon as everybody has agreed.") % {
            "when": _agreed(event)
        }
    if not ticket.at_home:
        return _without_you(ticket, event)
    return _("The visit is agreed: %(when)s. Please be at home. You can move or cancel it on the ticket's page.") % {
        "when": _agreed(event)
    }


def _without_you(ticket: Ticket, event: TicketEvent) -> str:
    return _("The worker comes %(when)s. You need not be there.") % {"when": _agreed(event)}


def _planned_anew(ticket: Ticket, event: TicketEvent) -> str:
    return _("The visit at %(when)s did not take place. %(organisation)s plans another one: %(phone)s.") % {
        "when": visit_words(event.changes["visit"][0]),
        "organisation": ticket.organisation.name,
        "phone": ticket.organisation.phone,
    }


def _unbooked(ticket: Ticket, event: TicketEvent) -> str:
    if not ticket.at_home:
        return _planned_anew(ticket, event)
    return _("The visit at %(when)s is off. Please choose another time, or call %(phone)s.") % {
        "when": visit_words(event.changes["visit"][0]),
        "phone": ticket.organisation.phone,
    }


def _all_agreed(ticket: Ticket, event: TicketEvent) -> str:
    if ticket.bookings.filter(state=BookingState.ASKED).exists():
        return _("One more household agrees to %(when)s. We wait for the others.") % {"when": _agreed(event)}
    return _("Everybody has agreed: the worker comes %(when)s.") % {"when": _agreed(event)}


def _refused(ticket: Ticket, event: TicketEvent) -> str:
    return _("A household that has to open its door can't at %(when)s. Please choose another time.") % {
        "when": visit_words(event.changes["visit"][0])
    }


def _expired(ticket: Ticket, event: TicketEvent) -> str:
    return _(
        "Not everybody who has to open a door answered in time; the visit at %(when)s is off. Please choose another"
        " time, or call %(phone)s."
    ) % {"when": visit_words(event.changes["visit"][0]), "phone": ticket.organisation.phone}


def _reminded(ticket: Ticket, event: TicketEvent) -> str:
    if not ticket.at_home:
        return _without_you(ticket, event)
    return _("The worker comes %(when)s. Can't be there? Move it now on the ticket's page.") % {"when": _agreed(event)}


def _set_out(ticket: Ticket, event: TicketEvent) -> str:
    return _("%(worker)s has set out and will be with you soon.") % {
        "worker": ticket.assignee.display_name if ticket.assignee else ticket.organisation.name
    }


def _missed(ticket: Ticket, event: TicketEvent) -> str:
    if not ticket.at_home:
        return _planned_anew(ticket, event)
    return _(
        "Nobody came at the agreed time. We are sorry. Please tap one of the next free times; or call %(phone)s."
    ) % {"phone": ticket.organisation.phone}


def _nobody_home(ticket: Ticket, event: TicketEvent) -> str:
    return _("The worker was at your door and nobody was home. Please choose a new time.")


def _pause_words(event: TicketEvent) -> str:
    kept = event.changes["pause"]
    return pause_words(str(PauseReason(kept["reason"]).label), datetime.fromisoformat(kept["until"]))


def _paused(ticket: Ticket, event: TicketEvent) -> str:
    return _("Paused: %(pause)s. Now promised to be repaired by %(by)s.") % {
        "pause": _pause_words(event),
        "by": moment(ticket.restore_by),
    }


def _renewed(ticket: Ticket, event: TicketEvent) -> str:
    return _("Paused for longer: %(pause)s. Now promised to be repaired by %(by)s.") % {
        "pause": _pause_words(event),
        "by": moment(ticket.restore_by),
    }


def _goes_on(ticket: Ticket, event: TicketEvent) -> str:
    return _("The pause is over, work goes on. Promised to be repaired by %(by)s.") % {"by": moment(ticket.restore_by)}


def _handed_back(ticket: Ticket, event: TicketEvent) -> str:
    return _("Another worker will come. %(organisation)s chooses one now.") % {"organisation": ticket.organisation.name}


def _made_safe(ticket: Ticket, event: TicketEvent) -> str:
    return _("The danger is out of the way for now. Promised to be repaired by %(by)s.") % {
        "by": moment(ticket.restore_by)
    }


def _planned(ticket: Ticket, event: TicketEvent) -> str:
    return _("The plan for the repair is there: %(words)s It is planned for %(day)s.") % {
        "words": event.note,
        "day": day_words(date.fromisoformat(event.changes["planned_for"])),
    }


def _more_or_less_urgent(ticket: Ticket, event: TicketEvent) -> str:
    """What it is now and why; a visit that is off with it."""
    words = {
        "organisation": ticket.organisation.name,
        "urgency": Urgency(ticket.urgency).label,
        "reason": event.note,
        "by": moment(ticket.due_at or ticket.restore_by),
        "when": visit_words(event.changes["visit"][0]) if "visit" in event.changes else "",
    }
    if words["when"]:
        return (
            _(
                "%(organisation)s treats it as danger now and comes at once; the visit at %(when)s is off."
                " Next promised by %(by)s."
            )
            % words
        )
    if event.note:
        return _("%(organisation)s treats it as: %(urgency)s. %(reason)s Next promised by %(by)s.") % words
    return _("%(organisation)s treats it as: %(urgency)s. Next promised by %(by)s.") % words


SENTENCES: dict[str, Callable[[Ticket, TicketEvent], str]] = {
    "report": _reported,
    "acknowledge": _acknowledged,
    "assign": _assigned,
    "take": _assigned,
    "rotate": _assigned,
    "hand_back": _handed_back,
    "book": _booked,
    "rebook": _booked,
    "unbook": _unbooked,
    "agree": _all_agreed,
    "refuse": _refused,
    "expire": _expired,
    "remind": _reminded,
    "set_out": _set_out,
    "miss": _missed,
    "nobody_home": _nobody_home,
    "arrive": _arrived,
    "pause": _paused,
    "renew": _renewed,
    "resume": _goes_on,
    "pause_ends": _goes_on,
    "make_safe": _made_safe,
    "post_plan": _planned,
    "set_urgency": _more_or_less_urgent,
    "finish": _finished,
    "decline": _declined,
    "comment": _commented,
    "lapse": _lapsed,
    **handing_over.TO_RESIDENTS,
    **dict.fromkeys(climb_words.LINES, climb_words.line),
}
