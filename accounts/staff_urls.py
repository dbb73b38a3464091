"""Addresses under /staff/: of allauth's pages only those that staff need, under allauth's own names.

No sign-up form, no e-mail addresses, no password by e-mail: an administrator gives out and resets passwords.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.actions import is_signed_in

View = Callable[..., HttpResponse]


def staff_only(view: View) -> View:
    """Residents have no password to change and no second factor."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_signed_in(request.user) and request.user.username is None:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("signup/", views.signup, name="account_signup"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", staff_only(views.reauthenticate), name="account_reauthenticate"),
    path("password/", staff_only(views.password_change), name="account_change_password"),
    path("2fa/", staff_only(mfa.index), name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", staff_only(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/app/on/", staff_only(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/app/off/", staff_only(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/codes/", staff_only(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("2fa/codes/new/", staff_only(recovery_codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("2fa/codes/file/", staff_only(recovery_codes.download_recovery_codes), name="mfa_download_recovery_codes"),
]
