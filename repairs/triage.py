"""Which question comes next, and what the answers decide (urgency, whose part, safety card, better type).

The rules are rows of the catalogue. Three sentences hold over them: danger beats everything; only a rule of the type
itself may calm a report down, and only when no other answer keeps it up; a rule of the type speaks before a rule of
the question, and among the type's own the earlier one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Prefetch, Q

from repairs.models.catalogue import Answer, Question, RepairType, SafetyCard, Scope, TriageRule, TypeQuestion
from repairs.workflow import Urgency

# Most severe first.
SEVERITY = {Urgency.DANGER: 0, Urgency.URGENT: 1, Urgency.NORMAL: 2, Urgency.PLANNED: 3}


@dataclass(frozen=True)
class Verdict:
    """What a type and its answers come to. Texts are in the language in use when it was judged."""

    urgency: Urgency
    scope: Scope
    safety_card: SafetyCard | None
    suggested_type: RepairType | None
    # For the dispatcher.
    notes: tuple[str, ...]
    # For the resident.
    advice: tuple[str, ...]

    @property
    def danger(self) -> bool:
        """Whether the safety card comes before the rest of the form."""
        return self.urgency == Urgency.DANGER


def judge(repair_type: RepairType, answers: Mapping[str, str]) -> Verdict:
    """What `answers` (question code → answer code) decide about `repair_type`; at most two queries.

    Answers to questions the type doesn't ask, and codes nobody knows, decide nothing.
    """
    return weigh(repair_type, answers, rules_of(repair_type))


def next_question(repair_type: RepairType, answers: Mapping[str, str]) -> Question | None:
    """The first question without a valid answer, its `answers` loaded in order; None when nothing is left to ask.

    Once danger is certain the rest is skipped: help matters more than the form. Three queries.
    """
    return first_unanswered(repair_type, answers, questions_of(repair_type), rules_of(repair_type))


def questions_of(repair_type: RepairType) -> list[Question]:
    """The questions the type asks, in order, each with its answers in use in `answers.all()`; two queries."""
    rows = (
        TypeQuestion.objects.filter(type=repair_type, active=True, question__active=True, question__own_screen=True)
        .select_related("question")
        .prefetch_related(Prefetch("question__answers", Answer.objects.filter(active=True)))
    )
    return [row.question for row in rows]


def rules_of(repair_type: RepairType) -> list[TriageRule]:
    """Every rule that could fire for the type: its own first, then those of the questions it asks; one query."""
    asked = TypeQuestion.objects.filter(type=repair_type, active=True).values("question")
    rules = (
        TriageRule.objects.filter(Q(type=repair_type) | Q(type=None), question__in=asked)
        .filter(active=True, question__active=True, answer__active=True)
        .select_related("question", "answer", "safety_card", "suggest_type")
    )
    return sorted(rules, key=lambda rule: (rule.type_id is None, rule.position, rule.pk))


def weigh(repair_type: RepairType, answers: Mapping[str, str], rules: Iterable[TriageRule]) -> Verdict:
    """`judge` with the type's rules (as `rules_of` orders them) already at hand."""
    fired = _fired(answers, rules)
    return Verdict(
        urgency=_urgency(Urgency(repair_type.urgency), fired),
        scope=_scope(repair_type, fired),
        safety_card=_card(repair_type, fired),
        suggested_type=_suggestion(repair_type, fired),
        notes=_texts(repair_type.dispatch, fired, "note"),
        advice=_texts(repair_type.advice, fired, "advice"),
    )


def first_unanswered(
    repair_type: RepairType,
    answers: Mapping[str, str],
    questions: Iterable[Question],
    rules: Iterable[TriageRule],
) -> Question | None:
    """`next_question` with the type's questions and rules already at hand."""
    rules = list(rules)
    open_questions = [question for question in questions if not _answered(question, answers)]
    if _danger_is_certain(repair_type, answers, open_questions, rules):
        return None
    return next(iter(open_questions), None)


def _answered(question: Question, answers: Mapping[str, str]) -> bool:
    return answers.get(question.code) in {answer.code for answer in question.answers.all()}


def _fired(answers: Mapping[str, str], rules: Iterable[TriageRule]) -> list[TriageRule]:
    return [rule for rule in rules if answers.get(rule.question.code) == rule.answer.code]


def _danger_is_certain(
    repair_type: RepairType, answers: Mapping[str, str], unanswered: list[Question], rules: list[TriageRule]
) -> bool:
    fired = _fired(answers, rules)
    if any(rule.urgency == Urgency.DANGER for rule in fired):
        return True
    # A dangerous type stays so unless a question still to come may calm it down (a cover that only rocks).
    calming = {rule.question.code for rule in rules if rule.type_id and rule.urgency not in ("", Urgency.DANGER)}
    may_calm = any(question.code in calming for question in unanswered)
    return _urgency(Urgency(repair_type.urgency), fired) == Urgency.DANGER and not may_calm


def _urgency(base: Urgency, fired: list[TriageRule]) -> Urgency:
    # A rule that only confirms the base counts as upward: it keeps a calmer one from lowering it.
    upward = [Urgency(rule.urgency) for rule in fired if rule.urgency and _severity(rule.urgency) <= SEVERITY[base]]
    calming = [Urgency(rule.urgency) for rule in fired if rule.urgency and rule.type_id]
    return min(upward or calming or [base], key=SEVERITY.__getitem__)


def _severity(urgency: str) -> int:
    return SEVERITY[Urgency(urgency)]


def _scope(repair_type: RepairType, fired: list[TriageRule]) -> Scope:
    scopes = [Scope(rule.scope) for rule in fired if rule.scope]
    return scopes[0] if scopes else Scope(repair_type.scope)


def _card(repair_type: RepairType, fired: list[TriageRule]) -> SafetyCard | None:
    cards = [rule.safety_card for rule in fired if rule.safety_card]
    if repair_type.safety_card_id and repair_type.safety_card:
        cards.append(repair_type.safety_card)
    return min((card for card in cards if card.active), key=lambda card: (card.position, card.pk), default=None)


def _suggestion(repair_type: RepairType, fired: list[TriageRule]) -> RepairType | None:
    """The type named by the most severe answer; among equals the type's own rule, then the earlier one."""
    named = [
        rule
        for rule in fired
        if rule.suggest_type and rule.suggest_type.active and rule.suggest_type_id != repair_type.pk
    ]
    # `min` keeps the first of equals; a rule without urgency counts as the calmest.
    best = min(named, key=lambda rule: _severity(rule.urgency or Urgency.PLANNED), default=None)
    return best.suggest_type if best else None


def _texts(of_the_type: str, fired: list[TriageRule], name: str) -> tuple[str, ...]:
    """The type's own text, then one per answer: the type's words for an answer stand in for the question's."""
    by_answer: dict[int, str] = {}
    for rule in fired:
        text: str = getattr(rule, name)
        if text:
            by_answer.setdefault(rule.answer_id, text)
    return tuple(dict.fromkeys(text for text in (of_the_type, *by_answer.values()) if text))
