"""A visit in a real browser, with scripts and without: from the report to booked, moved and cancelled."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from repairs import actions
from repairs.drafts import COOKIE
from repairs.models import Booking, BookingConsent, Ticket
from repairs.slots import free_slots
from tests.clients import signed_in
from tests.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE = 30_000


@pytest.fixture
def town(transactional_db: None) -> Town:
    """The town, committed, with a team that has time."""
    town = Town()
    town.team()
    return town


def _phone(browser: Browser, address: str, cookies: dict[str, str], **options: Any) -> Page:
    context = browser.new_context(**{"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", **options})
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


def _session(user: Any) -> dict[str, str]:
    return {"sessionid": signed_in(user).cookies["sessionid"].value}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_from_the_report_to_booked_moved_and_cancelled(
    town: Town, browser: Browser, live_server: LiveServer, scripts: bool
) -> None:
    answers = {"Q3": "home", "Q8": "always", "Q25": "no", "Q4": "flat"}
    draft = town.draft(answers=answers, contact_name="陈", contact_phone="+8619900007777")
    cookies = {COOKIE: f"{draft.key}.{draft.browser}"}
    phone = _phone(browser, live_server.url, cookies, java_script_enabled=scripts)
    phone.goto(f"{live_server.url}/report/code/")
    phone.click("button[form=without], #without button")

    phone.locator("#when label.choice").first.click()
    phone.click(".bottom .btn-primary")
    phone.wait_for_url("**/tickets/*/")
    first = Booking.objects.get()
    phone.click("text=改时间")
    phone.locator("#when label.choice").nth(1).click()
    phone.click(".bottom .btn-primary")
    phone.wait_for_url("**/tickets/*/")
    second = Booking.objects.live().get()
    phone.click("text=取消上门")
    phone.click("text=是的，取消上门")

    expect(phone.get_by_text("约上门时间")).to_be_visible()
    assert second.starts_at > first.starts_at
    assert list(Booking.objects.order_by("pk").values_list("state", flat=True)) == ["moved", "cancelled"]
    assert Ticket.objects.get().state == "submitted"


@pytest.mark.parametrize(("width", "elder", "scheme"), [(390, "0", "light"), (320, "1", "light"), (390, "0", "dark")])
def test_every_page_of_a_visit_is_readable_by_all_and_fits(
    town: Town, browser: Browser, live_server: LiveServer, width: int, elder: str, scheme: str
) -> None:
    free = town.ticket(words="客厅漏水")
    asked = town.booked(town.assigned(), households=[town.flat501])
    consent = BookingConsent.objects.get()
    addresses = {
        town.chen: [
            reverse(f"repairs:{name}", args=[ticket.pk])
            for name, ticket in (
                ("report_sent", free),
                ("ticket_visit", free),
                ("ticket", free),
                ("ticket", asked.ticket),
                ("ticket_visit", asked.ticket),
            )
        ],
        town.neighbour: ["/", "/messages/", reverse("repairs:visit", args=[consent.pk])],
    }
    complaints = {}
    for person, pages in addresses.items():
        cookies = _session(person) | {"elder": elder}
        size = {"width": width, "height": 700}
        phone = _phone(browser, live_server.url, cookies, viewport=size, color_scheme=scheme)
        for address in pages:
            phone.goto(live_server.url + address)
            found = [violation["id"] for violation in Axe().run(phone).response["violations"]]
            if phone.evaluate(_TOO_WIDE):
                found.append("words stand over their box")
            low = phone.evaluate(_LOW)
            if low < (60 if elder == "1" else 56):
                found.append(f"a row of {low} px")
            if found:
                complaints[address] = found
    assert complaints == {}


_TOO_WIDE = """() => document.documentElement.scrollWidth > innerWidth
    || [...document.querySelectorAll('.choice > span')].some(row => row.scrollWidth > row.clientWidth)"""
_LOW = """() => Math.min(99, ...[...document.querySelectorAll('.choice')]
    .map(row => row.getBoundingClientRect().height).filter(height => height))"""


def test_a_time_taken_meanwhile_is_replaced_by_one_tap(town: Town, browser: Browser, live_server: LiveServer) -> None:
    ticket = town.ticket()
    phone = _phone(browser, live_server.url, _session(town.chen))
    phone.goto(live_server.url + reverse("repairs:ticket_visit", args=[ticket.pk]))
    phone.locator("#when label.choice").first.click()
    at = free_slots(ticket)[0].starts_at
    for number in range(2):
        actions.book(town.ticket(words=f"漏水 {number}"), by=town.chen, starts_at=at)
    phone.click(".bottom .btn-primary")

    expect(phone.locator("button[name=starts_at]")).to_have_count(3)
    phone.locator("button[name=starts_at]").first.click()
    phone.wait_for_url("**/tickets/*/")
    assert Booking.objects.get(ticket=ticket).starts_at > at
