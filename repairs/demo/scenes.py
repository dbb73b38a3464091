"""What the demo's own people find when they sign in: a queue, jobs for today, a repair to confirm; relative to now."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial

from django.utils import timezone

from estates.models import Estate
from repairs.clocks import SERVICE_ENDS, SERVICE_STARTS
from repairs.demo.course import Course
from repairs.demo.people import People, Resident
from repairs.demo.reports import Reports
from repairs.demo.story import Story
from repairs.models import Ticket
from repairs.workflow import Channel

# Minutes ago, type, channel, words.
_WAITING = [
    (4, "ELE-SPARK", Channel.ONLINE, "一楼电箱冒火花\n刚才打不开总闸，有焦味。"),
    (21, "ROF-ROOF", Channel.ONLINE, "屋面漏水，卧室天花板发霉\n昨晚下雨以后更严重了，床都移开了。"),
    (42, "DRN-SEPT", Channel.ONLINE, "化粪池满溢\n楼门口都是污水，老人不敢出门。"),
    (65, "DOR-GATE", Channel.PATROL, "单元门锁坏了关不上"),
    (95, "DRN-PIPE", Channel.ONLINE, "厨房下水管漏水\n希望明天下午来。"),
    (130, "ELE-STAIR", Channel.PHONE, "三楼楼道灯不亮，晚上黑漆漆的"),
    (160, "RDP-PARK", Channel.PROXY, "有车长期停在我们楼道口，进出不方便"),
]
# Of the waiting ones, this was sent by somebody whose phone was not verified.
_UNPROVED = "DRN-PIPE"
# Service hours ago reported; how far it has come; type; words.
_TODAY = [
    (9, "assigned", "WAT-DRIP", "卫生间角阀关不紧，一直滴水"),
    (7, "assigned", "ELE-OUT1", "家里突然没电，空开一推就跳"),
    (12, "assigned", "DRN-FLOOR", "厨房水槽下水很慢，还反味"),
    (5, "on_site", "DRN-STACK", "一楼卫生间往外冒污水\n一股一股地冒，臭得不得了。"),
    (15, "finished", "DOR-WIN", "三楼楼道窗户玻璃碎了，雨会飘进来"),
]
_STEPS = ["submitted", "acknowledged", "assigned", "on_site", "finished"]
# Days ago, type, words, how it ended: what 陈阿婆 reported before.
_BEFORE = [
    (33, "RDP-PARK", "有人私装地锁占车位", "decline"),
    (41, "DOR-ICOM", "楼下对讲按了家里不响", "cancel"),
    (47, "ELE-STAIR", "五楼楼道灯不亮，晚上黑漆漆的", "confirm"),
    (96, "DRN-FLOOR", "洗手池堵了，水下不去", "reopen"),
    (201, "ENV-TERM", "家里发现白蚁，门框里面是空的", "confirm"),
    (260, "WAT-PRES", "水压很小，热水器点不着火", "silent"),
]
_LATE = [
    (75, "assigned", "ROF-WALL", "外墙渗水，卧室墙面起泡发霉\n衣柜后面都长毛了。"),
    (90, "acknowledged", "FAC-RAIL", "楼梯扶手松了，一拉就晃"),
    (26, "submitted", "ENV-WASTE", "旧沙发床垫扔在垃圾桶旁边没人收"),
]
# Tickets whose visits are told later (visits.py): agreed and kept, agreed and nobody came, 陈阿婆's.
VISIT_KEPT, VISIT_MISSED, VISIT_OF_CHEN = "kept", "missed", "chen"
_VISITED = {
    VISIT_KEPT: (10, "WAT-DRIP", "洗衣机水龙头关不紧，一直滴水"),
    VISIT_MISSED: (16, "DRN-FLOOR", "阳台地漏堵了，洗衣机的水排不下去"),
}

# Tickets whose handing over is told later (handovers.py).
OUTSIDE, OFFERED, ACCEPTED, TURNED_DOWN, ASKED = "outside", "offered", "accepted", "turned_down", "asked"
HANDED = {
    OUTSIDE: (30, "assigned", "WAT-BURST", "小区门口总水管冒水\n路边石缝一直往外冒，没有停。"),
    OFFERED: (14, "acknowledged", "WAT-DRIP", "总表井里一直渗水"),
    ACCEPTED: (22, "assigned", "FAC-RAIL", "围墙边的栏杆断了两根"),
    TURNED_DOWN: (18, "acknowledged", "DRN-FLOOR", "楼后排水沟堵了，一下雨就积水"),
}


# Tickets that show their promises, told on in promises.py; two of them are 陈阿婆's, one was not fixed at first.
PAUSED, PLANNED, MADE_SAFE, REWORK = "paused", "planned", "made_safe", "rework"
PROMISED = {
    PAUSED: (26, "on_site", "WAT-DRIP", "厨房水表前的阀门滴水\n阀门老式，师傅说要等配件。"),
    PLANNED: (45, "on_site", "ROF-BASE", "一楼后房间返潮，墙角发霉"),
    MADE_SAFE: (2, "on_site", "ELE-SPARK", "二楼电表箱有焦味，偶尔打火"),
    REWORK: (40, "finished", "DRN-FLOOR", "卫生间地漏返臭"),
}
_PROMISED_TO_CHEN = {PAUSED, REWORK}


def service_ago(now: datetime, hours: float) -> datetime:
    """The moment that many service hours (08:00–20:00) before `now`."""
    local, left = timezone.localtime(now), timedelta(hours=hours)
    while True:
        opens = local.replace(hour=SERVICE_STARTS.hour, minute=0, second=0, microsecond=0)
        here = min(local, opens.replace(hour=SERVICE_ENDS.hour)) - opens
        if left < here:
            return opens + here - left
        left -= max(here, timedelta(0))
        local = opens - timedelta(hours=24 - SERVICE_ENDS.hour + SERVICE_STARTS.hour)


Script = Callable[[Story], object]


@dataclass
class Scenes:
    """What happens in the demo's own estate: each scene a report and the script of its life."""

    reports: Reports
    people: People
    course: Course
    estate: Estate
    # When teams last went out.
    last_day: date
    visits: dict[str, Ticket] = field(default_factory=dict)
    handed: dict[str, Ticket] = field(default_factory=dict)
    promised: dict[str, Ticket] = field(default_factory=dict)

    def all(self) -> list[tuple[Ticket, Script]]:
        """Every scene, to be played once the tickets have their numbers."""
        scenes = [self._waiting(*scene) for scene in _WAITING]
        scenes += [self._as_far_as(*scene) for scene in (*_TODAY, *_LATE)]
        scenes += [self._before_visit(which, *scene) for which, scene in _VISITED.items()]
        return [*scenes, *self._of_chen()]

    def to_hand_over(self, neighbour: Estate) -> list[tuple[Ticket, Script]]:
        """What the centre hands over, and one that somebody else, who manages `neighbour`, asks the centre to take."""
        scenes = {which: self._as_far_as(*scene) for which, scene in HANDED.items()}
        kind, at = self.reports.kinds["DRN-STACK"], service_ago(self.reports.now, 8)
        who, words = self.reports.someone(kind, neighbour), "两个小区共用的污水管堵了"
        ticket = self.reports.make(kind, at, neighbour, who=who, channel=Channel.ONLINE, words=words, guest=False)

        def taken_up(story: Story) -> None:
            story.report()
            story.acknowledge(service_ago(self.reports.now, 7), self.course.dispatcher(ticket))

        scenes[ASKED] = ticket, taken_up
        self.handed = {which: scene[0] for which, scene in scenes.items()}
        return list(scenes.values())

    def to_promise(self) -> list[tuple[Ticket, Script]]:
        """One for each thing that can become of a promise."""
        chen = self.people.chen
        scenes = {
            which: self._as_far_as(*scene, who=chen if which in _PROMISED_TO_CHEN else None)
            for which, scene in PROMISED.items()
        }
        ticket, finished = scenes[REWORK]
        scenes[REWORK] = ticket, partial(self._not_fixed, finished)
        self.promised = {which: scene[0] for which, scene in scenes.items()}
        return list(scenes.values())

    def _not_fixed(self, finished: Script, story: Story) -> None:
        finished(story)
        dispatcher, worker = self.people.known["dispatcher"], self.people.known["worker"]
        story.not_fixed(service_ago(self.reports.now, 6), self.people.chen.user, "过了一夜又返臭了。")
        story.assign(service_ago(self.reports.now, 5), dispatcher, worker)

    def _ticket(
        self, code: str, at: datetime, words: str, who: Resident | None = None, channel: Channel = Channel.ONLINE
    ) -> Ticket:
        kind = self.reports.kinds[code]
        while who is None:
            someone = self.reports.someone(kind, self.estate)
            who = None if someone is self.people.chen else someone
        guest = code == _UNPROVED and who is not self.people.chen
        return self.reports.make(kind, at, self.estate, who=who, channel=channel, words=words, guest=guest)

    def _waiting(self, minutes: int, code: str, channel: Channel, words: str) -> tuple[Ticket, Script]:
        at = self.reports.now - timedelta(minutes=minutes)
        return self._ticket(code, at, words, channel=channel), Story.report

    def _as_far_as(
        self, hours: float, state: str, code: str, words: str, who: Resident | None = None
    ) -> tuple[Ticket, Script]:
        """Reported so many service hours ago, with the steps up to `state` in the time since."""
        ticket = self._ticket(code, service_ago(self.reports.now, hours), words, who)
        return ticket, partial(self._play, hours, state)

    def _before_visit(self, which: str, hour: int, code: str, words: str) -> tuple[Ticket, Script]:
        """Assigned in good time before the visit of the last day on which teams went out."""
        begins = datetime.combine(self.last_day, time(hour), timezone.get_current_timezone())
        filed, dispatcher = service_ago(begins, 15.9), self.people.known["dispatcher"]
        self.visits[which] = ticket = self._ticket(code, filed, words)

        def assigned(story: Story) -> None:
            story.report()
            story.acknowledge(service_ago(begins, 14), dispatcher)
            story.assign(service_ago(begins, 13), dispatcher, self.people.known["worker"])

        return ticket, assigned

    def _play(self, hours: float, state: str, story: Story) -> None:
        now, dispatcher = self.reports.now, self.people.known["dispatcher"]
        story.report()
        steps: list[Callable[[datetime], object]] = [
            lambda at: story.acknowledge(at, dispatcher),
            lambda at: story.assign(at, dispatcher, self.people.known["worker"]),
            story.arrive,
            story.finish,
        ]
        for number, step in enumerate(steps[: _STEPS.index(state)], start=1):
            step(service_ago(now, hours - min(hours * number / 5, 3 * number)))

    def _of_chen(self) -> list[tuple[Ticket, Script]]:
        """陈阿婆's own: one that waits for her word, one somebody is coming for, and what was before."""
        chen, now = self.people.chen, self.reports.now
        waiting = "厨房下水管漏水\n在水槽下面，一用水就滴到柜子里。"
        scenes = [
            self._as_far_as(20, "finished", "DRN-PIPE", waiting, chen),
            self._as_far_as(10, "assigned", "ROF-WALL", "主卧窗边渗水，地板泡得翘起来", chen),
        ]
        self.visits[VISIT_OF_CHEN] = scenes[-1][0]
        for days, code, words, fate in _BEFORE:
            ticket = self._ticket(code, now - timedelta(days=days), words, chen)
            scenes.append((ticket, partial(self.course.run, fate=fate)))
        return scenes
