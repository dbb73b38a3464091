"""The page on which somebody chooses which messages they get."""

from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.masks import mask_phone
from accounts.requests import SignedInRequest
from repairs import actions
from repairs.forms.choices import MessageChoicesForm


@require_GET
@never_cache
def message_choices(request: SignedInRequest) -> HttpResponse:
    """What comes by text message, and what only in the app."""
    return _page(request, MessageChoicesForm(user=request.user))


@require_POST
def message_choices_save(request: SignedInRequest) -> HttpResponse:
    """From now on so."""
    form = MessageChoicesForm(request.POST, user=request.user)
    if not form.is_valid():
        return _page(request, form, 422)
    actions.choose_messages(by=request.user, sms=form.cleaned_data["sms"])
    flash.success(request, _("Saved."))
    return redirect("repairs:message_choices")


def _page(request: SignedInRequest, form: MessageChoicesForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "phone": mask_phone(request.user.phone)}
    return render(request, "repairs/message_choices.html", context, status=status)
