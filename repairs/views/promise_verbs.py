"""What the staff says about the promises of a ticket: made safe, the plan posted, more or less urgent."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from repairs import actions
from repairs.forms.promising import MakeSafeForm, PostPlanForm, SetUrgencyForm
from repairs.models import Photo, TicketEvent
from repairs.views.job_verbs import keep_photos
from repairs.views.pressing import entitled, press


@require_POST
def ticket_make_safe(request: SignedInRequest, pk: int) -> HttpResponse:
    """排险: nobody is in danger any more."""
    ticket = entitled(request, pk, "make_safe")
    form = MakeSafeForm(request.POST, request.FILES, ticket=ticket, user=request.user)
    keep_photos(form)
    said = _("Made safe. The resident has been told; the repair itself is still to be done.")
    return press(request, form, lambda: _make_safe(form), said, "photos")


def _make_safe(form: MakeSafeForm) -> TicketEvent:
    photos, note = Photo.objects.waiting(form.ticket, form.user), form.cleaned_data["note"]
    return actions.make_safe(form.seen(), by=form.user, photos=photos, note=note, entry=form.entry())


@require_POST
def ticket_post_plan(request: SignedInRequest, pk: int) -> HttpResponse:
    """公布计划: what will be done and when."""
    ticket = entitled(request, pk, "post_plan")
    form = PostPlanForm(request.POST, ticket=ticket, user=request.user)
    return press(
        request,
        form,
        lambda: actions.post_plan(form.seen(), by=form.user, **_given(form, "planned_for", "note")),
        _("The plan is posted and the resident has been told."),
        "planned_for",
    )


@require_POST
def ticket_set_urgency(request: SignedInRequest, pk: int) -> HttpResponse:
    """More or less urgent."""
    ticket = entitled(request, pk, "set_urgency")
    form = SetUrgencyForm(request.POST, ticket=ticket, user=request.user)
    return press(
        request,
        form,
        lambda: actions.set_urgency(form.seen(), by=form.user, **_given(form, "urgency", "note")),
        _("The urgency is changed; every promise counts from the report. The resident has been told."),
        "note",
    )


def _given(form: PostPlanForm | SetUrgencyForm, *names: str) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in names}
