"""What went up the ladder and what was ordered in the demo town: by the verbs themselves, as the next minutes would."""

from datetime import datetime, time, timedelta

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from repairs import actions, climb_words
from repairs.actions.climbing import AT_ONCE
from repairs.demo.people import People
from repairs.models import ClimbAnswer, Escalation, Level, Message, Supervision, Ticket, TicketEvent

# The worker goes on where this stops: a big town has more that is late.
_BATCHES = 5
_DAY = timedelta(days=1)


def climb_and_order(people: People) -> None:
    """Everything late goes up; of the street's own some is answered, and four orders stand in every way they can."""
    street, manager = people.known["street"], people.known["manager"]
    late = _late(manager)
    forgotten = _ordered_before(late[0], street) if late else None
    for _ in range(_BATCHES):
        if actions.climb() < AT_ONCE:
            break
    _answer(street)
    for number, ticket in enumerate(late[1:3]):
        actions.order(ticket, by=street, note=_ORDERS[number], answer_on=timezone.localdate() + (2 + number) * _DAY)
    if len(late) > 2:
        answered = Supervision.objects.for_list().get(ticket=late[2])
        actions.answer_order(answered, by=manager, note="配件已到，明天上午安排师傅上门，修好后回电。")
    if forgotten is not None:
        actions.order_goes_up(forgotten)
    # As if the carriers had taken them: the demo sends nothing.
    told = Message.objects.unsent().filter(event__verb__in=climb_words.LINES)
    told.update(sent_at=F("created_at"), next_try_at=None)


_ORDERS = ("请今天安排上门，并说明为什么拖延。", "居民多次反映，请尽快修复并书面答复。")


def _late(manager: User) -> list[Ticket]:
    """Those of the manager's own organisation that nobody finished for longest, as pages read them."""
    own = Ticket.objects.filter(organisation__appointments__person=manager).overdue()
    return list(own.for_page().order_by("due_at", "pk")[:3])


def _ordered_before(ticket: Ticket, street: User) -> Supervision | None:
    """An order of the days before whose day is over, written as the verb would have written it then."""
    last = TicketEvent.objects.filter(ticket=ticket).order_by("-pk").values_list("at", flat=True).first()
    ordered_at = timezone.now() - 3 * _DAY
    if last is not None and last > ordered_at:
        return None
    office, organisation = ticket.street.office, ticket.organisation
    day = timezone.localdate(ordered_at) + _DAY
    told = {"by": day.isoformat(), "organisation": organisation.name}
    event = TicketEvent.objects.create(
        ticket=ticket,
        verb="order",
        by=street,
        at=ordered_at,
        note="已超时多日，请两日内修好并答复。",
        changes={"office": office.name, "order": told},
    )
    return Supervision.objects.create(
        ticket=ticket, level=Level.STREET, office=office, ordered_by=street, ordered_at=event.at, text=event.note,
        answer_by=timezone.make_aware(datetime.combine(day + _DAY, time())), organisation=organisation,
    )  # fmt: skip


def _answer(street: User) -> None:
    """The street has taken note of one, and handed another on."""
    waiting = list(Escalation.objects.of(street).to_answer().for_list().order_by("at", "pk")[:2])
    said = [(ClimbAnswer.NOTED, "已电话催促，物业答应明天上门。"), (ClimbAnswer.HANDED, "已转社区网格员现场跟进。")]
    for step, (answer, note) in zip(waiting, said, strict=False):
        actions.answer_climb(step, by=street, answer=answer, note=note)
