"""The catalogue is whole, speaks both languages, loads again without harm and keeps an administrator's words."""

import dataclasses
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import models
from django.utils import timezone, translation
from lucide.templatetags.lucide import lucide

from accounts.models import User
from repairs.catalogue.files import HERE, CatalogueFiles, CatalogueMistake, project_files, read
from repairs.catalogue.loader import NATURAL_KEYS, LoadResult, load_catalogue
from repairs.models import (
    CatalogueVersion,
    Category,
    Question,
    RepairType,
    SafetyCard,
    TriageRule,
    TypeQuestion,
)
from repairs.parties import HOTLINES, Party

pytestmark = pytest.mark.django_db

# What the domain asks for: code, names, scope, urgency by itself, questions its triage note refers to.
EXPECTED = """
WAT-BURST|水管爆裂/大量喷水|Burst pipe / gushing|unknown|urgent|Q5 Q6 Q3 Q12
WAT-NONE|停水/整梯没水|No water|unknown|urgent|Q4 Q6
WAT-DRIP|阀门/接头/水表处滴漏|Dripping valve, joint or meter|unknown|normal|Q6 Q5
WAT-PRES|水压小|Low pressure|unknown|normal|Q4 Q6
WAT-QUAL|水质发黄/异味/水箱脏|Discoloured water / dirty roof tank|unknown|urgent|Q7 Q4
DRN-FLOOR|户内地漏/马桶/水槽堵|Blocked drain inside the flat|private|normal|Q10
DRN-STACK|立管堵塞/返水（一楼冒污水）|Blocked stack / backflow at ground floor|entrance|urgent|Q10 Q4 Q7
DRN-PIPE|排水管漏水/破裂|Leaking or cracked drain pipe|unknown|normal|Q3 Q8 Q4
DRN-SEPT|化粪池满溢/污水外溢|Septic tank / sewer overflow|estate|urgent|Q4 Q19 Q20
DRN-STORM|雨水沟/井堵塞、小区积水|Storm drain blocked / ponding|estate|normal|Q4 Q12
ELE-OUT1|户内停电/跳闸|Power lost in one flat|private|normal|Q11
ELE-OUTN|整梯/整栋停电|Power lost in an entrance or building|unknown|urgent|Q11 Q4 Q12
ELE-SPARK|打火/冒烟/漏电/电线垂落|Sparking, smoke, shock, fallen wire|unknown|danger|Q1 Q2 Q12
ELE-STAIR|楼道灯不亮|Stairwell light out|entrance|normal|Q4 Q20 Q21
ELE-YARD|小区路灯/公共照明|Estate road light|estate|normal|Q4 Q20
GAS-SMELL|闻到燃气味|Smell of gas|utility|danger|Q1 Q2 Q13
GAS-FIRE|燃气着火/爆燃|Gas fire or flash|utility|danger|Q1
GAS-RISER|楼道燃气立管/表锈蚀松动|Rusty or loose gas riser/meter|utility|urgent|Q2 Q13 Q14
GAS-HOSE|灶前软管/灶具/热水器|Hose, stove or heater in the flat|private|normal|Q2 Q13
GAS-NONE|停气/气压小|No gas / low pressure|utility|normal|Q4
ROF-ROOF|屋面（顶楼）漏水|Roof leak (top floor)|entrance|normal|Q8 Q9 Q20
ROF-WALL|外墙/窗边渗水|Seepage through wall or window edge|building|normal|Q8 Q9
ROF-UP|楼上漏到楼下|Leak from the flat above|private|normal|Q8 Q5 Q22
ROF-GUT|天沟/落水管堵或破|Gutter or downpipe blocked/broken|building|normal|Q8 Q20
ROF-BASE|一楼/架空层/地下返潮积水|Damp or water at ground or under-croft|unknown|planned|Q9 Q7 Q20
FAC-FALL|外墙瓷砖/抹灰正在掉落|Tiles or render falling now|building|danger|Q1 Q14
FAC-LOOSE|空鼓/松动/开裂（未掉）|Hollow or cracked finish|building|urgent|Q14 Q20
FAC-CRACK|墙体/梁/楼板裂缝、倾斜|Structural crack or tilt|building|urgent|Q15
FAC-RAIL|楼梯扶手/踏步/栏杆/女儿墙|Stair, handrail, parapet|entrance|urgent|Q1 Q14 Q21
FAC-HANG|空调架/花盆/防盗网/雨棚/广告牌松动|Loose AC bracket, grille, canopy, sign|private|urgent|Q14
DOR-GATE|单元门（梯门）损坏/关不上|Entrance door broken|entrance|normal|Q16 Q4
DOR-ICOM|对讲/门禁/刷卡故障|Intercom or access control|entrance|normal|Q16 Q20
DOR-WIN|楼道窗/公共门窗破损|Common window broken|entrance|normal|Q14
DOR-CCTV|监控/围墙/大门道闸|CCTV, wall, main gate, barrier|estate|normal|Q4 Q20
DOR-FLAT|入户门/锁/户内门窗|Flat door or lock|private|normal|Q16
LFT-TRAP|电梯困人|People trapped in lift|building|danger|Q1 Q17
LFT-STOP|电梯停运|Lift out of service|building|urgent|Q17 Q21
LFT-ABN|异响/抖动/不平层/门故障|Noise, judder, misleveling, door fault|building|urgent|Q17
LFT-COMF|照明/风扇/按键/对讲|Light, fan, button, intercom|building|normal|Q17
LFT-ADD|加装电梯相关问题|Retro-fitted lift: use, noise, cost|entrance|planned|Q17 Q20
FIR-FIRE|起火/冒烟|Fire or smoke|unknown|danger|Q1 Q2
FIR-BLOCK|消防通道/楼道堵塞、占用|Fire lane or stair blocked|estate|urgent|Q18
FIR-EBIKE|电动车楼道停放/飞线充电|E-bike indoors / dangling charging cable|entrance|urgent|Q18
FIR-EQUIP|灭火器/消火栓/水带缺损|Extinguisher or hydrant missing/broken|building|urgent|Q18 Q20
FIR-ALARM|报警/应急灯/疏散指示|Alarm, emergency light, exit sign|building|urgent|Q18
RDP-COVER|井盖缺失/破损|Manhole cover missing/broken|unknown|danger|Q1 Q19
RDP-SINK|路面塌陷/坑洞/地面沉降|Subsidence or pothole|estate|normal|Q19 Q15
RDP-PARK|停车位/地锁/道闸/违停|Parking, ground lock, barrier, blocking car|estate|normal|Q18
RDP-CHRG|充电桩/电动车棚故障|Charging post or bike shed fault|estate|normal|Q2 Q12
RDP-RAMP|坡道/台阶/破损铺装（绊倒）|Ramp, step or paving trip hazard|estate|normal|Q1 Q21
ENV-WASTE|垃圾/建筑垃圾/大件堆放|Waste, rubble, bulky items|estate|normal|Q4 Q18
ENV-SMELL|异味/油烟/噪声|Smell, fumes, noise|unknown|normal|Q2
ENV-TREE|树木倾倒/枯枝/遮挡采光|Fallen or dangerous tree, shading|estate|normal|Q1 Q14
ENV-TERM|白蚁|Termites|unknown|normal|Q3 Q20
ENV-PEST|鼠/蟑螂/蚊虫孳生|Rats, cockroaches, mosquitoes|estate|normal|Q4
PUB-DRY|公共晾衣架/晾晒杆|Drying rack|estate|normal|Q14 Q20
PUB-SEAT|座椅/健身器材/儿童设施|Bench, fitness or play equipment|estate|normal|Q1 Q14
PUB-ACC|无障碍坡道/扶手/低位设施|Accessible ramp, handrail|estate|normal|Q21
PUB-BOX|信报箱/快递柜/宣传栏/垃圾分类亭|Letter box, parcel locker, board, sorting kiosk|estate|normal|Q20
PUB-OTHER|其他（说不清）|Other / not sure|unknown|normal|Q1 Q2 Q3
"""
CARDS = [
    "gas-smell", "fire", "electric", "lift", "falling", "structure", "people", "burst-pipe", "sewage", "open-cover"
]  # fmt: skip
# The appointment, the person and the photos have steps of their own.
STEPS_OF_THEIR_OWN = {"Q22", "Q23", "Q24"}
ROWS = list(NATURAL_KEYS)
NOW = project_files().version


