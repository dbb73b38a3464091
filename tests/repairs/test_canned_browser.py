"""Ready-made answers in a real browser: one press puts the text into the field, without scripts it is there to copy."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from repairs.models import CannedAnswer
from tests.clients import signed_in
from tests.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "坏的部件已经换新，试过了，正常。"


def _page(browser: Browser, server: LiveServer, user: User, width: int = 1400, javascript: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=javascript, locale="zh-CN"
    )
    cookie = signed_in(user).cookies[django_settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": server.url}])
    page = context.new_page()
    page.set_default_timeout(30_000)
    return page


def test_a_press_fills_the_workers_field_and_keeps_what_was_typed(browser: Browser, live_server: LiveServer) -> None:
    town = Town()
    page = _page(browser, live_server, town.wang, 360)
    page.goto(f"{live_server.url}/jobs/{town.on_site().pk}/")
    field, form = page.locator("#finish_note"), page.locator("form#finish")
    form.locator("summary", has_text="常用语").click()

    form.locator("[data-canned]").first.click()
    expect(field).to_be_focused()
    expect(field).to_have_value(CannedAnswer.objects.get(code="drain-cleared").text_zh)

    field.fill("换了弯头")
    form.locator("li", has_text=TEXT).locator("[data-canned]").click()
    expect(field).to_have_value(f"换了弯头\n{TEXT}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_they_also_work_in_the_panel_that_opens_beside_the_queue(browser: Browser, live_server: LiveServer) -> None:
    town = Town()
    ticket = town.assigned()
    page = _page(browser, live_server, town.lin)
    page.goto(f"{live_server.url}/desk/in-hand/")
    page.locator("#rows a.over:visible", has_text=ticket.headline).click()
    say = page.locator("#panel details[name=say]", has=page.locator("#comment_note"))
    say.locator("summary").first.click()
    say.locator("summary", has_text="常用语").click()
    say.locator("[data-canned]").first.click()
    expect(page.locator("#comment_note")).not_to_have_value("")


def test_without_scripts_the_text_is_there_to_copy(browser: Browser, live_server: LiveServer) -> None:
    town = Town()
    page = _page(browser, live_server, town.wang, 360, javascript=False)
    page.goto(f"{live_server.url}/jobs/{town.on_site().pk}/")
    form = page.locator("form#finish")
    form.locator("summary", has_text="常用语").click()
    expect(form.locator("p", has_text=TEXT)).to_be_visible()
    expect(form.locator("[data-canned]").first).to_be_hidden()


@pytest.mark.parametrize("width", [320, 1400])
def test_the_managers_pages_leave_nobody_out(browser: Browser, live_server: LiveServer, width: int) -> None:
    town = Town()
    page = _page(browser, live_server, town.manager, width)
    for path in ("answers/", f"organisations/{town.centre.pk}/answers/new/"):
        page.goto(f"{live_server.url}/desk/{path}")
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
