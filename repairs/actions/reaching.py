"""Where somebody can be reached beside the app: mailbox, devices with notifications, robots of a team."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Organisation
from repairs.actions.moving import MoveRefused
from repairs.models import Mailbox, PushDevice, TeamRobot

CONFIRM_WITHIN = timedelta(days=3)
_ASK_AGAIN_AFTER = timedelta(minutes=1)
_ASKS_A_DAY = 5
_DEVICES_KEPT = 10
_SALT = "repairs.mailbox"


# ---------------------------------------------------------------- the mailbox
@transaction.atomic
def give_mailbox(address: str, *, by: User, site: str) -> None:
    """A letter with a link goes to `address`; who opens it owns the mailbox. `site`: where this page stands, for it.

    Raises `MoveRefused` when too many letters were asked for: the mailbox may be anybody's.
    """
    if by.is_guest or not settings.MAIL_IS_ON:
        raise PermissionDenied
    now = timezone.now()
    User.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)
    stands = Mailbox.objects.filter(person=by).first()
    asked = stands.asked_today if stands and timezone.localdate(stands.asked_at) == timezone.localdate(now) else 0
    if stands and (now - stands.asked_at < _ASK_AGAIN_AFTER or asked >= _ASKS_A_DAY):
        raise MoveRefused(_("A letter was sent just now. Please look into the mailbox, or try again later."))
    given = {"address": address, "asked_at": now, "asked_today": asked + 1, "confirmed_at": None}
    mailbox, _new = Mailbox.objects.update_or_create(person=by, defaults=given)
    job = app.configure_task("repairs.tasks.write_to_mailbox", queue="messages")
    job.defer(mailbox=mailbox.pk, site=site)


def mailbox_token(mailbox: Mailbox) -> str:
    """What proves that somebody reads that mailbox."""
    return signing.dumps([mailbox.pk, mailbox.address], salt=_SALT)


def mailbox_of(token: str) -> Mailbox | None:
    """Whose mailbox the letter was for; `None` when the link is too old, or another address was given since."""
    try:
        pk, address = signing.loads(token, salt=_SALT, max_age=CONFIRM_WITHIN)
    except signing.BadSignature:
        return None
    return Mailbox.objects.exclude(address="").filter(pk=pk, address=address).first()


def confirm_mailbox(mailbox: Mailbox) -> bool:
    """The link was opened: messages go there from now on; whether the address still was the same."""
    row = Mailbox.objects.filter(pk=mailbox.pk, address=mailbox.address)
    return bool(row.update(confirmed_at=timezone.now()))


def forget_mailbox(*, by: User) -> None:
    """No letters any more, and the address is kept nowhere but with what was sent."""
    Mailbox.objects.filter(person=by).update(address="", confirmed_at=None)


# ---------------------------------------------------------------- devices
@transaction.atomic
def add_device(*, by: User, endpoint: str, p256dh: str, auth: str, name: str) -> PushDevice:
    """This browser takes notifications for `by` from now on, and for nobody who was signed in here before."""
    told = {"person": by, "p256dh": p256dh, "auth": auth, "name": name, "added_at": timezone.now()}
    device, _new = PushDevice.objects.update_or_create(endpoint=endpoint, defaults=told)
    kept = PushDevice.objects.filter(person=by).order_by("-added_at", "-pk").values_list("pk", flat=True)
    PushDevice.objects.filter(person=by).exclude(pk__in=list(kept[:_DEVICES_KEPT])).delete()
    return device


def drop_device(device: PushDevice, *, by: User) -> None:
    """No notifications there any more."""
    PushDevice.objects.filter(pk=device.pk, person=by).delete()


# ---------------------------------------------------------------- robots
def _require_manager(user: User, organisation: Organisation) -> None:
    if organisation not in access.organisations_where(user, Permission.TEAM_MANAGE):
        raise PermissionDenied


def save_robot(organisation: Organisation, robot: TeamRobot | None = None, *, by: User, **said: Any) -> TeamRobot:
    """A new robot of the organisation, or other words for one; raises `MoveRefused` when the name is taken."""
    _require_manager(by, organisation)
    robot = robot or TeamRobot(organisation=organisation)
    for name, value in {**said, "changed_at": timezone.now(), "changed_by": by}.items():
        setattr(robot, name, value)
    try:
        with transaction.atomic():
            robot.save()
    except IntegrityError as clash:
        raise MoveRefused(_("There already is a robot with this name.")) from clash
    return robot


def remove_robot(robot: TeamRobot, *, by: User) -> None:
    """It says nothing any more and its address is forgotten."""
    _require_manager(by, robot.organisation)
    robot.delete()


@transaction.atomic
def try_robot(robot: TeamRobot, *, by: User) -> None:
    """Let it say a test sentence; the worker writes down whether the chat took it."""
    _require_manager(by, robot.organisation)
    TeamRobot.objects.filter(pk=robot.pk).update(tried_at=None, try_failed=False)
    app.configure_task("repairs.tasks.try_robot", queue="messages").defer(robot=robot.pk, language=by.language)