@pytest.fixture
def _catalogue(db: None) -> None:
    load_catalogue()


@pytest.fixture
def _nothing_loaded(db: None) -> None:
    """The whole test run starts with a catalogue; these tests want to see it arrive."""
    CatalogueVersion.objects.all().delete()
    for model in reversed(ROWS):
        model._default_manager.all().delete()


@pytest.fixture
def administrator(db: None) -> User:
    return User.objects.create_superuser(username="admin", password="Shuimen-2611-brick", display_name="管理员")


def _changed(**changes: Any) -> CatalogueFiles:
    return dataclasses.replace(project_files(), version=NOW + 1, checksum="changed", **changes)


def _renamed() -> CatalogueFiles:
    """The project's files, with another name for the burst pipe."""
    files = project_files()
    types = {**files.types, ("WAT-BURST",): {**files.types["WAT-BURST",], "name_zh": "爆管"}}
    return _changed(types=types)


def _expected() -> list[list[str]]:
    return [line.split("|") for line in EXPECTED.strip().splitlines()]


# ---------------------------------------------------------------------- whole and bilingual
@pytest.mark.usefixtures("_catalogue")
def test_every_type_of_the_domain_is_there_as_it_was_written() -> None:
    found = [
        [row.code, row.name_zh, row.name_en, row.scope, row.urgency] for row in RepairType.objects.filter(active=True)
    ]
    assert found == [row[:5] for row in _expected()]


