"""A worker's phone in a dead spot, in a real browser: nothing entered is lost, nothing is done twice, nothing stays."""

from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, FilePayload, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from repairs import actions
from repairs.models import Material, Ticket, TicketEvent
from tests.clients import signed_in
from tests.town import Town, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE = 30_000
DONE = ".bottom .btn-primary"


@pytest.fixture
def town(transactional_db: None) -> Town:
    """The town, committed: the server sees it."""
    return Town()


def sign_in(page: Page, address: str, user: User) -> None:
    page.context.add_cookies(
        [{"name": "sessionid", "value": signed_in(user).cookies["sessionid"].value, "url": address}]
    )


@pytest.fixture
def phone(town: Town, live_server: LiveServer, browser: Browser) -> Iterator[Page]:
    """Wang's phone, with the list of jobs open once the page has settled."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=live_server.url, timezone_id="Asia/Shanghai"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    sign_in(page, live_server.url, town.wang)
    yield page
    # What the phone still asks for in the background must be answered before the town is taken away.
    context.set_offline(False)
    page.wait_for_timeout(1000)
    context.close()


def _open(phone: Page, ticket: Ticket) -> None:
    phone.goto(f"/jobs/{ticket.pk}/", wait_until="networkidle")


def _fill(phone: Page) -> None:
    """After-photo, words, a material. Without a network the photo waits in the form."""
    photo: FilePayload = {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": picture().read()}
    phone.set_input_files("#finish [type=file]", photo)
    phone.fill("#finish textarea", "换了弯头")
    phone.locator("[name=material_name]").first.fill("弯头")


def _finished(ticket: Ticket) -> list[int]:
    """For every time it was finished: with how many photos."""
    return [event.photos.count() for event in TicketEvent.objects.filter(ticket=ticket, verb="finish")]


def _kept(phone: Page) -> None:
    expect(phone.locator("#outbox")).to_contain_text("等有网再发", timeout=PATIENCE)


def _sent(phone: Page) -> None:
    expect(phone.locator("#outbox")).to_be_hidden(timeout=PATIENCE)
    expect(phone.locator("main")).to_contain_text("正在请住户确认", timeout=PATIENCE)


def test_a_job_finished_in_a_dead_spot_is_sent_once_when_the_network_is_back(phone: Page, town: Town) -> None:
    ticket = town.on_site()
    _open(phone, ticket)
    phone.context.set_offline(True)
    _fill(phone)
    phone.click(DONE)
    _kept(phone)
    expect(phone.locator("#outbox")).to_contain_text("换了弯头 · 弯头 · 1 张照片")
    assert _finished(ticket) == []

    phone.context.set_offline(False)

    _sent(phone)
    assert _finished(ticket) == [1]
    assert Material.objects.get().name == "弯头"


def test_pressing_twice_finishes_once(phone: Page, town: Town) -> None:
    ticket = town.on_site()
    _open(phone, ticket)
    _fill(phone)
    expect(phone.locator("[data-photo]")).to_have_count(1)

    phone.dblclick(DONE)

    expect(phone.locator("main")).to_contain_text("正在请住户确认")
    assert _finished(ticket) == [1]


def test_an_answer_lost_after_it_was_done_does_not_double_it(phone: Page, town: Town) -> None:
    ticket = town.on_site()
    _open(phone, ticket)
    _fill(phone)
    expect(phone.locator("[data-photo]")).to_have_count(1)
    lost: list[int] = []

    def lose(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    phone.route("**/finish/", lose, times=1)
    phone.click(DONE)
    _kept(phone)
    assert (lost, _finished(ticket)) == ([200], [1])

    phone.locator("[data-send]").click()

    _sent(phone)
    assert _finished(ticket) == [1]


def test_arriving_and_finishing_without_a_network_are_sent_in_order(phone: Page, town: Town) -> None:
    ticket = town.assigned()
    _open(phone, ticket)
    phone.context.set_offline(True)
    phone.get_by_role("button", name="我到了").click()
    _kept(phone)
    _fill(phone)
    phone.locator("#finish > .btn-primary").click()
    expect(phone.locator("[data-entries] > li")).to_have_count(2)

    phone.context.set_offline(False)

    _sent(phone)
    verbs = TicketEvent.objects.filter(ticket=ticket, verb__in=["arrive", "finish"]).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["arrive", "finish"]
    assert _finished(ticket) == [1]


def test_what_is_refused_later_is_shown_with_the_reason_and_what_was_typed(phone: Page, town: Town) -> None:
    ticket = town.on_site()
    _open(phone, ticket)
    phone.context.set_offline(True)
    _fill(phone)
    phone.click(DONE)
    _kept(phone)
    actions.finish(town.seen(ticket), by=town.lin, photos=[town.photo(ticket, town.lin)], note="代填")

    phone.context.set_offline(False)

    expect(phone.locator("#outbox .text-danger")).to_contain_text("已有人先改动", timeout=PATIENCE)
    expect(phone.locator("#outbox")).to_contain_text("换了弯头")
    phone.goto("/jobs/")
    expect(phone.locator("#outbox")).to_contain_text("换了弯头")
    phone.get_by_role("button", name="从手机里删掉").click()
    expect(phone.locator("#outbox")).to_be_hidden()
    assert _finished(ticket) == [1]


def test_signed_out_meanwhile_it_waits_until_its_author_signs_in(
    phone: Page, town: Town, live_server: LiveServer
) -> None:
    ticket = town.on_site()
    _open(phone, ticket)
    _fill(phone)
    expect(phone.locator("[data-photo]")).to_have_count(1)
    Session.objects.all().delete()
    phone.click(DONE)
    expect(phone.locator("[data-sign-in]")).to_be_visible()
    _kept(phone)

    sign_in(phone, live_server.url, town.guo)
    phone.goto("/jobs/", wait_until="networkidle")
    expect(phone.locator("#outbox")).to_be_hidden()
    assert _finished(ticket) == []

    sign_in(phone, live_server.url, town.wang)
    phone.goto("/jobs/")
    expect(phone.locator("main")).to_contain_text("正在请住户确认", timeout=PATIENCE)
    assert _finished(ticket) == [1]


def test_what_is_wrong_is_said_at_the_form_and_everything_stays(phone: Page, town: Town) -> None:
    ticket = town.on_site()
    _open(phone, ticket)
    _fill(phone)
    # The photo goes ahead and the page grows by it: a press in that very moment misses its button.
    expect(phone.get_by_role("link", name="修后照片 1")).to_be_visible()
    phone.locator("[name=material_quantity]").first.fill("-1")
    phone.get_by_role("button", name="再加一项").click()
    expect(phone.locator("[data-row]")).to_have_count(4)

    phone.click(DONE)

    expect(phone.locator("[data-complaint]")).to_contain_text("数量请填大于 0 的数字")
    expect(phone.locator("#finish textarea")).to_have_value("换了弯头")
    assert _finished(ticket) == []


def _pages(phone: Page) -> list[str]:
    """Every kept job page, by its path."""
    paths: list[str] = phone.evaluate("""async () => {
        const names = (await caches.keys()).filter((name) => name.startsWith("anju-jobs-"));
        const pages = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
        return pages.flat().map((page) => new URL(page.url).pathname).sort();
    }""")
    return paths


def test_the_jobs_of_the_day_can_be_read_in_a_dead_spot(phone: Page, town: Town) -> None:
    ticket = town.assigned()
    phone.goto("/jobs/", wait_until="networkidle")
    phone.wait_for_function("navigator.serviceWorker.controller")
    assert _pages(phone) == ["/jobs/", f"/jobs/{ticket.pk}/"]
    phone.context.set_offline(True)

    phone.goto(f"/jobs/{ticket.pk}/")

    expect(phone.locator("h1")).to_have_text("水门新村（示例） 3幢 2梯 502")
    assert phone.evaluate("getComputedStyle(document.querySelector('.bottom')).position") == "sticky"
    phone.get_by_role("button", name="出发").click()
    _kept(phone)


def test_no_page_stays_on_the_phone_after_signing_out(phone: Page, town: Town, live_server: LiveServer) -> None:
    town.assigned()
    phone.goto("/jobs/", wait_until="networkidle")
    phone.wait_for_function("navigator.serviceWorker.controller")

    phone.locator("form[action='/account/sign-out/'] button").click()
    phone.wait_for_url(f"{live_server.url}/")
    phone.wait_for_load_state("networkidle")

    assert _pages(phone) == []


def _without_a_store(phone: Page) -> None:
    """A private window, or a full phone: the browser keeps nothing."""
    phone.add_init_script("IDBFactory.prototype.open = () => { throw new Error('no store') }")


def test_where_the_phone_keeps_nothing_the_form_is_sent_all_the_same(phone: Page, town: Town) -> None:
    ticket = town.on_site()
    _without_a_store(phone)
    _open(phone, ticket)
    _fill(phone)
    expect(phone.locator("[data-photo]")).to_have_count(1)

    phone.click(DONE)

    expect(phone.locator("main")).to_contain_text("正在请住户确认", timeout=8000)
    assert _finished(ticket) == [1]


def test_where_the_phone_keeps_nothing_one_signs_out_all_the_same(
    phone: Page, town: Town, live_server: LiveServer
) -> None:
    _without_a_store(phone)
    phone.goto("/jobs/", wait_until="networkidle")

    phone.locator("form[action='/account/sign-out/'] button").click()

    # Asked again and again: waiting for one navigation fails when the browser drops it for the next.
    expect(phone).to_have_url(f"{live_server.url}/", timeout=8000)
