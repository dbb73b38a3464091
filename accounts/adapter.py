"""How allauth behaves here: staff only, nobody signs up, every success and failure is logged."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.models import User

QUIET = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts of staff are made in the administration; here they only sign in."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The username or the password is not right."),
        "too_many_login_attempts": _("Too many wrong attempts. Please wait 15 minutes and try again."),
        "incorrect_password": _("The password is not right."),
        "rate_limited": _("Too many attempts. Please wait a minute and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up for a staff account."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Log whoever is locked out."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            actions.log_failure(request, credentials.get("username", ""), locked=True)
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Log a wrong username or password."""
        actions.log_failure(request, credentials.get("username", ""))

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign in and log it."""
        super().login(request, user)
        if isinstance(user, User):
            actions.log_staff_sign_in(request, user)

    def logout(self, request: HttpRequest) -> None:
        """Sign out and log it."""
        actions.sign_out(request)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str = "", *args: Any, **kwargs: Any
    ) -> None:
        """Say what happened, but not that someone signed in or out: the page one lands on shows that."""
        if message_template not in QUIET:
            super().add_message(request, level, message_template, *args, **kwargs)


class StaffMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The second factor of staff."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("The code is not right. Codes change every 30 seconds."),
    }
