"""How an estate promises more than all others, on the desk: who may, what is refused, what stands beside the form."""

import re
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from estates.models import Community, Estate
from repairs.clocks import Amount, Basis
from repairs.models import PledgeVersion
from repairs.pledge_versions import ABOUT
from repairs.pledges import pledges
from repairs.workflow import Clock, Urgency
from tests.clients import everybody_but, signed_in, who_gets
from tests.repairs.pledging import HOUR, REPAIRED, TAKEN_UP, in_days, noon, set_more, statements, text
from tests.town import Town

# ---------------------------------------------------------------- who sets them
SETTERS, LOOKERS = {"manager", "street_officer"}, {"lin", "grid_worker", "community_officer", "district_officer"}


def _desk(estate: Estate, verb: str = "") -> str:
    return f"/desk/estates/{estate.pk}/pledges/{verb}"


def _sent(**fields: Any) -> dict[str, Any]:
    given = {"mode": "home_centre", "starts_on": in_days(1).isoformat(), "note": "居民议事会商定"}
    return given | {"normal_acknowledge": "2", "normal_acknowledge_unit": "hours"} | fields


def _refused(town: Town, **fields: Any) -> str:
    """What is shown of a form that was refused."""
    answer = signed_in(town.manager).post(_desk(town.shuimen, "set/"), _sent(**fields))
    assert (answer.status_code, PledgeVersion.objects.filter(estate__isnull=False).count()) == (422, 0)
    return answer.content.decode()


@pytest.mark.parametrize(("verb", "post"), [("", None), ("set/", {})])
def test_managers_and_the_street_set_them_and_who_looks_after_it_may_not(
    town: Town, verb: str, post: dict[str, object] | None
) -> None:
    answers = who_gets(town, _desk(town.shuimen, verb), post=post)

    assert answers == {
        200 if post is None else 422: SETTERS,
        403: LOOKERS,
        404: everybody_but(*SETTERS, *LOOKERS),
        302: {"nobody"},
    }


def test_the_estate_of_a_neighbour_is_not_found(town: Town) -> None:
    for estate in (town.garden, town.zhuxiang):
        assert signed_in(town.manager).get(_desk(estate)).status_code == 404
    assert signed_in(town.street_officer).get(_desk(town.garden)).status_code == 404
    assert signed_in(town.street_officer).get(_desk(town.zhuxiang)).status_code == 200
    assert signed_in(town.manager).get("/desk/estates/999999/pledges/").status_code == 404


def test_only_who_sets_them_takes_back_what_is_to_come(town: Town) -> None:
    version = set_more(town)
    answers = who_gets(town, f"/desk/pledges/{version.pk}/withdraw/", post={})

    # The manager was first; then nothing is there to be found.
    assert answers == {404: everybody_but("manager", "lin"), 302: {"manager", "nobody"}, 403: {"lin"}}
    assert not PledgeVersion.objects.filter(pk=version.pk).exists()


def test_the_houses_own_version_is_nobodys_to_take_back(town: Town) -> None:
    path = f"/desk/pledges/{PledgeVersion.objects.get().pk}/withdraw/"
    assert who_gets(town, path, post={}) == {404: everybody_but(), 302: {"nobody"}}


def test_who_sets_them_finds_their_estates(town: Town) -> None:
    assert who_gets(town, "/desk/pledges/") == {200: {*SETTERS, "other_street_officer"}, 404: everybody_but(
        *SETTERS, "other_street_officer"
    ), 302: {"nobody"}}  # fmt: skip
    set_more(town)
    said = text("/desk/pledges/", signed_in(town.street_officer))

    assert f"水门家园服务中心（示例） · 家园中心 自{in_days(1):%Y年%-m月%-d日}起" in said
    assert "竹巷宿舍（示例）" in said
    assert "临海花园（示例）" not in said
    assert "竹巷" not in text("/desk/pledges/", signed_in(town.manager))


def test_the_rails_lead_to_the_list(town: Town) -> None:
    for user, path in ((town.manager, "/desk/new/"), (town.street_officer, "/oversight/")):
        assert 'href="/desk/pledges/"' in signed_in(user).get(path).content.decode()
    assert 'href="/desk/pledges/"' not in signed_in(town.lin).get("/desk/new/").content.decode()


