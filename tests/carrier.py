"""A carrier of text messages that counts what it is asked, and does what a test tells it: hang, fail, refuse, lose."""

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from accounts.sms import SmsFailed


class FakeCarrier:
    """`asked` is every message in order; `does` happens after it was counted."""

    asked: ClassVar[list[tuple[str, str]]] = []
    does: ClassVar[list[Callable[[], object]]] = []

    def send(self, phone: str, text: str, key: str = "") -> None:
        """Count it, then do the next thing told, if any is left."""
        self.asked.append((phone, text))
        if self.does:
            self.does.pop(0)()


class AskedCarrier(FakeCarrier):
    """One that can be asked about what it was given, and had everything it was asked to carry."""

    since: ClassVar[list[date]] = []

    def has(self, phone: str, key: str, since: date) -> bool:
        """Whether it had it; `since` is from when on it was asked to look."""
        self.since.append(since)
        return any(to == phone for to, _text in self.asked)


class ForgetfulCarrier(FakeCarrier):
    """One that can be asked, and got nothing of what failed."""

    def has(self, phone: str, key: str, since: date) -> bool:
        """Never."""
        return False


class SilentCarrier(FakeCarrier):
    """One that can be asked, and is too busy to answer."""

    def has(self, phone: str, key: str, since: date) -> bool:
        """No answer."""
        raise SmsFailed("busy")


def hire(settings: Any, *does: Callable[[], object]) -> list[tuple[str, str]]:
    """Let the fake one carry from now on; gives what it will have been asked."""
    settings.SMS_BACKEND = "tests.carrier.FakeCarrier"
    FakeCarrier.asked, FakeCarrier.does = [], list(does)
    return FakeCarrier.asked


def raises(error: Exception) -> Callable[[], object]:
    """What a carrier does that fails with `error`."""

    def fail() -> None:
        raise error

    return fail
