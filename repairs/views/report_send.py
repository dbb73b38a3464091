"""Reporting a repair: who, the code, sending it exactly once, and the number afterwards."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure
from django.views.decorators.http import require_GET

from accounts import codes, notice
from accounts.actions import SignInRefused, log_failure, sign_in_guest, sign_in_with_phone
from accounts.addresses import client_address
from accounts.forms import CodeForm
from accounts.masks import mask_phone
from accounts.models import LoginCode, User
from accounts.requests import SignedInRequest
from estates.duty import Duty
from estates.models import ManagementMode
from repairs import actions
from repairs.drafts import find_draft, keep, write
from repairs.forms.report import ContactForm
from repairs.models import Ticket
from repairs.next_step import next_step
from repairs.promise_words import awaits_plan
from repairs.report_contact import contact_form, is_known
from repairs.report_steps import Progress
from repairs.times import lately
from repairs.triage import judge
from repairs.views.report_frame import PLACE, TYPE, WHO, correct, page, sending, step, to_correct, to_ticket
from repairs.visit_page import choosing, is_offered, last_booking, live

NEEDS = {PLACE, TYPE}
REPORT = LoginCode.Purpose.REPORT
# Times of so many days stand on the last screen; the others are one tap away.
FIRST_DAYS = 2


def _who_page(request: HttpRequest, progress: Progress, form: ContactForm) -> HttpResponse:
    known = is_known(request.user)
    context = {
        "form": form,
        "known": known,
        "danger": progress.danger,
        "kind": type(form).__name__,
        "sends": known or progress.danger,
    }
    return page(request, progress, "who", step=WHO, back=reverse("repairs:report_words"), **context)


@login_not_required
@step("GET", needs=NEEDS)
def report_who(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Who reports, and whom to call."""
    kept = to_correct(request, progress)
    return _who_page(request, progress, contact_form(request, progress, kept["typed"] if kept else None))


def _correct_who(request: HttpRequest, progress: Progress, form: ContactForm) -> HttpResponse:
    asked = request.GET.urlencode()
    address = reverse("repairs:report_who")
    return correct(request, progress, f"{address}?{asked}" if asked else address, form)


