"""Signing in by phone, signing out, and the switches in the head of every page."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.i18n import set_language

from accounts import actions, codes, notice
from accounts.addresses import client_address
from accounts.forms import CodeForm, LanguageForm, NextForm, SignInForm
from accounts.masks import mask_phone
from accounts.models import User

ELDER_COOKIE = "elder"
YEAR = 365 * 24 * 3600


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the phone and send a code to it."""
    if actions.is_signed_in(request.user) and not request.user.is_guest:
        return redirect(_next(request) or "repairs:home")
    form = SignInForm(request.POST or None, notice_read=notice.was_read(request))
    if request.method == "POST" and form.is_valid():
        try:
            codes.send_code(form.cleaned_data["phone"], address=client_address(request), session=request.session)
        except codes.CodeRefused as refused:
            form.add_error("phone", refused.sentence)
        else:
            return _agreed(redirect(_with_next("accounts:code", request)))
    context = {"form": form, "next": _next(request)}
    return render(request, "accounts/sign_in.html", context)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code; the right one signs in."""
    sent = codes.open_code(request.session)
    if sent is None:
        return redirect(_with_next("accounts:sign_in", request))
    form = CodeForm(request.POST or None, sent=sent)
    if request.method == "POST" and form.is_valid():
        codes.forget_code(request.session)
        try:
            actions.sign_in_with_phone(request, sent.phone)
        except actions.SignInRefused as refused:
            messages.error(request, refused.sentence)
            return redirect(_with_next("accounts:sign_in", request))
        return redirect(_next(request) or "repairs:home")
    if request.method == "POST":
        actions.log_failure(request, sent.phone)
    context = {"form": form, "next": _next(request), "phone": mask_phone(sent.phone), "demo_code": sent.demo}
    return render(request, "accounts/code.html", context | {"standing": codes.standing(sent)})


@login_not_required
@require_POST
def code_again(request: HttpRequest) -> HttpResponse:
    """Send another code to the same phone."""
    sent = codes.open_code(request.session)
    if sent is None:
        return redirect(_with_next("accounts:sign_in", request))
    try:
        codes.send_code(sent.phone, address=client_address(request), session=request.session)
    except codes.CodeRefused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("A new code is on its way. The old one no longer works."))
    return redirect(_with_next("accounts:code", request))


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Forget who uses this browser, and what they had begun to write: the phone may be shared."""
    actions.sign_out(request)
    messages.info(request, _("You are signed out."))
    response = redirect("repairs:home")
    for name in settings.PERSONAL_COOKIES:
        response.delete_cookie(name)
    return response


@login_not_required
@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    """Switch elder mode (长辈版) on or off in this browser."""
    response = redirect(_next(request, posted=True) or "repairs:home")
    if request.COOKIES.get(ELDER_COOKIE) == "1":
        response.delete_cookie(ELDER_COOKIE)
    else:
        response.set_cookie(ELDER_COOKIE, "1", max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language of the screens, and of the messages to whoever is signed in."""
    form = LanguageForm(request.POST)
    if actions.is_signed_in(request.user) and form.is_valid():
        User.objects.filter(pk=request.user.pk).update(language=form.cleaned_data["language"])
    return set_language(request)


@login_not_required
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """The privacy notice in force."""
    return render(request, "accounts/privacy.html", {"version": notice.VERSION})


def _next(request: HttpRequest, *, posted: bool = False) -> str:
    form = NextForm(request.POST if posted else request.GET, request=request)
    return form.cleaned_data["next"] if form.is_valid() else ""


def _with_next(name: str, request: HttpRequest) -> str:
    wanted = _next(request)
    return f"{reverse(name)}?{urlencode({'next': wanted})}" if wanted else reverse(name)


def _agreed(response: HttpResponse) -> HttpResponse:
    response.set_cookie(notice.COOKIE, notice.VERSION, max_age=notice.YEAR, httponly=True, samesite="Lax")
    return response
