"""What the answers decide: every triage note of the domain as a row, and no report that ends nowhere."""

from collections.abc import Iterator, Mapping

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from repairs.catalogue.loader import load_catalogue
from repairs.models import Question, RepairType, SafetyCard, Scope, TriageRule
from repairs.triage import SEVERITY, Verdict, first_unanswered, judge, next_question, questions_of, rules_of, weigh
from repairs.workflow import Urgency

pytestmark = pytest.mark.django_db

DANGER, URGENT, NORMAL, PLANNED = Urgency.DANGER, Urgency.URGENT, Urgency.NORMAL, Urgency.PLANNED


@pytest.fixture(autouse=True)
def _catalogue(db: None) -> None:
    load_catalogue()


def _type(code: str) -> RepairType:
    return RepairType.objects.get(code=code)


def _answers(text: str) -> dict[str, str]:
    """ "Q5=cannot_stop Q6=before" as a mapping; every code must exist, so that a slip here can't pass as "nothing"."""
    answers = dict(part.split("=") for part in text.split())
    for question, answer in answers.items():
        assert Question.objects.filter(code=question, answers__code=answer).exists(), (question, answer)
    return answers


def _judge(code: str, answers: str = "") -> Verdict:
    return judge(_type(code), _answers(answers))


# ---------------------------------------------------------------------- urgency, note by note
NOTES = [
    ("WAT-BURST", "Q12=yes", DANGER),
    ("WAT-BURST", "Q12=near", DANGER),
    ("WAT-BURST", "Q25=electrics", DANGER),
    ("WAT-BURST", "Q25=sagging", DANGER),
    ("WAT-BURST", "Q5=cannot_stop Q12=no", URGENT),
    ("WAT-DRIP", "Q5=cannot_stop", URGENT),
    ("WAT-DRIP", "Q5=can_stop", NORMAL),
    ("WAT-QUAL", "Q26=cleared", NORMAL),
    ("WAT-QUAL", "Q26=still", URGENT),
    ("DRN-FLOOR", "Q10=one", NORMAL),
    ("DRN-FLOOR", "Q10=neighbours", URGENT),
    ("DRN-FLOOR", "Q10=ground", URGENT),
    ("DRN-PIPE", "Q25=electrics", URGENT),
    ("DRN-PIPE", "Q25=no", NORMAL),
    ("DRN-SEPT", "Q19=open", DANGER),
    ("DRN-STORM", "Q12=near", DANGER),
    ("DRN-STORM", "Q27=yes", URGENT),
    ("DRN-STORM", "Q12=no Q27=no", NORMAL),
    ("ELE-OUT1", "Q21=yes", URGENT),
    ("ELE-OUT1", "Q21=medical", URGENT),
    ("ELE-OUT1", "Q21=no", NORMAL),
    ("ELE-OUT1", "Q21=unsure", NORMAL),
    ("ELE-OUTN", "Q12=yes", DANGER),
    ("ELE-SPARK", "", DANGER),
    ("ELE-STAIR", "Q28=all", URGENT),
    ("ELE-STAIR", "Q28=one", NORMAL),
    ("GAS-SMELL", "", DANGER),
    ("GAS-FIRE", "", DANGER),
    ("GAS-RISER", "Q13=yes", DANGER),
    ("GAS-RISER", "Q14=about", DANGER),
    ("GAS-RISER", "Q13=never Q14=loose", URGENT),
    ("GAS-HOSE", "Q2=gas", DANGER),
    ("GAS-HOSE", "Q2=no Q13=no", NORMAL),
    ("ROF-ROOF", "Q8=rain Q25=sagging", URGENT),
    ("ROF-ROOF", "Q8=rain Q25=electrics", URGENT),
    ("ROF-ROOF", "Q8=rain Q25=no", NORMAL),
    ("ROF-ROOF", "Q9=yes", PLANNED),
    ("ROF-WALL", "Q9=yes", PLANNED),
    ("ROF-UP", "Q5=can_stop", URGENT),
    ("ROF-UP", "Q5=cannot_stop", URGENT),
    ("ROF-UP", "Q5=stopped", NORMAL),
    ("ROF-BASE", "Q7=sewage", URGENT),
    ("FAC-FALL", "Q14=falling", DANGER),
    ("FAC-FALL", "Q14=loose", URGENT),
    ("FAC-FALL", "Q14=unsure", DANGER),
    ("FAC-LOOSE", "Q14=falling", DANGER),
    ("FAC-CRACK", "Q15=sudden", DANGER),
    ("FAC-CRACK", "Q15=growing", DANGER),
    ("FAC-CRACK", "Q15=jam", DANGER),
    ("FAC-CRACK", "Q15=tilt", DANGER),
    ("FAC-CRACK", "Q15=old", URGENT),
    ("FAC-RAIL", "Q1=yes", DANGER),
    ("FAC-HANG", "Q14=about", DANGER),
    ("FAC-HANG", "Q14=loose", URGENT),
    ("DOR-GATE", "Q16=cannot_leave", URGENT),
    ("DOR-GATE", "Q16=cannot_close", NORMAL),
    ("DOR-WIN", "Q14=about", URGENT),
    ("DOR-WIN", "Q14=no", NORMAL),
    ("DOR-CCTV", "Q18=blocked", URGENT),
    ("DOR-FLAT", "Q16=danger", DANGER),
    ("DOR-FLAT", "Q16=cannot_enter", NORMAL),
    ("LFT-TRAP", "", DANGER),
    ("LFT-STOP", "Q17=trapped", DANGER),
    ("LFT-ABN", "Q17=between", DANGER),
    ("LFT-ABN", "Q17=noise", URGENT),
    ("LFT-COMF", "Q17=intercom", URGENT),
    ("LFT-COMF", "Q17=works", NORMAL),
    ("LFT-ADD", "Q17=works", PLANNED),
    ("FIR-FIRE", "", DANGER),
    ("FIR-EBIKE", "Q18=hot", DANGER),
    ("FIR-EBIKE", "Q18=charging", URGENT),
    ("FIR-ALARM", "Q28=one", NORMAL),
    ("FIR-ALARM", "Q28=several", URGENT),
    ("RDP-COVER", "Q19=open", DANGER),
    ("RDP-COVER", "Q19=rocking", URGENT),
    ("RDP-SINK", "Q19=large", DANGER),
    ("RDP-SINK", "Q19=small", NORMAL),
    ("RDP-SINK", "Q19=small Q15=tilt", DANGER),
    ("RDP-PARK", "Q18=blocked", URGENT),
    ("RDP-CHRG", "Q2=fire", DANGER),
    ("RDP-RAMP", "Q1=earlier", URGENT),
    ("RDP-RAMP", "Q1=no", NORMAL),
    ("ENV-SMELL", "Q2=gas", DANGER),
    ("ENV-SMELL", "Q2=no", NORMAL),
    ("ENV-TREE", "Q27=yes", URGENT),
    ("ENV-TREE", "Q27=no", NORMAL),
    ("PUB-SEAT", "Q14=loose", URGENT),
    ("PUB-SEAT", "Q14=no", NORMAL),
    ("PUB-ACC", "Q21=housebound", URGENT),
    ("PUB-ACC", "Q21=yes", NORMAL),
    ("PUB-OTHER", "Q1=yes", DANGER),
]