# ---------------------------------------------------------------- setting them
def test_every_promise_stands_there_with_what_all_estates_promise(town: Town) -> None:
    page = signed_in(town.manager).get(_desk(town.shuimen)).content.decode()

    assert [page.count(f'name="{urgency}_{clock}"') for urgency, clock in ABOUT] == [1] * len(ABOUT)
    assert page.count("统一标准：") == len(ABOUT)
    assert "统一标准：5 天，最后一天 20:00 前" in page


@pytest.mark.parametrize(
    ("about", "number", "unit", "amount"),
    [
        (TAKEN_UP, 90, "minutes", Amount(Basis.SERVICE, 1.5 * HOUR)),
        ((Urgency.NORMAL, Clock.ARRIVE), 1, "days", Amount(Basis.SERVICE, 12 * HOUR)),
        (REPAIRED, 4, "days", Amount(Basis.SERVICE, days=4)),
        ((Urgency.URGENT, Clock.RESTORE), 36, "hours", Amount(Basis.ALWAYS, 36 * HOUR)),
        ((Urgency.PLANNED, Clock.PLAN), 10, "days", Amount(Basis.WORKING, days=10)),
        ((Urgency.PLANNED, Clock.ACKNOWLEDGE), 6, "hours", Amount(Basis.WORKING, 6 * HOUR)),
    ],
)
def test_a_number_and_its_unit_are_counted_on_the_houses_calendar(
    town: Town, about: tuple[Urgency, Clock], number: int, unit: str, amount: Amount
) -> None:
    name = "_".join(about)
    sent = _sent(**{"normal_acknowledge": "", name: number, f"{name}_unit": unit})
    browser = signed_in(town.manager)
    answer = browser.post(_desk(town.shuimen, "set/"), sent)

    assert (answer.status_code, answer.headers["location"]) == (302, _desk(town.shuimen))
    version = PledgeVersion.objects.get(estate=town.shuimen)
    assert (version.starts_on, version.note, version.made_by) == (in_days(1), "居民议事会商定", town.manager)
    row = version.pledges.get()
    assert (row.mode, row.urgency, row.clock, row.amount) == ("home_centre", *about, amount)
    # Whoever comes back finds it filled in as it was written.
    again = browser.get(_desk(town.shuimen)).content.decode()
    assert re.search(rf'name="{name}" value="{number}"', again)
    assert re.search(rf'(?s)name="{name}_unit".*?value="{unit}" selected', again)


@pytest.mark.parametrize(("number", "unit"), [("8", "hours"), ("9", "hours"), ("1", "days"), ("480", "minutes")])
def test_what_is_not_less_is_refused_with_the_houses_time_and_kept(town: Town, number: str, unit: str) -> None:
    page = _refused(town, normal_acknowledge=number, normal_acknowledge_unit=unit, urgent_restore="30")

    assert page.count("统一标准已经是：8 小时，只算服务时间。请写更短的时间，或者留空。") == 1
    assert page.count("请写更短的时间") == 1
    assert re.search(rf'name="normal_acknowledge" value="{number}"', page)
    assert re.search(r'name="urgent_restore" value="30"', page)
    assert 'value="居民议事会商定"' in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"starts_on": "today"}, "新的承诺最早从明天开始。"),
        ({"starts_on": "下周"}, "请选择日期，最早从明天开始。"),
        ({"starts_on": ""}, "请选择日期，最早从明天开始。"),
        ({"normal_acknowledge": "两"}, "请填写 1 到 999 的整数，或者留空。"),
        ({"normal_acknowledge": "0"}, "请填写 1 到 999 的整数，或者留空。"),
        ({"normal_acknowledge": "9" * 30}, "请填写 1 到 999 的整数，或者留空。"),
        ({"normal_acknowledge": ""}, "还没有比统一标准更短的承诺，请至少填写一项。"),
        ({"mode": "company"}, "小区的管理方式已经变了，请重新看一遍承诺再填写。"),
    ],
)
def test_bad_input_gets_one_plain_sentence_and_changes_nothing(
    town: Town, fields: dict[str, str], sentence: str
) -> None:
    if fields.get("starts_on") == "today":
        fields = {"starts_on": timezone.localdate().isoformat()}

    assert _refused(town, **fields).count(sentence) == 1


