import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("path", ["/", "/account/", "/staff/login/", "/safety/"])
def test_a_page_loads_from_us_alone_and_breaks_no_policy(live_server: LiveServer, page: Page, path: str) -> None:
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(live_server.url + path)
    page.wait_for_load_state("networkidle")
    assert answer is not None
    assert answer.status == 200
    assert complaints == []
    assert len(asked) > 2
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []


def test_the_browser_is_a_chinese_phone(page: Page) -> None:
    assert page.evaluate("[navigator.language, innerWidth]") == ["zh-CN", 390]


def test_nothing_moves_by_itself_under_a_finger(live_server: LiveServer, page: Page) -> None:
    """A smooth scroll to the next field carried the button at the bottom away between press and release."""
    page.goto(live_server.url)
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
