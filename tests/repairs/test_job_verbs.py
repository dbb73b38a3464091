"""Set out, nobody home, finish with materials; and every press done once, however often it is sent."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from repairs import actions
from repairs.models import Booking, BookingState, Material, Photo, Ticket, TicketEvent
from repairs.workflow import State
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town, picture

pytestmark = pytest.mark.usefixtures("by_day")
# A worker presses for their own jobs, whoever assigns in the organisation for anybody there.
PRESSING = {"wang", "lin", "manager"}
VERBS = {"set_out": "assigned", "arrive": "assigned", "nobody_home": "assigned", "finish": "on_site"}
SEEING_AS_STAFF = {"grid_worker", "clerk", "street_officer", "district_officer"}


def _path(verb: str, ticket: Ticket) -> str:
    return reverse(f"repairs:ticket_{verb}", args=[ticket.pk])


def _finish(ticket: Ticket, **fields: object) -> dict[str, object]:
    return {"version": ticket.version, "note": "换了弯头", "photos": [picture()], "key": str(uuid4()), **fields}


def _told(ticket: Ticket, verb: str) -> int:
    return TicketEvent.objects.filter(ticket=ticket, verb=verb).count()


@pytest.mark.parametrize(("verb", "state"), VERBS.items())
def test_who_may_press(town: Town, verb: str, state: str) -> None:
    got = who_gets(town, _path(verb, getattr(town, state)()), post={})

    pressed = got.pop(422, set()) | (got.pop(302) - {"nobody"})
    assert pressed == PRESSING
    assert got[403] | got[404] == everybody_but(*PRESSING)


def test_setting_out_tells_the_resident_and_notes_when(town: Town) -> None:
    town.team()
    booking = town.booked(town.assigned())
    signed_in(town.wang).post(_path("set_out", booking.ticket), {"version": booking.ticket.version})

    booking.refresh_from_db()
    assert booking.set_out_by == town.wang
    assert _told(booking.ticket, "set_out") == 1


def test_nobody_home_is_written_with_the_photo_and_the_time_and_asks_for_a_new_time(town: Town) -> None:
    town.team()
    ticket = town.booked(town.assigned()).ticket
    sent = {"version": ticket.version, "at": "00:01", "photos": [picture()], "note": "敲了三次"}

    signed_in(town.wang).post(_path("nobody_home", ticket), sent)

    event = TicketEvent.objects.get(ticket=ticket, verb="nobody_home")
    assert event.photos.count() == 1
    assert event.changes["noted_at"][:16] == f"{timezone.localdate():%Y-%m-%d}T00:01"
    assert Booking.objects.get(ticket=ticket).state == BookingState.NOBODY_HOME


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [({"at": "00:01"}, "请拍一张门口的照片"), ({"at": "下午"}, "例如 14:05"), ({"at": ""}, "例如 14:05")],
)
def test_nobody_home_without_a_photo_or_a_time_says_what_is_missing(
    town: Town, sent: dict[str, str], sentence: str
) -> None:
    ticket = town.assigned()

    answer = signed_in(town.wang).post(
        _path("nobody_home", ticket), {"version": ticket.version, "note": "敲门", **sent}
    )

    assert (answer.status_code, _told(ticket, "nobody_home")) == (422, 0)
    assert sentence in answer.content.decode()
    assert "敲门</textarea>" in answer.content.decode()


def test_materials_are_kept_with_the_finish_and_summed_for_both_sides(town: Town) -> None:
    ticket = town.on_site()
    rows = {
        "material_name": ["弯头 DN20", "", "生料带"],
        "material_quantity": ["2", "", ""],
        "material_price": ["12.5", "", "3"],
    }
    signed_in(town.wang).post(_path("finish", ticket), _finish(ticket, **rows))

    stored = Material.objects.filter(event__verb="finish").order_by("pk").values_list("name", "quantity", "price")
    assert [(name, f"{quantity} {price}") for name, quantity, price in stored] == [
        ("弯头 DN20", "2.00 12.50"),
        ("生料带", "1.00 3.00"),
    ]
    for person in (town.chen, town.lin, town.wang):
        page = signed_in(person).get(reverse("repairs:ticket", args=[ticket.pk]), follow=True).content.decode()
        assert "弯头 DN20" in page
        assert "¥28.00" in page


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("弯头", "-2", ""), "“弯头”：数量请填大于 0 的数字"),
        (("弯头", "两个", ""), "“弯头”：数量请填大于 0 的数字"),
        (("弯头", "0", ""), "“弯头”：数量请填大于 0 的数字"),
        (("弯头", "NaN", ""), "“弯头”：数量请填大于 0 的数字"),
        (("弯头", "1", "-1"), "“弯头”：单价请填数字"),
        (("弯头", "1", "便宜"), "“弯头”：单价请填数字"),
        (("弯头", "1", "99999999"), "“弯头”：单价请填数字"),
        (("", "1", "5"), "第 1 行用料".replace("行", "项")[:3]),
        (("长" * 61, "1", "5"), "不超过 60 个字"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_everything_typed_stays(
    town: Town, row: tuple[str, str, str], sentence: str
) -> None:
    ticket = town.on_site()
    names = ("material_name", "material_quantity", "material_price")
    sent = {name: [cell] for name, cell in zip(names, row, strict=True)}

    answer = signed_in(town.wang).post(_path("finish", ticket), _finish(ticket, **sent))

    page = answer.content.decode()
    assert (answer.status_code, Material.objects.count(), _told(ticket, "finish")) == (422, 0, 0)
    assert sentence in page
    assert "换了弯头</textarea>" in page
    assert f'value="{row[1]}"' in page
    assert page.count("data-photo>") == 1


@pytest.mark.parametrize("outbox", [True, False])
@pytest.mark.parametrize(("verb", "state"), VERBS.items())
def test_the_same_press_sent_twice_is_done_once_and_answered_alike(
    town: Town, verb: str, state: str, outbox: bool
) -> None:
    ticket = getattr(town, state)()
    wang, headers = signed_in(town.wang), {"X-Outbox": "1"} if outbox else {}
    key = str(uuid4())
    answers = [
        wang.post(_path(verb, ticket), _finish(ticket, at="00:01", key=key), headers=headers) for _again in range(2)
    ]

    first, second = ((each.status_code, each.headers.get("Location"), each.content) for each in answers)
    assert first == second
    assert first[0] == (200 if outbox else 302)
    assert _told(ticket, verb) == 1
    assert Photo.objects.filter(event__verb__in=["nobody_home", "finish"]).count() == (
        verb in {"nobody_home", "finish"}
    )
    assert not Photo.objects.waiting(ticket, town.wang).exists()


def test_the_key_of_somebody_else_is_not_mine(town: Town) -> None:
    ticket, key = town.assigned(), str(uuid4())
    signed_in(town.wang).post(_path("set_out", ticket), {"version": ticket.version, "key": key})

    signed_in(town.lin).post(_path("set_out", ticket), {"version": ticket.version, "key": key})

    assert _told(ticket, "set_out") == 2


def test_the_database_refuses_a_key_a_second_time(town: Town) -> None:
    ticket, entry = town.assigned(), actions.Entry(uuid4())
    actions.set_out(ticket, by=town.wang, entry=entry)

    with pytest.raises(IntegrityError, match="event_of_one_press_is_written_once"), transaction.atomic():
        TicketEvent.objects.create(ticket=ticket, verb="arrive", by=town.wang, at=timezone.now(), key=entry.key)


def test_a_ticket_that_moved_on_is_told_to_the_outbox_in_a_sentence(town: Town) -> None:
    ticket = town.finished()

    answer = signed_in(town.wang).post(_path("finish", ticket), _finish(ticket), headers={"X-Outbox": "1"})

    assert answer.json()["done"] is False
    assert "已有人先改动" in answer.json()["sentence"]


def test_what_is_wrong_is_told_to_the_outbox_in_a_sentence(town: Town) -> None:
    ticket = town.on_site()
    sent = _finish(ticket, note="", material_name="弯头", material_quantity="-1")

    answer = signed_in(town.wang).post(_path("finish", ticket), sent, headers={"X-Outbox": "1"})

    assert answer.json() == {
        "done": False,
        "sentence": "请简单写一下做了什么。 “弯头”：数量请填大于 0 的数字，例如 2 或 0.5。",
    }


@pytest.mark.parametrize(
    ("ago", "shown"), [(timedelta(hours=1), True), (timedelta(days=30), False), (timedelta(hours=-1), False)]
)
def test_the_phone_says_when_it_was_unless_its_clock_is_wrong(town: Town, ago: timedelta, shown: bool) -> None:
    ticket = town.assigned()
    sent = {"version": ticket.version, "noted_at": (timezone.now() - ago).isoformat()}

    signed_in(town.wang).post(_path("arrive", ticket), sent)

    event = TicketEvent.objects.get(ticket=ticket, verb="arrive")
    assert ("noted_at" in event.changes) is shown
    assert ("有网后发出" in signed_in(town.wang).get(f"/jobs/{ticket.pk}/").content.decode()) is shown


@pytest.mark.django_db(transaction=True)
def test_one_press_sent_by_two_connections_at_once_is_done_once() -> None:
    town = Town()
    ticket, key, together = town.assigned(), str(uuid4()), Barrier(2)
    codes: list[int] = []

    def send(browser: Client) -> None:
        together.wait()
        codes.append(browser.post(_path("set_out", ticket), {"version": ticket.version, "key": key}).status_code)
        connection.close()

    threads = [Thread(target=send, args=[signed_in(town.wang)]) for _connection in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (codes, _told(ticket, "set_out")) == ([302, 302], 1)


def test_a_token_is_for_whoever_is_signed_in(town: Town) -> None:
    answer = signed_in(town.wang).get(reverse("repairs:jobs_token"))

    assert answer.json()["worker"] == town.wang.pk
    assert Client().get(reverse("repairs:jobs_token")).status_code == 302


def test_only_job_pages_say_whose_they_are(town: Town) -> None:
    ticket = town.assigned()
    wang = signed_in(town.wang)

    kept = {path: wang.get(path).headers.get("X-Worker") for path in ("/jobs/", f"/jobs/{ticket.pk}/", "/messages/")}

    assert list(kept.values()) == [str(town.wang.pk), str(town.wang.pk), None]


def test_a_job_stays_a_job_after_arriving(town: Town) -> None:
    ticket = town.on_site()

    assert ticket.state == State.ON_SITE
    assert "data-after" not in signed_in(town.wang).get(f"/jobs/{ticket.pk}/").content.decode()


def test_the_way_is_looked_for_by_building_and_never_by_flat(town: Town) -> None:
    page = signed_in(town.wang).get(f"/jobs/{town.assigned().pk}/").content.decode()
    link = page.partition('href="geo:')[2].partition('"')[0]

    assert link.endswith("%203%E5%B9%A2")
    assert "502" not in link


def test_nobody_home_after_a_rework_leaves_the_visit_kept_before_as_it_was(town: Town) -> None:
    town.team()
    booking = town.booked(town.assigned())
    actions.arrive(town.seen(booking.ticket), by=town.wang)
    ticket = town.seen(booking.ticket)
    actions.finish(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)], note="换了弯头")
    actions.not_fixed(town.seen(ticket), by=town.chen, note="还在漏")
    actions.assign(town.seen(ticket), by=town.lin, worker=town.wang)
    ticket = town.seen(ticket)
    actions.nobody_home(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)])

    assert Booking.objects.get().state == BookingState.KEPT


def test_a_material_with_a_character_no_name_has_is_a_sentence(town: Town) -> None:
    ticket = town.on_site()
    sent = _finish(ticket, material_name=["弯\x00头"], material_quantity=["1"], material_price=["2"])
    answer = signed_in(town.wang).post(_path("finish", ticket), sent)

    assert (answer.status_code, _told(ticket, "finish"), Material.objects.count()) == (422, 0, 0)
