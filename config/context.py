"""What every page of ours needs beside its own content."""

from django.conf import settings
from django.http import HttpRequest


def look(request: HttpRequest) -> dict[str, object]:
    """The elder switch, where the switches lead back to, and the filing numbers of the footer (empty: not shown)."""
    return {
        "elder": request.COOKIES.get("elder") == "1",
        # A page that answered a POST may not exist under GET; its visitor then goes home.
        "return_to": request.get_full_path() if request.method == "GET" else "/",
        "icp_number": getattr(settings, "ICP_NUMBER", ""),
        "police_number": getattr(settings, "POLICE_NUMBER", ""),
    }
