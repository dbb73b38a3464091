"""Through the robot of a team chat (WeCom, DingTalk, Feishu), by way of `apprise`, an optional extra."""

import re
from importlib.util import find_spec

from django.conf import settings

from accounts.carrying import CarrierFailed, CarrierGone
from repairs.models import Message, TeamRobot
from repairs.models.reach import ROBOT_ADDRESS


def robots_are_on() -> bool:
    """Whether the extra is installed (`pip install anju[robots]`)."""
    return find_spec("apprise") is not None


def speak(message: Message) -> None:
    """One message into one chat."""
    robot = message.robot
    if robot is None or not robot.active or not robots_are_on():
        raise CarrierGone("no such robot any more")
    say(robot, message.ticket.number, message.sentence)


def say(robot: TeamRobot, title: str, words: str) -> None:
    """Say `words` in the robot's chat; raises `CarrierFailed` when the chat does not take them."""
    import apprise

    # Looked at again right here, whatever the row went through: no other address is ever asked.
    if not re.fullmatch(ROBOT_ADDRESS, robot.url):
        raise CarrierGone("not the address of a robot")
    # Waits longer for an answer than anybody listens here: to apprise a silent chat is one that did not take it.
    waits = f"rto={2 * settings.CARRIER_TIMEOUT}&cto={settings.CARRIER_TIMEOUT / 2}"
    chat = apprise.Apprise.instantiate(f"{robot.url}/?{waits}")
    if chat is None:
        raise CarrierGone("not the address of a robot")
    if not chat.notify(title=title, body=words):
        raise CarrierFailed("the chat did not take it")
