"""The verbs: the only code that writes a ticket's state, each with its timeline event in one transaction."""

from .contact import adopt_guest, read_messages, reveal_contact
from .filing import ReportIncomplete, file_report
from .moves import (
    MoveRefused,
    TicketMoved,
    acknowledge,
    arrive,
    assign,
    cancel,
    comment,
    confirm,
    decline,
    finish,
    internal_note,
    lapse,
    may,
    moves_for,
    not_fixed,
)

__all__ = [
    "MoveRefused",
    "ReportIncomplete",
    "TicketMoved",
    "acknowledge",
    "adopt_guest",
    "arrive",
    "assign",
    "cancel",
    "comment",
    "confirm",
    "decline",
    "file_report",
    "finish",
    "internal_note",
    "lapse",
    "may",
    "moves_for",
    "not_fixed",
    "read_messages",
    "reveal_contact",
]
