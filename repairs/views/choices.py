"""The pages on which somebody chooses which messages they get, and where."""

from typing import Any

from django.conf import settings
from django.contrib import messages as flash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.masks import mask_email, mask_phone
from accounts.requests import SignedInRequest
from repairs import actions
from repairs.actions import reaching
from repairs.carriers.push import push_is_on
from repairs.delivery import quiet_hours
from repairs.forms.choices import DeviceForm, MailboxForm, MessageChoicesForm
from repairs.models import Mailbox, PushDevice


@require_GET
@never_cache
def message_choices(request: SignedInRequest) -> HttpResponse:
    """What comes by which channel, and what only in the app."""
    return _page(request)


@require_POST
def message_choices_save(request: SignedInRequest) -> HttpResponse:
    """From now on so."""
    form = MessageChoicesForm(request.POST, user=request.user, **_reach(request))
    if not form.is_valid():
        return _page(request, choices=form, status=422)
    actions.choose_messages(by=request.user, kinds=form.kinds, **form.wanted())
    flash.success(request, _("Saved."))
    return redirect("repairs:message_choices")


def _reach(request: SignedInRequest) -> dict[str, Any]:
    """The mailbox and the devices of this person."""
    return {
        "mailbox": Mailbox.objects.filter(person=request.user).exclude(address="").first(),
        "devices": list(PushDevice.objects.filter(person=request.user).order_by("-added_at", "-pk")),
    }


def _page(
    request: SignedInRequest,
    choices: MessageChoicesForm | None = None,
    letters: MailboxForm | None = None,
    status: int = 200,
) -> HttpResponse:
    reach = _reach(request)
    context = reach | {
        "form": choices or MessageChoicesForm(user=request.user, **reach),
        "phone": mask_phone(request.user.phone),
        "address": mask_email(reach["mailbox"].address) if reach["mailbox"] else "",
        "mailbox_form": (letters or MailboxForm()) if settings.MAIL_IS_ON and not request.user.is_guest else None,
        "night": quiet_hours(),
        "push_key": settings.PUSH_PUBLIC_KEY if push_is_on() else "",
    }
    return render(request, "repairs/choices/message_choices.html", context, status=status)


# ---------------------------------------------------------------- the mailbox
@require_POST
def mailbox_give(request: SignedInRequest) -> HttpResponse:
    """A letter with a link is on its way."""
    form = MailboxForm(request.POST)
    if not form.is_valid():
        return _page(request, letters=form, status=422)
    try:
        reaching.give_mailbox(form.cleaned_data["address"], by=request.user, site=request.build_absolute_uri("/"))
    except actions.MoveRefused as refused:
        form.add_error("address", refused.sentence)
        return _page(request, letters=form, status=422)
    flash.success(request, _("A letter is on its way. Please open the link in it; then messages come there."))
    return redirect("repairs:message_choices")


@require_POST
def mailbox_forget(request: SignedInRequest) -> HttpResponse:
    """No letters any more."""
    reaching.forget_mailbox(by=request.user)
    flash.success(request, _("No more letters come, and the address is forgotten."))
    return redirect("repairs:message_choices")


@login_not_required
@require_GET
@never_cache
def mailbox(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link in the letter leads: one press, so that a program that looks at links confirms nothing."""
    asked = reaching.mailbox_of(token)
    context = {"token": token, "address": mask_email(asked.address) if asked else ""}
    return render(request, "repairs/choices/mailbox.html", context, status=200 if asked else 404)


@login_not_required
@require_POST
def mailbox_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Yes, it is mine."""
    asked = reaching.mailbox_of(token)
    if asked is None or not reaching.confirm_mailbox(asked):
        return render(request, "repairs/choices/mailbox.html", {"token": token, "address": ""}, status=404)
    flash.success(request, _("Thank you. Messages about your repairs come to this mailbox from now on."))
    return redirect("repairs:home")


# ---------------------------------------------------------------- notifications
@require_POST
def device_add(request: SignedInRequest) -> HttpResponse:
    """This browser from now on; asked by `static/js/notify.js`."""
    form = DeviceForm(request.POST)
    if not push_is_on() or not form.is_valid():
        words = _("The notifications of this browser can't be used here.")
        return JsonResponse({"sentence": words}, status=422)
    reaching.add_device(by=request.user, **form.cleaned_data)
    flash.success(request, _("Notifications come to this device from now on."))
    return JsonResponse({})


@require_POST
def device_drop(request: SignedInRequest, pk: int) -> HttpResponse:
    """Not there any more."""
    device = get_object_or_404(PushDevice.objects.filter(person=request.user), pk=pk)
    reaching.drop_device(device, by=request.user)
    flash.success(request, _("No more notifications come to that device."))
    return redirect("repairs:message_choices")


@login_not_required
@require_GET
@cache_control(no_cache=True)
def notification_worker(request: HttpRequest) -> HttpResponse:
    """The script that shows what a push service brings, under an address that stays the same for years."""
    script = (settings.BASE_DIR / "static" / "js" / "push.js").read_text(encoding="utf-8")
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")
