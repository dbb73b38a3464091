"""Reporting in a real browser, with scripts and without: what only a browser can lose, and what only it can see."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from repairs.drafts import COOKIE
from repairs.models import Photo, ReportDraft, Ticket
from tests.town import Town, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE = 30_000
SCREENS = ["where", "what", "what/?category=DRN", "what/?category=danger", "question/Q3", "words", "who", "code"]
DANGEROUS = ["danger", "question/Q1", "words", "who"]


@pytest.fixture
def town(transactional_db: None) -> Town:
    """The town, committed: the server sees it."""
    return Town()


def _phone(browser: Browser, draft: ReportDraft, address: str, **options: Any) -> Page:
    """A phone on which everything but the last screens has been filled in."""
    context = browser.new_context(**{"viewport": {"width": 390, "height": 844}, "locale": "zh-CN", **options})
    context.add_cookies([{"name": COOKIE, "value": f"{draft.key}.{draft.browser}", "url": address}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def phone(town: Town, live_server: LiveServer, browser: Browser, request: pytest.FixtureRequest) -> Page:
    """With a draft of a leaking pipe in flat 502, all questions answered."""
    answers = {"Q3": "home", "Q8": "always", "Q25": "no", "Q4": "flat"}
    draft = town.draft(words="", answers=answers, contact_name="陈", contact_phone="+8619900007777")
    return _phone(browser, draft, live_server.url, java_script_enabled=request.param)


def test_words_typed_when_the_network_drops_are_there_after_going_back(phone: Page, live_server: LiveServer) -> None:
    phone.goto(f"{live_server.url}/report/words/")
    phone.fill("textarea", "水一直流")
    phone.context.set_offline(True)
    phone.click(".bottom .btn-primary")
    phone.wait_for_url("chrome-error://**")
    phone.context.set_offline(False)

    phone.go_back()

    expect(phone.locator("textarea")).to_have_value("水一直流")


def test_going_back_over_a_screen_that_was_corrected_never_asks_to_send_again(
    phone: Page, live_server: LiveServer
) -> None:
    phone.goto(f"{live_server.url}/report/words/")
    phone.click(".bottom .btn-primary")
    phone.locator(".invalid-feedback").wait_for()
    phone.fill("textarea", "水一直流")
    phone.click(".bottom .btn-primary")
    phone.wait_for_url("**/report/who/")

    phone.go_back()

    expect(phone.locator("textarea")).to_have_value("水一直流")


def test_pressing_send_twice_shows_the_number_of_the_one_report(phone: Page, live_server: LiveServer) -> None:
    phone.goto(f"{live_server.url}/report/code/")

    phone.locator("button[form=without], #without button").dblclick()
    phone.wait_for_url(re.compile("/report/sent/"))

    expect(phone.locator(".display-6")).to_have_text(Ticket.objects.get().number)


def test_a_bad_photo_is_named_and_a_good_one_can_be_taken_back(
    phone: Page, live_server: LiveServer, tmp_path: Path
) -> None:
    good, bad = tmp_path / "厨房.jpg", tmp_path / "合同.pdf"
    good.write_bytes(picture(size=(3000, 2000)).read())
    bad.write_bytes(b"%PDF-1.4 no picture")
    phone.goto(f"{live_server.url}/report/words/")
    phone.fill("textarea", "水一直流")
    phone.set_input_files("[name=photos]", [good, bad])
    add = phone.locator("noscript button, button[formaction$='/report/photos/']")
    if add.is_visible():
        add.click()

    expect(phone.get_by_text("“合同.pdf”不是能打开的照片")).to_be_visible()
    expect(phone.locator("[data-photo] img")).to_have_count(1)
    phone.locator("[data-photo] button").click()
    expect(phone.locator("[data-photo]")).to_have_count(0)
    expect(phone.locator("textarea")).to_have_value("水一直流")
    assert not Photo.objects.exists()


@pytest.mark.parametrize(("width", "elder", "scheme"), [(390, "0", "light"), (320, "1", "light"), (390, "0", "dark")])
@pytest.mark.parametrize("dangerous", [False, True], ids=["pipe", "gas"])
def test_every_screen_is_readable_by_all_and_fits(
    town: Town, browser: Browser, live_server: LiveServer, width: int, elder: str, scheme: str, dangerous: bool
) -> None:
    fields: dict[str, Any] = {"repair_type": town.type("GAS-SMELL")} if dangerous else {}
    draft = town.draft(contact_phone="+8619900007777", **fields)
    size = {"width": width, "height": 700}
    page = _phone(browser, draft, live_server.url, viewport=size, color_scheme=scheme)
    page.context.add_cookies([{"name": "elder", "value": elder, "url": live_server.url}])

    complaints = {}
    for screen in DANGEROUS if dangerous else SCREENS:
        page.goto(f"{live_server.url}/report/{screen}{'' if '?' in screen else '/'}")
        found = [violation["id"] for violation in Axe().run(page).response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append("wider than the screen")
        if found:
            complaints[page.url] = found
    assert complaints == {}
