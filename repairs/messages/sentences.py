"""What the resident reads about each step."""

from collections.abc import Callable
from datetime import date, datetime

from django.utils.translation import gettext_noop

from accounts.models import User
from repairs import climb_words
from repairs.messages import handing_over
from repairs.models import BookingState, PauseReason, Ticket, TicketEvent
from repairs.promise_words import awaits_plan
from repairs.times import day_words, moment, pause_words, visit_words
from repairs.wording import Wording
from repairs.workflow import Channel, Urgency

REPORT = Wording("resident.report", gettext_noop("We have your report. %(organisation)s will take it up by %(by)s."))


def _reported(ticket: Ticket, event: TicketEvent) -> str:
    return REPORT.say(organisation=ticket.organisation.name, by=moment(ticket.acknowledge_by))


ACKNOWLEDGE = Wording(
    "resident.acknowledge",
    gettext_noop("%(organisation)s has taken up your report and promises to repair it by %(by)s."),
)
ACKNOWLEDGE_PLAN = Wording(
    "resident.acknowledge.plan",
    gettext_noop("%(organisation)s has taken up your report and promises a plan for the repair by %(by)s."),
)
TREATED_AS = Wording("resident.acknowledge.treated_as", gettext_noop("%(said)s It is treated as: %(urgency)s."))
TREATED_AS_BECAUSE = Wording(
    "resident.acknowledge.treated_as_because", gettext_noop("%(said)s It is treated as: %(urgency)s. %(reason)s")
)
VISIT_OFF_IN_DANGER = Wording(
    "resident.acknowledge.visit_off_in_danger", gettext_noop("The visit at %(when)s is off: somebody comes at once.")
)
VISIT_OFF = Wording(
    "resident.acknowledge.visit_off",
    gettext_noop("The visit at %(when)s is off, because another team is needed. Please choose another time."),
)


def _acknowledged(ticket: Ticket, event: TicketEvent) -> str:
    promised = ACKNOWLEDGE_PLAN if awaits_plan(ticket) else ACKNOWLEDGE
    said = promised.say(organisation=ticket.organisation.name, by=moment(ticket.restore_by))
    if "urgency" in event.changes:
        said = _treated_as(ticket, event, said)
    return _without_the_visit(ticket, event, said) if "visit" in event.changes else said


def _treated_as(ticket: Ticket, event: TicketEvent, said: str) -> str:
    wording = TREATED_AS_BECAUSE if event.note else TREATED_AS
    return wording.say(said=said, urgency=Urgency(ticket.urgency).label, reason=event.note)


def _without_the_visit(ticket: Ticket, event: TicketEvent, said: str) -> str:
    off = VISIT_OFF_IN_DANGER if ticket.urgency == Urgency.DANGER else VISIT_OFF
    return f"{said} {off.say(when=_before(event))}"


ASSIGN = Wording("resident.assign", gettext_noop("%(worker)s will come to repair it."), also=("take", "rotate"))


def _assigned(ticket: Ticket, event: TicketEvent) -> str:
    return ASSIGN.say(worker=_worker(ticket))


def _worker(ticket: Ticket) -> str:
    return ticket.assignee.display_name if ticket.assignee else ticket.organisation.name


ARRIVE = Wording("resident.arrive", gettext_noop("The worker has arrived."))
ARRIVE_VISIT_OFF = Wording(
    "resident.arrive.visit_off",
    gettext_noop("The worker has arrived. The visit at %(when)s is not needed any more."),
)


def _arrived(ticket: Ticket, event: TicketEvent) -> str:
    return ARRIVE_VISIT_OFF.say(when=_before(event)) if "visit" in event.changes else ARRIVE.say()


FINISH = Wording(
    "resident.finish",
    gettext_noop("The worker says it is repaired. Please look whether it is really fixed and tell us."),
)


def _finished(ticket: Ticket, event: TicketEvent) -> str:
    return FINISH.say()


DECLINE = Wording(
    "resident.decline", gettext_noop("Your report can't be accepted: %(reason)s Questions? Call %(phone)s.")
)


def _declined(ticket: Ticket, event: TicketEvent) -> str:
    return DECLINE.say(reason=event.note, phone=ticket.organisation.phone)


COMMENT = Wording("resident.comment", gettext_noop("%(organisation)s writes: %(words)s"))
# One of two who speak for the resident tells the other.
COMMENT_BESIDE = Wording("resident.comment.beside", gettext_noop("There is a new comment on this repair: %(words)s"))


