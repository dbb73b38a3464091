"""An administrator may change the catalogue; the database refuses what would mislead a resident."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from repairs.catalogue.files import project_files
from repairs.catalogue.loader import load_catalogue
from repairs.models import Answer, Category, Question, RepairType, SafetyCard, TriageRule, TypeQuestion
from repairs.parties import Party, Scope
from repairs.workflow import Urgency

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _catalogue(db: None) -> None:
    load_catalogue()


@pytest.fixture
def administrator() -> User:
    return User.objects.create_superuser(username="admin", password="Shuimen-2611-brick", display_name="管理员")


# ---------------------------------------------------------------------- what the database refuses
def _type(**changes: Any) -> Callable[[], object]:
    return lambda: RepairType.objects.filter(code="WAT-DRIP").update(**changes)


def _card(**changes: Any) -> Callable[[], object]:
    return lambda: SafetyCard.objects.filter(slug="fire").update(**changes)


def _rule(**changes: Any) -> Callable[[], object]:
    return lambda: TriageRule.objects.filter(type__code="WAT-BURST", answer__code="sagging").update(**changes)


def _rule_again() -> object:
    rule = TriageRule.objects.get(type=None, question__code="Q1", answer__code="yes")
    return TriageRule.objects.create(question=rule.question, answer=rule.answer, scope=Scope.ESTATE)


def _suggests_itself() -> None:
    rule = TriageRule.objects.get(type__code="WAT-BURST", answer__code="sagging")
    rule.suggest_type = rule.type
    rule.save()


REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("repairtype_edit_has_its_editor", _type(edited_at=timezone.now())),
    ("repair_type_has_a_known_scope_and_urgency", _type(scope="garden")),
    ("repair_type_has_a_known_scope_and_urgency", _type(urgency="soon")),
    ("repair_type_says_who_goes_first", _type(first_responders=[])),
    ("repair_type_says_who_goes_first", _type(payers=["nobody"])),
    ("repair_type_in_danger_has_a_safety_card", _type(urgency=Urgency.DANGER)),
    ("repair_type_note_in_both_languages", _type(note_en="")),
    ("repair_type_advice_in_both_languages", _type(advice_zh="先关水")),
    ("repair_type_dispatch_in_both_languages", _type(dispatch_zh="先关水")),
    ("safety_card_says_the_same_in_both_languages", _card(do_en=["Leave"])),
    ("safety_card_says_the_same_in_both_languages", _card(do_zh=[], do_en=[])),
    ("safety_card_says_whom_to_call", _card(calls=[], calls_duty=False)),
    ("safety_card_note_in_both_languages", _card(calls_note_en="")),
    ("question_help_in_both_languages", lambda: Question.objects.filter(code="Q6").update(help_en="")),
    ("answer_code_is_used_once_in_a_question", lambda: Answer.objects.filter(question__code="Q1").update(code="yes")),
    (
        "type_asks_a_question_once",
        lambda: TypeQuestion.objects.filter(type__code="WAT-BURST").update(question=Question.objects.get(code="Q5")),
    ),
    ("triage_rule_is_the_only_one_for_its_answer", _rule_again),
    ("triage_rule_has_a_known_scope_and_urgency", _rule(urgency="soon")),
    (
        "triage_rule_decides_something",
        _rule(urgency="", scope="", safety_card=None, suggest_type=None, note_zh="", note_en=""),
    ),
    ("triage_rule_for_danger_has_a_safety_card", _rule(safety_card=None)),
    ("triage_rule_suggests_another_type", _suggests_itself),
    ("triage_rule_note_in_both_languages", _rule(note_en="")),
    ("triage_rule_advice_in_both_languages", _rule(advice_zh="别碰")),
]


@pytest.mark.parametrize(("constraint", "attempt"), REFUSED, ids=[f"{name}-{n}" for n, (name, _) in enumerate(REFUSED)])
def test_the_database_refuses_what_would_mislead(constraint: str, attempt: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        attempt()


# ---------------------------------------------------------------------- the administration
def _post(client: Client, row: Any, **changes: Any) -> Any:
    """Open the row's form, change a few fields, save."""
    address = reverse(f"admin:repairs_{row._meta.model_name}_change", args=[row.pk])
    page = client.get(address)
    data = _form_data(page.context["adminform"].form)
    for inline in page.context["inline_admin_formsets"]:
        data |= _form_data(inline.formset.management_form)
        for form in inline.formset.forms:
            data |= _form_data(form)
    return client.post(address, data | changes)


def _form_data(form: Any) -> dict[str, Any]:
    """What a browser would send back: unticked boxes and empty choices are left out."""
    values = {field.html_name: field.value() for field in form}
    return {name: value for name, value in values.items() if value not in (None, False)}


def test_an_edited_word_carries_its_editor_and_survives_the_next_load(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    response = _post(client, RepairType.objects.get(code="WAT-DRIP"), name_zh="龙头滴水")
    row = RepairType.objects.get(code="WAT-DRIP")
    assert (response.status_code, row.name_zh, row.edited_by) == (302, "龙头滴水", administrator)
    assert row.edited_at is not None
    load_catalogue(dataclasses.replace(project_files(), version=2))
    assert RepairType.objects.get(code="WAT-DRIP").name_zh == "龙头滴水"


def test_saving_without_a_change_leaves_the_row_to_the_project(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    for row in (RepairType.objects.get(code="WAT-DRIP"), SafetyCard.objects.get(slug="fire")):
        assert _post(client, row).status_code == 302
        row.refresh_from_db()
        assert row.edited_at is None


def test_who_goes_first_keeps_its_order_when_a_party_is_added(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    row = RepairType.objects.get(code="ELE-OUTN")
    _post(client, row, first_responders=[Party.MANAGER, Party.COMMUNITY, Party.POWER])
    row.refresh_from_db()
    assert row.first_responders == [Party.POWER, Party.MANAGER, Party.COMMUNITY]


def test_the_lines_of_a_card_may_hold_commas(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    card = SafetyCard.objects.get(slug="fire")
    lines = ["Stay low, leave at once", *card.do_en[1:]]
    _post(client, card, do_en="\r\n".join([lines[0], "", *lines[1:]]))
    card.refresh_from_db()
    assert card.do_en == lines


def test_an_answer_edited_inside_its_question_carries_its_editor(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    _post(client, Question.objects.get(code="Q20"), **{"answers-0-text_zh": "修过的"})
    edited = Answer.objects.exclude(edited_at=None)
    assert [(answer.text_zh, answer.edited_by) for answer in edited] == [("修过的", administrator)]


def test_an_answer_of_another_question_is_refused(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    rule = TriageRule.objects.get(type=None, question__code="Q1", answer__code="yes")
    stranger = Answer.objects.get(question__code="Q2", code="gas")
    response = _post(client, rule, answer=stranger.pk)
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == ["answer"]


def test_nothing_of_the_catalogue_is_deleted_by_hand(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    category = Category.objects.get(code="WAT")
    response = client.post(reverse("admin:repairs_category_delete", args=[category.pk]), {"post": "yes"})
    assert response.status_code == 403


@pytest.mark.parametrize("name", ["category", "safetycard", "repairtype", "question", "triagerule", "catalogueversion"])
def test_the_lists_of_the_catalogue_open(client: Client, administrator: User, name: str) -> None:
    client.force_login(administrator)
    assert client.get(reverse(f"admin:repairs_{name}_changelist")).status_code == 200
