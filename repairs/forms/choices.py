"""Which messages somebody wants, and where."""

import base64
from collections.abc import Iterator
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from estates import access
from repairs.carriers.push import push_is_on
from repairs.models import STAFF_KINDS, Mailbox, MessageChoice, MessageKind, PushDevice


class Cell(NamedTuple):
    """One box to tick; `value` is empty where there is nothing to choose."""

    name: str
    value: str
    word: str
    ticked: bool


class MessageChoicesForm(forms.Form):
    """Kind by channel: only the channels by which this person can be reached, only the kinds they are told."""

    sms, email, push = (
        forms.MultipleChoiceField(label=label, required=False)
        for label in (_("By text message too"), _("By e-mail too"), _("As a notification too"))
    )

    def __init__(
        self, *args: Any, user: User, mailbox: Mailbox | None = None, devices: list[PushDevice] | None = None, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        works = bool(access.appointments_of(user))
        self.kinds = [kind for kind in MessageKind if works or kind not in STAFF_KINDS]
        self._chosen = {each.kind: each for each in MessageChoice.objects.filter(person=user)}
        reached = {
            "sms": bool(user.phone),
            "email": bool(mailbox and mailbox.confirmed_at),
            "push": bool(devices) and push_is_on(),
        }
        for name, reaches in reached.items():
            paid = [kind for kind in self.kinds if name != "sms" or kind in settings.SMS_KINDS]
            if not reaches:
                del self.fields[name]
                continue
            field = cast(forms.MultipleChoiceField, self.fields[name])
            field.choices = [(kind.value, kind.label) for kind in paid]
            field.initial = [kind.value for kind in paid if self._wants(name, kind)]

    def _wants(self, name: str, kind: str) -> bool:
        choice = self._chosen.get(kind)
        return choice is None or bool(getattr(choice, name))

    @property
    def channels(self) -> list[str]:
        """Which channels there are to choose from."""
        return list(self.fields)

    def rows(self) -> Iterator[tuple[str, list[Cell]]]:
        """Each kind with a box for each channel."""
        for kind in self.kinds:
            yield str(kind.label), [self._cell(name, kind) for name in self.fields]

    def _cell(self, name: str, kind: MessageKind) -> Cell:
        field = cast(forms.MultipleChoiceField, self.fields[name])
        offered = kind.value in dict(cast("list[tuple[str, str]]", field.choices))
        ticked = kind.value in (self[name].value() or [])
        return Cell(name, kind.value if offered else "", f"{kind.label}: {field.label}", ticked)

    def wanted(self) -> dict[str, list[str]]:
        """What `actions.choose_messages` takes."""
        return {name: self.cleaned_data[name] for name in self.fields}


class MailboxForm(forms.Form):
    """Where letters may go."""

    address = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Please write your e-mail address."),
            "invalid": _("This does not look like an e-mail address. Please check it."),
        },
    )


def _bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _check_public_key(text: str) -> None:
    """The browser's half of the encryption: a point of the curve, as nothing can be encrypted for any other bytes."""
    try:
        if len(_bytes_of(text)) != 65:
            raise ValueError
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), _bytes_of(text))
    except ValueError as unsound:
        raise _unreachable() from unsound


def _check_secret(text: str) -> None:
    """What only that browser and we know."""
    try:
        sound = len(_bytes_of(text)) == 16
    except ValueError:
        sound = False
    if not sound:
        raise _unreachable()


def _unreachable() -> ValidationError:
    return ValidationError(_("This browser can't be reached. Please try again."))


class DeviceForm(forms.Form):
    """What a browser says about itself when somebody allows notifications."""

    endpoint = forms.URLField(max_length=1000, assume_scheme="https")
    p256dh = forms.CharField(max_length=100, validators=[_check_public_key])
    auth = forms.CharField(max_length=40, validators=[_check_secret])
    name = forms.CharField(max_length=60, required=False)

    def clean_endpoint(self) -> str:
        """Only the push services of browsers: this address is asked from inside our own network."""
        endpoint: str = self.cleaned_data["endpoint"]
        address = urlsplit(endpoint)
        host = address.hostname or ""
        known = any(host == service or host.endswith(f".{service}") for service in settings.PUSH_SERVICES)
        if address.scheme != "https" or address.port not in {None, 443} or address.username or not known:
            raise ValidationError(_("The notifications of this browser can't be used here."))
        return endpoint
