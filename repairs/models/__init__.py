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
from .clock_run import ClockRun
from .draft import ReportDraft
from .escalation import ClimbAnswer, ClimbReason, Escalation, Met
from .event import TicketEvent
from .handover import Handover, HandoverState
from .message import STAFF_KINDS, Audience, GaveUp, Message, MessageChannel, MessageKind
from .pause import Pause, PauseReason
from .photo import Photo
from .pledge import Pledge, PledgeBasis, PledgeVersion
from .reach import ROBOT_SCHEMES, Mailbox, MessageChoice, PushDevice, TeamRobot
from .supervision import Level, Supervision
from .team import DayOff, DispatchMode, DispatchRule, Shift, Team
from .template import MessageTemplate
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
    "ROBOT_SCHEMES",
    "STAFF_KINDS",
    "Answer",
    "Audience",
    "Booking",
    "BookingConsent",
    "BookingState",
    "CalendarFeed",
    "CannedAnswer",
    "CannedVerb",
    "CatalogueVersion",
    "Category",
    "ClimbAnswer",
    "ClimbReason",
    "ClockRun",
    "ConsentAnswer",
    "ContactView",
    "ContactViewReason",
    "DayOff",
    "DayOverride",
    "DispatchMode",
    "DispatchRule",
    "Escalation",
    "GaveUp",
    "Handover",
    "HandoverState",
    "Level",
    "Mailbox",
    "Material",
    "Message",
    "MessageChannel",
    "MessageChoice",
    "MessageKind",
    "MessageTemplate",
    "Met",
    "Pause",
    "PauseReason",
    "Photo",
    "Pledge",
    "PledgeBasis",
    "PledgeVersion",
    "PushDevice",
    "Question",
    "RepairType",
    "ReportDraft",
    "SafetyCard",
    "Scope",
    "Shift",
    "Supervision",
    "Team",
    "TeamRobot",
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
