"""Tickets from report to confirmed, what can break, and what was told to whom."""

from .canned import CannedAnswer, CannedVerb
from .catalogue import (
    Answer,
    CatalogueVersion,
    Category,
    Question,
    RepairType,
    SafetyCard,
    Scope,
    TriageRule,
    TypeQuestion,
)
from .draft import ReportDraft
from .event import TicketEvent
from .message import GaveUp, Message, MessageChannel, MessageChoice, MessageKind
from .pause import Pause, PauseReason
from .photo import Photo
from .team import DayOff, DispatchMode, DispatchRule, Shift, Team
from .ticket import ContactView, ContactViewReason, Ticket, TicketCounter, VisitWish
from .visit import (
    Booking,
    BookingConsent,
    BookingState,
    CalendarFeed,
    ConsentAnswer,
    Material,
    Window,
    WindowPlace,
)
from .workday import DayOverride, Weekday

__all__ = [
    "Answer",
    "Booking",
    "BookingConsent",
    "BookingState",
    "CalendarFeed",
    "CannedAnswer",
    "CannedVerb",
    "CatalogueVersion",
    "Category",
    "ConsentAnswer",
    "ContactView",
    "ContactViewReason",
    "DayOff",
    "DayOverride",
    "DispatchMode",
    "DispatchRule",
    "GaveUp",
    "Material",
    "Message",
    "MessageChannel",
    "MessageChoice",
    "MessageKind",
    "Pause",
    "PauseReason",
    "Photo",
    "Question",
    "RepairType",
    "ReportDraft",
    "SafetyCard",
    "Scope",
    "Shift",
    "Team",
    "Ticket",
    "TicketCounter",
    "TicketEvent",
    "TriageRule",
    "TypeQuestion",
    "VisitWish",
    "Weekday",
    "Window",
    "WindowPlace",
]
