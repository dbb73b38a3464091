"""The verbs: the only code that writes a ticket's state, each with its timeline event in one transaction."""

from .calendars import make_calendar, revoke_calendar
from .choices import choose_messages
from .climb_answers import answer_climb, may_answer
from .climbing import climb
from .contact import adopt_guest, may_reveal, plans_visits, read_messages, reveal_contact, works_on
from .dispatch import assign, give_in_turn, hand_back, rotate, take
from .filing import ReportIncomplete, file_report
from .handing_over import accept, offer, pass_outside, turn_down, withdraw_offer
from .moves import (
    acknowledge,
    arrive,
    cancel,
    comment,
    confirm,
    decline,
    finish,
    internal_note,
    lapse,
    not_fixed,
)
from .moving import Entry, MoveRefused, TicketMoved, dispatch_mode, entitled, may, moves_for, was_done
from .pausing import pause, pause_ends, renew, resume
from .pledging import PledgeRefused, set_pledges, withdraw_pledges
from .promising import make_safe, post_plan, set_urgency
from .resending import resend
from .supervising import answer_order, may_answer_order, order, order_goes_up
from .visits import (
    WindowTaken,
    agree,
    book,
    expire,
    miss,
    nobody_came,
    nobody_home,
    rebook,
    refuse,
    remind,
    set_out,
    unbook,
    wish,
)

__all__ = [
    "Entry",
    "MoveRefused",
    "PledgeRefused",
    "ReportIncomplete",
    "TicketMoved",
    "WindowTaken",
    "accept",
    "acknowledge",
    "adopt_guest",
    "agree",
    "answer_climb",
    "answer_order",
    "arrive",
    "assign",
    "book",
    "cancel",
    "choose_messages",
    "climb",
    "comment",
    "confirm",
    "decline",
    "dispatch_mode",
    "entitled",
    "expire",
    "file_report",
    "finish",
    "give_in_turn",
    "hand_back",
    "internal_note",
    "lapse",
    "make_calendar",
    "make_safe",
    "may",
    "may_answer",
    "may_answer_order",
    "may_reveal",
    "miss",
    "moves_for",
    "nobody_came",
    "nobody_home",
    "not_fixed",
    "offer",
    "order",
    "order_goes_up",
    "pass_outside",
    "pause",
    "pause_ends",
    "plans_visits",
    "post_plan",
    "read_messages",
    "rebook",
    "refuse",
    "remind",
    "renew",
    "resend",
    "resume",
    "reveal_contact",
    "revoke_calendar",
    "rotate",
    "set_out",
    "set_pledges",
    "set_urgency",
    "take",
    "turn_down",
    "unbook",
    "was_done",
    "wish",
    "withdraw_offer",
    "withdraw_pledges",
    "works_on",
]
