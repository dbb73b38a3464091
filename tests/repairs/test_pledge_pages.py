"""本小区服务承诺 on the screen: what everybody reads of an estate, and the ways to it."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from estates.models import Estate, Management
from repairs import pledge_words
from repairs.clocks import Amount, Basis
from repairs.ladder import PERCENT, percents
from repairs.models import Pledge, PledgeVersion
from repairs.pledge_versions import ABOUT, Rules
from repairs.pledges import forget, pledges
from repairs.workflow import Clock
from tests.clients import PEOPLE, signed_in, who_gets
from tests.repairs.pledging import HOUR, REPAIRED, TAKEN_UP, TWO_HOURS, in_days, noon, set_more, statements, text
from tests.town import Town

ONE_DAY = Amount(Basis.SERVICE, days=1)


def _path(estate: Estate) -> str:
    return reverse("repairs:estate_promises", args=[estate.pk])


# ---------------------------------------------------------------- everybody reads it
def test_everybody_reads_what_an_estate_promises(town: Town) -> None:
    assert who_gets(town, _path(town.shuimen)) == {200: set(PEOPLE)}
    assert who_gets(town, "/estates/999999/promises/") == {404: set(PEOPLE)}


def test_it_names_who_is_on_duty_and_every_time_of_that_way_of_managing(town: Town) -> None:
    said = text(_path(town.shuimen))

    assert "水门家园服务中心（示例） 家园中心 0595-2228 0119" in said
    for line in (
        "危急 可能伤到人：闻到燃气味、打火或电线垂落、电梯困人、瓷砖坠落。",
        "受理 5 分钟 师傅到场 30 分钟 排除险情 2 小时 修好 24 小时 日夜都计时",
        "受理 30 分钟 师傅到场 2 小时 排除险情 4 小时 修好 48 小时 日夜都计时",
        "受理 8 小时 只算服务时间 师傅到场 2 天 到期日的同一钟点前 修好 5 天 最后一天 20:00 前 只在服务时间计时",
        "受理 2 个工作日 最后一天 20:00 前 上门查勘 5 个工作日 最后一天 20:00 前 公布维修计划 20 个工作日",
        "调休上班的日子算",
        "本承诺自2020年1月1日起执行。",
    ):
        assert line in said
    assert "本小区更快" not in said


def test_where_nobody_manages_it_says_so_and_promises_the_fallbacks(town: Town) -> None:
    said = text(_path(town.zhuxiang))

    assert "新门社区居委会（示例）" in said
    assert "本小区目前没有委托管理单位" in said
    assert "公布维修计划 30 个工作日" in said
    assert "目前没有委托管理单位" not in text(_path(town.shuimen))


def test_it_is_a_pledge_and_never_a_law(town: Town) -> None:
    for estate in (town.shuimen, town.zhuxiang, town.garden):
        assert "承诺" in text(_path(estate))
        assert "法定时限" not in text(_path(estate))
        assert "legal" not in text(_path(estate), _english())


def _english() -> Client:
    return Client(headers={"accept-language": "en"})


def test_it_says_when_a_clock_may_stand_still_and_who_hears_of_what_is_late(town: Town) -> None:
    said = text(_path(town.shuimen))

    assert "家里没人 等业主同意或出钱 等水、电、气公司 等配件 天气预警 居民要求 每次最多 7 天" in said
    assert "一报上来就通知 单位负责人、社区、街道办 一超时 区里" in said
    assert "一超时 社区 达到承诺时间的 1.5 倍 街道办 达到承诺时间的 2 倍 区里" in said
    assert "一超时 社区 达到承诺时间的 2 倍 街道办 达到承诺时间的 3 倍 区里" in said


def test_every_percent_of_the_ladder_has_words_of_its_own() -> None:
    used = {at for urgency in PERCENT for clock in Clock for at in percents(urgency, clock).values()}
    with translation.override("en"):
        assert [at for at in used if "%" in pledge_words.when_words(at)] == []
        assert pledge_words.when_words(170) == "At 170 % of the time"


@pytest.mark.parametrize(
    ("amount", "chinese", "english"),
    [
        (Amount(Basis.ALWAYS, HOUR / 2), "30 分钟", "30 minutes"),
        (Amount(Basis.ALWAYS, HOUR), "1 小时", "1 hour"),
        (Amount(Basis.ALWAYS, 36 * HOUR), "36 小时", "36 hours"),
        (Amount(Basis.ALWAYS, 1.5 * HOUR), "90 分钟", "90 minutes"),
        (Amount(Basis.ALWAYS, days=2), "2 天，最后一天 24:00 前", "2 days, by midnight of the last day"),
        (Amount(Basis.SERVICE, 4 * HOUR), "4 小时，只算服务时间", "4 hours, within service hours"),
        (Amount(Basis.SERVICE, 12 * HOUR), "1 天，到期日的同一钟点前", "1 day, by the same time of day"),
        (Amount(Basis.SERVICE, days=5), "5 天，最后一天 20:00 前", "5 days, by 20:00 on the last day"),
        (Amount(Basis.WORKING, days=1), "1 个工作日，最后一天 20:00 前", "1 working day, by 20:00 on the last day"),
        (Amount(Basis.WORKING, 24 * HOUR), "2 个工作日，到期日的同一钟点前", "2 working days, by the same time of day"),
    ],
)
def test_an_amount_is_said_as_it_is_counted(amount: Amount, chinese: str, english: str) -> None:
    assert pledge_words.said(amount) == chinese
    with translation.override("en"):
        assert pledge_words.said(amount) == english


# ---------------------------------------------------------------- what is faster here, and from when on
def test_what_is_stricter_is_marked_by_word_and_icon_with_the_usual_time(town: Town) -> None:
    set_more(town, note="试行半年")
    with time_machine.travel(noon(in_days(1)), tick=False):
        page = Client().get(_path(town.shuimen)).content.decode()
        said = text(_path(town.shuimen))

    assert "受理 2 小时 只算服务时间 本小区更快 统一标准：8 小时，只算服务时间" in said
    assert said.count("本小区更快") == 2  # the promise, and what the mark means
    assert page.count('<span class="pill jade"><svg') == 2
    assert f"本承诺自{in_days(1):%Y年%-m月%-d日}起执行。 试行半年" in said


def test_a_version_to_come_is_said_before_it_begins(town: Town) -> None:
    set_more(town, {TAKEN_UP: TWO_HOURS, REPAIRED: ONE_DAY}, starts_on=in_days(3))
    set_more(town, {REPAIRED: ONE_DAY}, starts_on=in_days(9))
    said = text(_path(town.shuimen))

    assert (
        f"自{in_days(3):%Y年%-m月%-d日}起 一般 · 受理：2 小时，只算服务时间（此前为 8 小时，只算服务时间） "
        "一般 · 修好：1 天，最后一天 20:00 前（此前为 5 天，最后一天 20:00 前）"
    ) in said
    assert f"自{in_days(9):%Y年%-m月%-d日}起 一般 · 受理：8 小时，只算服务时间（此前为 2 小时，只算服务时间）" in said
    assert "受理 8 小时 只算服务时间 师傅到场" in said


def test_a_version_for_another_way_of_managing_changes_nothing_here(town: Town) -> None:
    before = text(_path(town.shuimen))
    set_more(town, {TAKEN_UP: Amount(Basis.SERVICE, HOUR)}, mode="company")

    assert text(_path(town.shuimen)) == before
    with time_machine.travel(noon(in_days(1)), tick=False):
        assert text(_path(town.shuimen)) == before


def test_another_manager_brings_other_promises(town: Town) -> None:
    Management.objects.filter(estate=town.shuimen).update(mode="company")

    assert "受理 4 小时 只算服务时间" in text(_path(town.shuimen))


def test_the_page_reads_the_same_promises_as_a_ticket(town: Town) -> None:
    set_more(town, {TAKEN_UP: TWO_HOURS, REPAIRED: ONE_DAY}, starts_on=in_days(2))
    set_more(town, {REPAIRED: ONE_DAY}, starts_on=in_days(5))
    house = PledgeVersion.objects.create(starts_on=in_days(4), made_by=town.admin, made_at=timezone.now())
    given = {"mode": "home_centre", "urgency": "normal", "clock": "acknowledge", "basis": "service"}
    Pledge.objects.create(version=house, time=HOUR, **given)
    forget()

    for mode in ("company", "home_centre", "fallback", "nobody"):
        rules = Rules(town.shuimen, mode)
        for day in (in_days(days) for days in range(7)):
            read = {about: (held.amount, held.own) for about, held in rules.on(day).items()}
            assert read == {
                (urgency, clock): tuple(pledges(urgency, mode, day, town.shuimen.pk)[clock]) for urgency, clock in ABOUT
            }


def test_it_asks_as_much_for_one_version_as_for_many(town: Town) -> None:
    one = statements(_path(town.shuimen))
    for days in range(1, 31):
        set_more(town, {TAKEN_UP: Amount(Basis.SERVICE, (1 + days % 5) * HOUR)}, starts_on=in_days(days))

    # The estate with its street, who is on duty, the versions and their promises.
    assert (one, statements(_path(town.shuimen))) == (4, 4)


# ---------------------------------------------------------------- the ways to it
def test_residents_find_it_at_home_on_their_repair_and_after_sending(town: Town) -> None:
    ticket, browser = town.ticket(), signed_in(town.chen)
    link = f'href="{_path(town.shuimen)}"'
    for path in ("/", f"/tickets/{ticket.pk}/", f"/report/sent/{ticket.pk}/"):
        assert browser.get(path).content.decode().count(link) == 1


def test_the_desk_finds_it_on_the_ticket(town: Town) -> None:
    page = signed_in(town.lin).get(f"/desk/tickets/{town.ticket().pk}/").content.decode()
    assert page.count(f'href="{_path(town.shuimen)}"') == 1


def test_offices_find_it_at_each_estate_of_their_overview(town: Town) -> None:
    page = signed_in(town.street_officer).get("/oversight/").content.decode()
    assert [page.count(f'href="{_path(estate)}"') for estate in (town.shuimen, town.zhuxiang, town.garden)] == [1, 1, 0]
