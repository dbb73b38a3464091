"""Which messages somebody wants."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from repairs.models import MessageChoice, MessageKind


class MessageChoicesForm(forms.Form):
    """The kinds that come by text message too; only what the house pays for is offered."""

    sms = forms.MultipleChoiceField(label=_("By text message too"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [kind for kind in MessageKind if kind in settings.SMS_KINDS]
        off = set(MessageChoice.objects.filter(person=user, sms=False).values_list("kind", flat=True))
        sms = cast(forms.MultipleChoiceField, self.fields["sms"])
        sms.choices = [(kind.value, kind.label) for kind in offered]
        sms.initial = [kind.value for kind in offered if kind not in off]
