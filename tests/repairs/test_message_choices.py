"""Which messages somebody gets by text message: their own choice, and what the house pays for."""

from typing import Any

import pytest

from repairs import actions
from repairs.messages import kind_of
from repairs.models import Message, MessageChoice, MessageKind, Ticket
from repairs.workflow import Urgency
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town

PAGE = "/messages/choices/"
SMS = Message.objects.filter(channel="sms").order_by("pk")


def _told() -> list[str]:
    return list(SMS.values_list("event__verb", flat=True))


def test_everybody_who_is_signed_in_has_the_page(town: Town) -> None:
    assert who_gets(town, PAGE) == {200: everybody_but(), 302: {"nobody"}}


def test_saving_it_is_for_who_is_signed_in(town: Town) -> None:
    signed_in(None).post(f"{PAGE}save/", {"sms": []})
    assert not MessageChoice.objects.exists()


def test_what_is_switched_off_comes_in_the_app_only(town: Town) -> None:
    signed_in(town.chen).post(f"{PAGE}save/", {"sms": ["question"]})
    town.finished()

    assert _told() == ["report", "finish"]
    assert Message.objects.filter(channel="app", recipient=town.chen).count() == 5


def test_the_choice_of_one_is_not_that_of_another(town: Town) -> None:
    actions.choose_messages(by=town.neighbour, sms=[])
    town.ticket()
    assert _told() == ["report"]


def test_a_choice_can_be_taken_back(town: Town) -> None:
    for sms in ([], ["question", "reminder", "progress"]):
        signed_in(town.chen).post(f"{PAGE}save/", {"sms": sms})
    town.ticket()
    assert _told() == ["report"]
    assert signed_in(town.chen).get(PAGE).content.decode().count("checked") == 3


def test_danger_is_told_by_sms_whatever_was_chosen(town: Town, settings: Any) -> None:
    settings.SMS_KINDS = []
    ticket = town.ticket()
    Ticket.objects.filter(pk=ticket.pk).update(urgency=Urgency.DANGER)
    actions.comment(town.seen(ticket), by=town.lin, note="请先离开房间")
    assert _told() == ["comment"]


def test_what_the_house_does_not_pay_for_is_neither_offered_nor_sent(town: Town, settings: Any) -> None:
    settings.SMS_KINDS = ["question"]
    assert signed_in(town.chen).get(PAGE).content.decode().count('name="sms"') == 1
    assert signed_in(town.chen).post(f"{PAGE}save/", {"sms": ["progress"]}).status_code == 422
    town.finished()
    assert _told() == ["finish"]


@pytest.mark.parametrize(
    ("verb", "kind"),
    [("remind", MessageKind.REMINDER), ("miss", MessageKind.QUESTION), ("arrive", MessageKind.PROGRESS)],
)
def test_every_step_has_its_kind(verb: str, kind: MessageKind) -> None:
    assert kind_of(verb) is kind


@pytest.mark.parametrize(
    ("begins", "ends", "said"), [(22, 7, "22:00 到 7:00 不发"), (0, 6, "0:00 到 6:00 不发"), (3, 3, "")]
)
def test_the_page_says_the_hours_of_the_house(town: Town, settings: Any, begins: int, ends: int, said: str) -> None:
    settings.QUIET_FROM, settings.QUIET_UNTIL = begins, ends
    page = signed_in(town.chen).get("/messages/choices/").content.decode()
    assert said in page
    assert ("不发短信、通知" in page) == bool(said)
