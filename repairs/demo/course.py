"""How a ticket's life goes and how long each step takes: good organisations are quick, residents sometimes silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from repairs.clocks import SERVICE_ENDS, SERVICE_STARTS
from repairs.demo.people import People
from repairs.demo.story import Story
from repairs.models import PauseReason, Ticket
from repairs.promises import SILENCE_CLOSES_AFTER
from repairs.workflow import Channel, Urgency

_HOUR = timedelta(hours=1)
# Work that takes so long waits for something.
_LONG = timedelta(hours=30)
_FATES = {"confirm": 66, "silent": 15, "reopen": 6, "cancel": 5, "decline": 4, "stuck": 16}
# Only recent tickets may still be stuck: the year before has been cleared up.
STUCK_AT_MOST = timedelta(days=40)
_AT_ANY_HOUR = {Urgency.DANGER, Urgency.URGENT}
_SLOW = ("ROF-", "FAC-", "ENV-TERM")

_REASONS = [
    "经查属于住户自己安装的设备，请联系原安装单位；需要推荐师傅可以来电。",
    "同一处问题已有工单在处理，请看小区公共报修。",
    "地址不在本小区范围内，已电话告知所属物业。",
    "属于邻里纠纷，已转社区调解员联系您。",
]
_CANCELLED = ["已经好了，不用来了。", "自己找人修好了，谢谢。", "报错地方了，重新报。", ""]
_NOT_FIXED = ["过了一个晚上又漏了。", "还是老样子，没有修好。", "好了半天又坏了。", "只修了一半，另一边还在漏。"]
_PRAISE = ["修好了，谢谢师傅。", "师傅很仔细，弄得干干净净。", "好了。", "", "", ""]
_ASKING = ["请问师傅什么时候来？", "下午三点以后家里有人。", "又比早上严重一点了。", "电话打不通的话请打邻居的。"]
_ANSWERS = ["已联系师傅，今天下午到。", "配件明天到货，到了马上过来。", "收到，来之前会给您打电话。"]
_INTERNAL = [
    "已电话联系，住户要求晚饭后上门。",
    "去年修过同一处，建议查一下主管。",
    "需要两个人，带六米梯。",
    "费用由住户承担，已说明收费标准。",
]


@dataclass
class Course:
    """Lets a story run its course."""

    random: Random
    people: People

    def run(self, story: Story, fate: str = "") -> Story:
        """All steps up to the present; an open ticket is one whose next step lies ahead."""
        ticket = story.ticket
        fate = fate or self._fate(story)
        story.report()
        if fate == "cancel" and self.random.random() < 0.5:
            return self._cancel(story)
        stuck = fate == "stuck"
        if stuck and self.random.random() < 0.3:
            return story
        at = self._after(ticket, ticket.filed_at, *self._ack_hours(ticket))
        if fate == "decline":
            story.close("decline", at, self.dispatcher(ticket), self.random.choice(_REASONS))
        elif story.acknowledge(at, self.dispatcher(ticket), self._second_look(ticket)):
            self._aside(story)
            if stuck and self.random.random() < 0.4:
                return story
            if fate == "cancel":
                return self._cancel(story)
            self._repair(story, fate)
        return story

    # ------------------------------------------------------------------ who
    def dispatcher(self, ticket: Ticket) -> User:
        """Who takes it up."""
        return self.random.choice(self.people.staff[ticket.organisation_id, Role.DISPATCHER])

    def worker(self, ticket: Ticket) -> User:
        """Who is sent."""
        return self.random.choice(self.people.staff[ticket.organisation_id, Role.WORKER])

    def _resident(self, story: Story) -> User | None:
        """Who may say whether it is fixed: never the clerk who took the call for the resident."""
        ticket = story.ticket
        if ticket.channel in {Channel.ONLINE, Channel.PROXY}:
            return ticket.reporter
        return self.people.by_phone.get(ticket.contact_phone)

    # ------------------------------------------------------------------ how it goes
    def _fate(self, story: Story) -> str:
        fate = self.random.choices(list(_FATES), list(_FATES.values()))[0]
        too_old = fate == "stuck" and story.now - story.ticket.filed_at > STUCK_AT_MOST
        unable = fate in {"cancel", "reopen", "confirm"} and self._resident(story) is None
        return "silent" if too_old or unable else fate

    def _repair(self, story: Story, fate: str) -> None:
        """From the assignment to the end, twice when it wasn't fixed."""
        ticket, asked = story.ticket, self._resident(story)
        for again in (False, True):
            at = self._after(ticket, story.last_at, 0.1, 2.5)
            if not story.assign(at, self.dispatcher(ticket), self.worker(ticket)) or fate == "stuck":
                return
            if not story.arrive(self._after(ticket, story.last_at, *self._travel_hours(ticket))):
                return
            done = self._after(ticket, story.last_at, *self._work_hours(ticket))
            self._wait_for_a_part(story, done)
            if not story.finish(done):
                return
            if again or fate != "reopen" or asked is None:
                break
            at = self._awake(story.last_at + self.random.uniform(2, 40) * _HOUR)
            if not story.not_fixed(at, asked, self.random.choice(_NOT_FIXED)):
                return
        self._answer(story, None if fate == "silent" else asked)

    def _wait_for_a_part(self, story: Story, done: datetime) -> None:
        """Some that take days stand still meanwhile; chance is the number's, so that nothing else is drawn anew."""
        ticket = story.ticket
        if done - story.last_at < _LONG or int(ticket.number[-2:]) % 3:
            return
        by = self.people.staff[ticket.organisation_id, Role.DISPATCHER][0]
        midnight = timezone.localtime(done).replace(hour=0, minute=0, second=0, microsecond=0)
        begins = story.last_at + timedelta(minutes=25)
        if story.pause(begins, by, PauseReason.PART, midnight + timedelta(days=1), "配件要从厂家调，到货就装。"):
            story.resume(done - timedelta(minutes=50), by)

    def _answer(self, story: Story, by: User | None) -> None:
        if by is None:
            story.close("lapse", story.last_at + SILENCE_CLOSES_AFTER + timedelta(minutes=6), None)
            return
        at = self._awake(story.last_at + min(self.random.lognormvariate(2.2, 1.2), 150) * _HOUR)
        story.close("confirm", at, by, self.random.choice(_PRAISE))

    def _cancel(self, story: Story) -> Story:
        by = self._resident(story)
        if by is not None:
            at = self._awake(story.last_at + self.random.uniform(0.2, 6) * _HOUR)
            story.close("cancel", at, by, self.random.choice(_CANCELLED))
        return story

    def _aside(self, story: Story) -> None:
        """What people say in between."""
        ticket, asked = story.ticket, self._resident(story)
        if self.random.random() < 0.14:
            note = self.random.choice(_INTERNAL)
            story.move("internal_note", story.last_at + timedelta(minutes=4), self.dispatcher(ticket), note)
        if asked and self.random.random() < 0.12:
            at = self._awake(story.last_at + self.random.uniform(0.2, 3) * _HOUR)
            if story.move("comment", at, asked, self.random.choice(_ASKING)):
                at += timedelta(minutes=self.random.randint(3, 50))
                story.move("comment", at, self.dispatcher(ticket), self.random.choice(_ANSWERS))

    def _second_look(self, ticket: Ticket) -> str:
        """Some are found more urgent by the dispatcher than the answers made them."""
        raised = ticket.urgency == Urgency.NORMAL and self.random.random() < 0.04
        return Urgency.URGENT if raised else ""

    # ------------------------------------------------------------------ how long it takes
    def _pace(self, ticket: Ticket) -> float:
        """Each organisation has its own, from brisk to slow; it never changes."""
        slow = 1.5 if ticket.mode == "fallback" else 1.0
        return slow * Random(ticket.organisation.name).uniform(0.6, 1.35)

    def _ack_hours(self, ticket: Ticket) -> tuple[float, float]:
        pace = self._pace(ticket)
        low, high = {
            Urgency.DANGER: (0.02, 0.08),
            Urgency.URGENT: (0.06, 0.45),
            Urgency.NORMAL: (0.2, 4.5),
            Urgency.PLANNED: (1, 14),
        }[Urgency(ticket.urgency)]
        return low * pace, high * pace

    def _travel_hours(self, ticket: Ticket) -> tuple[float, float]:
        pace = self._pace(ticket)
        low, high = {
            Urgency.DANGER: (0.15, 0.5),
            Urgency.URGENT: (0.4, 3),
            Urgency.NORMAL: (2, 44),
            Urgency.PLANNED: (20, 130),
        }[Urgency(ticket.urgency)]
        return low * pace, high * pace

    def _work_hours(self, ticket: Ticket) -> tuple[float, float]:
        slow = ticket.repair_type.code.startswith(_SLOW) and self.random.random() < 0.5
        return (20, 90) if slow else (0.3, 2.5)

    def _after(self, ticket: Ticket, start: datetime, low: float, high: float) -> datetime:
        """Some hours after `start`; what can wait happens in service hours."""
        at = start + self.random.uniform(low, high) * _HOUR
        return at if ticket.urgency in _AT_ANY_HOUR else self._within(at, SERVICE_STARTS.hour, SERVICE_ENDS.hour)

    def _awake(self, at: datetime) -> datetime:
        return self._within(at, 7, 22)

    def _within(self, at: datetime, first: int, last: int) -> datetime:
        local = timezone.localtime(at)
        if first <= local.hour < last:
            return local
        morning = local.replace(hour=first, minute=0, second=0, microsecond=0)
        if local.hour >= last:
            morning += timedelta(days=1)
        return morning + timedelta(minutes=self.random.uniform(3, 70))
