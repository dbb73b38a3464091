"""The verbs: the only code that writes a ticket's state, each with its timeline event in one transaction."""

from .contact import adopt_guest, may_reveal, read_messages, reveal_contact, works_on
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
    entitled,
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
    "entitled",
    "file_report",
    "finish",
    "internal_note",
    "lapse",
    "may",
    "may_reveal",
    "moves_for",
    "not_fixed",
    "read_messages",
    "reveal_contact",
    "works_on",
]
