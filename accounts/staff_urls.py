"""Addresses under /staff/: of allauth's pages only those that staff need, under allauth's own names.

No sign-up form, no e-mail addresses, no password by e-mail: an administrator gives out and resets passwords.
"""

from allauth.account import views
from django.urls import include, path

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("signup/", views.signup, name="account_signup"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/", views.password_change, name="account_change_password"),
    path("2fa/", include("allauth.mfa.urls")),
]
