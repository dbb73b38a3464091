"""Who reports: which form fits whoever holds the phone, and what is already known about them."""

from collections.abc import Mapping
from typing import Any, TypeGuard

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from accounts import notice
from accounts.models import User
from accounts.roles import Permission
from estates import access
from repairs.forms.report import ContactForm, ForWhomForm, OnBehalfForm, ProxyForm
from repairs.report_steps import Progress
from repairs.workflow import Channel


def is_known(user: User | AnonymousUser) -> TypeGuard[User]:
    """Whether somebody is signed in who proved a phone or a password; a guest did neither."""
    return isinstance(user, User) and not user.is_guest


def contact_form(request: HttpRequest, progress: Progress, data: Mapping[str, Any] | None = None) -> ContactForm:
    """The form for the last step, filled in from the draft, else from whoever is signed in."""
    kind = _kind(request, progress)
    return kind(
        data,
        initial=_initial(request.user, progress, kind),
        notice_read=notice.was_read(request),
        danger=progress.danger,
    )


def _kind(request: HttpRequest, progress: Progress) -> type[ContactForm]:
    if not is_known(request.user):
        return ContactForm
    if request.user.username and progress.place:
        granted = access.permissions_in(request.user, progress.place.estate)
        if Permission.TICKET_FILE_FOR_OTHERS in granted:
            return OnBehalfForm
    return ProxyForm if ForWhomForm(request.GET).other() else ContactForm


_SAID_IN: dict[type[ContactForm], frozenset[str]] = {
    ContactForm: frozenset({Channel.ONLINE}),
    ProxyForm: frozenset({Channel.PROXY}),
    OnBehalfForm: frozenset({Channel.PHONE, Channel.WALK_IN, Channel.PATROL}),
}


def _initial(user: User | AnonymousUser, progress: Progress, kind: type[ContactForm]) -> dict[str, Any]:
    """What was said before in the same form; nobody's name is put into somebody else's place."""
    draft = progress.draft
    if draft.channel in _SAID_IN[kind] and (draft.contact_name or draft.contact_phone):
        said = {name: getattr(draft, name) for name in ("channel", "contact_name", "contact_agreed")}
        return said | {"contact_phone": _as_written(draft.contact_phone)}
    if kind is ContactForm and is_known(user):
        return {"contact_name": user.display_name, "contact_phone": _as_written(user.phone or "")}
    return {}


def _as_written(phone: str) -> str:
    return phone.removeprefix("+86")
