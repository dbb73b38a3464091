"""What the variables of the texts of messages mean, in words; which of them a text keeps, and how long it may be."""

from django.utils.functional import Promise as StrPromise
from django.utils.translation import gettext_lazy as _

from accounts.sms import parts_of
from repairs.wording import Wording

# More than that is read by nobody and paid for every time.
MOST_PARTS = 5
# As long as a name or a moment is, and the number with the headline in front.
_USUAL_LENGTH, _FRONT = 15, 40

MEANINGS: dict[str, StrPromise] = {
    "before": _("who had it, or when it was, before"),
    "by": _("by when it is promised"),
    "day": _("the day for which it is planned"),
    "district": _("the district office"),
    "from": _("the organisation that gives the repair away"),
    "next": _("who hears of it next"),
    "office": _("the office that was told"),
    "organisation": _("the organisation that sees to the repair"),
    "pause": _("why it is paused, and until when at the latest"),
    "phone": _("the telephone of that organisation"),
    "place": _("the building or entrance, never the flat"),
    "reason": _("the reason as the desk wrote it"),
    "reference": _("the number under which they have it"),
    "said": _("the text that says it is taken up"),
    "to": _("the organisation that is to take it over"),
    "urgency": _("how urgent it is"),
    "when": _("the time of the visit"),
    "words": _("the words somebody wrote for the reader"),
    "worker": _("the worker who comes"),
}
# Where the same name stands for something more particular, by the beginning of the key.
_PARTICULAR: dict[tuple[str, str], StrPromise] = {
    ("resident.climb", "organisation"): _("the office it went up to"),
    ("resident.climb", "phone"): _("the telephone of the office it went up to"),
    ("resident.climb", "when"): _("by when it has to be done"),
    ("staff.climb", "organisation"): _("the organisation that is late"),
    ("staff.climb", "phone"): _("the telephone of the organisation that is late"),
    ("all.answer_climb", "office"): _("the office that answers"),
    ("all.order", "by"): _("the day by which an answer is due"),
    ("all.order", "office"): _("the office that orders"),
    ("all.order", "organisation"): _("the organisation that has to answer"),
    ("all.answer_order", "office"): _("the office that ordered"),
    ("all.answer_order", "organisation"): _("the organisation that answers"),
    ("all.order_goes_up", "office"): _("the office that ordered"),
    ("all.order_goes_up", "organisation"): _("the organisation that did not answer"),
    ("staff.offer", "phone"): _("the telephone of who is to take it over"),
    ("resident.pass_outside", "phone"): _("the telephone of who has taken it over"),
}
# What somebody wrote, when somebody comes, what is promised: whoever reads the message has to know it.
_KEPT = frozenset({"by", "day", "reason", "reference", "said", "when", "words"})


def meaning(wording: Wording, name: str) -> StrPromise:
    """What the variable stands for in that text."""
    return _PARTICULAR.get((".".join(wording.key.split(".")[:2]), name), MEANINGS[name])


def kept(wording: Wording) -> list[str]:
    """The variables no text in its place may leave out."""
    return [name for name in wording.variables if name in _KEPT]


def about_parts(wording: Wording, text: str) -> int:
    """As how many text messages `text` will be counted, about: less what people write into it."""
    for name in wording.variables:
        text = text.replace(f"{{{name}}}", "x" * _USUAL_LENGTH)
    return parts_of(text + "x" * _FRONT)
