"""Tickets from report to confirmed, what can break, and what was told to whom."""

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
from .message import Message, MessageChannel
from .photo import Photo
from .ticket import ContactView, ContactViewReason, Ticket, TicketCounter

__all__ = [
    "Answer",
    "CatalogueVersion",
    "Category",
    "ContactView",
    "ContactViewReason",
    "Message",
    "MessageChannel",
    "Photo",
    "Question",
    "RepairType",
    "ReportDraft",
    "SafetyCard",
    "Scope",
    "Ticket",
    "TicketCounter",
    "TicketEvent",
    "TriageRule",
    "TypeQuestion",
]
