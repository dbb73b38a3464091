"""Who stands behind a request: anybody on a public page, a person behind `LoginRequiredMiddleware`."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from accounts.models import User

# Whoever looks at a public page.
Visitor = User | AnonymousUser


class SignedInRequest(HttpRequest):
    """For annotating views that are not public; never instantiated."""

    user: User
