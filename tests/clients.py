"""Browsers of the people of the town."""

from django.test import Client

from accounts.models import User
from tests.town import Town

PEOPLE = [
    "chen", "neighbour", "nadia", "lin", "wang", "guo", "manager", "other_dispatcher", "grid_worker", "clerk",
    "community_officer", "street_officer", "other_street_officer", "district_officer", "admin", "nobody",
]  # fmt: skip


def signed_in(user: User | None) -> Client:
    """A browser in which `user` is signed in; `None`: nobody is."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def who_gets(town: Town, path: str, *, post: dict[str, object] | None = None) -> dict[int, set[str]]:
    """Status → the people of the town who get it, "nobody" being somebody who isn't signed in."""
    answers: dict[int, set[str]] = {}
    for name in PEOPLE:
        browser = signed_in(getattr(town, name, None))
        answer = browser.get(path) if post is None else browser.post(path, post)
        answers.setdefault(answer.status_code, set()).add(name)
    return answers


def everybody_but(*names: str) -> set[str]:
    """All people of the town except these and those not signed in."""
    return set(PEOPLE) - set(names) - {"nobody"}
