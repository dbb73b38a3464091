"""The ladder in words: what a step says to the resident and to those it told. No queries: the event keeps it all."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from repairs.ladder import Rung
from repairs.models import ClimbAnswer, ClimbReason, Met, Ticket, TicketEvent
from repairs.times import day_words, moment
from repairs.wording import Wording
from repairs.workflow import Clock

Kept = Mapping[str, Any]


def climbed(kept: Kept) -> str:
    """Who was told and why, and what happens next; `kept` as the event of the verb "climb" has it."""
    return _after(_told(kept), _onward(kept))


def _after(first: str, then: str) -> str:
    return _("%(first)s %(then)s") % {"first": first, "then": then} if then else first


ITSELF = Wording(
    "resident.climb.itself",
    gettext_noop("%(organisation)s is itself on duty here, so it goes to the next level at once."),
)
DANGER = Wording("resident.climb.danger", gettext_noop("Because of the danger %(office)s is told at once."))
UNOWNED = Wording(
    "resident.climb.unowned",
    gettext_noop("Nobody there can see to it; %(office)s has been told and has to answer for it."),
)
VACANT = Wording("resident.climb.vacant", gettext_noop("%(office)s has been told instead and has to answer for it."))
NEARLY = Wording(
    "resident.climb.nearly", gettext_noop("The promised time is nearly used up; %(office)s has been told.")
)
LATE = Wording("resident.climb.late", gettext_noop("It is late; %(office)s has been told and has to answer for it."))


def _told(kept: Kept) -> str:
    words = {"organisation": kept["organisation"], "phone": kept["phone"], "office": _office(kept)}
    if kept["met"] == Met.ITSELF:
        return ITSELF.say(**words)
    if kept["met"] == Met.NOBODY:
        return _nobody(kept).say(**words)
    if kept["reason"] == ClimbReason.DANGER:
        return DANGER.say(**words)
    if kept["reason"] == ClimbReason.UNOWNED:
        return UNOWNED.say(**words)
    if kept["reason"] == ClimbReason.VACANT:
        return VACANT.say(**words)
    return (NEARLY if kept["percent"] < 100 else LATE).say(**words)


def _office(kept: Kept) -> str:
    if kept["rung"] == Rung.MANAGER:
        return _("the manager of %(organisation)s") % {"organisation": kept["organisation"]}
    return str(kept["organisation"])


NOBODY_AT_THE_TOP = Wording(
    "resident.climb.nobody_at_the_top",
    gettext_noop("%(organisation)s has nobody appointed for this. Its telephone: %(phone)s."),
)
NOBODY = Wording(
    "resident.climb.nobody",
    gettext_noop("%(organisation)s has nobody appointed for this, so it goes to the next level at once."),
)
NOBODY_IN_THE_COMMUNITY = Wording(
    "resident.climb.nobody_in_the_community",
    gettext_noop("The community has nobody appointed for this, so it goes to the next level at once."),
)


def _nobody(kept: Kept) -> Wording:
    if kept["rung"] == Rung.DISTRICT:
        return NOBODY_AT_THE_TOP
    return NOBODY if kept["organisation"] else NOBODY_IN_THE_COMMUNITY


TOP = Wording("resident.climb.top", gettext_noop("This is the last level; its telephone: %(phone)s."))
IF_NOT = {
    Clock.ACKNOWLEDGE: Wording(
        "resident.climb.if_not_taken_up", gettext_noop("If it is not taken up by %(when)s, %(next)s hears of it.")
    ),
    Clock.ARRIVE: Wording(
        "resident.climb.if_nobody_comes", gettext_noop("If nobody has come by %(when)s, %(next)s hears of it.")
    ),
    Clock.MAKE_SAFE: Wording(
        "resident.climb.if_not_safe", gettext_noop("If it is not safe by %(when)s, %(next)s hears of it.")
    ),
    Clock.PLAN: Wording(
        "resident.climb.if_no_plan", gettext_noop("If there is no plan by %(when)s, %(next)s hears of it.")
    ),
    Clock.RESTORE: Wording(
        "resident.climb.if_not_repaired", gettext_noop("If it is not repaired by %(when)s, %(next)s hears of it.")
    ),
}


def _onward(kept: Kept) -> str:
    """By when the next one hears of it, if nothing is done."""
    if kept.get("next"):
        onward = {"when": moment(datetime.fromisoformat(kept["next"]["at"])), "next": kept["next"]["organisation"]}
        return IF_NOT[Clock(kept["clock"])].say(**onward)
    if kept["rung"] == Rung.DISTRICT and kept["met"] == Met.PEOPLE:
        return TOP.say(phone=kept["phone"])
    return ""


HANDED = Wording("all.answer_climb.handed", gettext_noop("%(office)s has handed it to somebody:"))
NOTED = Wording("all.answer_climb", gettext_noop("%(office)s has taken note of it."))
ORDER = Wording("all.order", gettext_noop("%(office)s orders %(organisation)s to answer by %(by)s:"))
ANSWER_ORDER = Wording("all.answer_order", gettext_noop("%(organisation)s answers %(office)s:"))
WENT_UP = Wording(
    "all.order_goes_up",
    gettext_noop("%(organisation)s has not answered %(office)s in time; %(district)s has been told."),
)
ORDER_STANDS = Wording(
    "all.order_goes_up.stands",
    gettext_noop("%(organisation)s has not answered %(office)s in time; the order stands."),
)


def climb_answered(event: TicketEvent) -> str:
    """What an office does about what came up to it, without the words it wrote."""
    handed = event.changes["answer"] == ClimbAnswer.HANDED
    return (HANDED if handed else NOTED).say(office=event.changes["office"])


def ordered(event: TicketEvent) -> str:
    """Who ordered what of whom by when, without the order's own words."""
    kept = event.changes["order"]
    by = day_words(date.fromisoformat(kept["by"]))
    return ORDER.say(office=event.changes["office"], organisation=kept["organisation"], by=by)


