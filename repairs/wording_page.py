"""The texts of messages as the administration lists them: where each goes and to whom, and whose words it has now."""

from typing import NamedTuple

from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils.functional import Promise as StrPromise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import Language
from repairs import climb_words
from repairs import messages as messages  # whoever imports it has all texts there are
from repairs.models import Audience, MessageTemplate
from repairs.timeline import TITLES
from repairs.times import lately
from repairs.wording import WORDINGS, Wording
from repairs.wording_variables import kept, meaning

AUDIENCES: dict[str, StrPromise | str] = {
    "resident": Audience.RESIDENT.label,
    "household": Audience.HOUSEHOLD.label,
    "staff": Audience.STAFF.label,
    "all": gettext_lazy("The one who reported it and the people who work"),
}
_ALOUD = gettext_lazy(
    "In the app and by the channels each has chosen, through team robots, and in danger by telephone."
)
_BY: dict[str, StrPromise] = {
    "resident": gettext_lazy("In the app and by text message; by e-mail and as a notification to who wants that."),
    "household": gettext_lazy("In the app; by e-mail and as a notification to who wants that."),
    "staff": _ALOUD,
    "all": _ALOUD,
}


class Version(NamedTuple):
    """A text in one language; `state`: "own", "unfit" (an own one that is not sent) or nothing for the built-in."""

    language: str
    name: str
    text: str
    state: str
    address: str


class Row(NamedTuple):
    """One text in both languages and after which steps it is said."""

    steps: str
    versions: list[Version]


class Group(NamedTuple):
    """All that is said to the same people."""

    title: str
    by: str
    rows: list[Row]


class Variable(NamedTuple):
    """What may stand in the text; `kept`: it must not be left out."""

    name: str
    meaning: str
    kept: bool


class Change(NamedTuple):
    """Who wrote what when, or went back to the built-in text (then `text` is what was given up)."""

    when: str
    by: str
    back: bool
    text: str


def groups() -> list[Group]:
    """Every text there is; one statement."""
    own = {(row.key, row.language): row for row in MessageTemplate.objects.all()}
    found: dict[str, list[Row]] = {audience: [] for audience in AUDIENCES}
    for wording in sorted(WORDINGS.values(), key=_in_turn):
        versions = [_version(wording, language, own.get((wording.key, language.value))) for language in Language]
        found[wording.audience].append(Row(steps(wording), versions))
    return [Group(str(AUDIENCES[name]), str(_BY[name]), rows) for name, rows in found.items()]


def _in_turn(wording: Wording) -> int:
    # As the steps of a ticket follow each other.
    return list(TITLES).index(wording.verbs[0])


def _version(wording: Wording, language: Language, own: MessageTemplate | None) -> Version:
    address = reverse("admin:repairs_messagetemplate_wording", args=[wording.key, language.value])
    if own is None:
        return Version(language.value, str(language.label), wording.built_in(language.value), "", address)
    state = "own" if wording.fits(own.text) else "unfit"
    return Version(language.value, str(language.label), own.text, state, address)


def left_over() -> list[MessageTemplate]:
    """Own texts whose step is no more; nobody reads them."""
    return list(MessageTemplate.objects.exclude(key__in=WORDINGS))


def steps(wording: Wording) -> str:
    """After which steps it is said, each named once."""
    return pgettext("list", ", ").join(dict.fromkeys(str(TITLES[verb]) for verb in wording.verbs))


def where(wording: Wording) -> str:
    """By which channels it goes, and where else it stands."""
    by = str(_BY[wording.audience])
    on_page = wording.audience in {"resident", "all"} and set(wording.verbs) <= set(climb_words.LINES)
    return f"{by} {_('It also stands in the story of the ticket.')}" if on_page else by


def variables(wording: Wording) -> list[Variable]:
    """What may stand in it."""
    must = kept(wording)
    return [Variable(name, str(meaning(wording, name)), name in must) for name in wording.variables]


def changes(key: str, language: str) -> list[Change]:
    """What was written before, newest first, out of the administration's log."""
    row = MessageTemplate(key=key, language=language)
    log = LogEntry.objects.filter(content_type__app_label="repairs", content_type__model="messagetemplate")
    return [
        Change(lately(each.action_time), str(each.user), each.is_deletion(), each.change_message)
        for each in log.filter(object_repr=str(row)).select_related("user").order_by("-pk")[:20]
    ]
