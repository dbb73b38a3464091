"""The promises by name: as the staff says them, and as the resident does."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from repairs.ladder import Rung
from repairs.models import Ticket
from repairs.promise_facts import Facts
from repairs.workflow import Clock, Urgency


def promise_word(clock: str, urgency: str) -> str:
    """The promise as the staff says it; of planned work the arrival is the survey, the repair has its day."""
    if urgency == Urgency.PLANNED:
        if clock == Clock.ARRIVE:
            return pgettext("promise", "Survey")
        if clock == Clock.RESTORE:
            return pgettext("promise", "Planned day")
    return str(Clock(clock).label)


def awaits_plan(ticket: Ticket) -> bool:
    """Whether `restore_by` is still the moment by which the plan is posted, and no repair is promised yet."""
    return ticket.urgency == Urgency.PLANNED and ticket.plan_posted_at is None


def plain_word(clock: str, urgency: str) -> str:
    """The same as the resident says it."""
    planned = urgency == Urgency.PLANNED
    return {
        Clock.ACKNOWLEDGE: pgettext("promise to the resident", "Somebody takes it up"),
        Clock.ARRIVE: pgettext("promise to the resident", "Somebody comes to look")
        if planned
        else pgettext("promise to the resident", "The worker comes"),
        Clock.MAKE_SAFE: pgettext("promise to the resident", "The danger is over"),
        Clock.PLAN: pgettext("promise to the resident", "You read what will be done and when"),
        Clock.RESTORE: pgettext("promise to the resident", "It is repaired"),
    }[Clock(clock)]


def rework(title: str) -> str:
    """The promise of work done again."""
    return _("%(promise)s, rework") % {"promise": title}


def on_rung(rung: Rung, organisation: str) -> str:
    """Who stands there, by name."""
    if rung is Rung.MANAGER:
        return _("the manager of %(organisation)s") % {"organisation": organisation}
    return organisation or str(rung.label)


def told_names(facts: Facts, clock: str, round_: int) -> str:
    """Who was told that this promise runs out, lowest first."""
    told = [each for each in facts.told if (each.clock, each.round) == (clock, round_)]
    return pgettext("list", ", ").join(on_rung(Rung(each.rung), each.organisation) for each in told)