@pytest.mark.parametrize(("code", "answers", "urgency"), NOTES, ids=[f"{code} {text}" for code, text, _ in NOTES])
def test_urgency_follows_the_triage_note(code: str, answers: str, urgency: Urgency) -> None:
    assert _judge(code, answers).urgency == urgency


# ---------------------------------------------------------------------- the three sentences
def test_the_most_severe_answer_decides() -> None:
    assert _judge("FAC-RAIL", "Q1=earlier Q14=about Q21=housebound").urgency == DANGER


def test_an_answer_calms_nothing_while_another_keeps_it_up() -> None:
    assert _judge("FAC-FALL", "Q1=yes Q14=loose").urgency == DANGER
    assert _judge("FIR-ALARM", "Q28=one Q18=blocked").urgency == URGENT


def test_an_accident_in_the_past_does_not_calm_a_danger() -> None:
    assert _judge("RDP-COVER", "Q1=earlier").urgency == DANGER


def test_no_rule_without_a_type_lowers_what_a_type_is_by_itself() -> None:
    harmless = [rule for rule in TriageRule.objects.filter(type=None) if rule.urgency in (NORMAL, PLANNED)]
    assert harmless == []


def test_an_answer_to_a_question_the_type_does_not_ask_decides_nothing() -> None:
    assert _judge("PUB-BOX", "Q1=yes Q2=fire Q12=yes") == _judge("PUB-BOX")


