"""One lane for each company that carries: in one process never two runs of the same, so that one that hangs keeps only
its own messages waiting and leaves the other threads to the others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from django.conf import settings
from django.utils import timezone

from repairs.delivery import deliver_next
from repairs.messages import ask_for_delivery
from repairs.models import Message, MessageChannel
from repairs.models.message import push_lane, robot_lane
from repairs.models.reach import ROBOT_SCHEMES
from repairs.spreading import spread_some

_APP = MessageChannel.APP.value
_WHOLE = (_APP, MessageChannel.SMS.value, MessageChannel.EMAIL.value, MessageChannel.CALL.value)
_ROBOTS = tuple(robot_lane(scheme) for scheme in ROBOT_SCHEMES)
_PUSH = tuple(push_lane(service) for service in settings.PUSH_SERVICES)
# The last is what no lane is known for (`lane_of`).
LANES: tuple[str, ...] = (*_WHOLE, *_ROBOTS, *_PUSH, "")
# What goes out beside the messages: the letter that asks whose mailbox it is, and the test of a robot.
MAILBOX, ROBOT_TEST = "mailbox", "robot test"
_ONE_RUN = 60.0
_taken = {name: Lock() for name in (*LANES, MAILBOX, ROBOT_TEST)}
# One for each, and two for what never waits for anybody: the sweep, and runs that find their lane taken.
THREADS = len(_taken) + 2


class LaneTaken(Exception):
    """Another run of this process is at it; come back later."""


@contextmanager
def alone(name: str) -> Iterator[None]:
    """The lane `name` for this run only; raises `LaneTaken` rather than hold a thread and wait."""
    if not _taken[name].acquire(blocking=False):
        raise LaneTaken(name)
    try:
        yield
    finally:
        _taken[name].release()


def lanes_of(channel: str) -> tuple[str, ...]:
    """The lanes of a channel; of a lane itself: that one."""
    if channel == MessageChannel.ROBOT:
        return (*_ROBOTS, "")
    return (*_PUSH, "") if channel == MessageChannel.PUSH else (channel,)


def take_in_strays() -> None:
    """What waits in a lane that no longer is one, as a push service was taken out of the settings."""
    Message.objects.unsent().filter(next_try_at__isnull=False).exclude(lane__in=LANES).update(lane="")


def run_lane(lane: str) -> None:
    """Deliver what waits in the lane, for a minute at most; nothing when another run of this process is at it."""
    ends = monotonic() + _ONE_RUN
    # Looked at again after each run: a message written while it ended found the lane taken.
    while True:
        try:
            with alone(lane):
                more = _work_until(lane, ends)
        except LaneTaken:
            return
        if more:
            ask_for_delivery([lane])
            return
        if not waiting_in([lane]):
            return


def _work_until(lane: str, ends: float) -> bool:
    """Whether time was over before the lane was empty."""
    while spread_some() if lane == _APP else deliver_next(lane):
        if monotonic() > ends:
            return True
    return False


def waiting_in(lanes: Sequence[str] = LANES) -> list[str]:
    """Which of the lanes have something whose turn it is."""
    return [lane for lane in lanes if _something_waits(lane)]


def _something_waits(lane: str) -> bool:
    now = timezone.now()
    if lane == _APP:
        return Message.objects.to_spread(now).exists()
    return Message.objects.to_try(now).filter(lane=lane).exists()
