"""Six-digit codes by text message: sent within limits, tried at most five times, used once.

Both the limits and the tries are counted in the database, over rows of `LoginCode`: a count kept in a session or in
a cache of one process is lost to a burst of parallel requests (STACK.md, traps 1–3).
"""

import logging
import math
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import MOST_TRIES, LoginCode
from accounts.phones import country_code
from accounts.sms import SmsFailed, send_sms

logger = logging.getLogger(__name__)

VALID_FOR = timedelta(minutes=10)
RESEND_AFTER = timedelta(seconds=60)
SENDING_LOCK = 7_301_001
SIGN_IN = LoginCode.Purpose.SIGN_IN
# A code is sent while its page is waited for, and a web process has two threads: only one of them may ever wait for
# the company, however many people ask, or a company that hangs would hold every page. The others wait this long for
# their turn (a company that is well answers in less), then hear what they hear when it fails.
TURN_WITHIN = 0.5
_turn = BoundedSemaphore(1)


@dataclass(frozen=True)
class SentCode:
    """A code on its way; `token` binds it to the session that asked, `demo` is the code itself in the demo only."""

    phone: str
    token: str
    demo: str | None = None


@dataclass(frozen=True)
class Standing:
    """What is left of a code: tries before it dies, and seconds until another may be sent."""

    tries_left: int
    resend_in: int


class CodeRefused(Exception):
    """No code was sent; `sentence` tells the person why, `retry_after` when it may work."""

    def __init__(self, sentence: str, retry_after: timedelta) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.retry_after = retry_after


@dataclass(frozen=True)
class Limit:
    """At most `most` codes within `window` to the same phone, from the same address, or ("all") altogether."""

    by: str
    most: int
    window: timedelta


def limits() -> list[Limit]:
    """Every limit, the one that passes soonest first."""
    hour, day = timedelta(hours=1), timedelta(days=1)
    return [
        Limit("phone", 1, RESEND_AFTER),
        Limit("phone", 5, hour),
        Limit("address", 20, hour),
        Limit("phone", 10, day),
        Limit("all", settings.SMS_DAY_CAP, day),
    ]


def send_code(
    phone: str, *, address: str | None, session: SessionBase, purpose: LoginCode.Purpose = SIGN_IN
) -> SentCode:
    """Send a new code to `phone` (E.164) and remember it in `session`; an older one dies.

    Known and unknown numbers are treated alike. Raises `CodeRefused` when a limit is reached or the message cannot
    be sent. Call it outside any transaction: the row must be kept before the message leaves.
    """
    if country_code(phone) not in settings.SMS_COUNTRY_CODES:
        raise CodeRefused(_("We cannot send messages to this country. Please use a Chinese number."), timedelta(days=1))
    code, token = f"{secrets.randbelow(10**6):06d}", secrets.token_urlsafe(32)
    # Before anything is counted: who is turned away here may ask again at once.
    if not _turn.acquire(timeout=TURN_WITHIN):
        logger.warning("A sign-in code was not sent: another is waited for.")
        raise CodeRefused(_not_sent(), timedelta(0))
    try:
        _record(phone, code, token, address=address, purpose=purpose)
        _hand_over(phone, code, token)
    finally:
        _turn.release()
    demo = code if settings.ANJU_DEMO else None
    session[_session_key(purpose)] = {"phone": phone, "token": token, "demo": demo}
    return SentCode(phone, token, demo)


def _hand_over(phone: str, code: str, token: str) -> None:
    try:
        send_sms(phone, _("%(code)s is your Anju code, valid for 10 minutes. Tell it to nobody.") % {"code": code})
    except SmsFailed as error:
        logger.warning("A sign-in code could not be sent.")
        LoginCode.objects.filter(token=token).update(voided_at=timezone.now())
        raise CodeRefused(_not_sent(), RESEND_AFTER) from error


def _not_sent() -> str:
    return _("The message could not be sent just now. Please try again in a minute.")


def check_code(phone: str, code: str, *, token: str) -> bool:
    """Whether `code` is the one sent to `phone` under `token`; true at most once.

    The try is counted, and committed, before the code is looked at: of sixty parallel guesses five are compared.
    """
    digits = clean_code(code)
    if digits is None:
        return False
    mine = LoginCode.objects.filter(token=token, phone=phone, used_at=None, voided_at=None)
    with transaction.atomic(durable=True):
        alive = mine.filter(tries__lt=MOST_TRIES, expires_at__gt=timezone.now())
        if not alive.update(tries=F("tries") + 1):
            return False
    sent = mine.values_list("code_hash", flat=True).first()
    if sent is None or not constant_time_compare(sent, _hash(digits, token)):
        return False
    # Two right answers at once: only the first finds the code unused.
    return mine.update(used_at=timezone.now()) == 1