def test_a_day_that_has_come_is_marked_where_it_was_chosen(town: Town) -> None:
    page = _refused(town, starts_on=timezone.localdate().isoformat())

    assert re.search(r'(?s)id="id_starts_on_error1">.*?新的承诺最早从明天开始。', page)


def test_two_versions_from_one_day_are_refused_at_the_form(town: Town) -> None:
    set_more(town)
    answer = signed_in(town.manager).post(_desk(town.shuimen, "set/"), _sent())

    assert answer.status_code == 422
    assert answer.content.decode().count("另有承诺") == 1


def test_an_empty_form_goes_back_to_what_all_estates_promise(town: Town) -> None:
    set_more(town)
    sent = _sent(normal_acknowledge="", starts_on=in_days(5).isoformat())
    assert signed_in(town.manager).post(_desk(town.shuimen, "set/"), sent).status_code == 302

    assert pledges("normal", "home_centre", in_days(5), town.shuimen.pk)[Clock.ACKNOWLEDGE].own is False


def test_what_was_is_and_will_be_stands_beside_the_form(town: Town) -> None:
    for days in (1, 2, 9):
        set_more(town, starts_on=in_days(days), note=f"第{days}版")
    with time_machine.travel(noon(in_days(3)), tick=False):
        browser = signed_in(town.manager)
        page, said = browser.get(_desk(town.shuimen)).content.decode(), text(_desk(town.shuimen), browser)
        begun = PledgeVersion.objects.get(note="第2版")
        browser.post(f"/desk/pledges/{begun.pk}/withdraw/")
        after = text(_desk(town.shuimen), browser)

    assert re.findall(r"起 (即将执行|正在执行|已过去) ", said) == ["即将执行", "正在执行", "已过去"]
    assert page.count("/withdraw/") == 1
    assert "第2版" in after
    assert "这些承诺已经生效，新的承诺最早从明天开始。" in after


def test_taking_back_leaves_what_held(town: Town) -> None:
    version, browser = set_more(town), signed_in(town.street_officer)
    answer = browser.post(f"/desk/pledges/{version.pk}/withdraw/", follow=True)

    assert "已撤回，仍按原来的承诺执行。" in answer.content.decode()
    assert not PledgeVersion.objects.filter(estate=town.shuimen).exists()


def test_many_versions_come_a_page_at_a_time(town: Town) -> None:
    for days in range(1, 26):
        set_more(town, starts_on=in_days(days), note=f"第{days}版")
    browser = signed_in(town.manager)
    first = browser.get(_desk(town.shuimen)).context
    second = browser.get(f"{_desk(town.shuimen)}?before={first['older']}").context

    assert [len(each["versions"]) for each in (first, second)] == [20, 5]
    assert (second["versions"][0].note, second["older"]) == ("第5版", "")


def test_the_desks_pages_ask_as_much_for_one_as_for_many(town: Town) -> None:
    street = signed_in(town.street_officer)
    few = [statements(path, street) for path in ("/desk/pledges/", _desk(town.shuimen))]
    for number in range(30):
        Estate.objects.create(community=town.xinmen, name=f"新{number}村")
        set_more(town, starts_on=in_days(1 + number))

    assert [statements(path, street) for path in ("/desk/pledges/", _desk(town.shuimen))] == few


def test_many_estates_come_a_page_at_a_time(town: Town) -> None:
    # Two of one name in two communities, and one alone before them: a page ends between two of a name.
    other = Community.objects.create(street=town.linjiang, name="竹林社区")
    Estate.objects.create(community=other, name="1村")
    for number in range(35):
        for community in (town.xinmen, other):
            Estate.objects.create(community=community, name=f"2-{number:02d}村")
    browser, seen, path = signed_in(town.street_officer), [], "/desk/pledges/"
    for _page in range(2):
        context = browser.get(path).context
        seen += [row.pk for row in context["rows"]]
        path = f"/desk/pledges/?after={context['after']}"

    assert (len(seen), len(set(seen)), path) == (73, 73, "/desk/pledges/?after=")
    assert browser.get("/desk/pledges/?after=x_%F0%9F%98%80").status_code == 200
