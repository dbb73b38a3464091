"""The pages of the desk: who gets what, and what stands on them."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from estates.places import Place, place_of
from repairs import actions
from repairs.models import ContactView, RepairType, Ticket
from repairs.workflow import State, Urgency
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town

DESKS = {"lin", "manager", "other_dispatcher", "clerk"}
SEES_AS_STAFF = {"lin", "manager", "wang", "grid_worker", "community_officer", "street_officer", "district_officer"}


def _queue(listing: str = "new", query: str = "") -> str:
    return reverse("repairs:queue", args=[listing]) + query


def _html(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


# ---------------------------------------------------------------- who gets what
@pytest.mark.parametrize("listing", ["new", "in-hand", "late"])
def test_whoever_takes_reports_up_has_a_queue(town: Town, listing: str) -> None:
    assert who_gets(town, _queue(listing)) == {200: DESKS, 302: {"nobody"}, 404: everybody_but(*DESKS)}


def test_a_listing_nobody_knows_is_not_there(town: Town) -> None:
    assert signed_in(town.lin).get("/desk/everything/").status_code == 404


def test_the_staff_s_page_of_a_ticket_is_for_those_who_answer_for_it(town: Town) -> None:
    path = reverse("repairs:desk_ticket", args=[town.assigned().pk])

    assert who_gets(town, path) == {
        200: SEES_AS_STAFF,
        302: {"nobody"},
        403: {"chen"},
        404: everybody_but(*SEES_AS_STAFF, "chen"),
    }


def test_a_queue_holds_the_tickets_of_one_s_own_organisation_only(town: Town) -> None:
    ours, theirs = town.ticket(), town.ticket(place=_garden(town), words="花园里的路灯倒了")

    assert _shown(signed_in(town.lin)) == {ours.pk}
    assert _shown(signed_in(town.other_dispatcher)) == {theirs.pk}
    assert _shown(signed_in(town.clerk)) == set()


def test_nobody_opens_a_stranger_s_ticket_in_the_panel(town: Town) -> None:
    ours, theirs = town.ticket(), town.ticket(place=_garden(town))
    lin = signed_in(town.lin)

    assert ours.number in _panel(_html(lin, _queue(query=f"?selected={ours.pk}")))
    assert theirs.number not in _html(lin, _queue(query=f"?selected={theirs.pk}"))


# ---------------------------------------------------------------- what stands there
def test_the_heading_says_how_many_and_how_long(town: Town) -> None:
    town.ticket()

    assert "1 件 · 最久的等了 不到 1 分钟" in _html(signed_in(town.lin), _queue())


def test_a_row_says_what_where_from_whom_and_how_long(town: Town) -> None:
    draft = town.draft(contact_name="陈", contact_phone=town.chen.phone or "")
    town.photo(draft=draft)
    ticket = actions.file_report(draft, by=town.chen)
    Ticket.objects.filter(pk=ticket.pk).update(urgency=Urgency.DANGER)

    row = _words(_between(_html(signed_in(town.lin), _queue()), "<tbody>", "</tbody>"))

    for said in ("危急", "厨房下水管漏水", "1 张照片", "水门新村（示例） 3幢 2梯 502", "住户", "剩 "):
        assert said in row


def test_what_waits_for_the_resident_says_so_and_has_no_clock(town: Town) -> None:
    town.finished()

    row = _words(_between(_html(signed_in(town.lin), _queue("in-hand")), "<tbody>", "</tbody>"))

    assert "待住户确认 · 王建国" in row
    assert "剩" not in row


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (_queue, "都已受理"),
        (lambda: _queue("in-hand"), "没有处理中的报修"),
        (lambda: _queue("late"), "没有超时的报修"),
        (lambda: _queue(query="?only=urgent"), "没有这一类报修"),
        (lambda: _queue(query="?q=漏"), "请至少输入两个字"),
        (lambda: _queue(query="?q=漏水"), "没有找到“漏水”"),
    ],
)
def test_an_empty_list_says_what_to_do_next(town: Town, path: object, said: str) -> None:
    assert callable(path)
    html = _html(signed_in(town.lin), path())

    assert said in html
    assert 'class="btn btn-outline-primary" href="/desk/' in html


def test_nonsense_in_the_address_shows_the_plain_queue(town: Town) -> None:
    ticket = town.ticket()
    nonsense = "?only=everything&after=x_y_z&selected=-1"

    assert _shown(signed_in(town.lin), nonsense) == {ticket.pk}


def test_the_panel_masks_the_contact_and_offers_to_show_it(town: Town) -> None:
    ticket = town.ticket()

    panel = _panel(_html(signed_in(town.lin), _queue(query=f"?selected={ticket.pk}")))

    assert "陈** 199****" in panel
    assert str(town.chen.phone)[3:] not in panel
    assert reverse("repairs:ticket_contact", args=[ticket.pk]) in panel


def test_the_grid_worker_reads_the_ticket_but_has_no_way_to_the_contact(town: Town) -> None:
    ticket = town.ticket()

    html = _html(signed_in(town.grid_worker), reverse("repairs:desk_ticket", args=[ticket.pk]))

    assert "陈** 199****" in html
    assert reverse("repairs:ticket_contact", args=[ticket.pk]) not in html


def test_the_panel_says_who_goes_first_and_who_pays(town: Town) -> None:
    ticket = town.ticket()

    panel = _words(_panel(_html(signed_in(town.lin), _queue(query=f"?selected={ticket.pk}"))))

    assert "先处理 负责本小区的单位" in panel
    assert "可能付费" in panel


def test_the_panel_counts_what_broke_in_the_same_building(town: Town) -> None:
    town.ticket(words="上个月也漏过")
    ticket = town.ticket()

    panel = _words(_panel(_html(signed_in(town.lin), _queue(query=f"?selected={ticket.pk}"))))

    assert "另有 1 次报修，同类 1 次" in panel


def test_the_panel_tells_what_the_answers_decide(town: Town) -> None:
    outage = RepairType.objects.get(code="ELE-OUT1")
    ticket = town.ticket(repair_type=outage, words="家里没电", answers={"Q11": "neighbours"})

    panel = _words(_panel(_html(signed_in(town.lin), _queue(query=f"?selected={ticket.pk}"))))

    assert "邻居也停电：按整梯、整栋停电处理。" in panel
    assert "更像是 整梯/整栋停电" in panel


def test_what_was_said_about_health_is_for_those_who_handle_the_ticket(town: Town) -> None:
    outage = RepairType.objects.get(code="ELE-OUT1")
    ticket = town.ticket(repair_type=outage, words="家里没电", answers={"Q11": "tripped", "Q21": "medical"})
    path = reverse("repairs:desk_ticket", args=[ticket.pk])

    handled, watched = _html(signed_in(town.lin), path), _html(signed_in(town.street_officer), path)

    assert "用电的医疗设备" in handled
    assert "用电的医疗设备" not in watched


def test_the_list_of_workers_says_who_is_free(town: Town) -> None:
    town.assigned()
    ticket = town.ticket()

    panel = _html(signed_in(town.lin), _queue(query=f"?selected={ticket.pk}"))

    assert "王建国 · 水电师傅 · 手上 1 件 · 今天 1 单" in panel
    assert "郭志强 · 电工 · 不做这类维修 · 现在空闲" in panel
    assert "苏清" not in panel


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("ticket", {"acknowledge", "book", "decline", "internal-note", "comment"}),
        ("acknowledged", {"assign", "book", "pause", "set-urgency", "decline", "internal-note", "comment"}),
        (
            "assigned",
            {
                "assign",
                "book",
                "hand-back",
                "arrive",
                "pause",
                "set-urgency",
                "decline",
                "internal-note",
                "comment",
            },
        ),
        ("on_site", {"finish", "pause", "set-urgency", "internal-note", "comment"}),
        ("finished", {"internal-note", "comment"}),
    ],
)
def test_the_table_of_moves_draws_the_buttons(town: Town, state: str, buttons: set[str]) -> None:
    ticket = getattr(town, state)()

    html = _html(signed_in(town.lin), reverse("repairs:desk_ticket", args=[ticket.pk]))

    assert set(re.findall(rf'action="/(?:desk/)?tickets/{ticket.pk}/([a-z-]+)/"', html)) - {"contact"} == buttons


def test_after_the_verb_the_next_row_opens(town: Town) -> None:
    first, second = town.ticket(), town.ticket(words="楼道灯不亮")
    lin = signed_in(town.lin)
    follows = f"/desk/new/?selected={second.pk}"
    assert f'value="{follows}"' in _html(lin, _queue(query=f"?selected={first.pk}"))

    sent = _take_up(first) | {"next": follows}
    answer = lin.post(reverse("repairs:ticket_acknowledge", args=[first.pk]), sent)

    assert (answer.status_code, answer["Location"]) == (302, follows)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\evil"])
def test_a_verb_leads_nowhere_else(town: Town, elsewhere: str) -> None:
    ticket = town.ticket()

    sent = _take_up(ticket) | {"next": elsewhere}
    answer = signed_in(town.lin).post(reverse("repairs:ticket_acknowledge", args=[ticket.pk]), sent)

    assert answer["Location"] == reverse("repairs:desk_ticket", args=[ticket.pk])


def test_the_contact_is_shown_in_full_for_a_reason_that_is_kept(town: Town) -> None:
    ticket = town.ticket()

    answer = signed_in(town.lin).post(reverse("repairs:ticket_contact", args=[ticket.pk]), {"reason": "clarify"})

    assert f'href="tel:{town.chen.phone}"' in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert list(ContactView.objects.values_list("ticket", "by", "reason")) == [(ticket.pk, town.lin.pk, "clarify")]


def test_without_a_reason_nothing_is_shown_and_nothing_is_written(town: Town) -> None:
    ticket = town.ticket()

    answer = signed_in(town.lin).post(reverse("repairs:ticket_contact", args=[ticket.pk]), {"reason": "curious"})

    assert answer.status_code == 422
    assert str(town.chen.phone)[3:] not in answer.content.decode()
    assert not ContactView.objects.exists()


def test_taking_up_and_assigning_is_one_press(town: Town) -> None:
    ticket = town.ticket()

    sent = _take_up(ticket) | {"worker": town.wang.pk, "urgency": "urgent"}
    signed_in(town.lin).post(reverse("repairs:ticket_acknowledge", args=[ticket.pk]), sent)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.assignee, ticket.urgency) == (State.ASSIGNED, town.wang, Urgency.URGENT)


def _take_up(ticket: Ticket) -> dict[str, object]:
    return {"version": ticket.version, "repair_type": ticket.repair_type_id, "urgency": ticket.urgency}


def _garden(town: Town) -> Place:
    return place_of(town.garden_flat)


def _shown(browser: Client, query: str = "") -> set[int]:
    html = _html(browser, _queue(query=query))
    return {int(pk) for pk in re.findall(r'href="/desk/tickets/(\d+)/"', html)}


def _panel(html: str) -> str:
    return _between(html, '<aside class="card panel"', "</aside>")


def _between(html: str, start: str, end: str) -> str:
    return html.partition(start)[2].partition(end)[0]


def _words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
