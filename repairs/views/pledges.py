"""本小区服务承诺: the public page of each estate, and the desk's pages on which it promises more than all others."""

from collections.abc import Callable

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from accounts.roles import Permission
from estates import access
from estates.models import Estate
from repairs import actions, pledge_desk
from repairs.forms.pledges import EstatesForm, PledgesForm, VersionsForm
from repairs.models import PledgeVersion
from repairs.pledge_page import promises_page
from repairs.qr import qr_code


@login_not_required
@require_GET
def estate_promises(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody reads what an estate is promised, and hangs it on its notice board."""
    estate = get_object_or_404(Estate.objects.select_related("community__street"), pk=pk)
    context = promises_page(estate, timezone.localdate())
    return render(request, "repairs/estate_promises.html", context | {"code": qr_code(request.build_absolute_uri())})


# ---------------------------------------------------------------- who sets them
def _estate(request: SignedInRequest, pk: int) -> Estate:
    """An estate whose promises this person sets; one they only look after is a 403."""
    here = Estate.objects.select_related("community__street__district")
    estate = get_object_or_404(here, pk=pk)
    held = access.permissions_in(request.user, estate)
    if not held & {Permission.TICKET_VIEW, Permission.ESTATE_OVERSEE}:
        raise Http404
    if Permission.PLEDGE_SET not in held:
        raise PermissionDenied
    return estate


@require_GET
@never_cache
def pledges(request: SignedInRequest) -> HttpResponse:
    """The estates whose promises this person sets."""
    if not access.has_role(request.user, Permission.PLEDGE_SET):
        raise Http404
    context = pledge_desk.estates_page(request.user, EstatesForm(request.GET).cursor())
    return render(request, "repairs/pledges/pledges.html", context)


@require_GET
@never_cache
def estate_pledges(request: SignedInRequest, pk: int) -> HttpResponse:
    """What an estate promises of its own: past, in force and to come, and the form for more."""
    context = pledge_desk.estate_page(request.user, _estate(request, pk), VersionsForm(request.GET).cursor())
    return render(request, "repairs/pledges/estate_pledges.html", context)


@require_POST
def pledges_set(request: SignedInRequest, pk: int) -> HttpResponse:
    """From a day on the estate promises these."""
    estate = _estate(request, pk)
    rules = pledge_desk.rules_of(estate)
    form = PledgesForm(request.POST, rules=rules)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("mode", "starts_on", "amounts", "note")}
        if _said(form, lambda: actions.set_pledges(estate, by=request.user, **given)):
            flash.success(request, _("The promises are set. They hold for what is reported from that day on."))
            return redirect("repairs:estate_pledges", pk)
    context = pledge_desk.estate_page(request.user, estate, None, form, rules)
    return render(request, "repairs/pledges/estate_pledges.html", context, status=422)


def _said(form: PledgesForm, do: Callable[[], object]) -> bool:
    """Whether it is done; a refusal stands at the form in its own sentence."""
    try:
        do()
    except actions.PledgeRefused as refused:
        form.add_error(None, refused.sentence)
        return False
    return True


@require_POST
def pledges_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take back what has not begun."""
    version = get_object_or_404(PledgeVersion.objects.filter(estate__isnull=False).select_related("estate"), pk=pk)
    estate = _estate(request, version.estate_id or 0)
    try:
        actions.withdraw_pledges(version, by=request.user)
    except actions.PledgeRefused as refused:
        flash.warning(request, refused.sentence)
    else:
        flash.success(request, _("Taken back. What held before goes on."))
    return redirect("repairs:estate_pledges", estate.pk)
