"""What every page knows beside its own content."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """The filing numbers of the footer (empty: hidden), whether this browser asked for elder mode (长辈版),
    and where the language and elder switches lead back to."""
    return {
        "ICP_NUMBER": settings.ICP_NUMBER,
        "POLICE_NUMBER": settings.POLICE_NUMBER,
        "elder": request.COOKIES.get("elder") == "1",
        # A page that answered a POST may not exist under GET; its visitor then goes home.
        "return_to": request.get_full_path() if request.method == "GET" else "/",
    }
