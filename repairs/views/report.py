"""Reporting a repair: beginning, where, what, the type's questions, and the safety card that comes before them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from estates.duty import Duty, duty_organisation
from estates.places import Place
from repairs import place_lists
from repairs.drafts import keep, new_draft, write
from repairs.forms.report import AnswerForm, CategoryForm, PlaceForm, TypeForm, WhereListForm
from repairs.homepage import place_of_resident
from repairs.models import Question, RepairType, ReportDraft
from repairs.report_steps import Progress
from repairs.tiles import tiles
from repairs.views.report_frame import TYPE, WHAT, WHERE, correct, onward, page, step, to_correct
from repairs.workflow import Urgency

DANGER = "danger"


@login_not_required
@step("GET")
def report(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Begin, or ask whether to go on with what was begun; `?place=entrance-12` names the place."""
    link = PlaceForm(request.GET) if "place" in request.GET else None
    if link and not link.is_valid():
        messages.warning(request, str(link.errors["place"][0]))
    named: Place | None = link.cleaned_data.get("place") if link else None
    draft = progress.draft
    if draft.repair_type_id or draft.words:
        return page(request, progress, "begun", step=WHERE, back=reverse("repairs:home"), named=named)
    return _begin(draft, named or progress.place or place_of_resident(request.user))


@login_not_required
@require_POST
def report_anew(request: HttpRequest) -> HttpResponse:
    """Leave what was begun and start from the beginning."""
    link = PlaceForm(request.POST)
    named: Place | None = link.cleaned_data["place"] if link.is_valid() else None
    return _begin(new_draft(request), named or place_of_resident(request.user))


def _begin(draft: ReportDraft, place: Place | None) -> HttpResponse:
    """A place makes the draft a row; without one there is nothing to keep yet."""
    if place is None:
        return keep(redirect("repairs:report_where"), draft)
    return onward(write(draft, place=place.ref))


@login_not_required
@step("GET", "POST")
def report_where(request: HttpRequest, progress: Progress) -> HttpResponse:
    """The place, level by level, or found by name."""
    if request.method == "POST":
        form = PlaceForm(request.POST)
        if form.is_valid():
            return onward(write(progress.draft, place=form.cleaned_data["place"].ref))
        return _say(request, form, request.get_full_path())
    lists = WhereListForm(request.GET)
    ref, q = lists.wanted("in"), lists.wanted("q")
    level = place_lists.level_of(ref, lists.wanted("letter"))
    found = place_lists.found(q) if q else []
    context = {
        "search": lists,
        "level": level,
        "q": q,
        "found": found[: place_lists.FOUND_AT_ONCE],
        "more": len(found) > place_lists.FOUND_AT_ONCE,
        "chosen": [place_lists.row_of(progress.place)] if progress.place and not ref else [],
        "own": [] if ref or q else place_lists.own_places(request.user),
    }
    top = reverse("repairs:report_where")
    up = f"{top}?in={level.up}" if level.up else top
    back = up if ref or q else reverse("repairs:home")
    return page(request, progress, "where", step=WHERE, back=back, **context)


def _say(request: HttpRequest, form: Form, address: str) -> HttpResponse:
    """A row that is no longer there, or that nobody was offered."""
    for sentences in form.errors.values():
        messages.error(request, str(sentences[0]))
    return redirect(address)


@login_not_required
@step("GET", "POST")
def report_what(request: HttpRequest, progress: Progress) -> HttpResponse:
    """The tiles; behind each tile its types."""
    if request.method == "POST":
        form = TypeForm(request.POST)
        if form.is_valid():
            return onward(_choose(progress, form.cleaned_data["repair_type"]))
        return _say(request, form, reverse("repairs:report_what"))
    code = CategoryForm(request.GET).chosen()
    categories = tiles()
    category = next((each for each in categories if each.code == code), None)
    types = list(category.repair_types.all()) if category else []
    if code == DANGER:
        types = [each for one in categories for each in one.repair_types.all() if each.urgency == Urgency.DANGER]
    context = {
        "categories": categories,
        "category": category,
        "types": types,
        "danger_list": code == DANGER,
        "duty": _duty(progress),
    }
    back = reverse("repairs:report_what" if types else "repairs:report_where")
    return page(request, progress, "what", step=WHAT, back=back, **context)


def _choose(progress: Progress, chosen: RepairType) -> ReportDraft:
    """Another type forgets the answers it does not ask for, and shows its own safety card."""
    if progress.draft.repair_type_id == chosen.pk:
        return progress.draft
    answers = progress.answers_for(chosen)
    return write(progress.draft, repair_type=chosen, answers=answers, danger_seen=False)


def _duty(progress: Progress) -> Duty | None:
    return duty_organisation(progress.place, timezone.localdate()) if progress.place else None


@login_not_required
@step("GET", "POST", needs={TYPE})
def report_question(request: HttpRequest, progress: Progress, code: str) -> HttpResponse:
    """One question of the type."""
    question = progress.question(code)
    if question is None:
        return redirect(progress.next_address())
    if request.method == "POST":
        form = AnswerForm(request.POST, question=question)
        if form.is_valid():
            return onward(_answer(progress, question, form.cleaned_data["answer"]))
        return correct(request, progress, request.path, form)
    kept = to_correct(request, progress)
    said = {"answer": progress.draft.answers.get(code)}
    form = AnswerForm(kept["typed"] if kept else None, question=question, initial=said)
    before = progress.code_before(code)
    back = reverse("repairs:report_question", args=[before]) if before else progress.address_of_type()
    context = {"form": form, "question": question, "advice": progress.advice_before(code), "danger": progress.danger}
    return page(request, progress, "question", step=WHAT, back=back, **context)


def _answer(progress: Progress, question: Question, answer: str) -> ReportDraft:
    """Keep the answer; a safety card it calls up is shown even when another one was seen before."""
    draft, before = progress.draft, progress.card
    draft.answers = {**draft.answers, question.code: answer}
    seen = draft.danger_seen and progress.card == before
    return write(draft, answers=draft.answers, danger_seen=seen)


@login_not_required
@step("GET", "POST", needs={TYPE})
def report_danger(request: HttpRequest, progress: Progress) -> HttpResponse:
    """The safety card, before anything else is asked; then "report it"."""
    if progress.card is None:
        return redirect(progress.next_address())
    if request.method == "POST":
        return onward(write(progress.draft, danger_seen=True))
    back = progress.address_of_type()
    return page(request, progress, "danger", step=WHAT, back=back, card=progress.card, duty=_duty(progress))
