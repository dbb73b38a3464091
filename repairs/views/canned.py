"""The pages of ready-made answers: each organisation's own are written by who manages there."""

from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from accounts.roles import Permission
from estates import access
from estates.models import Organisation
from repairs import canned_page
from repairs.actions import answers
from repairs.forms.canned import CannedAnswerForm
from repairs.models import CannedAnswer


def _own(request: SignedInRequest, pk: int) -> tuple[CannedAnswer, Organisation]:
    """An answer this person may change; a common one is seen and not theirs."""
    seen = CannedAnswer.objects.visible_to(request.user).select_related("organisation")
    answer = get_object_or_404(seen, pk=pk)
    if answer.organisation is None:
        raise PermissionDenied
    return answer, answer.organisation


def _organisation(request: SignedInRequest, pk: int) -> Organisation:
    """An organisation for which this person writes answers."""
    for each in access.organisations_where(request.user, Permission.ANSWER_MANAGE):
        if each.pk == pk:
            return each
    raise Http404


@require_GET
@never_cache
def canned_answers(request: SignedInRequest) -> HttpResponse:
    """The organisation's own answers, and the common ones."""
    if not access.has_role(request.user, Permission.ANSWER_MANAGE):
        raise Http404
    return render(request, "repairs/answers/canned_answers.html", canned_page.answers_page(request.user))


@require_GET
@never_cache
def canned_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """One answer to change."""
    answer, organisation = _own(request, pk)
    context = canned_page.answer_page(request.user, organisation, answer)
    return render(request, "repairs/answers/canned_answer.html", context)


@require_GET
@never_cache
def canned_answer_new(request: SignedInRequest, pk: int) -> HttpResponse:
    """An empty form."""
    context = canned_page.answer_page(request.user, _organisation(request, pk), None)
    return render(request, "repairs/answers/canned_answer.html", context)


@require_POST
def canned_answer_add(request: SignedInRequest, pk: int) -> HttpResponse:
    """One more answer."""
    organisation = _organisation(request, pk)
    form = CannedAnswerForm(request.POST)
    if not form.is_valid():
        context = canned_page.answer_page(request.user, organisation, None, form)
        return render(request, "repairs/answers/canned_answer.html", context, status=422)
    answers.add_answer(organisation, by=request.user, **form.cleaned_data)
    flash.success(request, _("The answer is there. It is offered from now on."))
    return redirect("repairs:canned_answers")


@require_POST
def canned_answer_save(request: SignedInRequest, pk: int) -> HttpResponse:
    """Other words, another use, or out of use."""
    answer, organisation = _own(request, pk)
    form = CannedAnswerForm(request.POST, answer=answer)
    if not form.is_valid():
        context = canned_page.answer_page(request.user, organisation, answer, form)
        return render(request, "repairs/answers/canned_answer.html", context, status=422)
    try:
        answers.change_answer(answer, by=request.user, **form.cleaned_data)
    except answers.AnswerMoved:
        flash.warning(request, _("Somebody changed this first. Here is how it stands now; nothing was changed."))
        return redirect("repairs:canned_answer", pk)
    flash.success(request, _("Saved."))
    return redirect("repairs:canned_answers")