@pytest.mark.usefixtures("_catalogue")
def test_every_category_has_five_types() -> None:
    found = {category.code: len(category.repair_types.all()) for category in Category.objects.for_tiles()}
    assert found == {row[0].partition("-")[0]: 5 for row in _expected()}


@pytest.mark.usefixtures("_catalogue")
@pytest.mark.parametrize("row", _expected(), ids=lambda row: row[0])
def test_a_type_asks_what_its_triage_note_refers_to(row: list[str]) -> None:
    asked = set(TypeQuestion.objects.filter(type__code=row[0]).values_list("question__code", flat=True))
    assert set(row[5].split()) - STEPS_OF_THEIR_OWN - asked == set()
    # Beside the shared bank only what a note needs and no other question decides.
    assert asked - set(row[5].split()) <= {"Q18", "Q21", "Q25", "Q26", "Q27", "Q28"}


@pytest.mark.usefixtures("_catalogue")
def test_the_question_bank_is_whole_and_every_screen_offers_not_sure() -> None:
    codes = set(Question.objects.values_list("code", flat=True))
    screens = Question.objects.filter(own_screen=True)
    without = screens.exclude(answers__code="unsure", answers__active=True)
    assert {f"Q{number}" for number in range(1, 25)} - codes == set()
    assert list(without) == []
    assert set(Question.objects.filter(own_screen=False).values_list("code", flat=True)) == STEPS_OF_THEIR_OWN


@pytest.mark.usefixtures("_catalogue")
def test_not_sure_is_always_the_last_answer() -> None:
    last = {
        question.code: question.answers.all()[len(question.answers.all()) - 1].code
        for question in Question.objects.filter(own_screen=True).prefetch_related("answers")
    }
    assert {code for code, answer in last.items() if answer != "unsure"} == set()


