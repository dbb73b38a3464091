"""The people who work are told: each once, in their language, in the event's own transaction."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from estates.models import Organisation
from repairs import actions, tasks
from repairs.messages import tell_staff
from repairs.models import Handover, Message, TeamRobot, Ticket, TicketEvent
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


# ---------------------------------------------------------------- what leaves the house
SECRETS = "陈阿婆 502 电话 13800001234 说不用来了"
HIDDEN = "*** *** 电话 *** 说不用来了"


def _chat(town: Town, organisation: Organisation) -> None:
    given = {"organisation": organisation, "url": "wecombot://abcdefgh12345678", "changed_at": timezone.now()}
    TeamRobot.objects.create(name="群", changed_by=town.manager, **given)


def test_a_turn_down_says_neither_name_nor_flat_nor_telephone(town: Town) -> None:
    _chat(town, town.centre)
    ticket = town.acknowledged(contact_name="陈阿婆")
    actions.offer(ticket, by=town.lin, to=town.company, note="归他们管")
    actions.turn_down(Handover.objects.for_page().get(), by=town.other_dispatcher, note=SECRETS)

    told = Message.objects.filter(event__verb="turn_down")
    assert set(told.values_list("channel", flat=True)) == {"app", "robot"}
    for said in told:
        assert HIDDEN in said.text
        assert HIDDEN in said.sentence
        assert "13800001234" not in said.text + said.sentence


def test_an_order_in_a_team_chat_hides_what_its_people_read_in_the_app(town: Town) -> None:
    _chat(town, town.centre)
    ticket = town.acknowledged(contact_name="陈阿婆")
    actions.order(ticket, by=town.street_officer, note=SECRETS, answer_on=timezone.localdate() + timedelta(days=3))

    robot = Message.objects.get(event__verb="order", channel="robot")
    assert HIDDEN in robot.sentence
    assert SECRETS in Message.objects.get(event__verb="order", recipient=town.manager).text


def test_a_call_of_danger_still_says_the_telephone_of_who_is_on_duty(town: Town) -> None:
    town.ticket(repair_type=town.type("GAS-SMELL"))
    tasks.ring_of_danger(ticket=Ticket.objects.get().pk)

    called = Message.objects.filter(channel="call", event__verb="climb")
    assert called
    assert all(town.centre.phone in each.sentence for each in called)
