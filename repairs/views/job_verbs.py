"""What a worker does at a job, each pressed once, also when the phone sends it twice or hours later."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from repairs import actions
from repairs.forms.jobs import ArriveForm, EntryForm, FinishForm, NobodyHomeForm, SetOutForm
from repairs.models import Photo, TicketEvent
from repairs.receiving import receive_photos
from repairs.views.pressing import entitled, press, was_done


@require_POST
def ticket_set_out(request: SignedInRequest, pk: int) -> HttpResponse:
    """出发: the resident is told."""
    ticket = entitled(request, pk, "set_out")
    form = SetOutForm(request.POST, ticket=ticket, user=request.user)
    said = _("You are on your way. The resident has been told.")
    return press(request, form, lambda: actions.set_out(form.seen(), by=request.user, entry=form.entry()), said)


@require_POST
def ticket_arrive(request: SignedInRequest, pk: int) -> HttpResponse:
    """At the door."""
    ticket = entitled(request, pk, "arrive")
    form = ArriveForm(request.POST, ticket=ticket, user=request.user)
    said = _("You are on site. The resident has been told.")
    return press(request, form, lambda: actions.arrive(form.seen(), by=request.user, entry=form.entry()), said)


@require_POST
def ticket_nobody_home(request: SignedInRequest, pk: int) -> HttpResponse:
    """家里没人: with a photo of the door and the time."""
    ticket = entitled(request, pk, "nobody_home")
    form = NobodyHomeForm(request.POST, request.FILES, ticket=ticket, user=request.user)
    keep_photos(form)
    said = _("Written down with your photo. The resident is asked for a new time.")
    return press(request, form, lambda: _nobody_home(form), said, "photos")


def _nobody_home(form: NobodyHomeForm) -> TicketEvent:
    photos = Photo.objects.waiting(form.ticket, form.user)
    note = form.cleaned_data["note"]
    return actions.nobody_home(form.seen(), by=form.user, photos=photos, note=note, entry=form.entry())


@require_POST
def ticket_finish(request: SignedInRequest, pk: int) -> HttpResponse:
    """The work is done; only the resident can say that it is fixed."""
    ticket = entitled(request, pk, "finish")
    form = FinishForm(request.POST, request.FILES, ticket=ticket, user=request.user)
    keep_photos(form)
    said = _("%(number)s is done. The resident is asked whether it is fixed.")
    return press(request, form, lambda: _finish(form), said, "photos")


def keep_photos(form: EntryForm) -> None:
    """Pictures that arrived stay, whatever else is wrong with the form; those of a press already done are there."""
    if not was_done(form) and actions.may(form.ticket, form.verb, form.user):
        sent = form.cleaned_data.get("photos", [])
        _taken, refused = receive_photos(sent, ticket=form.ticket, by=form.user)
        for sentence in refused:
            form.add_error("photos", sentence)


def _finish(form: FinishForm) -> TicketEvent:
    given = form.cleaned_data
    return actions.finish(
        form.seen(),
        by=form.user,
        photos=Photo.objects.waiting(form.ticket, form.user),
        note=given["note"],
        materials=given["materials"],
        entry=form.entry(),
    )
