"""The whole promise in a real browser: reported, repaired, confirmed, counted; both languages, and without scripts."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from repairs.models import Ticket
from repairs.workflow import Closure, State
from tests.town import PASSWORD, Town, picture

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1400, "height": 900}
# Two browsers and two servers share two cores: slow is not wrong.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


class Cast:
    """The people of the story, each in a browser of their own, all reading one language."""

    def __init__(self, browser: Browser, address: str, language: str, javascript: bool) -> None:
        self.browser, self.address, self.language, self.javascript = browser, address, language, javascript
        self.contexts: list[BrowserContext] = []

    def page(self, size: Any) -> Page:
        context = self.browser.new_context(viewport=size, java_script_enabled=self.javascript, locale="zh-CN")
        context.add_cookies(
            [{"name": django_settings.LANGUAGE_COOKIE_NAME, "value": self.language, "url": self.address}]
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(self.address)
        return page

    def word(self, text: str) -> str:
        with translation.override(self.language):
            return gettext(text)

    def staff(self, username: str, size: Any) -> Page:
        page = self.page(size)
        page.goto(f"{self.address}/staff/login/")
        page.locator("input[name=login]").fill(username)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(re.compile(r"/(desk|jobs|oversight)/"))
        return page


@pytest.fixture(
    params=[("zh-hans", True), ("en", True), ("zh-hans", False)], ids=["chinese", "english", "no-javascript"]
)
def cast(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Cast]:
    """Browsers in one language, with or without JavaScript."""
    language, javascript = request.param
    cast = Cast(browser, live_server.url, language, javascript)
    yield cast
    for context in cast.contexts:
        context.close()


def _files(tmp_path: Path, name: str) -> str:
    file = tmp_path / name
    file.write_bytes(picture().read())
    return str(file)


def _press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).last.click()


def _report(cast: Cast, town: Town, page: Page, photo: str) -> None:
    """From the home page to the number, as somebody nobody knows yet."""
    page.get_by_role("link", name=cast.word("Report a repair")).click()
    page.locator("input[name=q]").fill("smxc")
    page.locator("input[name=q]").press("Enter")
    for label in (town.shuimen.name, "3幢", "2梯"):
        page.locator("main").get_by_role("link", name=label).first.click()
    page.get_by_role("button", name="502", exact=True).click()
    page.locator(".tiles a").nth(1).click()
    with translation.override(cast.language):
        page.get_by_role("button", name=town.type("DRN-PIPE").name).click()
    while "/question/" in page.url:
        page.locator(".choice:has(input)").last.click()
        _press(page, cast.word("Next"))
    if cast.javascript:
        page.locator("input[name=photos]").set_input_files(photo)
        expect(page.locator("#photo-list img")).to_have_count(1)
    else:
        page.locator("input[name=photos]").set_input_files(photo)
    page.locator("textarea[name=words]").fill("厨房下水管漏水")
    _press(page, cast.word("Next"))
    page.locator("input[name=contact_name]").fill("黄阿婆")
    page.locator("input[name=contact_phone]").fill("199 0000 7788")
    page.locator("input[name=agreed]").check()
    _press(page, cast.word("Next"))
    page.locator("input[name=code]").fill(_code())
    _press(page, cast.word("Send the report"))
    page.wait_for_url(re.compile(r"/report/sent/"))


def _code() -> str:
    last = json.loads(Path(django_settings.SMS_FILE).read_text().splitlines()[-1])
    found = re.search(r"\d{6}", last["text"])
    assert found is not None
    return found.group()


def _dispatch(cast: Cast, town: Town, page: Page) -> None:
    """Lin takes it up and gives it to Wang, beside the list."""
    page.get_by_role("link", name="厨房下水管漏水").first.click()
    form = page.locator("#acknowledge")
    form.locator("select[name$=worker]").select_option(str(town.wang.pk))
    form.get_by_role("button", name=cast.word("Take up and assign")).click()
    expect(page.locator("[role=status], [role=alert]").first).to_contain_text(Ticket.objects.get().number)
    assert Ticket.objects.get().assignee == town.wang


def _work(cast: Cast, page: Page, photo: str) -> None:
    """Wang goes there, repairs it and shows it."""
    page.get_by_role("link", name=re.compile("3幢 2梯")).first.click()
    _press(page, cast.word("I'm here"))
    expect(page.locator("#finish")).to_be_visible()  # it waits hidden before, for a dead spot
    page.locator("#finish input[type=file]").set_input_files(photo)
    if cast.javascript:
        expect(page.locator("#photos img")).to_have_count(1)
    page.locator("#finish textarea").fill("换了一段下水管，试水不漏")
    _press(page, cast.word("Done, ask the resident"))
    expect(page.locator("main")).to_contain_text(cast.word("Done. The resident is asked whether it is really fixed."))


@pytest.mark.django_db(transaction=True)
def test_a_leak_is_reported_repaired_confirmed_and_counted(cast: Cast, tmp_path: Path, settings: Any) -> None:
    settings.SMS_BACKEND = "accounts.sms.FileSms"
    town = Town()
    resident = cast.page(PHONE)

    _report(cast, town, resident, _files(tmp_path, "漏水.jpg"))
    ticket = Ticket.objects.get()
    expect(resident.locator("main")).to_contain_text(ticket.number)
    expect(resident.locator("main")).to_contain_text(town.centre.name)
    assert (ticket.dwelling, ticket.phone_verified, ticket.photos.count()) == (town.flat502, True, 1)

    _dispatch(cast, town, cast.staff("lin", DESK))
    _work(cast, cast.staff("wang", PHONE), _files(tmp_path, "修好.jpg"))

    resident.get_by_role("link", name=cast.word("Follow this repair")).click()
    expect(resident.locator("main")).to_contain_text("换了一段下水管")
    _press(resident, cast.word("It is fixed"))
    expect(resident.locator("main")).to_contain_text(cast.word("Thank you. The repair is closed as confirmed by you."))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.closure) == (State.CLOSED, Closure.CONFIRMED)

    street = cast.staff("street", DESK)
    counted = street.locator("a[href*='list=confirmed']").first
    expect(counted).to_contain_text("1")
    counted.click()
    expect(street.locator("main")).to_contain_text(ticket.number)
