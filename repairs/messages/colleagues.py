"""What worker and desk hear of a job that somebody else moved, and in which words.

The resident's own words are never among them: these sentences also stand on locked screens and in team chats.
"""

from collections.abc import Callable

from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Organisation
from repairs.ladder import Rung
from repairs.messages.sentences import speaks_for_the_resident
from repairs.models import BookingState, Ticket, TicketEvent
from repairs.rungs import Posts
from repairs.times import moment, visit_words
from repairs.wording import Wording
from repairs.workflow import Urgency

# Who is told of what, beside the resident; never whoever did it.
_TO_THE_WORKER = frozenset(
    {"assign", "rotate", "hand_back", "book", "rebook", "unbook", "agree", "refuse", "expire", "nobody_came", "miss"}
    | {"cancel", "decline", "pass_outside", "comment", "not_fixed"}
)
_TO_THE_DESK = frozenset({"hand_back", "nobody_came", "miss", "cancel", "comment", "not_fixed"})


def desk_of(organisation: Organisation) -> list[User]:
    """Who takes reports up there."""
    return [each.person for each in access.appointed(organisation, Permission.TICKET_ACKNOWLEDGE)]


def heard_by(event: TicketEvent, ticket: Ticket, before: Ticket) -> list[User]:
    """Whom of the staff `event` concerns: whoever has the job or had it (`before` the move), and the desk."""
    if event.verb == "agree" and _waits(ticket):
        return []
    workers = [before.assignee, ticket.assignee] if event.verb in _TO_THE_WORKER else []
    desk = event.verb in _TO_THE_DESK and not (event.verb == "comment" and not _of_resident(event, ticket))
    return [each for each in workers if each] + (desk_of(ticket.organisation) if desk else [])


def newly_told(ticket: Ticket) -> list[User]:
    """Who hears of a new report: the desk, less those whom the ladder tells of a danger at once."""
    rung = Posts([ticket.organisation]).people(Rung.MANAGER, ticket.organisation) if _is_danger(ticket) else []
    return [each for each in desk_of(ticket.organisation) if each not in rung]


def _is_danger(ticket: Ticket) -> bool:
    return ticket.urgency == Urgency.DANGER


def _of_resident(event: TicketEvent, ticket: Ticket) -> bool:
    return event.by is not None and speaks_for_the_resident(ticket, event.by)


def _waits(ticket: Ticket) -> bool:
    return ticket.bookings.filter(state=BookingState.ASKED).exists()


ASSIGN = Wording(
    "staff.assign",
    gettext_noop("A job for %(worker)s at %(place)s, promised by %(by)s."),
    also=("rotate",),
)
ASSIGN_INSTEAD = Wording(
    "staff.assign.instead",
    gettext_noop("Now a job for %(worker)s at %(place)s, promised by %(by)s; %(before)s need not go any more."),
)


def _assigned(ticket: Ticket, event: TicketEvent) -> str:
    before, after = event.changes["assignee"]
    names = dict(User.objects.filter(pk__in=[before, after]).values_list("pk", "display_name"))
    words = {"place": ticket.place.public, "by": moment(ticket.restore_by), "worker": names[after]}
    if before in {None, after}:
        return ASSIGN.say(**words)
    return ASSIGN_INSTEAD.say(**words, before=names[before])


HAND_BACK = Wording(
    "staff.hand_back", gettext_noop("It is without a worker again; somebody has to be chosen. Because: %(words)s")
)


def _handed_back(ticket: Ticket, event: TicketEvent) -> str:
    return HAND_BACK.say(words=event.note)


BOOK = Wording("staff.book", gettext_noop("The visit is agreed: %(when)s."), also=("rebook", "agree"))
BOOK_ASKED = Wording(
    "staff.book.asked",
    gettext_noop("%(when)s is kept for the visit; it stands as soon as everybody has agreed."),
    also=("rebook",),
)
REBOOK = Wording("staff.rebook", gettext_noop("The visit at %(before)s moves to %(when)s."))
UNBOOK = Wording("staff.unbook", gettext_noop("The visit at %(when)s is off."), also=("refuse", "expire"))
MISSED = Wording(
    "staff.nobody_came",
    gettext_noop("Nobody came to the visit at %(when)s. Another time has to be found."),
    also=("miss",),
)


def _booked(ticket: Ticket, event: TicketEvent) -> str:
    before, after = event.changes["visit"]
    words = {"before": visit_words(before), "when": visit_words(after)}
    if _waits(ticket):
        return BOOK_ASKED.say(**words)
    return (REBOOK if before else BOOK).say(**words)


def _off(ticket: Ticket, event: TicketEvent) -> str:
    wording = MISSED if event.verb in MISSED.verbs else UNBOOK
    return wording.say(when=visit_words(event.changes["visit"][0]))


CANCEL = Wording("staff.cancel", gettext_noop("The report is taken back; nobody need go."))
DECLINE = Wording("staff.decline", gettext_noop("The report is not accepted; nobody need go."))
COMMENT = Wording("staff.comment", gettext_noop("A colleague writes: %(words)s"))
COMMENT_OF_RESIDENT = Wording(
    "staff.comment.of_resident", gettext_noop("The resident has written something. Please read it.")
)
NOT_FIXED = Wording(
    "staff.not_fixed", gettext_noop("The resident says that it is not fixed. It is open again; somebody has to go.")
)


def _commented(ticket: Ticket, event: TicketEvent) -> str:
    return COMMENT_OF_RESIDENT.say() if _of_resident(event, ticket) else COMMENT.say(words=event.note)


TO_STAFF: dict[str, Callable[[Ticket, TicketEvent], str]] = {
    **dict.fromkeys(ASSIGN.verbs, _assigned),
    "hand_back": _handed_back,
    **dict.fromkeys(("book", "rebook", "agree"), _booked),
    **dict.fromkeys((*UNBOOK.verbs, *MISSED.verbs), _off),
    "cancel": lambda ticket, event: CANCEL.say(),
    "decline": lambda ticket, event: DECLINE.say(),
    "comment": _commented,
    "not_fixed": lambda ticket, event: NOT_FIXED.say(),
}