@login_not_required
@step("POST", needs=NEEDS)
def report_who_save(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Keep name and number of someone who is not signed in, and send the code."""
    form = contact_form(request, progress, request.POST)
    if not form.is_valid():
        return _correct_who(request, progress, form)
    draft = write(progress.draft, **form.said())
    _send_code(request, draft.contact_phone)
    response = redirect("repairs:report_code")
    if draft.notice_version:
        response.set_cookie(notice.COOKIE, notice.VERSION, max_age=notice.YEAR, httponly=True, samesite="Lax")
    return keep(response, draft)


def _send_code(request: HttpRequest, phone: str) -> bool:
    try:
        codes.send_code(phone, address=client_address(request), session=request.session, purpose=REPORT)
    except codes.CodeRefused as refused:
        messages.warning(request, refused.sentence)
        return False
    return True


def _open_code(request: HttpRequest, progress: Progress) -> codes.SentCode | None:
    """The code this browser waits for, if it went to the number of this report."""
    sent = codes.open_code(request.session, REPORT)
    return sent if sent and sent.phone == progress.draft.contact_phone else None


@login_not_required
@step("GET", needs=NEEDS)
def report_code(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Enter the code and send, or send without it."""
    if is_known(request.user) or not progress.draft.contact_phone:
        return redirect("repairs:report_who")
    sent = _open_code(request, progress)
    context = {
        "form": CodeForm(sent=sent) if sent else None,
        "phone": mask_phone(progress.draft.contact_phone),
        "standing": codes.standing(sent) if sent else None,
        "demo_code": sent.demo if sent else None,
    }
    return page(request, progress, "code", step=WHO, back=reverse("repairs:report_who"), **context)


@login_not_required
@step("POST", needs=NEEDS)
def report_code_again(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Another code to the same number."""
    if progress.draft.contact_phone and _send_code(request, progress.draft.contact_phone):
        messages.success(request, _("A new code is on its way. The old one no longer works."))
    return redirect("repairs:report_code")


@login_not_required
@sending
def report_send(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Send it: with name and number from the last screen, or with the code that proves the number."""
    if not is_known(request.user) and not progress.danger:
        return _send_with_code(request, progress)
    form = contact_form(request, progress, request.POST)
    if not form.is_valid():
        return _correct_who(request, progress, form)
    if is_known(request.user):
        return _file(request, progress, request.user, form.said())
    write(progress.draft, **form.said())
    return _file(request, progress, _guest(request, progress))


def _send_with_code(request: HttpRequest, progress: Progress) -> HttpResponse:
    sent = _open_code(request, progress)
    if sent is None:
        messages.warning(request, codes.wrong_code_sentence(0))
        return redirect("repairs:report_code")
    form = CodeForm(request.POST, sent=sent)
    if not form.is_valid():
        log_failure(request, sent.phone)
        messages.error(request, str(form.errors["code"][0]))
        return redirect("repairs:report_code")
    codes.forget_code(request.session, REPORT)
    try:
        signed_in = sign_in_with_phone(request, sent.phone, agreed=bool(progress.draft.notice_version))
    except SignInRefused as refused:
        messages.warning(request, refused.sentence)
        return redirect("repairs:report_code")
    return _file(request, progress, signed_in.user)


@login_not_required
@sending
def report_send_unverified(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Send it without a code: the dispatcher sees that the number is not verified."""
    if is_known(request.user) or not (progress.danger or progress.draft.contact_phone):
        return redirect("repairs:report_who")
    return _file(request, progress, _guest(request, progress))


def _guest(request: HttpRequest, progress: Progress) -> User:
    draft = progress.draft
    return sign_in_guest(request, display_name=draft.contact_name, agreed=bool(draft.notice_version))


def _file(request: HttpRequest, progress: Progress, by: User, said: Mapping[str, Any] | None = None) -> HttpResponse:
    try:
        ticket = actions.file_report(progress.draft, by=by, said=said, rules=progress.rules)
    except actions.ReportIncomplete as incomplete:
        write(progress.draft, **(said or {}))
        messages.warning(request, incomplete.sentence)
        return redirect(progress.next_address())
    if ticket.reporter_id == by.pk:
        return keep(redirect("repairs:report_sent", ticket.pk), ticket.draft)
    return to_ticket(request, ticket.draft)


@login_not_required
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose key is out of date; a second press on Send is led to the number of the first.

    The first press signs in, which changes the key under a page that is still shown. Nothing is changed here.
    """
    match = request.resolver_match
    if match and match.url_name in {"report_send", "report_send_unverified"}:
        sent = find_draft(request).ticket_id
        if sent:
            return redirect("repairs:report_sent", sent)
    return csrf_failure(request, reason)


@require_GET
def report_sent(request: SignedInRequest, pk: int) -> HttpResponse:
    """The number, who is responsible, what happens next and by when."""
    ticket = get_object_or_404(Ticket.objects.visible_to(request.user).for_page(), pk=pk)
    verdict = judge(ticket.repair_type, ticket.answers)
    last = last_booking(ticket)
    offered = is_offered(ticket) and live(last) is None and ticket.is_party(request.user)
    context = {
        "ticket": ticket,
        "next_step": next_step(ticket, live(last)),
        "offered": offered,
        **(choosing(ticket, most=FIRST_DAYS) if offered else {}),
        "restore_by": lately(ticket.restore_by),
        "awaits_plan": awaits_plan(ticket),
        "advice": verdict.advice,
        "card": verdict.safety_card if verdict.danger else None,
        "duty": Duty(ticket.organisation, ManagementMode(ticket.mode)),
        "guest": request.user.is_guest,
    }
    return render(request, "repairs/report/sent.html", context)
