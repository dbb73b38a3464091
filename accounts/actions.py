"""Signing in and out: the only code that makes residents and guests and writes the sign-in log."""

from dataclasses import dataclass
from typing import TypeGuard

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import notice
from accounts.addresses import client_address
from accounts.masks import mask_login
from accounts.models import Language, SignIn, User


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in now, and the guest they were in this browser before, if that was someone else."""

    user: User
    merged_guest: User | None = None


class SignInRefused(Exception):
    """The phone is theirs, but signs nobody in; `sentence` tells the person why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def sign_in_with_phone(request: HttpRequest, phone: str, *, agreed: bool = True) -> SignedIn:
    """Sign in whoever proved to hold `phone` (E.164); a first sign-in makes the account.

    A guest of this browser becomes that person: their row gets the phone if nobody has it, else their things go to
    whoever has it. Either way `settings.GUEST_MERGERS` are called, in the same transaction. `agreed`: they agreed to
    the privacy notice in force. Raises `SignInRefused` for staff and for closed accounts.
    """
    with transaction.atomic():
        guest = _guest_of(request)
        user = (_upgrade(guest, phone) if guest else None) or _resident(phone)
        if guest:
            _adopt(guest=guest, user=user)
        if agreed:
            accept_notice(user)
        _log(request, SignIn.What.SIGNED_IN, user)
    login(request, user)
    return SignedIn(user, guest if guest != user else None)


def sign_in_guest(request: HttpRequest, *, display_name: str = "", agreed: bool = True) -> User:
    """Sign this browser in as a new guest; someone signed in already stays who they are."""
    if is_signed_in(request.user):
        return request.user
    with transaction.atomic():
        guest = User.objects.create_guest(display_name, language=_language())
        if agreed:
            accept_notice(guest)
        _log(request, SignIn.What.SIGNED_IN, guest)
    login(request, guest)
    return guest


def sign_out(request: HttpRequest) -> None:
    """Forget who uses this browser."""
    if is_signed_in(request.user):
        _log(request, SignIn.What.SIGNED_OUT, request.user)
    logout(request)


def accept_notice(user: User) -> None:
    """Keep that `user` agreed to the privacy notice in force, and since when."""
    if user.notice_version == notice.VERSION:
        return
    user.notice_version, user.notice_accepted_at = notice.VERSION, timezone.now()
    user.save(update_fields=["notice_version", "notice_accepted_at"])


def log_failure(request: HttpRequest, typed: str, *, locked: bool = False) -> None:
    """Keep that someone failed to sign in, or was locked out for failing too often."""
    what = SignIn.What.LOCKED if locked else SignIn.What.FAILED
    SignIn.objects.create(what=what, address=client_address(request), name_masked=mask_login(typed))


def log_staff_sign_in(request: HttpRequest, user: User) -> None:
    """Keep that someone on the staff signed in."""
    _log(request, SignIn.What.SIGNED_IN, user)


def is_signed_in(user: User | AnonymousUser) -> TypeGuard[User]:
    """Whether this is a person rather than nobody."""
    return user.is_authenticated


def _guest_of(request: HttpRequest) -> User | None:
    if not is_signed_in(request.user) or not request.user.is_guest:
        return None
    guest: User | None = User.objects.guests().select_for_update().filter(pk=request.user.pk).first()
    return guest


def _upgrade(guest: User, phone: str) -> User | None:
    """Give the guest the phone, unless someone has it."""
    try:
        with transaction.atomic():
            guest.phone = phone
            guest.save(update_fields=["phone"])
    except IntegrityError:
        guest.phone = None
        return None
    return guest


def _resident(phone: str) -> User:
    user: User = User.objects.get_or_create(phone=phone, defaults={"language": _language()})[0]
    if user.username:
        # A text message must not stand in for a password and a second factor.
        raise SignInRefused(_("This number belongs to a staff account. Please sign in as staff, with your username."))
    if not user.is_active:
        raise SignInRefused(_("This account is closed. Please call the organisation on duty for your estate."))
    return user


def _adopt(*, guest: User, user: User) -> None:
    """Give `user` what they did as `guest`; both are the same row when the guest got the phone."""
    for dotted in settings.GUEST_MERGERS:
        import_string(dotted)(guest=guest, user=user)
    if guest != user:
        guest.is_active = False
        guest.save(update_fields=["is_active"])


def _language() -> str:
    return Language.ENGLISH if (get_language() or "").startswith("en") else Language.CHINESE


def _log(request: HttpRequest, what: SignIn.What, user: User) -> None:
    SignIn.objects.create(user=user, what=what, address=client_address(request))