@pytest.mark.usefixtures("_catalogue")
@pytest.mark.parametrize("model", ROWS)
def test_every_text_is_there_in_chinese_and_in_english(model: type[models.Model]) -> None:
    names = [field.name[:-3] for field in model._meta.get_fields() if field.name.endswith("_zh")]
    missing = [
        (row, name)
        for row in model._default_manager.all()
        for name in names
        if bool(getattr(row, f"{name}_zh")) != bool(getattr(row, f"{name}_en"))
    ]
    mixed = [
        (row, name)
        for row in model._default_manager.all()
        for name in names
        if re.search(r"[\u4e00-\u9fff]", str(getattr(row, f"{name}_en")))
        or (getattr(row, f"{name}_zh") and not re.search(r"[\u4e00-\u9fff]", str(getattr(row, f"{name}_zh"))))
    ]
    assert (missing, mixed) == ([], [])


@pytest.mark.usefixtures("_catalogue")
@pytest.mark.parametrize("model", ROWS)
def test_chinese_texts_use_full_width_punctuation(model: type[models.Model]) -> None:
    names = [field.name for field in model._meta.get_fields() if field.name.endswith("_zh")]
    texts = [str(getattr(row, name)) for row in model._default_manager.all() for name in names]
    beside_chinese = re.compile(r"[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]")
    assert [text for text in texts if not text.startswith("[") and beside_chinese.search(text)] == []


@pytest.mark.usefixtures("_catalogue")
def test_every_type_says_who_goes_first_and_who_pays_in_plain_words() -> None:
    assert list(RepairType.objects.filter(note_zh="")) == []
    known = set(Party.values)
    assert [row for row in RepairType.objects.all() if not {*row.first_responders, *row.payers} <= known] == []


@pytest.mark.usefixtures("_catalogue")
def test_a_text_is_read_in_the_language_in_use() -> None:
    burst = RepairType.objects.get(code="WAT-BURST")
    with translation.override("en"):
        assert burst.name == "Burst pipe / gushing"
    with translation.override("zh-hans"):
        assert burst.name == "水管爆裂/大量喷水"


@pytest.mark.usefixtures("_catalogue")
def test_a_text_an_administrator_left_without_english_is_read_in_chinese() -> None:
    with translation.override("en"):
        assert Category(name_zh="门窗", name_en="").name == "门窗"


@pytest.mark.usefixtures("_catalogue")
@pytest.mark.parametrize("code", [row[0].partition("-")[0] for row in _expected()[::5]])
def test_a_tile_has_a_short_word_and_an_icon_that_exists(code: str) -> None:
    category = Category.objects.get(code=code)
    assert 2 <= len(category.tile_zh) <= 4
    assert lucide(category.icon).startswith("<svg")


@pytest.mark.usefixtures("_catalogue")
def test_every_safety_card_of_the_domain_is_there() -> None:
    assert [card.slug for card in SafetyCard.objects.filter(active=True)] == CARDS
    assert [card for card in SafetyCard.objects.all() if not card.dont_zh] == []
    assert {number for card in SafetyCard.objects.all() for number in card.calls} <= set(HOTLINES)


@pytest.mark.usefixtures("_catalogue")
def test_a_safety_card_says_whose_number_it_is() -> None:
    with translation.override("en"):
        assert SafetyCard.objects.get(slug="electric").hotlines == [
            ("95598", "Power company"),
            ("119", "Fire and rescue"),
            ("120", "Ambulance"),
        ]


@pytest.mark.usefixtures("_catalogue")
def test_a_rule_speaks_of_an_answer_to_its_own_question() -> None:
    assert list(TriageRule.objects.exclude(answer__question=models.F("question"))) == []


# ---------------------------------------------------------------------- loading
@pytest.mark.usefixtures("_nothing_loaded")
def test_the_first_load_brings_everything() -> None:
    result = load_catalogue()
    total = sum(model._default_manager.count() for model in ROWS)
    assert result == LoadResult(project_files().version, added=total)


