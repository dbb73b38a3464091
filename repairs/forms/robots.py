"""What a manager says about a robot of a team chat."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from repairs.models import TeamRobot
from repairs.models.reach import ROBOT_ADDRESS

# The addresses as the three chats show them, and how `apprise` writes them.
_SHOWN = (
    (re.compile(r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([\w-]+)"), "wecombot://{}"),
    (re.compile(r"https://oapi\.dingtalk\.com/robot/send\?access_token=([\w-]+)"), "dingtalk://{}"),
    (re.compile(r"https://open\.feishu\.cn/open-apis/bot/v2/hook/([\w-]+)/?"), "feishu://{}"),
)


class TeamRobotForm(forms.Form):
    """Name and address; the address is never shown again, and stays when the field is left empty."""

    name = forms.CharField(
        label=_("name"), max_length=40, error_messages={"required": _("Please give the robot a name.")}
    )
    url = forms.CharField(
        label=_("address of the robot"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Please paste the address that the chat shows for its robot.")},
        help_text=_("As WeCom, DingTalk or Feishu shows it. Whoever knows it can write into the chat: keep it secret."),
    )
    active = forms.BooleanField(label=_("in use"), required=False, initial=True)

    def __init__(self, *args: Any, robot: TeamRobot | None = None, **kwargs: Any) -> None:
        if robot is not None:
            kwargs["initial"] = {"name": robot.name, "active": robot.active}
        super().__init__(*args, **kwargs)
        self.robot = robot
        if robot is not None:
            self.fields["url"].required = False
            self.fields["url"].help_text = _("Leave this empty to keep the address it has.")

    def clean_url(self) -> str:
        """The address in the one form it is kept in; anything but the three chats is refused."""
        written: str = self.cleaned_data["url"].strip()
        if not written and self.robot is not None:
            return self.robot.url
        for shown, kept in _SHOWN:
            if found := shown.fullmatch(written):
                written = kept.format(found[1])
        if not re.fullmatch(ROBOT_ADDRESS, written):
            raise ValidationError(_("Only robots of WeCom, DingTalk and Feishu can be used."))
        return written
