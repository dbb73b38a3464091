"""The verbs of the service promises: an estate promises more than the house from a day on, or takes it back."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from estates import access
from estates.models import Estate
from repairs.clocks import Amount
from repairs.models import Pledge, PledgeBasis, PledgeVersion
from repairs.pledges import is_stricter, pledges
from repairs.slots import broke
from repairs.workflow import Clock, Urgency

# By urgency and promise: how much the estate promises instead of the house.
Stricter = Mapping[tuple[Urgency, Clock], Amount]


class PledgeRefused(Exception):
    """What was given can't be promised; `sentence` says why, in the reader's language."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@transaction.atomic
def set_pledges(
    estate: Estate, *, by: User, mode: str, starts_on: date, amounts: Stricter, note: str = ""
) -> PledgeVersion:
    """From that day on `estate` promises `amounts`, and the house's defaults where it promises nothing of its own.

    Raises `PledgeRefused` when the day has come already or has its version, or an amount is later than the house's.
    """
    access.require(by, Permission.PLEDGE_SET, estate)
    if starts_on <= timezone.localdate():
        raise PledgeRefused(_("New promises begin tomorrow at the earliest."))
    for (urgency, clock), amount in amounts.items():
        house = pledges(urgency, mode, starts_on)[clock].amount
        if is_stricter(house, amount, starts_on):
            raise PledgeRefused(_later(urgency, clock))
    try:
        with transaction.atomic():
            version = PledgeVersion.objects.create(
                estate=estate, starts_on=starts_on, note=note.strip(), made_by=by, made_at=timezone.now()
            )
    except IntegrityError as twice:
        if not broke(twice, "pledge_version_begins_alone"):
            raise
        raise PledgeRefused(_("Other promises begin on that day already. Choose another day.")) from twice
    Pledge.objects.bulk_create(_row(version, mode, *key, amount) for key, amount in amounts.items())
    return version


def _later(urgency: Urgency, clock: Clock) -> str:
    return _("%(urgency)s, %(promise)s: an estate may promise less time than the house, never more.") % {
        "urgency": urgency.label,
        "promise": clock.label,
    }


def _row(version: PledgeVersion, mode: str, urgency: Urgency, clock: Clock, amount: Amount) -> Pledge:
    given = {"days": amount.days} if amount.days else {"time": amount.time}
    basis = PledgeBasis(amount.basis.value)
    return Pledge(version=version, mode=mode, urgency=urgency, clock=clock, basis=basis, **given)


@transaction.atomic
def withdraw_pledges(version: PledgeVersion, *, by: User) -> None:
    """Take back what has not begun yet; raises `PledgeRefused` when it has."""
    if version.estate is None or version.starts_on <= timezone.localdate():
        raise PledgeRefused(_("These promises have begun. New ones can begin tomorrow at the earliest."))
    access.require(by, Permission.PLEDGE_SET, version.estate)
    version.delete()


def earliest() -> date:
    """The first day on which new promises can begin."""
    return timezone.localdate() + timedelta(days=1)
