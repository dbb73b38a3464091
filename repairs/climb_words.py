"""The ladder in words: what a step says to the resident and to those it told. No queries: the event keeps it all."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from repairs.ladder import Rung
from repairs.models import ClimbAnswer, ClimbReason, Met, Ticket, TicketEvent
from repairs.times import day_words, moment
from repairs.workflow import Clock

Kept = Mapping[str, Any]


def climbed(kept: Kept) -> str:
    """Who was told and why, and what happens next; `kept` as the event of the verb "climb" has it."""
    return _after(_told(kept), _onward(kept))


def _after(first: str, then: str) -> str:
    return _("%(first)s %(then)s") % {"first": first, "then": then} if then else first


def _told(kept: Kept) -> str:
    words = {"organisation": kept["organisation"], "phone": kept["phone"], "office": _office(kept)}
    if kept["met"] == Met.ITSELF:
        return _("%(organisation)s is itself on duty here, so it goes to the next level at once.") % words
    if kept["met"] == Met.NOBODY:
        return _nobody(kept) % words
    if kept["reason"] == ClimbReason.DANGER:
        return _("Because of the danger %(office)s is told at once.") % words
    if kept["reason"] == ClimbReason.UNOWNED:
        return _("Nobody there can take it up; %(office)s has been told and has to answer for it.") % words
    if kept["reason"] == ClimbReason.VACANT:
        return _("%(office)s has been told instead and has to answer for it.") % words
    if kept["percent"] < 100:
        return _("The promised time is nearly used up; %(office)s has been told.") % words
    return _("It is late; %(office)s has been told and has to answer for it.") % words


def _office(kept: Kept) -> str:
    if kept["rung"] == Rung.MANAGER:
        return _("the manager of %(organisation)s") % {"organisation": kept["organisation"]}
    return str(kept["organisation"])


def _nobody(kept: Kept) -> str:
    if kept["rung"] == Rung.DISTRICT:
        return _("%(organisation)s has nobody appointed for this. Its telephone: %(phone)s.")
    if kept["organisation"]:
        return _("%(organisation)s has nobody appointed for this, so it goes to the next level at once.")
    return _("The community has nobody appointed for this, so it goes to the next level at once.")


def _onward(kept: Kept) -> str:
    """By when the next one hears of it, if nothing is done."""
    if kept.get("next"):
        onward = {"when": moment(datetime.fromisoformat(kept["next"]["at"])), "next": kept["next"]["organisation"]}
        return _if_not(Clock(kept["clock"])) % onward
    if kept["rung"] == Rung.DISTRICT and kept["met"] == Met.PEOPLE:
        return _("This is the last level; its telephone: %(phone)s.") % {"phone": kept["phone"]}
    return ""


def _if_not(clock: Clock) -> str:
    return {
        Clock.ACKNOWLEDGE: _("If it is not taken up by %(when)s, %(next)s hears of it."),
        Clock.ARRIVE: _("If nobody has come by %(when)s, %(next)s hears of it."),
        Clock.MAKE_SAFE: _("If it is not safe by %(when)s, %(next)s hears of it."),
        Clock.PLAN: _("If there is no plan by %(when)s, %(next)s hears of it."),
        Clock.RESTORE: _("If it is not repaired by %(when)s, %(next)s hears of it."),
    }[clock]


def climb_answered(event: TicketEvent) -> str:
    """What an office does about what came up to it, without the words it wrote."""
    if event.changes["answer"] == ClimbAnswer.HANDED:
        return _("%(office)s has handed it to somebody:") % {"office": event.changes["office"]}
    return _("%(office)s has taken note of it.") % {"office": event.changes["office"]}


def ordered(event: TicketEvent) -> str:
    """Who ordered what of whom by when, without the order's own words."""
    kept = event.changes["order"]
    by = day_words(date.fromisoformat(kept["by"]))
    words = {"office": event.changes["office"], "organisation": kept["organisation"], "by": by}
    return _("%(office)s orders %(organisation)s to answer by %(by)s:") % words


def order_answered(event: TicketEvent) -> str:
    """Who answered whom, without the answer's own words."""
    words = {"organisation": event.changes["office"], "office": event.changes["order"]["ordered_by"]}
    return _("%(organisation)s answers %(office)s:") % words


def went_up(event: TicketEvent) -> str:
    """Whose order was not answered, and who hears of it."""
    kept = event.changes["order"]
    words = {"organisation": kept["organisation"], "office": kept["ordered_by"], "district": kept["to"]}
    if kept["ordered_by"] == kept["to"]:
        return _("%(organisation)s has not answered %(office)s in time; the order stands.") % words
    return _("%(organisation)s has not answered %(office)s in time; %(district)s has been told.") % words


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
def to_climb(ticket: Ticket, event: TicketEvent) -> str:
    """Why it comes up to the reader, and that they have to answer."""
    kept = event.changes["climb"]
    words = {"organisation": kept["late"], "place": ticket.place.public, "phone": ticket.organisation.phone}
    if kept["reason"] == ClimbReason.DANGER:
        return _("Danger at %(place)s. On duty: %(organisation)s, %(phone)s. Please see to it at once.") % words
    if kept["reason"] == ClimbReason.UNOWNED:
        return _("At %(organisation)s nobody can take it up. Please say what you do about it.") % words
    if kept["reason"] == ClimbReason.LATE and kept["percent"] < 100:
        return _("The promised time of %(organisation)s is nearly used up. Please say what you do about it.") % words
    return _("%(organisation)s is late. Please say what you do about it.") % words
