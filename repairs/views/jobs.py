"""The worker's pages, for one hand in a stairwell."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from accounts.roles import Permission
from estates import access
from repairs import actions, job_page
from repairs.forms.staff import PhotosForm
from repairs.models import Photo, Ticket
from repairs.photos import remove_photo
from repairs.receiving import receive_photos


def _mine(request: SignedInRequest, pk: int) -> Ticket:
    own = Ticket.objects.visible_to(request.user).filter(assignee=request.user)
    return get_object_or_404(own.for_page(), pk=pk)


@require_GET
@never_cache
def jobs(request: SignedInRequest) -> HttpResponse:
    """Today's jobs in order, and what is done."""
    if not access.has_role(request.user, Permission.TICKET_WORK):
        raise Http404
    return render(request, "repairs/jobs/jobs.html", job_page.day(request.user))


@require_GET
@never_cache
def job(request: SignedInRequest, pk: int) -> HttpResponse:
    """One job: call, arrive, photograph, finish."""
    return render(request, "repairs/jobs/job.html", job_page.job_page(_mine(request, pk), request.user))


@require_POST
def job_photos(request: SignedInRequest, pk: int) -> HttpResponse:
    """Pictures sent ahead of the words; they wait for `finish`."""
    ticket = _mine(request, pk)
    if not actions.may(ticket, "finish", request.user):
        raise PermissionDenied
    form = PhotosForm(request.POST, request.FILES)
    _taken, refused = receive_photos(form.pictures(), ticket=ticket, by=request.user)
    waiting = Photo.objects.waiting(ticket, request.user)
    context = {"ticket": ticket, "waiting_photos": waiting, "refused": refused}
    return render(request, "repairs/jobs/photos.html", context)


@require_POST
def job_photo_remove(request: SignedInRequest, pk: int, key: UUID) -> HttpResponse:
    """Take a picture back that was not said anything with yet."""
    ticket = _mine(request, pk)
    photo = get_object_or_404(Photo.objects.waiting(ticket, request.user), key=key)
    photo.delete()
    remove_photo(key)
    return redirect("repairs:job", pk)
