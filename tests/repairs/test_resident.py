"""The resident's pages: who gets what, what is on them, and how many questions they ask the database."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import User
from estates.places import place_of
from repairs import actions, drafts
from repairs.models import Message, Photo, Ticket
from repairs.workflow import Closure, State
from tests.town import Town, picture

# Everybody who is not named gets what "others" get.
TICKET_PAGE = {
    "chen": 200,
    "lin": 302,
    "wang": 302,
    "manager": 302,
    "grid_worker": 302,
    "street_officer": 302,
    "district_officer": 302,
    "others": 404,
}
PEOPLE = [
    "chen", "neighbour", "nadia", "lin", "wang", "guo", "manager", "other_dispatcher", "grid_worker", "clerk",
    "street_officer", "other_street_officer", "district_officer",
]  # fmt: skip


def _client(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


@pytest.mark.parametrize("name", PEOPLE)
def test_who_gets_the_resident_s_page_of_a_ticket(town: Town, name: str) -> None:
    ticket = town.assigned()

    answer = _client(getattr(town, name)).get(reverse("repairs:ticket", args=[ticket.pk]))

    assert answer.status_code == TICKET_PAGE.get(name, TICKET_PAGE["others"])


@pytest.mark.parametrize("address", ["repairs:my_repairs", "repairs:messages"])
@pytest.mark.parametrize(("name", "number"), [("chen", 1), ("neighbour", 0), ("nadia", 0)])
def test_everybody_finds_only_their_own_in_the_lists(town: Town, address: str, name: str, number: int) -> None:
    ticket = town.ticket()

    html = _client(getattr(town, name)).get(reverse(address)).content.decode()

    assert html.count(reverse("repairs:ticket", args=[ticket.pk])) == number


@pytest.mark.parametrize("address", ["home", "help", "safety"])
@pytest.mark.parametrize("name", [None, "chen", "nadia", "grid_worker"])
def test_public_pages_are_for_everybody(town: Town, address: str, name: str | None) -> None:
    assert _client(getattr(town, name) if name else None).get(reverse(f"repairs:{address}")).status_code == 200


@pytest.mark.parametrize("address", ["my_repairs", "messages"])
def test_whoever_is_not_signed_in_is_asked_to(town: Town, address: str) -> None:
    answer = Client().get(reverse(f"repairs:{address}"))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:sign_in"))


@pytest.mark.parametrize(
    ("name", "desk"),
    [
        ("lin", "/desk/new/"),
        ("manager", "/desk/new/"),
        ("wang", "/jobs/"),
        ("street_officer", "/oversight/"),
        ("district_officer", "/oversight/"),
        ("admin", "/admin/"),
    ],
)
def test_the_staff_is_sent_to_their_desk(town: Town, name: str, desk: str) -> None:
    assert _client(getattr(town, name)).get("/")["Location"] == desk


def test_a_neighbour_sees_a_shared_problem_but_not_who_reported_it(town: Town) -> None:
    ticket = town.ticket(repair_type=town.type("ELE-STAIR"), words="陈阿婆家门口的灯不亮")

    html = _client(town.neighbour).get("/").content.decode()

    assert "楼道灯不亮" in html
    assert "陈阿婆" not in html
    assert "502" not in html
    assert ticket.number not in html


def test_a_neighbour_sees_nothing_of_what_is_broken_inside_a_flat(town: Town) -> None:
    town.ticket(repair_type=town.type("DRN-FLOOR"))

    assert "户内地漏" not in _client(town.neighbour).get("/").content.decode()


# ---------------------------------------------------------------- verbs
def _press(town: Town, who: User | None, ticket: Ticket, verb: str, **data: object) -> int:
    url = reverse(f"repairs:ticket_{verb}", args=[ticket.pk])
    return _client(who).post(url, {"version": ticket.version, **data}).status_code


def test_the_resident_says_it_is_fixed(town: Town) -> None:
    ticket = town.finished()

    assert _press(town, town.chen, ticket, "confirm") == 302
    assert Ticket.objects.get().closure == Closure.CONFIRMED


@pytest.mark.parametrize("name", [person for person in PEOPLE if person != "chen"])
def test_nobody_else_can_say_so(town: Town, name: str) -> None:
    ticket = town.finished()

    assert _press(town, getattr(town, name), ticket, "confirm") == 404
    assert Ticket.objects.get().state == State.FINISHED


@pytest.mark.parametrize("verb", ["confirm", "not_fixed", "cancel", "comment"])
def test_verbs_answer_only_to_a_press(town: Town, verb: str) -> None:
    ticket = town.finished()

    assert _client(town.chen).get(reverse(f"repairs:ticket_{verb}", args=[ticket.pk])).status_code == 405
    assert _client(None).post(reverse(f"repairs:ticket_{verb}", args=[ticket.pk])).status_code == 302
    assert Ticket.objects.get().state == State.FINISHED


def test_not_fixed_with_words_and_a_photo_opens_it_again(town: Town) -> None:
    ticket = town.finished()

    data = {"not_fixed-version": ticket.version, "not_fixed-note": "还在滴水", "not_fixed-photos": picture()}
    assert _press(town, town.chen, ticket, "not_fixed", **data) == 302
    assert Ticket.objects.get().state == State.ACKNOWLEDGED
    assert Photo.objects.get(event__verb="not_fixed").uploaded_by == town.chen


def test_not_fixed_without_words_keeps_the_page_and_says_what_is_missing(town: Town) -> None:
    ticket = town.finished()
    url = reverse("repairs:ticket_not_fixed", args=[ticket.pk])

    answer = _client(town.chen).post(url, {"not_fixed-version": ticket.version, "not_fixed-note": ""})

    assert answer.status_code == 422
    assert "请写几句话" in answer.content.decode()
    assert Ticket.objects.get().state == State.FINISHED


def test_a_file_that_is_no_photo_is_named_and_the_words_stay(town: Town) -> None:
    ticket = town.assigned()
    url = reverse("repairs:ticket_comment", args=[ticket.pk])
    file = SimpleUploadedFile("账单.pdf", b"%PDF-1.4")

    answer = _client(town.chen).post(url, {"remark-note": "下午都在家", "remark-photos": file})

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "账单.pdf" in html
    assert "下午都在家" in html
    assert not ticket.events.filter(verb="comment").exists()


def test_an_old_page_is_told_that_something_changed(town: Town) -> None:
    ticket = town.finished()
    _press(town, town.chen, ticket, "confirm")
    client = _client(town.chen)

    answer = client.post(
        reverse("repairs:ticket_not_fixed", args=[ticket.pk]),
        {"not_fixed-version": ticket.version, "not_fixed-note": "其实没好"},
        follow=True,
    )

    assert "刚才情况有变化" in answer.content.decode()
    assert Ticket.objects.get().closure == Closure.CONFIRMED


def test_the_contact_of_a_proxy_report_confirms_it(town: Town) -> None:
    ticket = town.proxy()
    actions.acknowledge(ticket, by=town.manager, repair_type=ticket.repair_type, urgency=ticket.urgency)
    actions.assign(ticket, by=town.manager, worker=town.wang)
    actions.arrive(ticket, by=town.wang)
    actions.finish(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)], note="好了")

    assert _press(town, town.chen, ticket, "confirm") == 302
    assert Ticket.objects.get().closure == Closure.CONFIRMED


# ---------------------------------------------------------------- photos
def _photo_status(user: User | None, key: uuid.UUID, size: str = "small") -> int:
    answer = _client(user).get(reverse("repairs:photo", args=[key, size]))
    answer.getvalue()  # reads the stream to its end, which closes the file
    return answer.status_code


@pytest.mark.parametrize("name", PEOPLE)
def test_a_photo_is_seen_by_those_who_see_its_ticket(town: Town, name: str) -> None:
    draft = town.draft()
    photo = town.photo(draft=draft)
    ticket = town.seen(actions.file_report(draft, by=town.chen))
    actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency=ticket.urgency)
    actions.assign(ticket, by=town.lin, worker=town.wang)
    user = getattr(town, name)

    expected = 200 if Ticket.objects.visible_to(user).exists() else 404
    assert expected == (200 if name in TICKET_PAGE else 404)
    assert _photo_status(user, photo.key) == expected


def test_a_photo_is_nothing_without_signing_in(town: Town) -> None:
    photo = town.photo(ticket=town.ticket(), by=town.chen)

    assert _photo_status(town.chen, photo.key) == 200
    assert _photo_status(None, photo.key) == 404
    assert _photo_status(town.chen, uuid.uuid4()) == 404
    assert _photo_status(town.chen, photo.key, "huge") == 404


def test_a_photo_of_an_internal_note_is_not_for_the_resident(town: Town) -> None:
    ticket = town.assigned()
    photo = town.photo(ticket, town.lin)
    actions.internal_note(ticket, by=town.lin, note="门口有狗", photos=[photo])

    assert _photo_status(town.lin, photo.key) == 200
    assert _photo_status(town.chen, photo.key) == 404


# ---------------------------------------------------------------- what is read
def test_the_resident_reads_the_story_without_internal_notes_and_with_masked_people(town: Town) -> None:
    ticket = town.finished()
    actions.internal_note(ticket, by=town.lin, note="门口有狗")

    html = _client(town.chen).get(reverse("repairs:ticket", args=[ticket.pk])).content.decode()

    assert "换了一段下水管" in html
    assert "门口有狗" not in html
    assert "林秀英" not in html
    assert "王建国" in html


def test_reading_the_messages_marks_them_read(town: Town) -> None:
    town.ticket()
    client = _client(town.chen)

    assert "1 条新消息" in client.get("/").content.decode()
    client.get(reverse("repairs:messages"))
    assert not Message.objects.visible_to(town.chen).unread().exists()


def test_the_list_goes_on_page_by_page_without_losing_or_doubling_a_ticket(town: Town) -> None:
    numbers = {town.ticket(words=f"第{number}件").number for number in range(25)}
    client = _client(town.chen)

    first = client.get(reverse("repairs:my_repairs"))
    town.ticket(words="中途又报一件")
    second = client.get(reverse("repairs:my_repairs"), {"before": first.context["page"].older})

    seen = [row.number for page in (first, second) for row in page.context["tickets"]]
    assert len(seen) == 25
    assert set(seen) == numbers


@pytest.mark.parametrize("cursor", ["x", "2026-01-01_1", "2026-01-01T00:00:00+00:00_999999999999999999999", "_"])
def test_a_cursor_we_did_not_write_starts_anew(town: Town, cursor: str) -> None:
    town.ticket()

    answer = _client(town.chen).get(reverse("repairs:my_repairs"), {"before": cursor})

    assert len(answer.context["tickets"]) == 1


@pytest.mark.parametrize("address", ["repairs:home", "repairs:my_repairs", "repairs:messages"])
def test_one_ticket_or_thirty_ask_the_database_as_often(
    town: Town,
    address: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = _client(town.chen)
    town.ticket()
    client.get(reverse(address))
    with django_assert_max_num_queries(10) as few:
        client.get(reverse(address))
    for number in range(29):
        town.ticket(words=f"第{number}件")
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(reverse(address))


def test_a_long_story_costs_no_more_than_a_short_one(
    town: Town,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    ticket = town.finished()
    client = _client(town.chen)
    url = reverse("repairs:ticket", args=[ticket.pk])
    client.get(url)
    with django_assert_max_num_queries(10) as few:
        client.get(url)
    for number in range(30):
        actions.comment(ticket, by=town.wang, note=f"第{number}条", photos=[town.photo(ticket, town.wang)])
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(url)


def test_signing_out_leaves_no_draft_on_a_shared_phone(town: Town) -> None:
    client = _client(town.chen)
    client.get(reverse("repairs:report"), {"place": place_of(town.flat502).ref}, follow=True)
    assert client.cookies[drafts.COOKIE].value
    client.post(reverse("accounts:sign_out"))

    assert client.cookies[drafts.COOKIE].value == ""


def test_someone_new_keeps_the_name_they_gave_for_themselves(town: Town) -> None:
    newcomer = User.objects.create_user(phone="+8619900007777")
    town.ticket(by=newcomer, contact_name="黄阿婆")
    town.ticket(by=newcomer, contact_name="黄秀", words="又一件")

    assert User.objects.get(pk=newcomer.pk).display_name == "黄阿婆"


def test_a_second_press_after_the_first_one_signed_in_is_led_to_the_number(town: Town) -> None:
    draft = town.draft(contact_phone="+8619900007777")
    client = Client(enforce_csrf_checks=True)
    client.cookies[drafts.COOKIE] = f"{draft.key}.{draft.browser}"
    url, data = reverse("repairs:report_send_unverified"), {"draft": draft.key}

    assert client.post(url, data).status_code == 403
    ticket = actions.file_report(draft, by=town.chen)
    again = client.post(url, data)

    assert (again.status_code, again["Location"]) == (302, reverse("repairs:report_sent", args=[ticket.pk]))