def test_unknown_codes_decide_nothing() -> None:
    assert judge(_type("WAT-DRIP"), {"Q5": "perhaps", "Q99": "yes"}) == _judge("WAT-DRIP")


def test_a_rule_out_of_use_decides_nothing() -> None:
    TriageRule.objects.filter(type=None, answer__code="cannot_stop").update(active=False)
    assert _judge("WAT-DRIP", "Q5=cannot_stop").urgency == NORMAL


# ---------------------------------------------------------------------- whose part
@pytest.mark.parametrize(
    ("code", "answers", "scope"),
    [
        ("WAT-BURST", "", Scope.UNKNOWN),
        ("WAT-BURST", "Q6=before", Scope.UTILITY),
        ("WAT-BURST", "Q6=riser", Scope.ENTRANCE),
        ("WAT-BURST", "Q6=after", Scope.PRIVATE),
        ("WAT-BURST", "Q6=before Q3=stair", Scope.UTILITY),
        ("WAT-NONE", "Q4=flat Q6=before", Scope.UTILITY),
        ("WAT-NONE", "Q4=building", Scope.BUILDING),
        ("WAT-NONE", "Q4=estate", Scope.UTILITY),
        ("DRN-PIPE", "Q3=home", Scope.PRIVATE),
        ("DRN-PIPE", "Q3=stair", Scope.ENTRANCE),
        ("ELE-OUT1", "Q11=not_tripped", Scope.UTILITY),
        ("ENV-TERM", "Q3=stair", Scope.BUILDING),
        ("PUB-OTHER", "Q3=road", Scope.MUNICIPAL),
        ("PUB-OTHER", "Q3=unsure", Scope.UNKNOWN),
    ],
)
def test_the_answers_say_whose_part_it_is(code: str, answers: str, scope: Scope) -> None:
    assert _judge(code, answers).scope == scope


# ---------------------------------------------------------------------- a better type
@pytest.mark.parametrize(
    ("code", "answers", "suggested"),
    [
        ("DRN-FLOOR", "Q10=neighbours", "DRN-STACK"),
        ("DRN-FLOOR", "Q10=outside", "DRN-SEPT"),
        ("DRN-STACK", "Q10=one", "DRN-FLOOR"),
        ("ELE-OUT1", "Q11=neighbours", "ELE-OUTN"),
        ("ELE-OUTN", "Q11=tripped", "ELE-OUT1"),
        ("ROF-ROOF", "Q8=upstairs", "ROF-UP"),
        ("ROF-UP", "Q8=rain", "ROF-ROOF"),
        ("FAC-FALL", "Q14=loose", "FAC-LOOSE"),
        ("FAC-LOOSE", "Q14=falling", "FAC-FALL"),
        ("RDP-PARK", "Q18=blocked", "FIR-BLOCK"),
        ("RDP-CHRG", "Q2=fire", "FIR-FIRE"),
        ("ENV-SMELL", "Q2=gas", "GAS-SMELL"),
        ("PUB-OTHER", "Q2=sparks", "ELE-SPARK"),
        ("LFT-STOP", "Q17=trapped", "LFT-TRAP"),
        ("LFT-ABN", "Q17=between", None),
        ("WAT-DRIP", "Q5=cannot_stop", None),
    ],
)
def test_a_better_type_is_suggested(code: str, answers: str, suggested: str | None) -> None:
    better = _judge(code, answers).suggested_type
    assert (better.code if better else None) == suggested


