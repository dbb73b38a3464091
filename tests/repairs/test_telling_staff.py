"""The people who work are told: each once, in their language, in the event's own transaction."""

from django.db import transaction

from repairs.messages import tell_staff
from repairs.models import Message, Ticket, TicketEvent
from tests.town import Town


def _reported(ticket: Ticket) -> TicketEvent:
    return TicketEvent.objects.get(ticket=ticket, verb="report")


def _told(town: Town) -> list[tuple[str | None, str]]:
    rows = Message.objects.filter(channel="app").exclude(recipient=town.chen).order_by("pk")
    return list(rows.values_list("recipient__username", "channel"))


def test_everybody_is_told_once_however_often_it_is_said(town: Town) -> None:
    ticket = town.ticket()
    for people in ([town.lin, town.manager, town.lin], [town.manager]):
        tell_staff(_reported(ticket), ticket, people)

    assert _told(town) == [("lin", "app"), ("manager", "app")]


def test_who_did_it_and_who_left_are_not_told(town: Town) -> None:
    ticket = town.proxy()
    town.manager.is_active = False
    tell_staff(_reported(ticket), ticket, [town.lin, town.manager, town.clerk])

    assert Message.objects.filter(recipient__in=[town.manager, town.clerk]).get().recipient == town.clerk


def test_each_reads_it_in_their_own_language(town: Town) -> None:
    ticket = town.ticket()
    town.lin.language = "en"
    tell_staff(_reported(ticket), ticket, [town.lin, town.manager])

    english, chinese = Message.objects.filter(recipient__in=[town.lin, town.manager]).order_by("pk")
    assert english.text.startswith(f"{ticket.number} ")
    assert "A new report, Normal, at 水门新村" in english.text
    assert "新的报修" in chinese.text


def test_what_is_undone_was_told_to_nobody(town: Town) -> None:
    ticket = town.ticket()
    with transaction.atomic():
        tell_staff(_reported(ticket), ticket, [town.lin])
        transaction.set_rollback(True)

    assert _told(town) == []
