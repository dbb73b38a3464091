"""Handing something to a company outside: it fails, refuses for good, or never answers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class CarrierFailed(Exception):
    """It could not be handed over; trying again later may help."""


class CarrierSilent(CarrierFailed):
    """Nobody heard whether it was taken: it may arrive after all, and trying again may be one time too many."""


class CarrierRefused(CarrierFailed):
    """It will never be taken: the number or address doesn't exist, or wants none."""


class CarrierGone(CarrierRefused):
    """There is nobody any more behind what was once set up: a device, a mailbox, a robot."""


def in_time(
    work: Callable[[], object],
    seconds: float,
    *,
    failure: type[CarrierSilent] = CarrierSilent,
    late: Callable[[], object] | None = None,
) -> None:
    """Do `work`; raises `failure` when it has not ended after `seconds`.

    It runs in a thread of its own, because not every provider's code knows a time-out. What it was still doing then
    goes on: it may have been taken after all, and if that thread hears so, it calls `late`.
    """
    thread = ThreadPoolExecutor(1, thread_name_prefix="carrier")
    try:
        doing = thread.submit(work)
        doing.result(timeout=seconds)
    except TimeoutError as silence:
        if late is not None:
            doing.add_done_callback(lambda done: None if done.exception() else late())
        raise failure(f"no answer within {seconds} s") from silence
    finally:
        thread.shutdown(wait=False)
