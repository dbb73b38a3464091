"""The promises in a real browser: nobody left out at any width, without scripts, and one sheet of A4 on the printer."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.clients import signed_in
from tests.repairs.pledging import TAKEN_UP, TWO_HOURS, in_days, set_more
from tests.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _page(browser: Browser, server: LiveServer, user: User | None, width: int = 390, javascript: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, java_script_enabled=javascript, locale="zh-CN"
    )
    if user:
        cookie = signed_in(user).cookies[django_settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": server.url}])
    page = context.new_page()
    page.set_default_timeout(30_000)
    return page


# The one of 390 px is read in the elder version.
@pytest.mark.parametrize("width", [320, 390, 1400])
def test_the_pages_of_the_promises_leave_nobody_out(browser: Browser, live_server: LiveServer, width: int) -> None:
    town = Town()
    set_more(town)
    for user, path in (
        (None, f"estates/{town.shuimen.pk}/promises/"),
        (None, f"estates/{town.zhuxiang.pk}/promises/"),
        (town.manager, "desk/pledges/"),
        (town.manager, f"desk/estates/{town.shuimen.pk}/pledges/"),
    ):
        page = _page(browser, live_server, user, width)
        if width == 390:
            page.context.add_cookies([{"name": "elder", "value": "1", "url": live_server.url}])
        page.goto(f"{live_server.url}/{path}")
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_it_is_read_and_no_button_is_dead(browser: Browser, live_server: LiveServer) -> None:
    town = Town()
    page = _page(browser, live_server, None, javascript=False)
    page.goto(f"{live_server.url}/estates/{town.shuimen.pk}/promises/")
    expect(page.get_by_text("公布维修计划")).to_be_visible()
    expect(page.locator("[data-print]")).to_be_hidden()


def test_it_prints_on_one_sheet_with_everything_on_it(browser: Browser, live_server: LiveServer) -> None:
    town = Town()
    set_more(town, {TAKEN_UP: TWO_HOURS}, note="居民议事会商定，先试行半年，到期再议。")
    page = _page(browser, live_server, None)
    for language in ("zh-CN", "en"):
        page.set_extra_http_headers({"Accept-Language": language})
        for estate in (town.shuimen, town.zhuxiang):
            page.goto(f"{live_server.url}/estates/{estate.pk}/promises/")
            sheet = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page[^s]", sheet)) == 1
    page.emulate_media(media="print")
    expect(page.locator("svg.code")).to_be_visible()
    expect(page.locator(".call")).to_be_visible()
    expect(page.locator("header.site, .bottom, [data-print]").first).to_be_hidden()


def test_a_manager_sets_a_stricter_promise_without_scripts(browser: Browser, live_server: LiveServer) -> None:
    town = Town()
    page = _page(browser, live_server, town.manager, javascript=False)
    page.goto(f"{live_server.url}/desk/estates/{town.shuimen.pk}/pledges/")
    page.get_by_label("受理 一般 · 受理").fill("9")
    page.get_by_role("button", name="确定承诺").click()
    expect(page.get_by_text("统一标准已经是：8 小时，只算服务时间。")).to_be_visible()
    page.get_by_label("受理 一般 · 受理").fill("3")
    page.get_by_role("button", name="确定承诺").click()
    expect(page.get_by_text("承诺已设好，从那天起报修的都按新承诺办。")).to_be_visible()
    page.get_by_role("link", name="看居民看到的页面").click()
    expect(page.get_by_text(f"自{in_days(1):%Y年%-m月%-d日}起")).to_be_visible()
