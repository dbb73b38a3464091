"""The addresses of this room, with only what differs from what goes without saying."""

from urllib.parse import urlencode

from django.urls import reverse

from oversight.listings import Listing


def overview_address(**query: object) -> str:
    """The overview, narrowed down by `query`."""
    return _address("oversight:overview", query)


def tickets_address(listing: Listing, **query: object) -> str:
    """The tickets behind a figure."""
    return _address("oversight:tickets", {"list": listing.value, **query})


def _address(name: str, query: dict[str, object]) -> str:
    given = {key: value for key, value in query.items() if value not in ("", None)}
    return reverse(name) + (f"?{urlencode(given)}" if given else "")
