"""What people type to sign in."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts import actions, codes
from accounts.codes import SentCode
from accounts.models import Language
from accounts.phones import PhoneField


class ConsentField(forms.BooleanField):
    """Agreement to the privacy notice in force: never ticked in advance (PIPL article 14)."""

    default_error_messages = {"required": _("Please read the privacy notice and tick the box to go on.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("I have read the privacy notice and agree to it"), **kwargs})


class SignInForm(forms.Form):
    """A resident's phone and, unless this browser agreed before, the consent to the privacy notice."""

    phone = PhoneField()
    agreed = ConsentField()

    def __init__(self, *args: Any, notice_read: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if notice_read:
            del self.fields["agreed"]


class CodeField(forms.CharField):
    """Six digits, as typed or pasted."""

    default_error_messages = {
        "required": _("Please write the six digits from the message."),
        "invalid": _("The code has six digits. Please check the message."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": _("Code from the message"), "max_length": 20, **kwargs})

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Let the phone offer the code it has just received."""
        return {**super().widget_attrs(widget), "autocomplete": "one-time-code", "inputmode": "numeric"}

    def clean(self, value: Any) -> str:
        """The six digits without spaces."""
        written = super().clean(value)
        digits = codes.clean_code(written)
        if digits is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return digits


class CodeForm(forms.Form):
    """The code of one open sending; valid only if it is the right one, and then used up."""

    code = CodeField()

    def __init__(self, *args: Any, sent: SentCode, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sent = sent

    def clean_code(self) -> str:
        """Compare; say in words how many tries are left."""
        code: str = self.cleaned_data["code"]
        if not codes.check_code(self.sent.phone, code, token=self.sent.token):
            raise ValidationError(codes.wrong_code_sentence(codes.standing(self.sent).tries_left), code="wrong")
        return code


class NextForm(forms.Form):
    """Where to go afterwards: an address of ours or nothing."""

    next = forms.CharField(required=False, max_length=2000)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_next(self) -> str:
        """The address if it stays on this site, else ""."""
        wanted: str = self.cleaned_data["next"]
        ours = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )
        return wanted if ours else ""


class LanguageForm(forms.Form):
    """One of our languages."""

    language = forms.ChoiceField(choices=Language)


class StaffSignInForm(LoginForm):  # type: ignore[misc]
    """Username and password, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, complete in (
            ("login", _("Username"), "username"),
            ("password", _("Password"), "current-password"),
        ):
            self.fields[name].label = label
            self.fields[name].widget.attrs = {"autocomplete": complete, "autocapitalize": "none"}
        self.fields["login"].error_messages["required"] = _("Please write your username.")
        self.fields["password"].error_messages["required"] = _("Please write your password.")
        self.fields["password"].help_text = ""

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Leave the guest or resident this browser was before: the second step wants nobody signed in."""
        if actions.is_signed_in(request.user):
            actions.sign_out(request)
        response: HttpResponse = super().login(request, redirect_url=redirect_url)
        return response


def name_app_code(field: forms.Field) -> None:
    """Call the authenticator's code what it is, and show the number pad (recovery codes are digits too)."""
    field.label = _("Six digits from the app")
    field.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric"}


class StaffReauthenticateForm(ReauthenticateForm):  # type: ignore[misc]
    """The code once more, before something about signing in is changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_app_code(self.fields["code"])


class StaffActivateForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_app_code(self.fields["code"])


class StaffPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The old password once, the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (
            ("oldpassword", _("Current password")),
            ("password1", _("New password")),
            ("password2", _("New password once more")),
        ):
            self.fields[name].label = label
            del self.fields[name].widget.attrs["placeholder"]
        self.fields["oldpassword"].help_text = ""


class StaffCodeForm(AuthenticateForm):  # type: ignore[misc]
    """The second step; a wrong code is logged like a wrong password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_app_code(self.fields["code"])

    def clean_code(self) -> str:
        """Ask allauth, log a failure."""
        try:
            code: str = super().clean_code()
        except ValidationError:
            actions.log_failure(context.request, self.user.username)
            raise
        return code
