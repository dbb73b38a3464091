"""By e-mail, through Django's own backend."""

from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.carrying import CarrierFailed, CarrierRefused
from repairs.models import Message


def mail(message: Message) -> None:
    """One message to one mailbox, in its reader's language."""
    with translation.override(message.recipient.language if message.recipient else settings.LANGUAGE_CODE):
        subject = _("Repair %(number)s") % {"number": message.ticket.number}
        words = f"{message.text}\n\n{_foot(message)}"
    send_mail(message.email, subject, words, key=f"message-{message.pk}")


def send_mail(address: str, subject: str, words: str, *, key: str) -> None:
    """Hand one letter over; `key` is the same at every try, so that a mailbox may tell repetitions apart."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
    letter = EmailMessage(subject, words, to=[address], headers={"Message-ID": f"<{key}@{domain}>"})
    try:
        letter.send()
    except SMTPRecipientsRefused as refusal:
        raise _of_codes([code for code, _words in refusal.recipients.values()]) from refusal
    except (SMTPException, OSError) as failure:
        raise CarrierFailed(type(failure).__name__) from failure


def _of_codes(codes: list[int]) -> CarrierFailed:
    """5xx is for good, anything else may pass."""
    if codes and min(codes) >= 500:
        return CarrierRefused(f"mail server: {codes[0]}")
    return CarrierFailed(f"mail server: {codes[0] if codes else 0}")


def _foot(message: Message) -> str:
    page = f"{settings.SITE_URL}{reverse('repairs:messages')}"
    if not settings.SITE_URL:
        return _("You can change which messages come by e-mail in the app, under Messages.")
    return _("All messages, and which of them come by e-mail: %(page)s") % {"page": page}
