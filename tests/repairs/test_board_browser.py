"""The board in a real browser: a job moves by mouse, by keyboard and without scripts; nobody is left out."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from repairs import actions
from repairs.models import Booking, Ticket, Window
from tests.clients import signed_in
from tests.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK = {"width": 1400, "height": 900}
PATIENCE = 30_000


class Scene:
    """Lin before the board of the week after next, one job planned and one not."""

    def __init__(self, browser: Browser, server: LiveServer, size: Any = None, javascript: bool = True) -> None:
        town = Town()
        town.team()
        self.planned, self.waiting = town.acknowledged(words="厨房下水管漏水"), town.acknowledged(words="客厅渗水")
        windows = list(Window.objects.order_by("starts_at"))
        # Of a whole day to come: at which window of it the list is cut depends on the hour of the run.
        later = timezone.localdate(windows[8].starts_at)
        self.first, self.second = [each for each in windows if timezone.localdate(each.starts_at) == later][:2]
        actions.book(self.planned, by=town.lin, starts_at=self.first.starts_at)
        week = f"{self.first.starts_at:%Y-%m-%d}"
        viewport: Any = size or DESK
        context = browser.new_context(viewport=viewport, java_script_enabled=javascript, locale="zh-CN")
        cookie = signed_in(town.lin).cookies[django_settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": server.url}])
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.goto(f"{server.url}/desk/board/?week={week}")

    def job(self, ticket: Ticket) -> Any:
        return self.page.locator(f"#t{ticket.pk} a")

    def window(self, window: Window) -> Any:
        return self.page.locator(f"#w{window.pk}")

    def lands(self, ticket: Ticket, window: Window) -> None:
        expect(self.window(window).locator(f"#t{ticket.pk}")).to_be_visible(timeout=PATIENCE)
        assert Booking.objects.live().get(ticket=ticket).starts_at == window.starts_at


def test_a_job_is_dragged_from_the_side_into_a_window_and_on_to_another(
    browser: Browser, live_server: LiveServer
) -> None:
    scene = Scene(browser, live_server)
    scene.job(scene.waiting).drag_to(scene.window(scene.first))
    scene.lands(scene.waiting, scene.first)
    scene.job(scene.waiting).drag_to(scene.window(scene.second))
    scene.lands(scene.waiting, scene.second)


def test_the_keyboard_picks_a_job_up_and_puts_it_down(browser: Browser, live_server: LiveServer) -> None:
    scene = Scene(browser, live_server)
    scene.page.keyboard.press("j")
    expect(scene.job(scene.waiting)).to_be_focused()
    scene.page.keyboard.press("j")
    expect(scene.job(scene.planned)).to_be_focused()
    scene.page.keyboard.press("Enter")
    expect(scene.window(scene.first)).to_be_focused()
    scene.page.keyboard.press("ArrowDown")
    expect(scene.window(scene.second)).to_be_focused()
    scene.page.keyboard.press("Enter")
    scene.lands(scene.planned, scene.second)
    expect(scene.job(scene.planned)).to_be_focused()


def test_escape_lets_go_and_changes_nothing(browser: Browser, live_server: LiveServer) -> None:
    scene = Scene(browser, live_server)
    scene.job(scene.planned).focus()
    for key in ("Enter", "ArrowDown", "Escape", "Enter", "Escape"):
        scene.page.keyboard.press(key)

    expect(scene.job(scene.planned)).to_be_focused()
    expect(scene.page.locator("#said")).to_have_text("已放弃，没有改动。")
    assert Booking.objects.live().get().starts_at == scene.first.starts_at


def test_what_cannot_be_is_said_on_the_board(browser: Browser, live_server: LiveServer) -> None:
    scene = Scene(browser, live_server)
    Window.objects.filter(pk=scene.second.pk).update(offered=False)
    scene.job(scene.waiting).drag_to(scene.window(scene.second))

    expect(scene.page.locator("[role=alert]")).to_contain_text("这个时间没有师傅上班")
    assert Booking.objects.count() == 1


def test_without_scripts_a_job_has_a_page_for_it(browser: Browser, live_server: LiveServer) -> None:
    scene = Scene(browser, live_server, javascript=False)
    scene.job(scene.waiting).click()
    scene.page.locator("select[name=window]").select_option(str(scene.second.pk))
    scene.page.locator("form.card button").first.click()
    scene.lands(scene.waiting, scene.second)


@pytest.mark.parametrize("size", [DESK, {"width": 320, "height": 700}], ids=["desk", "narrow"])
def test_the_board_and_the_visit_leave_nobody_out(browser: Browser, live_server: LiveServer, size: Any) -> None:
    scene = Scene(browser, live_server, size)
    scene.job(scene.planned).focus()
    for leads_on in (True, False):
        wrong = Axe().run(scene.page).response["violations"]
        assert [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in wrong] == []
        assert scene.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if leads_on:
            scene.job(scene.planned).click()
            scene.page.wait_for_url(re.compile("/visit/"))
