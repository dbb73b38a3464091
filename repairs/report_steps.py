"""How far a report has come: where → what → the type's questions → (safety card) → words and photos → who.

Every step has its own address and is filled in from the draft, so that Back loses nothing. The safety card comes
before whatever else is still to be asked, and a dangerous report may be sent as soon as its place and type are known.
"""

from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _

from estates.places import Place, find_place
from repairs.models import Question, RepairType, ReportDraft, SafetyCard
from repairs.models.catalogue import TriageRule, TypeQuestion
from repairs.triage import Verdict, first_unanswered, questions_of, rules_of, weigh

STEPS = 4


def codes_of(repair_type: RepairType) -> list[str]:
    """The codes of the questions the type asks on screens of their own, in order; one query."""
    asked = TypeQuestion.objects.filter(type=repair_type, active=True, question__active=True, question__own_screen=True)
    return list(asked.values_list("question__code", flat=True))


class Progress:
    """A draft with what it names, as the register and the catalogue know it today; each part is read once."""

    def __init__(self, draft: ReportDraft) -> None:
        self.draft = draft

    @cached_property
    def place(self) -> Place | None:
        """Where; `None` when not chosen yet or gone from the register."""
        return find_place(self.draft.place) if self.draft.place else None

    @property
    def repair_type(self) -> RepairType | None:
        """What; `None` when not chosen yet or no longer in use."""
        chosen = self.draft.repair_type
        return chosen if chosen is not None and chosen.active else None

    @cached_property
    def questions(self) -> list[Question]:
        """What the type asks, in order."""
        return questions_of(self.repair_type) if self.repair_type else []

    @cached_property
    def rules(self) -> list[TriageRule]:
        """What the answers may decide."""
        return rules_of(self.repair_type) if self.repair_type else []

    @property
    def verdict(self) -> Verdict | None:
        """What type and answers come to so far."""
        return weigh(self.repair_type, self.draft.answers, self.rules) if self.repair_type else None

    @property
    def danger(self) -> bool:
        """Whether nothing missing may hold this report up."""
        verdict = self.verdict
        return verdict is not None and verdict.danger

    @property
    def card(self) -> SafetyCard | None:
        """The safety card that fits, danger or not."""
        verdict = self.verdict
        return verdict.safety_card if verdict else None

    @property
    def next_question(self) -> Question | None:
        """The next thing to ask about the type."""
        if self.repair_type is None:
            return None
        return first_unanswered(self.repair_type, self.draft.answers, self.questions, self.rules)

    def question(self, code: str) -> Question | None:
        """The question of that code, if the type asks it."""
        return next((question for question in self.questions if question.code == code), None)

    @cached_property
    def codes(self) -> list[str]:
        """The codes of the type's questions, in order; without reading what can be answered."""
        if self.repair_type is None or "questions" in self.__dict__:
            return [question.code for question in self.questions]
        return codes_of(self.repair_type)

    def code_before(self, code: str) -> str:
        """The question asked before it, "" before the first; the last one when `code` is none of the type's."""
        position = self.codes.index(code) if code in self.codes else len(self.codes)
        return self.codes[position - 1] if position else ""

    def advice_before(self, code: str) -> list[str]:
        """What the resident should hear on the screen of question `code`: advice on the answer just given.

        On the first question it is the type's own advice, and after the last one (`code` "") the last answer's.
        """
        if self.repair_type is None:
            return []
        before = self.code_before(code)
        said = weigh(self.repair_type, self.draft.answers, self.rules).advice
        if not before:
            return [self.repair_type.advice] if self.repair_type.advice else []
        without = {key: value for key, value in self.draft.answers.items() if key != before}
        return [advice for advice in said if advice not in weigh(self.repair_type, without, self.rules).advice]

    def answers_for(self, repair_type: RepairType) -> dict[str, str]:
        """The answers that still apply if the type is changed to `repair_type`."""
        asked = codes_of(repair_type) if self.draft.answers else []
        return {code: answer for code, answer in self.draft.answers.items() if code in asked}

    def next_address(self) -> str:
        """Where the reporter goes from here."""
        # In danger at once; otherwise the card waits for the place, because it names the organisation to call.
        if self.card is not None and not self.draft.danger_seen and (self.danger or self.place is not None):
            return reverse("repairs:report_danger")
        if self.place is None:
            return reverse("repairs:report_where")
        if self.repair_type is None:
            return reverse("repairs:report_what")
        question = self.next_question
        if question is not None:
            return reverse("repairs:report_question", args=[question.code])
        return reverse("repairs:report_who" if self.draft.words_done else "repairs:report_words")

    def may_be_sent(self) -> bool:
        """Whether nothing is missing but the person; danger needs only place and type.

        Place and type themselves are looked at under the lock that files the report.
        """
        return self.draft.words_done or self.danger

    def address_before_words(self) -> str:
        """Back from the words: to the last question, or to the type."""
        last = self.code_before("")
        if last:
            return reverse("repairs:report_question", args=[last])
        return self.address_of_type()

    def address_of_type(self) -> str:
        """The list in which the type stands."""
        chosen = self.repair_type
        address = reverse("repairs:report_what")
        return f"{address}?category={chosen.category.code}" if chosen else address

    def what_is_gone(self) -> str:
        """A sentence when an old draft names a place or a type that is no longer there."""
        if self.draft.place and self.place is None:
            return _("The place you had chosen is no longer in the list. Please choose it again.")
        if self.draft.repair_type_id and self.repair_type is None:
            return _("What you had chosen is no longer in the list. Please choose again what is broken.")
        return ""