@pytest.mark.usefixtures("_catalogue")
def test_what_has_been_loaded_is_not_loaded_again() -> None:
    assert load_catalogue() == LoadResult(project_files().version, skipped=True)


@pytest.mark.usefixtures("_catalogue")
def test_loading_the_same_words_under_a_new_version_changes_nothing() -> None:
    total = sum(model._default_manager.count() for model in ROWS)
    assert load_catalogue(_changed()) == LoadResult(NOW + 1, unchanged=total)
    assert CatalogueVersion.objects.count() == 2


@pytest.mark.usefixtures("_catalogue")
def test_a_changed_word_arrives_on_the_same_row() -> None:
    before = RepairType.objects.get(code="WAT-BURST")
    result = load_catalogue(_renamed())
    assert (result.added, result.changed, result.retired) == (0, 1, 0)
    assert RepairType.objects.get(pk=before.pk).name_zh == "爆管"


@pytest.mark.usefixtures("_catalogue")
def test_what_vanished_from_the_files_goes_out_of_use_and_may_come_back() -> None:
    rules = {key: row for key, row in project_files().rules.items() if key != ("FAC-FALL", "Q14", "loose")}
    assert load_catalogue(_changed(rules=rules)).retired == 1
    assert TriageRule.objects.filter(active=False).count() == 1
    assert load_catalogue(dataclasses.replace(project_files(), version=NOW + 2)).changed == 1
    assert TriageRule.objects.filter(active=False).count() == 0


@pytest.mark.usefixtures("_catalogue")
def test_what_an_administrator_edited_is_kept_and_named(administrator: User) -> None:
    RepairType.objects.filter(code="WAT-BURST").update(
        name_zh="大水", edited_at=timezone.now(), edited_by=administrator
    )
    assert load_catalogue(_renamed()).kept == ["RepairType WAT-BURST"]
    assert RepairType.objects.get(code="WAT-BURST").name_zh == "大水"


@pytest.mark.usefixtures("_catalogue")
def test_what_an_administrator_added_stays_in_use(administrator: User) -> None:
    Category.objects.create(code="NEW", name_zh="新", name_en="New", edited_at=timezone.now(), edited_by=administrator)
    assert load_catalogue(_changed()).kept == ["Category NEW"]
    assert Category.objects.get(code="NEW").active


@pytest.mark.usefixtures("_nothing_loaded")
def test_the_command_says_what_it_did() -> None:
    first, second = io.StringIO(), io.StringIO()
    call_command("load_catalogue", stdout=first)
    call_command("load_catalogue", stdout=second)
    assert re.fullmatch(
        rf"Catalogue version {NOW}: \d+ added, 0 changed, 0 unchanged, 0 taken out of use, 0 kept as edited\.\n",
        first.getvalue(),
    )
    assert second.getvalue() == f"Catalogue version {NOW} is already loaded.\n"


@pytest.mark.parametrize(
    ("was", "becomes", "complaint"),
    [
        ('card = "burst-pipe"', 'card = "flood"', "WAT-BURST points to flood, which is not there."),
        ('when = "Q6=before"', 'when = "Q6=perhaps"', "WAT-BURST Q6 perhaps points to Q6 perhaps, which is not there."),
        ('when = "Q6=before"', 'when = "Q7=clear"', "WAT-BURST has a rule for Q7, which it does not ask."),
        ('code = "WAT-NONE"', 'code = "WAT-BURST"', "WAT-BURST is there twice."),
    ],
)
def test_files_that_contradict_themselves_are_refused(tmp_path: Path, was: str, becomes: str, complaint: str) -> None:
    for path in HERE.rglob("*.toml"):
        copy = tmp_path / path.relative_to(HERE)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text("utf-8"), "utf-8")
    water = tmp_path / "types" / "01_wat.toml"
    water.write_text(water.read_text("utf-8").replace(was, becomes, 1), "utf-8")
    with pytest.raises(CatalogueMistake, match=f"^{re.escape(complaint)}$"):
        read(tmp_path)
