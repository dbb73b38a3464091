"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """The filing numbers of the footer (empty: hidden) and whether this browser asked for elder mode (长辈版)."""
    return {
        "ICP_NUMBER": settings.ICP_NUMBER,
        "POLICE_NUMBER": settings.POLICE_NUMBER,
        "elder": request.COOKIES.get("elder") == "1",
    }
