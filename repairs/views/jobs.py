"""The worker's pages, for one hand in a stairwell."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages as flash
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from accounts.roles import Permission
from estates import access
from repairs import actions, job_page
from repairs.forms.staff import PhotosForm
from repairs.models import DispatchMode, Photo, Ticket
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
    return _kept(request, render(request, "repairs/jobs/jobs.html", job_page.day(request.user)))


@require_GET
@never_cache
def job(request: SignedInRequest, pk: int) -> HttpResponse:
    """One job: call, arrive, photograph, finish."""
    page = render(request, "repairs/jobs/job.html", job_page.job_page(_mine(request, pk), request.user))
    return _kept(request, page)


def _kept(request: SignedInRequest, page: HttpResponse) -> HttpResponse:
    """Says whose page it is: the phone keeps it for this person only, to be read in a dead spot (`static/js/sw.js`)."""
    page["X-Worker"] = str(request.user.pk)
    return page


@require_POST
def job_take(request: SignedInRequest, pk: int) -> HttpResponse:
    """抢单: take a job nobody has; whoever comes second hears so and finds the others that are left."""
    organisations = access.organisations_where(request.user, Permission.TICKET_WORK)
    # Of a job somebody has meanwhile the loser hears that it is gone, and nothing else.
    ours = Ticket.objects.filter(organisation__in=organisations, organisation__dispatch_rule__mode=DispatchMode.POOL)
    ticket = get_object_or_404(ours.for_page(), pk=pk)
    try:
        actions.take(ticket, by=request.user)
    except actions.TicketMoved:
        flash.warning(request, _("Somebody was quicker: this job is taken. Here is what is left."))
        return redirect("repairs:jobs")
    except actions.MoveRefused as refused:
        flash.error(request, refused.sentence)
        return redirect("repairs:jobs")
    flash.success(request, _("%(number)s is yours.") % {"number": ticket.number})
    return redirect("repairs:job", pk)


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


@require_GET
@never_cache
def jobs_token(request: SignedInRequest) -> JsonResponse:
    """Who is signed in, and a fresh token: what a phone asks before it sends what it kept in a dead spot."""
    return JsonResponse({"worker": request.user.pk, "token": get_token(request)})


@login_not_required
@require_GET
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that shows the job pages in a dead spot; at the root, because its folder bounds what it may serve."""
    script = (settings.BASE_DIR / "static" / "js" / "sw.js").read_text(encoding="utf-8")
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")
