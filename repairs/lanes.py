"""One lane for each channel: in one process never two runs of the same, so that a company that hangs keeps only its own
messages waiting and leaves the other threads to the others."""

from collections.abc import Sequence
from threading import Lock
from time import monotonic

from django.utils import timezone

from repairs.carriers import CARRIED
from repairs.delivery import deliver_next
from repairs.messages import ask_for_delivery
from repairs.models import Message, MessageChannel
from repairs.spreading import spread_some

# The worker needs a thread for each, and one more for runs that find their lane taken.
LANES: tuple[MessageChannel, ...] = (MessageChannel.APP, *CARRIED)
_ONE_RUN = 60.0
_taken = {lane: Lock() for lane in LANES}


def run_lane(lane: MessageChannel) -> None:
    """Deliver what waits in the lane, for a minute at most; nothing when another run of this process is at it."""
    ends = monotonic() + _ONE_RUN
    # Looked at again after each run: a message written while it ended found the lane taken.
    while _taken[lane].acquire(blocking=False):
        try:
            more = _work_until(lane, ends)
        finally:
            _taken[lane].release()
        if more:
            ask_for_delivery([lane])
            return
        if not waiting_in([lane]):
            return


def _work_until(lane: MessageChannel, ends: float) -> bool:
    """Whether time was over before the lane was empty."""
    while spread_some() if lane is MessageChannel.APP else deliver_next(lane):
        if monotonic() > ends:
            return True
    return False


def waiting_in(lanes: Sequence[MessageChannel] = LANES) -> list[MessageChannel]:
    """Which of the lanes have something whose turn it is."""
    return [lane for lane in lanes if _something_waits(lane)]


def _something_waits(lane: MessageChannel) -> bool:
    now = timezone.now()
    if lane is MessageChannel.APP:
        return Message.objects.to_spread(now).exists()
    return Message.objects.to_try(now).filter(channel=lane).exists()