def order_answered(event: TicketEvent) -> str:
    """Who answered whom, without the answer's own words."""
    return ANSWER_ORDER.say(organisation=event.changes["office"], office=event.changes["order"]["ordered_by"])


def went_up(event: TicketEvent) -> str:
    """Whose order was not answered, and who hears of it."""
    kept = event.changes["order"]
    words = {"organisation": kept["organisation"], "office": kept["ordered_by"], "district": kept["to"]}
    return (ORDER_STANDS if kept["ordered_by"] == kept["to"] else WENT_UP).say(**words)


LINES = {
    "climb": lambda event: climbed(event.changes["climb"]),
    "answer_climb": climb_answered,
    "order": ordered,
    "answer_order": order_answered,
    "order_goes_up": went_up,
}


def line(ticket: Ticket, event: TicketEvent) -> str:
    """The whole sentence of a step, with the words somebody wrote."""
    return _after(LINES[event.verb](event), event.note)


# ---------------------------------------------------------------- to the staff
TO_DANGER = Wording(
    "staff.climb.danger",
    gettext_noop("Danger at %(place)s. On duty: %(organisation)s, %(phone)s. Please see to it at once."),
)
TO_UNOWNED = Wording(
    "staff.climb.unowned",
    gettext_noop("At %(organisation)s nobody can see to it. Please say what you do about it."),
)
TO_NEARLY = Wording(
    "staff.climb.nearly",
    gettext_noop("The promised time of %(organisation)s is nearly used up. Please say what you do about it."),
)
TO_LATE = Wording("staff.climb", gettext_noop("%(organisation)s is late. Please say what you do about it."))


def to_climb(ticket: Ticket, event: TicketEvent) -> str:
    """Why it comes up to the reader, and that they have to answer."""
    kept = event.changes["climb"]
    # Nobody below is why it is here, and no reason to call anybody late: that is what it began with.
    kept = kept | kept.get("began", {})
    words = {"organisation": kept["late"], "place": ticket.place.public, "phone": ticket.organisation.phone}
    if kept["reason"] == ClimbReason.DANGER:
        return TO_DANGER.say(**words)
    if kept["reason"] == ClimbReason.UNOWNED:
        return TO_UNOWNED.say(**words)
    nearly = kept["reason"] == ClimbReason.LATE and kept["percent"] < 100
    return (TO_NEARLY if nearly else TO_LATE).say(**words)
