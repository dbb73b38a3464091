"""After a day was declared off or worked: the promises of open tickets that are counted in working days, anew."""

from django.db import transaction

from repairs import pledges
from repairs.actions.moving import hold
from repairs.models import Ticket
from repairs.promises import due_columns
from repairs.workflow import WORK_STATES, Urgency

_BATCH = 200


def recount() -> int:
    """How many tickets are promised another moment now; each in a transaction of its own, so that nobody waits."""
    pledges.forget()
    changed, last = 0, 0
    while keys := _next(last):
        last = keys[-1]
        for key in keys:
            changed += _recount(key)
    return changed


def _next(after: int) -> list[int]:
    planned = Ticket.objects.filter(urgency=Urgency.PLANNED, state__in=WORK_STATES, pk__gt=after)
    return list(planned.order_by("pk").values_list("pk", flat=True)[:_BATCH])


@transaction.atomic
def _recount(key: int) -> bool:
    """Nobody did anything to the ticket: its columns follow the calendar, and no event is told."""
    ticket = Ticket.objects.get(pk=key)
    hold(ticket)
    if ticket.state not in WORK_STATES or ticket.urgency != Urgency.PLANNED:
        return False
    anew = due_columns(ticket)
    if all(getattr(ticket, name) == value for name, value in anew.items()):
        return False
    Ticket.objects.filter(pk=key).update(**anew)
    return True
