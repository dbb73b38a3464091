"""Notifications in a real browser: permission is asked, the device is kept, and the service worker shows what comes.

Only the push service is missing, for no browser reaches one from here: what it would hand out is made up, and what it
would bring is delivered through the browser's own tools.
"""

import base64
import json
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from repairs import tasks
from repairs.models import Message, PushDevice
from tests.clients import signed_in
from tests.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("by_day")]
ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/abcdef0123456789"
SERVICE = f"""
  const kept = () => JSON.parse(localStorage.getItem("made") || "null");
  const shape = (made) => made && {{
    endpoint: made.endpoint,
    getKey: (name) => Uint8Array.from(made[name]).buffer,
    unsubscribe: async () => (localStorage.removeItem("made"), true),
  }};
  PushManager.prototype.getSubscription = async () => shape(kept());
  PushManager.prototype.subscribe = async (options) => {{
    const pair = await crypto.subtle.generateKey({{ name: "ECDH", namedCurve: "P-256" }}, true, ["deriveBits"]);
    const p256dh = [...new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))];
    const auth = [...crypto.getRandomValues(new Uint8Array(16))];
    localStorage.setItem("asked", JSON.stringify([...new Uint8Array(options.applicationServerKey)]));
    localStorage.setItem("made", JSON.stringify({{ endpoint: "{ENDPOINT}", p256dh, auth }}));
    return shape(kept());
  }};
"""


# What the service worker shows, as soon as it shows anything.
SHOWN = """async () => {
  const here = await navigator.serviceWorker.getRegistration("/messages/");
  for (let tries = 0; tries < 100; tries += 1) {
    const shown = await here.getNotifications();
    if (shown.length) return shown.map((each) => [each.title, each.body, each.data.url]);
    await new Promise((done) => setTimeout(done, 50));
  }
  return [];
}"""


@pytest.fixture(autouse=True)
def _keys(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_push_keys")
    for line in capsys.readouterr().out.split():
        setattr(settings, *line.split("=", 1))


def _context(browser: Browser, server: LiveServer, user: User, permissions: list[str]) -> BrowserContext:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN", permissions=permissions)
    cookie = signed_in(user).cookies[django_settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": server.url}])
    context.add_init_script(SERVICE)
    return context


def _choices(context: BrowserContext, server: LiveServer) -> Page:
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{server.url}/messages/choices/")
    return page


def _bring(context: BrowserContext, page: Page, origin: str, data: str) -> None:
    """What the push service would do: hand `data` to the service worker."""
    tools, found = context.new_cdp_session(page), []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda said: found.extend(said["registrations"]))
    tools.send("ServiceWorker.enable")
    page.wait_for_timeout(500)
    (worker,) = [each for each in found if each["scopeURL"].endswith("/messages/")]
    given = {"origin": origin, "registrationId": worker["registrationId"], "data": data}
    tools.send("ServiceWorker.deliverPushMessage", given)


def test_a_device_is_added_and_shows_what_is_told(
    browser: Browser, live_server: LiveServer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    town, sent = Town(), []
    monkeypatch.setattr("repairs.carriers.push.webpush", lambda where, data, **given: sent.append((where, data)))
    context = _context(browser, live_server, town.chen, ["notifications"])
    page = _choices(context, live_server)
    page.get_by_role("button", name="在这台设备上通知我").click()
    expect(page.locator("[data-device]")).to_have_count(1)
    expect(page.get_by_role("button", name="在这台设备上通知我")).to_be_hidden()

    device = PushDevice.objects.get()
    asked = base64.urlsafe_b64encode(bytes(json.loads(page.evaluate("localStorage.asked")))).rstrip(b"=").decode()
    assert (device.person, device.endpoint, asked) == (town.chen, ENDPOINT, settings.PUSH_PUBLIC_KEY)

    ticket = town.ticket(words="主卧漏水")
    tasks.deliver_messages("app")
    tasks.deliver_messages("push")
    ((where, data),) = sent
    assert where == {"endpoint": ENDPOINT, "keys": {"p256dh": device.p256dh, "auth": device.auth}}

    _bring(context, page, live_server.url, data)
    told = Message.objects.get(channel="push", sent_at__isnull=False)
    assert page.evaluate(SHOWN) == [[ticket.number, told.sentence, "/messages/"]]
    assert "主卧" not in data


def test_whoever_says_no_reads_where_to_allow_it_and_nothing_is_kept(browser: Browser, live_server: LiveServer) -> None:
    page = _choices(_context(browser, live_server, Town().chen, []), live_server)
    page.get_by_role("button", name="在这台设备上通知我").click()

    expect(page.locator("[data-push] [role=status]")).to_have_text(
        "浏览器没有允许通知。请在浏览器设置里允许本页面发送通知。"
    )
    assert not PushDevice.objects.exists()


def test_a_device_that_is_removed_may_be_added_again(browser: Browser, live_server: LiveServer) -> None:
    page = _choices(_context(browser, live_server, Town().chen, ["notifications"]), live_server)
    page.get_by_role("button", name="在这台设备上通知我").click()
    page.locator("[data-device] button").click()
    expect(page.locator("[data-device]")).to_have_count(0)

    page.get_by_role("button", name="在这台设备上通知我").click()
    expect(page.locator("[data-device]")).to_have_count(1)
    assert PushDevice.objects.count() == 1
