"""Sent once: pressed again, gone back to, repeated from a new page, or sent when the first answer never came."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from repairs.models import Ticket
from repairs.workflow import Channel
from tests.repairs.reporting import Reporter
from tests.town import Town, picture

WHAT = reverse("repairs:report_what")
ANSWERS = {"Q3": "home", "Q8": "always", "Q25": "no", "Q4": "flat"}


def _ready(town: Town, user: User | None = None) -> Reporter:
    """A browser in which only the last screen is left."""
    return Reporter(user).takes(town.draft(answers=ANSWERS))


def _own(user: User) -> dict[str, str]:
    return {"contact_name": "陈阿婆", "contact_phone": user.phone or "", "agreed": "on"}


def _sent_address() -> str:
    return reverse("repairs:report_sent", args=[Ticket.objects.get().pk])


def test_pressing_again_leads_to_the_same_ticket(town: Town) -> None:
    reporter = _ready(town, town.chen)

    answers = {reporter.press("report_send", **_own(town.chen)) for _press in range(3)}

    assert answers == {_sent_address()}


def test_back_after_sending_and_again_leads_to_the_same_ticket(town: Town) -> None:
    reporter = _ready(town)
    reporter.asks_for_a_code()
    key, code = reporter.draft.key, reporter.code()
    reporter.press("report_send", code=code)
    reporter.get(reverse("repairs:report"))
    reporter.press("report_what", repair_type="DRN-STACK")
    assert reporter.draft.key != key

    assert reporter.press("report_send", draft=key, code=code) == _sent_address()
    assert reporter.press("report_words_save", draft=key, words="改了") == _sent_address()


def test_the_pages_behind_a_sent_report_lead_to_its_ticket(town: Town) -> None:
    reporter = _ready(town, town.chen)
    reporter.press("report_send", **_own(town.chen))

    for step in ("words", "who", "code"):
        assert reporter.client.get(reverse(f"repairs:report_{step}"))["Location"] == _sent_address()
    assert reporter.client.get(WHAT).status_code == 200


def test_a_repeated_report_from_the_same_browser_is_the_same_ticket(town: Town) -> None:
    reporter = _ready(town, town.chen)
    reporter.press("report_send", **_own(town.chen))
    first = reporter.draft
    again = town.draft(answers=ANSWERS, browser=first.browser)
    reporter.takes(again)

    assert reporter.press("report_send", **_own(town.chen)) == _sent_address()
    assert reporter.draft.key == first.key


@pytest.mark.parametrize(
    "other", [{"words": "另一处"}, {"answers": {**ANSWERS, "Q4": "building"}}, {"browser": None}, {"photo": True}]
)
def test_a_report_that_differs_is_another_ticket(town: Town, other: dict[str, Any]) -> None:
    reporter = _ready(town, town.chen)
    reporter.press("report_send", **_own(town.chen))
    fields = {"answers": ANSWERS, "browser": reporter.draft.browser, **other}
    with_photo = fields.pop("photo", False)
    reporter.takes(town.draft(**{name: value for name, value in fields.items() if value}))
    if with_photo:
        reporter.press("report_words_save", words=reporter.draft.words, photos=[picture()])

    reporter.press("report_send", **_own(town.chen))

    assert Ticket.objects.count() == 2


def test_a_desk_writes_down_the_same_fault_for_two_people(town: Town) -> None:
    reporter = _ready(town, town.lin)
    said = {"channel": Channel.PHONE, "contact_name": "陈", "contact_agreed": "on"}
    reporter.press("report_send", **said, contact_phone=town.chen.phone)
    reporter.takes(town.draft(answers=ANSWERS, browser=reporter.draft.browser))

    reporter.press("report_send", **said, contact_phone=town.neighbour.phone)

    assert Ticket.objects.count() == 2


def test_a_browser_that_missed_the_answer_of_the_first_press_is_signed_in_by_the_second(town: Town) -> None:
    reporter = _ready(town)
    reporter.asks_for_a_code()
    before = dict(reporter.client.cookies)
    reporter.press("report_send_unverified")
    reporter.client.cookies.clear()
    reporter.client.cookies.update(before)

    assert reporter.press("report_send_unverified") == _sent_address()
    assert Ticket.objects.get().number in reporter.get(_sent_address())


def test_a_draft_in_the_cookie_signs_nobody_in_who_has_a_number(town: Town) -> None:
    reporter = _ready(town, town.chen)
    reporter.press("report_send", **_own(town.chen))
    stranger = Reporter().takes(reporter.draft)

    address = stranger.press("report_send", **_own(town.chen))

    assert address.startswith(reverse("accounts:sign_in"))
    assert stranger.client.get(_sent_address()).status_code == 302
