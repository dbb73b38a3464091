"""Who is told what: message rows in the event's own transaction, delivered by the worker (`repairs/delivery.py`)."""

from .many import Telling, tell_many
from .residents import (
    about,
    ask_for_delivery,
    kind_of,
    messages_of,
    tell_households,
    tell_resident,
    to_household,
    wording,
)
from .staff import staff_wording, tell_colleagues, tell_staff, to_the_desk

__all__ = [
    "Telling",
    "about",
    "ask_for_delivery",
    "kind_of",
    "messages_of",
    "staff_wording",
    "tell_colleagues",
    "tell_households",
    "tell_many",
    "tell_resident",
    "tell_staff",
    "to_household",
    "to_the_desk",
    "wording",
]
