"""A request behind the sign-in wall: `LoginRequiredMiddleware` has made sure that there is a person."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """For annotating views that are not public; never instantiated."""

    user: User
