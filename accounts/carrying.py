"""Handing something to a company outside: it fails, refuses for good, or never answers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class CarrierFailed(Exception):
    """It could not be handed over; trying again later may help."""


class CarrierRefused(CarrierFailed):
    """It will never be taken: the number or address doesn't exist, or wants none."""


class CarrierGone(CarrierRefused):
    """There is nobody any more behind what was once set up: a device, a mailbox, a robot."""


def in_time(work: Callable[[], object], seconds: float, *, failure: type[CarrierFailed] = CarrierFailed) -> None:
    """Do `work`; raises `failure` when it has not ended after `seconds`.

    It runs in a thread of its own, because not every provider's code knows a time-out. What it was still doing then
    goes on unheard: it may have been taken after all.
    """
    thread = ThreadPoolExecutor(1, thread_name_prefix="carrier")
    try:
        thread.submit(work).result(timeout=seconds)
    except TimeoutError as silence:
        raise failure(f"no answer within {seconds} s") from silence
    finally:
        thread.shutdown(wait=False)
