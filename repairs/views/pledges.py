"""本小区服务承诺: the public page of each estate, and the desk's page on which it promises more than the house."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from estates.models import Estate
from repairs.pledge_page import promises_page
from repairs.qr import qr_code


@login_not_required
@require_GET
def estate_promises(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody reads what an estate is promised, and hangs it on its notice board."""
    estate = get_object_or_404(Estate.objects.select_related("community__street"), pk=pk)
    context = promises_page(estate, timezone.localdate())
    return render(request, "repairs/estate_promises.html", context | {"code": qr_code(request.build_absolute_uri())})
