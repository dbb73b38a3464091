"""Who gets which screen of a report, what stands on the last one, and how many statements each one costs."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from estates.models import Building, Dwelling, Entrance, Estate
from repairs.models import Ticket
from repairs.pledges import terms
from repairs.tiles import tiles
from repairs.wording import own_texts
from tests.repairs.reporting import Reporter
from tests.town import Town, picture

ANSWERS = {"Q3": "home", "Q8": "always", "Q25": "no", "Q4": "flat"}
PEOPLE = [
    "nobody", "chen", "neighbour", "nadia", "lin", "wang", "manager", "other_dispatcher", "grid_worker",
    "street_officer", "district_officer", "admin",
]  # fmt: skip
WORDS, WHO = reverse("repairs:report_words"), reverse("repairs:report_who")
SIGN_IN = reverse("accounts:sign_in")

# With a draft in which only the last screen is left. The same for everybody: reporting is public.
PAGES = {
    "report": 200,
    "report_where": 200,
    "report_what": 200,
    "report_danger": WHO,
    "report_words": 200,
    "report_who": 200,
}
# The screens that only take what is sent.
PRESSES = [
    "report_anew",
    "report_words_save",
    "report_photos",
    "report_photo_remove",
    "report_who_save",
    "report_code_again",
    "report_send",
    "report_send_unverified",
]
# Of a ticket that Chen reported from flat 502.
SENT = {"chen": 200, "lin": 200, "manager": 200, "grid_worker": 200, "street_officer": 200, "district_officer": 200}


def _person(town: Town, name: str) -> User | None:
    user: User | None = getattr(town, name, None)
    return user


def _reporter(town: Town, name: str) -> Reporter:
    return Reporter(_person(town, name)).takes(town.draft(answers=ANSWERS))


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize(("page", "expected"), PAGES.items())
def test_who_gets_a_screen(town: Town, name: str, page: str, expected: int | str) -> None:
    answer = _reporter(town, name).client.get(reverse(f"repairs:{page}"))

    assert answer.headers.get("Location", answer.status_code) == expected


@pytest.mark.parametrize("name", PEOPLE)
def test_who_gets_a_question(town: Town, name: str) -> None:
    client = _reporter(town, name).client

    assert client.get(reverse("repairs:report_question", args=["Q3"])).status_code == 200
    assert client.get(reverse("repairs:report_question", args=["Q99"]))["Location"] == WHO


@pytest.mark.parametrize("name", PEOPLE)
def test_who_is_asked_for_a_code(town: Town, name: str) -> None:
    reporter = Reporter(_person(town, name)).takes(town.draft(answers=ANSWERS, contact_phone="+8619900007777"))

    answer = reporter.client.get(reverse("repairs:report_code"))

    assert answer.headers.get("Location", answer.status_code) == (200 if name == "nobody" else WHO)


@pytest.mark.parametrize("press", PRESSES)
def test_what_is_sent_is_not_fetched(town: Town, press: str) -> None:
    assert Reporter().client.get(reverse(f"repairs:{press}")).status_code == 405


@pytest.mark.parametrize("name", PEOPLE)
def test_who_sees_the_number_of_a_report(town: Town, name: str) -> None:
    ticket = town.ticket()

    answer = Reporter(_person(town, name)).client.get(reverse("repairs:report_sent", args=[ticket.pk]))

    if name == "nobody":
        assert answer["Location"].startswith(SIGN_IN)
    else:
        assert answer.status_code == SENT.get(name, 404)


def test_the_last_screen_says_who_is_responsible_what_is_next_and_by_when(town: Town) -> None:
    ticket = town.ticket()

    html = Reporter(town.chen).get(reverse("repairs:report_sent", args=[ticket.pk]))

    assert ticket.number in html
    assert town.centre.name in html
    assert f'href="tel:{town.centre.phone.replace(" ", "")}"' in html
    assert "本小区服务承诺" in html
    assert reverse("repairs:ticket", args=[ticket.pk]) in html


def test_nothing_of_the_report_is_kept_by_what_stands_in_between(town: Town) -> None:
    for page in PAGES:
        answer = _reporter(town, "chen").client.get(reverse(f"repairs:{page}"))
        assert {"private", "no-cache"} <= set(answer["Cache-Control"].split(", "))
        # Back has to bring back what was typed: a page that may not be stored is asked for anew.
        assert "no-store" not in answer["Cache-Control"]


@contextmanager
def _statements() -> Iterator[list[int]]:
    counted: list[int] = []
    with CaptureQueriesContext(connection) as captured:
        yield counted
    counted.append(len([query for query in captured.captured_queries if "SAVEPOINT" not in query["sql"]]))


def _cost(reporter: Reporter, address: str) -> int:
    reporter.client.get("/")  # notes once that this session is in use
    with _statements() as counted:
        assert reporter.client.get(address).status_code == 200
    return counted[0]


COSTS = [
    ("report_where", (), 3, 6),
    ("report_what", (), 3, 5),
    ("report_question", ("Q8",), 5, 7),
    ("report_words", (), 5, 7),
    ("report_who", (), 3, 5),
]


@pytest.mark.parametrize(("page", "args", "stranger", "resident"), COSTS)
def test_what_a_screen_costs(town: Town, page: str, args: tuple[str, ...], stranger: int, resident: int) -> None:
    address = reverse(f"repairs:{page}", args=args)
    tiles()  # kept for half a minute

    assert _cost(_reporter(town, "nobody"), address) == stranger
    assert _cost(_reporter(town, "chen"), address) == resident


def test_a_list_of_places_costs_the_same_for_one_row_and_for_thirty(town: Town) -> None:
    refs = [
        f"street-{town.haibin.pk}",
        f"estate-{town.garden.pk}",
        f"building-{town.garden_stair.building_id}",
        f"entrance-{town.garden_stair.pk}",
    ]
    addresses = [f"{reverse('repairs:report_where')}?in={ref}" for ref in refs]
    addresses.append(f"{reverse('repairs:report_where')}?q=花园")
    one = [_cost(Reporter(), address) for address in addresses]

    for number in range(30):
        Estate.objects.create(community=town.seaside, name=f"大花园{number}")
        Building.objects.create(estate=town.garden, label=f"{number + 2}号楼")
        Entrance.objects.create(building=town.garden_stair.building, label=f"{number + 2}梯")
        Dwelling.objects.create(entrance=town.garden_stair, label=str(500 + number))

    assert [_cost(Reporter(), address) for address in addresses] == one == [2, 2, 2, 2, 2]


def test_photos_cost_one_statement_however_many(town: Town) -> None:
    reporter = _reporter(town, "chen")
    none = _cost(reporter, WORDS)
    many = [picture(f"{number}.jpg", (100 + number, 90)) for number in range(5)]
    reporter.press("report_words_save", words="滴水", photos=many)

    assert _cost(reporter, WORDS) == none


def test_sending_without_photos_costs_twelve_statements(town: Town) -> None:
    reporter = _reporter(town, "chen")
    reporter.client.get("/")
    fields = {"contact_name": "陈", "contact_phone": town.chen.phone, "agreed": "on"}
    # What is promised here today never changes; whoever reported first had it read, and the own texts of messages.
    terms("normal", "home_centre", timezone.now(), town.shuimen.pk)
    own_texts()

    with _statements() as counted:
        reporter.press("report_send", **fields)

    assert Ticket.objects.count() == 1
    # Four to know who sends what; eight in the transaction that makes the ticket.
    assert counted == [12]
