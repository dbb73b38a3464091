"""The privacy notice in force. A changed text gets a new version, and everyone is asked again (PIPL article 14)."""

from django.http import HttpRequest

VERSION = "2026-11"
COOKIE = "notice"
YEAR = 365 * 24 * 3600


def was_read(request: HttpRequest) -> bool:
    """Whether this browser, or whoever is signed in on it, agreed to the notice in force."""
    if request.user.is_authenticated and request.user.notice_version == VERSION:
        return True
    return request.COOKIES.get(COOKIE) == VERSION
