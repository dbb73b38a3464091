"""A carrier of text messages that counts what it is asked, and does what a test tells it: hang, fail, refuse, lose."""

from collections.abc import Callable
from typing import Any, ClassVar


class FakeCarrier:
    """`asked` is every message in order; `does` happens after it was counted."""

    asked: ClassVar[list[tuple[str, str]]] = []
    does: ClassVar[list[Callable[[], object]]] = []

    def send(self, phone: str, text: str) -> None:
        """Count it, then do the next thing told, if any is left."""
        self.asked.append((phone, text))
        if self.does:
            self.does.pop(0)()


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