def _commented(ticket: Ticket, event: TicketEvent) -> str:
    if event.by and speaks_for_the_resident(ticket, event.by):
        return COMMENT_BESIDE.say(words=event.note)
    return COMMENT.say(organisation=ticket.organisation.name, words=event.note)


def speaks_for_the_resident(ticket: Ticket, user: User) -> bool:
    """Whether what `user` writes is the resident's word."""
    # A clerk who wrote the report down is its reporter, and speaks for the organisation.
    own = user.phone == ticket.contact_phone or ticket.channel not in {Channel.PHONE, Channel.WALK_IN}
    return own and ticket.is_party(user)


LAPSE = Wording(
    "resident.lapse",
    gettext_noop(
        "Closed after seven days without an answer. Not fixed? Open the ticket and say so; no new form is needed."
    ),
)


def _lapsed(ticket: Ticket, event: TicketEvent) -> str:
    return LAPSE.say()


def _before(event: TicketEvent) -> str:
    return visit_words(event.changes["visit"][0])


def _agreed(event: TicketEvent) -> str:
    return visit_words(event.changes["visit"][1])


BOOK = Wording(
    "resident.book",
    gettext_noop("The visit is agreed: %(when)s. Please be at home. You can move or cancel it on the ticket's page."),
    also=("rebook",),
)
BOOK_ASKED = Wording(
    "resident.book.asked",
    gettext_noop("%(when)s is kept for the visit. It stands as soon as everybody has agreed."),
    also=("rebook",),
)
WITHOUT_YOU = Wording(
    "resident.book.without_you",
    gettext_noop("The worker comes %(when)s. You need not be there."),
    also=("rebook", "remind"),
)


def _booked(ticket: Ticket, event: TicketEvent) -> str:
    if ticket.bookings.filter(state=BookingState.ASKED).exists():
        return BOOK_ASKED.say(when=_agreed(event))
    return (BOOK if ticket.at_home else WITHOUT_YOU).say(when=_agreed(event))


UNBOOK = Wording(
    "resident.unbook",
    gettext_noop("The visit at %(when)s is off. Please choose another time, or call %(phone)s."),
)
PLANNED_ANEW = Wording(
    "resident.unbook.planned_anew",
    gettext_noop("The visit at %(when)s did not take place. %(organisation)s plans another one: %(phone)s."),
    also=("miss",),
)


def _unbooked(ticket: Ticket, event: TicketEvent) -> str:
    wording = UNBOOK if ticket.at_home else PLANNED_ANEW
    house = ticket.organisation
    return wording.say(when=_before(event), organisation=house.name, phone=house.phone)


AGREE = Wording("resident.agree", gettext_noop("Everybody has agreed: the worker comes %(when)s."))
AGREE_WAITING = Wording(
    "resident.agree.waiting", gettext_noop("One more household agrees to %(when)s. We wait for the others.")
)


def _all_agreed(ticket: Ticket, event: TicketEvent) -> str:
    waiting = ticket.bookings.filter(state=BookingState.ASKED).exists()
    return (AGREE_WAITING if waiting else AGREE).say(when=_agreed(event))


REFUSE = Wording(
    "resident.refuse",
    gettext_noop("A household that has to open its door can't at %(when)s. Please choose another time."),
)


def _refused(ticket: Ticket, event: TicketEvent) -> str:
    return REFUSE.say(when=_before(event))


EXPIRE = Wording(
    "resident.expire",
    gettext_noop(
        "Not everybody who has to open a door answered in time; the visit at %(when)s is off. Please choose another"
        " time, or call %(phone)s."
    ),
)


def _expired(ticket: Ticket, event: TicketEvent) -> str:
    return EXPIRE.say(when=_before(event), phone=ticket.organisation.phone)


REMIND = Wording(
    "resident.remind",
    gettext_noop("The worker comes %(when)s. Can't be there? Move it now on the ticket's page."),
)


def _reminded(ticket: Ticket, event: TicketEvent) -> str:
    return (REMIND if ticket.at_home else WITHOUT_YOU).say(when=_agreed(event))


SET_OUT = Wording("resident.set_out", gettext_noop("%(worker)s has set out and will be with you soon."))


def _set_out(ticket: Ticket, event: TicketEvent) -> str:
    return SET_OUT.say(worker=_worker(ticket))


MISS = Wording(
    "resident.miss",
    gettext_noop(
        "Nobody came at the agreed time. We are sorry. Please tap one of the next free times; or call %(phone)s."
    ),
)