def clean_code(written: str) -> str | None:
    """The six digits of a code as pasted, with spaces, dashes or full-width digits; None if it is no code."""
    plain = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", written))
    return plain if re.fullmatch(r"[0-9]{6}", plain) else None


def open_code(session: SessionBase, purpose: LoginCode.Purpose = SIGN_IN) -> SentCode | None:
    """The code this session is waiting for, if any."""
    kept: dict[str, Any] | None = session.get(_session_key(purpose))
    if kept is None:
        return None
    # Never in a real town, also when the session was made while the demo ran.
    return SentCode(kept["phone"], kept["token"], kept["demo"] if settings.ANJU_DEMO else None)


def forget_code(session: SessionBase, purpose: LoginCode.Purpose = SIGN_IN) -> None:
    """Stop waiting for a code."""
    session.pop(_session_key(purpose), None)


def standing(code: SentCode) -> Standing:
    """How the code stands now."""
    now = timezone.now()
    row = LoginCode.objects.filter(token=code.token, used_at=None, voided_at=None, expires_at__gt=now).first()
    newest = _sent_to(code.phone).order_by("-created_at").values_list("created_at", flat=True).first()
    wait = newest + RESEND_AFTER - now if newest else timedelta(0)
    return Standing(MOST_TRIES - row.tries if row else 0, max(0, math.ceil(wait.total_seconds())))


def wrong_code_sentence(tries_left: int) -> str:
    """What to say after a code that was not right."""
    if not tries_left:
        return _("This code no longer works. Please ask for a new one.")
    left = ngettext("You can try %(n)d more time.", "You can try %(n)d more times.", tries_left) % {"n": tries_left}
    return _("That is not the code. %(left)s") % {"left": left}


def wait_in_words(wait: timedelta) -> str:
    """A wait as people say it: "45 seconds", "12 minutes", "3 hours"."""
    seconds = max(1, math.ceil(wait.total_seconds()))
    if seconds <= 90:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = math.ceil(seconds / 60)
    if minutes <= 90:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = math.ceil(minutes / 60)
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}


@transaction.atomic(durable=True)
def _record(phone: str, code: str, token: str, *, address: str | None, purpose: LoginCode.Purpose) -> None:
    # Counting and adding must be one step: parallel requests would each find room under the limit. One lock for
    # all, as the cap of the day counts all; it is held for a few index reads and never while a message is sent.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SENDING_LOCK])
    now = timezone.now()
    for limit in limits():
        if (wait := _wait(limit, phone, address, now)) > timedelta(0):
            logger.info("A sign-in code was refused: %d by %s.", limit.most, limit.by)
            raise CodeRefused(_refusal(limit, wait), wait)
    LoginCode.objects.filter(phone=phone, used_at=None, voided_at=None).update(voided_at=now)
    LoginCode.objects.create(
        phone=phone,
        purpose=purpose,
        token=token,
        code_hash=_hash(code, token),
        address=address,
        created_at=now,
        expires_at=now + VALID_FOR,
    )


def _wait(limit: Limit, phone: str, address: str | None, now: datetime) -> timedelta:
    if limit.most < 1:
        return limit.window
    counted = {
        "phone": _sent_to(phone),
        "address": LoginCode.objects.filter(address=address),
        "all": LoginCode.objects.all(),
    }[limit.by]
    times = (
        counted.filter(created_at__gt=now - limit.window).order_by("-created_at").values_list("created_at", flat=True)
    )
    blocking = next(iter(times[limit.most - 1 : limit.most]), None)
    return blocking + limit.window - now if blocking else timedelta(0)


def _refusal(limit: Limit, wait: timedelta) -> str:
    words = {"wait": wait_in_words(wait)}
    if limit.by == "all":
        return _("We have sent all the messages we can for today. Please try again in %(wait)s.") % words
    if limit.by == "address":
        return _("Too many codes were asked for from this network. Please try again in %(wait)s.") % words
    if limit.window == RESEND_AFTER:
        return _("A code is on its way. You can ask for another in %(wait)s.") % words
    return _("Too many codes were sent to this number. Please try again in %(wait)s.") % words


def _sent_to(phone: str) -> QuerySet[LoginCode]:
    return LoginCode.objects.filter(phone=phone)


def _hash(digits: str, token: str) -> str:
    # Keyed with SECRET_KEY: six digits alone would be found by trying a million.
    return salted_hmac("accounts.codes", f"{token}:{digits}", algorithm="sha256").hexdigest()


def _session_key(purpose: LoginCode.Purpose) -> str:
    return f"login_code_{purpose.value}"
