"""Searching at the desk: number, place, words; Chinese words of two characters; the index that serves it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from estates.places import place_of
from repairs.models import Ticket
from repairs.queue import FOUND_MOST, FOUND_SHOWN, Desk
from repairs.search import search_text, tokens_of
from tests.clients import signed_in
from tests.town import Town


def _found(user: User, text: str) -> set[int]:
    return {ticket.pk for ticket in Desk(user).search(text).tickets}


@pytest.mark.parametrize(
    "text",
    [
        "漏水",
        "厨房",
        "下水管",
        "水门新村",
        "3幢",
        "502",
        "排水管",
        "drain PIPE",
        "漏水 502",
        "  漏水  ",
        "５０２",
        "三幢",
        "二梯",
        "水 漏水",
    ],
)
def test_a_ticket_is_found_by_number_place_type_and_words(town: Town, text: str) -> None:
    wanted = town.ticket()

    assert _found(town.lin, text) == {wanted.pk}


def test_a_ticket_is_found_by_its_number(town: Town) -> None:
    wanted, _other = town.ticket(), town.ticket(words="另一件")

    assert _found(town.lin, wanted.number) == {wanted.pk}
    assert _found(town.lin, wanted.number[-6:]) == {wanted.pk}


@pytest.mark.parametrize("text", ["水漏", "漏水 停电", "陈阿婆", "100%", "厨_下"])
def test_what_is_not_in_it_does_not_find_it(town: Town, text: str) -> None:
    town.ticket()

    assert _found(town.lin, text) == set()


def test_a_telephone_number_finds_nobody(town: Town) -> None:
    town.ticket()

    assert _found(town.lin, str(town.chen.phone)[3:]) == set()


def test_closed_tickets_are_found_too(town: Town) -> None:
    ticket = town.ticket()
    Ticket.objects.filter(pk=ticket.pk).update(state="closed", closure="rejected", closed_at=timezone.now())

    assert _found(town.lin, "漏水") == {ticket.pk}


def test_the_tickets_of_others_are_not_found(town: Town) -> None:
    theirs = town.ticket(place=place_of(town.garden_flat))

    assert _found(town.lin, "漏水") == set()
    assert _found(town.other_dispatcher, "漏水") == {theirs.pk}


@pytest.mark.parametrize("text", ["漏", "x", "漏 水"])
def test_one_character_is_answered_with_a_sentence(town: Town, text: str) -> None:
    town.ticket()

    html = signed_in(town.lin).get("/desk/new/", {"q": text}).content.decode()

    assert "请至少输入两个字" in html


def test_a_word_everybody_writes_is_counted_up_to_a_hundred(town: Town) -> None:
    _fill(town.ticket(), FOUND_MOST + 20, keep=True)

    found = Desk(town.lin).search("漏水")
    html = signed_in(town.lin).get("/desk/new/", {"q": "漏水"}).content.decode()

    assert (found.total, found.more, len(found.tickets)) == (FOUND_MOST, True, FOUND_SHOWN)
    assert "找到 100 件以上" in html
    assert "显示最新的 50 件" in html


def test_the_newest_come_first(town: Town) -> None:
    first, second = town.ticket(words="漏水一"), town.ticket(words="漏水二")

    assert [ticket.pk for ticket in Desk(town.lin).search("漏水").tickets] == [second.pk, first.pk]


def test_the_index_of_words_serves_rare_and_absent_words(town: Town) -> None:
    _fill(town.ticket(words="楼道灯不亮"), 20_000)
    _fill(town.ticket(words="木门里有白蚁"), 2, keep=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE repairs_ticket")

    plans = {word: _plan(town.lin, word) for word in ("白蚁", "电梯", "木门 白蚁", "蚁")}

    assert {word: total for word, (total, _plan) in plans.items()} == {"白蚁": 3, "电梯": 0, "木门 白蚁": 3, "蚁": 0}
    assert {word for word, (_total, plan) in plans.items() if "Bitmap Index Scan on ticket_tokens" in plan} == {
        "白蚁",
        "电梯",
        "木门 白蚁",
    }


def _plan(user: User, word: str) -> tuple[int, str]:
    """How many are found, and how the database looked for them."""
    with CaptureQueriesContext(connection) as captured:
        found = Desk(user).search(word)
    asked = [each["sql"] for each in captured if "@>" in each["sql"]]
    if not asked:
        return found.total, ""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + asked[0])
        return found.total, "\n".join(row[0] for row in cursor.fetchall())


def _fill(like: Ticket, number: int, *, keep: bool = False) -> None:
    """`number` more tickets of the same place in other words (`keep`: in the same), in one statement."""
    words = ["灯泡坏了", "楼梯扶手松动", "水龙头滴水", "墙面发霉", "门锁卡住", "下水道返味", "窗户关不上", "插座没电"]
    texts = [like.search_text] if keep else [search_text([like.number, each]) for each in words]
    scopes = [token for token in like.tokens if token.partition(":")[0] in {"org", "street", "estate"}]
    given = {"number": "'多-' || nextval('repairs_ticket_id_seq')", "search_text": "said.text", "tokens": "said.tokens"}
    columns = [str(field.column) for field in Ticket._meta.concrete_fields if not field.primary_key]
    chosen = ", ".join(given.get(column, f"like_it.{column}") for column in columns)
    said = [(text, tokens_of(text, scopes)) for text in texts]
    rows = ", ".join(["(%s, %s, %s::text[])"] * len(said))
    source = f"generate_series(1, %s) AS n JOIN (VALUES {rows}) AS said (turn, text, tokens) ON said.turn = n %% %s"
    insert = f"INSERT INTO repairs_ticket ({', '.join(columns)}) SELECT {chosen}"
    values = [number, *(part for turn, each in enumerate(said) for part in (turn, *each)), len(said), like.pk]
    with connection.cursor() as cursor:
        cursor.execute(f"{insert} FROM {source} JOIN repairs_ticket AS like_it ON like_it.id = %s", values)
