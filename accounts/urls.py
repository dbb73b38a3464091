"""Addresses under /account/."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("", views.sign_in, name="sign_in"),
    path("code/", views.code, name="code"),
    path("code/again/", views.code_again, name="code_again"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("elder/", views.elder, name="elder"),
    path("language/", views.language, name="language"),
    path("privacy/", views.privacy, name="privacy"),
]
