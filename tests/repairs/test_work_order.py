"""The work order: who gets it, what stands on it, and that it is one page of A4 however much was written."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from repairs.models import ContactView, Ticket
from repairs.models.ticket import WORDS_MAX
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town

READERS = {"lin", "manager", "wang", "grid_worker", "community_officer", "street_officer", "district_officer"}
NAMED = {"lin", "manager", "wang"}


def _path(ticket: Ticket, page: str = "work_order") -> str:
    return reverse(f"repairs:{page}", args=[ticket.pk])


def test_the_staff_of_a_ticket_prints_it(town: Town) -> None:
    got = who_gets(town, _path(town.assigned()))

    assert got.pop(200) == READERS
    assert (got[403], got[302], got[404]) == ({"chen"}, {"nobody"}, everybody_but("chen", *READERS))


def test_name_and_number_in_full_are_for_whoever_may_and_written_down(town: Town) -> None:
    ticket = town.assigned()

    got = who_gets(town, _path(ticket, "work_order_named"), post={})

    assert got[200] == NAMED
    assert got[403] == READERS - NAMED | {"chen"}
    views = ContactView.objects.filter(ticket=ticket, reason="visit")
    assert {view.by for view in views} == {getattr(town, name) for name in NAMED}


def test_the_sheet_is_masked_until_somebody_asks(town: Town) -> None:
    ticket = town.assigned()
    wang = signed_in(town.wang)
    masked = wang.get(_path(ticket)).content.decode()
    named = wang.post(_path(ticket, "work_order_named")).content.decode()

    assert ("陈阿婆" in masked, "陈阿婆" in named) == (False, True)
    assert not ContactView.objects.filter(by=town.lin).exists()
    assert "水门新村（示例） 3幢 2梯 502" in masked
    assert 'class="code"' in masked


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("words", ["", "漏\n" * (WORDS_MAX // 2), "漏水" * (WORDS_MAX // 2), "W" * WORDS_MAX])
def test_it_prints_on_one_page(live_server: LiveServer, browser: Browser, words: str, language: str) -> None:
    town = Town()
    ticket = town.assigned(words=words)
    page = _desk(browser, live_server, town, language)
    page.goto(live_server.url + _path(ticket))

    pdf = page.pdf(prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    footer = page.evaluate(_FOOTER_INSIDE)
    assert footer


# In print as on the screen: where to sign stands inside the sheet.
_FOOTER_INSIDE = """() => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  return box(".sheet footer").bottom <= box(".sheet").bottom + 1;
}"""


def _desk(browser: Browser, live_server: LiveServer, town: Town, language: str) -> Page:
    context = browser.new_context(viewport={"width": 703, "height": 1024})
    session = signed_in(town.wang).cookies["sessionid"].value
    cookies = {"sessionid": session, "django_language": language}
    context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()])
    page = context.new_page()
    page.emulate_media(media="print")
    return page