def _missed(ticket: Ticket, event: TicketEvent) -> str:
    return MISS.say(phone=ticket.organisation.phone) if ticket.at_home else _unbooked(ticket, event)


NOBODY_HOME = Wording(
    "resident.nobody_home",
    gettext_noop("The worker was at your door and nobody was home. Please choose a new time."),
)


def _nobody_home(ticket: Ticket, event: TicketEvent) -> str:
    return NOBODY_HOME.say()


PAUSE = Wording("resident.pause", gettext_noop("Paused: %(pause)s. Now promised to be repaired by %(by)s."))
PAUSE_PLAN = Wording(
    "resident.pause.plan", gettext_noop("Paused: %(pause)s. Now a plan for the repair is promised by %(by)s.")
)
RENEW = Wording("resident.renew", gettext_noop("Paused for longer: %(pause)s. Now promised to be repaired by %(by)s."))
RENEW_PLAN = Wording(
    "resident.renew.plan",
    gettext_noop("Paused for longer: %(pause)s. Now a plan for the repair is promised by %(by)s."),
)
RESUME = Wording(
    "resident.resume",
    gettext_noop("The pause is over, work goes on. Promised to be repaired by %(by)s."),
    also=("pause_ends",),
)
RESUME_PLAN = Wording(
    "resident.resume.plan",
    gettext_noop("The pause is over, work goes on. A plan for the repair is promised by %(by)s."),
    also=("pause_ends",),
)


def _pause_words(event: TicketEvent) -> str:
    kept = event.changes["pause"]
    return pause_words(str(PauseReason(kept["reason"]).label), datetime.fromisoformat(kept["until"]))


def _paused(ticket: Ticket, event: TicketEvent) -> str:
    said = PAUSE_PLAN if awaits_plan(ticket) else PAUSE
    return said.say(pause=_pause_words(event), by=moment(ticket.restore_by))


def _renewed(ticket: Ticket, event: TicketEvent) -> str:
    said = RENEW_PLAN if awaits_plan(ticket) else RENEW
    return said.say(pause=_pause_words(event), by=moment(ticket.restore_by))


def _goes_on(ticket: Ticket, event: TicketEvent) -> str:
    return (RESUME_PLAN if awaits_plan(ticket) else RESUME).say(by=moment(ticket.restore_by))


HAND_BACK = Wording("resident.hand_back", gettext_noop("Another worker will come. %(organisation)s chooses one now."))


def _handed_back(ticket: Ticket, event: TicketEvent) -> str:
    return HAND_BACK.say(organisation=ticket.organisation.name)


MAKE_SAFE = Wording(
    "resident.make_safe",
    gettext_noop("The danger is out of the way for now. Promised to be repaired by %(by)s."),
)


def _made_safe(ticket: Ticket, event: TicketEvent) -> str:
    return MAKE_SAFE.say(by=moment(ticket.restore_by))


POST_PLAN = Wording(
    "resident.post_plan",
    gettext_noop("The plan for the repair is there: %(words)s It is planned for %(day)s."),
)


def _planned(ticket: Ticket, event: TicketEvent) -> str:
    return POST_PLAN.say(words=event.note, day=day_words(date.fromisoformat(event.changes["planned_for"])))


SET_URGENCY = Wording(
    "resident.set_urgency",
    gettext_noop("%(organisation)s treats it as: %(urgency)s. Next promised by %(by)s."),
)
SET_URGENCY_BECAUSE = Wording(
    "resident.set_urgency.because",
    gettext_noop("%(organisation)s treats it as: %(urgency)s. %(reason)s Next promised by %(by)s."),
)
SET_URGENCY_VISIT_OFF = Wording(
    "resident.set_urgency.visit_off",
    gettext_noop(
        "%(organisation)s treats it as danger now and comes at once; the visit at %(when)s is off."
        " Next promised by %(by)s."
    ),
)


def _more_or_less_urgent(ticket: Ticket, event: TicketEvent) -> str:
    """What it is now and why; a visit that is off with it."""
    words = {
        "organisation": ticket.organisation.name,
        "urgency": Urgency(ticket.urgency).label,
        "reason": event.note,
        "by": moment(ticket.due_at or ticket.restore_by),
        "when": _before(event) if "visit" in event.changes else "",
    }
    if words["when"]:
        return SET_URGENCY_VISIT_OFF.say(**words)
    return (SET_URGENCY_BECAUSE if event.note else SET_URGENCY).say(**words)


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
