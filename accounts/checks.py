"""What has to be there for the carriers that the settings name; looked at by `manage.py check` and at every start."""

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

CARRIERS = ("SMS_BACKEND", "CALL_BACKEND")


@register("carriers", deploy=False)
def carriers_are_there(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The part of each carrier that is an optional extra, and what it has to be told."""
    return [error for name in CARRIERS for error in _missing(name)]


def _missing(name: str) -> Iterable[CheckMessage]:
    chosen = getattr(settings, name)
    try:
        carrier = import_string(chosen)
    except ImportError:
        yield Error(f"{name} names {chosen}, which is not there.", id="anju.E001")
        return
    module, extra = getattr(carrier, "needs", ("", ""))
    if module and not _is_there(module):
        hint = f"Install it: pip install 'anju[{extra}]', or its line of requirements-dev.txt."
        yield Error(f"{name} names {chosen}, which needs the extra “{extra}”.", hint=hint, id="anju.E002")
    for setting in getattr(carrier, "asks_for", ()):
        if not getattr(settings, setting):
            yield Error(f"{name} names {chosen}, which needs {setting}.", id="anju.E003")


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False  # not even what it is a part of
