"""What becomes of promises in the demo town, by the verbs themselves: paused, made safe, the plan posted."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from repairs import actions
from repairs.demo.people import People
from repairs.demo.scenes import MADE_SAFE, PAUSED, PLANNED
from repairs.models import Message, PauseReason, Ticket


def keep_promises(people: People, tickets: dict[str, Ticket]) -> None:
    """`tickets` by their scene (`scenes.PROMISED`), each one step further."""
    known, today = people.known, timezone.localdate()
    seen = {which: Ticket.objects.for_page().get(pk=ticket.pk) for which, ticket in tickets.items()}
    by, next_on = known["dispatcher"], today + timedelta(days=3)
    actions.pause(seen[PAUSED], by=by, reason=PauseReason.PART, next_on=next_on, note="老式阀门，厂家后天发货。")
    actions.make_safe(seen[MADE_SAFE], by=known["worker"], note="已拉闸隔离，二楼先走临时线。")
    plan = "墙根做防潮层，后墙排水沟一起疏通，当天请把靠墙的家具移开。"
    actions.post_plan(seen[PLANNED], by=by, planned_for=today + timedelta(days=12), note=plan)
    # As if the carriers had taken them: the demo sends nothing.
    Message.objects.unsent().filter(ticket__in=tickets.values()).update(sent_at=F("created_at"), next_try_at=None)