# ---------------------------------------------------------------------- safety cards
@pytest.mark.parametrize(
    ("code", "answers", "card"),
    [
        ("GAS-SMELL", "", "gas-smell"),
        ("GAS-FIRE", "", "fire"),
        ("FIR-FIRE", "", "fire"),
        ("ELE-SPARK", "", "electric"),
        ("LFT-TRAP", "", "lift"),
        ("FAC-FALL", "", "falling"),
        ("FAC-CRACK", "Q15=growing", "structure"),
        ("WAT-BURST", "", "burst-pipe"),
        ("WAT-BURST", "Q12=yes", "electric"),
        ("DRN-SEPT", "", "sewage"),
        ("DRN-STORM", "Q12=near", "electric"),
        ("RDP-COVER", "", "open-cover"),
        ("RDP-SINK", "Q19=large", "open-cover"),
        ("GAS-SMELL", "Q1=yes", "gas-smell"),
        ("RDP-RAMP", "Q1=yes", "people"),
        ("PUB-OTHER", "Q1=yes", "people"),
        ("PUB-OTHER", "Q1=yes Q2=gas", "gas-smell"),
        ("PUB-OTHER", "Q2=fire", "fire"),
        ("FIR-EBIKE", "Q18=hot", "fire"),
        ("DOR-FLAT", "Q16=danger", "people"),
        ("PUB-OTHER", "Q1=no Q2=no", None),
    ],
)
def test_the_right_safety_card_comes_first(code: str, answers: str, card: str | None) -> None:
    shown = _judge(code, answers).safety_card
    assert (shown.slug if shown else None) == card


# ---------------------------------------------------------------------- words
@pytest.mark.parametrize(
    ("code", "answers", "words"),
    [
        ("WAT-QUAL", "", "don't drink"),
        ("DRN-SEPT", "", "Never lift the cover"),
        ("DRN-STACK", "", "Ask the flats above to stop using water"),
        ("GAS-HOSE", "", "let nobody unqualified repair gas"),
        ("ENV-TERM", "", "do not spray"),
        ("WAT-NONE", "", "24 hours ahead"),
        ("GAS-NONE", "", "48 hours ahead"),
        ("ELE-YARD", "", "number"),
        ("LFT-TRAP", "", "Don't force the doors"),
        ("FAC-FALL", "", "no parking below"),
        ("ELE-OUT1", "Q11=tripped", "If it trips again, leave it off"),
    ],
)
def test_the_resident_is_told_what_helps(code: str, answers: str, words: str) -> None:
    with translation.override("en"):
        assert [text for text in _judge(code, answers).advice if words in text] != []


@pytest.mark.parametrize(
    ("code", "answers", "words"),
    [
        ("GAS-HOSE", "", "Our staff never repair gas equipment"),
        ("LFT-TRAP", "", "within 30 minutes"),
        ("ROF-UP", "", "Both flats have to be entered"),
        ("FAC-LOOSE", "", "before a typhoon"),
        ("PUB-OTHER", "", "Call back within the time to acknowledge"),
        ("RDP-PARK", "Q18=blocked", "blocked fire lane"),
        ("ELE-STAIR", "Q20=yes", "under warranty"),
    ],
)
def test_the_dispatcher_is_told_what_to_mind(code: str, answers: str, words: str) -> None:
    with translation.override("en"):
        assert [text for text in _judge(code, answers).notes if words in text] != []


def test_the_words_of_a_type_stand_in_for_those_of_the_question() -> None:
    with translation.override("en"):
        notes = _judge("RDP-RAMP", "Q1=earlier").notes
    assert notes == ("Someone has already fallen: treat as urgent, mark the place first.",)


# ---------------------------------------------------------------------- the order of questions
def test_questions_come_one_after_the_other_until_none_is_left() -> None:
    burst, asked = _type("WAT-BURST"), []
    answers: dict[str, str] = {}
    while question := next_question(burst, answers):
        asked.append(question.code)
        answers[question.code] = "unsure"
    assert asked == ["Q5", "Q12", "Q25", "Q6", "Q3"]


def test_once_danger_is_certain_nothing_more_is_asked() -> None:
    assert next_question(_type("WAT-BURST"), {"Q12": "yes"}) is None
    assert next_question(_type("GAS-SMELL"), {}) is None


def test_a_dangerous_type_still_asks_what_could_calm_it() -> None:
    falling = _type("FAC-FALL")
    assert [getattr(next_question(falling, answers), "code", None) for answers in ({}, {"Q1": "no"})] == ["Q1", "Q14"]
    assert next_question(falling, {"Q1": "yes"}) is None


def test_an_answer_that_no_longer_exists_is_asked_again() -> None:
    question = next_question(_type("WAT-DRIP"), {"Q6": "cellar"})
    assert question is not None
    assert question.code == "Q6"


def _walk(
    repair_type: RepairType, questions: list[Question], rules: list[TriageRule], answers: dict[str, str]
) -> Iterator[Mapping[str, str]]:
    """Every way to answer the type's questions, as a person would go through them."""
    question = first_unanswered(repair_type, answers, questions, rules)
    if question is None:
        yield answers
        return
    for answer in question.answers.all():
        yield from _walk(repair_type, questions, rules, {**answers, question.code: answer.code})


CATEGORIES = ["WAT", "DRN", "ELE", "GAS", "ROF", "FAC", "DOR", "LFT", "FIR", "RDP", "ENV", "PUB"]


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_way_through_the_questions_ends_with_a_verdict(category: str) -> None:
    ends = 0
    for repair_type in RepairType.objects.filter(category__code=category).select_related("safety_card"):
        questions, rules = questions_of(repair_type), rules_of(repair_type)
        for answers in _walk(repair_type, questions, rules, {}):
            verdict = weigh(repair_type, answers, rules)
            ends += 1
            assert verdict.danger or set(answers) == {question.code for question in questions}
            assert not verdict.danger or verdict.safety_card is not None
    assert ends >= 5


def test_every_answer_that_raises_the_urgency_can_be_given() -> None:
    """A rule behind a question that is never reached would be a promise nobody keeps."""
    lost = []
    for repair_type in RepairType.objects.exclude(urgency=DANGER).select_related("safety_card"):
        questions, rules = questions_of(repair_type), rules_of(repair_type)
        given = {pair for answers in _walk(repair_type, questions, rules, {}) for pair in answers.items()}
        lost += [
            (repair_type.code, rule.question.code, rule.answer.code)
            for rule in rules
            if rule.urgency and (rule.question.code, rule.answer.code) not in given
        ]
    assert lost == []


def test_the_more_severe_has_the_lower_number() -> None:
    assert sorted(Urgency, key=SEVERITY.__getitem__) == [DANGER, URGENT, NORMAL, PLANNED]


# ---------------------------------------------------------------------- cost
@pytest.mark.parametrize("code", ["WAT-BURST", "PUB-OTHER", "GAS-SMELL"])
def test_a_verdict_costs_two_queries_at_most(code: str) -> None:
    repair_type = RepairType.objects.get(code=code)
    with CaptureQueriesContext(connection) as queries:
        judge(repair_type, {"Q1": "yes", "Q2": "gas", "Q12": "yes"})
    assert len(queries) <= 2


def test_the_next_question_costs_three_queries_with_its_answers() -> None:
    repair_type = RepairType.objects.get(code="WAT-BURST")
    with CaptureQueriesContext(connection) as queries:
        question = next_question(repair_type, {})
        assert question is not None
        assert [answer.code for answer in question.answers.all()] == ["cannot_stop", "can_stop", "stopped", "unsure"]
    assert len(queries) == 3


def test_every_card_can_come_up() -> None:
    """A card that no type and no rule shows would only be found on the list."""
    by_type = set(RepairType.objects.exclude(safety_card=None).values_list("safety_card", flat=True))
    by_rule = set(TriageRule.objects.exclude(safety_card=None).values_list("safety_card", flat=True))
    assert set(SafetyCard.objects.values_list("pk", flat=True)) - by_type - by_rule == set()
