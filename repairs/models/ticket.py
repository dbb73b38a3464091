"""The ticket: one defect at one place, whoever reported it."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.masks import mask_name, mask_phone
from accounts.models import User
from accounts.requests import Visitor
from accounts.roles import Permission
from estates.access import in_scope, organisations_where
from estates.models import Building, Dwelling, Entrance, Estate, ManagementMode, Organisation, Street
from estates.places import Place
from repairs.search import bigrams, is_searchable, query_words, search_text, tokens_of
from repairs.workflow import IN_HAND_STATES, WORK_STATES, Channel, Clock, Closure, State, Urgency

from .catalogue import RepairType, Scope

WORDS_MAX = 2000
_OPEN = ~Q(state="closed")
# What the numbers of a desk are counted from (`repairs.queue.Desk.groups`).
_COUNTED = [
    "state", "due_at", "urgency", "scope", "channel", "phone_verified", "contact_agreed", "times_reopened", "filed_at",
]  # fmt: skip
DANGER_FIRST = Case(When(urgency=Urgency.DANGER, then=Value(0)), default=Value(1), output_field=IntegerField())


class VisitWish(models.TextChoices):
    """How the resident wants to be visited, when it is not a booked window."""

    SOONEST = "soonest", pgettext_lazy("visit", "As soon as possible")
    RING_FIRST = "ring_first", pgettext_lazy("visit", "Ring me first")


def _contains(word: str) -> Q:
    # The index finds the bigrams; they may stand apart in the text, so the word itself decides.
    indexed = Q(tokens__contains=bigrams(word)) if len(word) > 1 else Q()
    return indexed & Q(search_text__contains=word)


def _resident(user: User) -> Q:
    mine = Q(reporter=user)
    return mine | Q(contact_phone=user.phone, contact_agreed=True) if user.phone else mine


def _staff(user: User) -> Q:
    return Q(assignee=user) | in_scope(user, Permission.TICKET_VIEW)


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Tickets by state, by lateness and by who may see them."""

    def visible_to(self, user: Visitor) -> "TicketQuerySet":
        """What `user` may see: their own, those assigned to them, those of the places they answer for."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        return self.filter(_resident(user) | _staff(user))

    def of_resident(self, user: Visitor) -> "TicketQuerySet":
        """Those `user` reported or is the contact of."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        return self.filter(_resident(user))

    def worked_by(self, user: Visitor) -> "TicketQuerySet":
        """Those `user` sees as staff: assigned to them, or of the places they answer for."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        return self.filter(_staff(user))

    def of_desk(self, user: Visitor) -> "TicketQuerySet":
        """Those of the organisations in which `user` takes reports up: the short way to say it, for busy lists."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        return self.filter(organisation__in=organisations_where(user, Permission.TICKET_ACKNOWLEDGE))

    def to_take(self, user: Visitor) -> "TicketQuerySet":
        """Those nobody has, where `user` is one of the workers who take jobs themselves.

        Not a door to the tickets: of these nothing is shown but what `repairs/pool.py` makes of them.
        """
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        work = organisations_where(user, Permission.TICKET_WORK)
        return self.filter(state=State.ACKNOWLEDGED, organisation__in=work, organisation__dispatch_rule__mode="pool")

    def open(self) -> "TicketQuerySet":
        """Everything not closed; a finished ticket still waits for the resident's word."""
        return self.exclude(state=State.CLOSED)

    def to_acknowledge(self) -> "TicketQuerySet":
        """Nobody has taken these up yet."""
        return self.filter(state=State.SUBMITTED)

    def in_hand(self) -> "TicketQuerySet":
        """Taken up and not closed."""
        return self.filter(state__in=IN_HAND_STATES)

    def overdue(self, at: datetime | None = None) -> "TicketQuerySet":
        """Work is owed and the next due moment has passed."""
        return self.filter(state__in=WORK_STATES, due_at__lt=at or timezone.now())

    def search(self, text: str) -> "TicketQuerySet":
        """Tickets whose number, place or words contain every word of `text`; see `repairs/search.py`."""
        found = self if is_searchable(text) else self.none()
        for spellings in query_words(text):
            found = found.filter(reduce(or_, map(_contains, spellings)))
        return found

    def for_page(self) -> "TicketQuerySet":
        """With what a ticket's own page shows and what deciding about it needs, in one query."""
        return self.for_list().select_related("street", "reporter", "estate__community__street__district")

    def for_climbing(self) -> "TicketQuerySet":
        """With everybody above it, what its promise counts from, and what the messages about it say."""
        above = ("estate__community__organisation", "estate__community__street__office")
        beside = ("repair_type", "building", "entrance", "dwelling", "organisation", "reporter")
        district = "estate__community__street__district__office"
        return self.select_related(*beside, *above, district).defer("tokens", "search_text")

    def for_list(self) -> "TicketQuerySet":
        """With what one row of a list shows, in one query; less what only a search reads."""
        return self.select_related(
            "repair_type__category", "estate", "building", "entrance", "dwelling", "assignee", "organisation"
        ).defer("tokens", "search_text")


class Ticket(models.Model):
    """工单: one defect at one place, from the report to how it ended.

    Only the verbs of `repairs/actions.py` write `state` and what goes with it.
    """

    number = models.CharField(_("number"), max_length=24, unique=True)
    repair_type = models.ForeignKey(
        RepairType, on_delete=models.PROTECT, related_name="tickets", verbose_name=_("type of repair")
    )
    urgency = models.CharField(_("urgency"), max_length=8, choices=Urgency)
    scope = models.CharField(_("scope"), max_length=12, choices=Scope)
    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="tickets", verbose_name=_("street"))
    estate = models.ForeignKey(Estate, on_delete=models.PROTECT, related_name="tickets", verbose_name=_("estate"))
    building = models.ForeignKey(
        Building,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("building"),
    )
    entrance = models.ForeignKey(
        Entrance,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("entrance"),
    )
    dwelling = models.ForeignKey(
        Dwelling,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("dwelling"),
    )
    words = models.TextField(_("description"), max_length=WORDS_MAX, blank=True)
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.ONLINE)

    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports", verbose_name=_("reporter")
    )
    contact_name = models.CharField(_("contact name"), max_length=40, blank=True)
    contact_phone = models.CharField(_("contact telephone"), max_length=16, blank=True)
    phone_verified = models.BooleanField(_("telephone verified"), default=False)
    contact_agreed = models.BooleanField(
        _("contact agreed"), default=False, help_text=_("The contact proved the number, or agreed to the report.")
    )

    # Three indexes begin with it; one of its own would cost every insert.
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="tickets", db_index=False, verbose_name=_("organisation on duty")
    )
    mode = models.CharField(_("management mode"), max_length=12, choices=ManagementMode)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name=_("worker"),
    )
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.SUBMITTED)
    closure = models.CharField(_("closure"), max_length=12, choices=Closure, blank=True)

    filed_at = models.DateTimeField(_("reported at"))
    acknowledged_at = models.DateTimeField(_("taken up at"), null=True, blank=True)
    assigned_at = models.DateTimeField(_("assigned at"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    made_safe_at = models.DateTimeField(_("made safe at"), null=True, blank=True)
    plan_posted_at = models.DateTimeField(_("plan posted at"), null=True, blank=True)
    planned_for = models.DateField(_("planned for"), null=True, blank=True)
    # The last time; rework has a restore clock of its own from then on.
    reopened_at = models.DateTimeField(_("opened again at"), null=True, blank=True)
    # What was promised; `repairs.promises.due_columns` alone computes these, `restore_by` is the plan's day until then.
    acknowledge_by = models.DateTimeField(_("take up by"))
    arrive_by = models.DateTimeField(_("arrive by"), null=True, blank=True)
    make_safe_by = models.DateTimeField(_("make safe by"), null=True, blank=True)
    restore_by = models.DateTimeField(_("repair by"))
    # The earliest promise not yet met, which one it is, how far it has climbed and when it climbs again.
    due_at = models.DateTimeField(_("next due"), null=True, blank=True)
    due_clock = models.CharField(_("next due promise"), max_length=12, choices=Clock, blank=True)
    rung = models.PositiveSmallIntegerField(_("rung of the ladder"), default=0)
    climbs_at = models.DateTimeField(_("goes up at"), null=True, blank=True)
    # Raised by every move: whoever saw an older one has to look again.
    version = models.PositiveIntegerField(default=0, editable=False)
    visit_wish = models.CharField(_("wish for the visit"), max_length=10, choices=VisitWish, blank=True)
    times_nobody_home = models.PositiveSmallIntegerField(_("times nobody was home"), default=0)
    times_nobody_came = models.PositiveSmallIntegerField(_("times nobody came"), default=0)
    times_reopened = models.PositiveSmallIntegerField(_("times reopened"), default=0)

    tokens = ArrayField(models.TextField(), default=list, editable=False)
    search_text = models.TextField(editable=False, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        indexes = [
            # The queue as it is read: danger first, then what is due next.
            models.Index(F("organisation"), DANGER_FIRST, F("due_at"), F("id"), name="ticket_queue", condition=_OPEN),
            # The numbers of a desk, without a look at the tickets themselves.
            models.Index(fields=["organisation"], include=_COUNTED, name="ticket_counted", condition=_OPEN),
            models.Index(F("street"), F("state"), F("due_at"), name="ticket_open_in_street", condition=_OPEN),
            models.Index(F("organisation"), F("filed_at").desc(), F("id").desc(), name="ticket_filed_in_organisation"),
            models.Index(F("estate"), F("filed_at").desc(), F("id").desc(), name="ticket_filed_in_estate"),
            models.Index(F("reporter"), F("filed_at").desc(), F("id").desc(), name="ticket_filed_by_reporter"),
            models.Index(
                F("contact_phone"),
                F("filed_at").desc(),
                name="ticket_filed_for_contact",
                condition=Q(contact_agreed=True),
            ),
            models.Index(F("assignee"), F("state"), F("due_at"), name="ticket_jobs", condition=_OPEN),
            models.Index(F("climbs_at"), name="ticket_to_climb", condition=Q(climbs_at__isnull=False)),
            models.Index(F("state"), F("finished_at"), name="ticket_unanswered", condition=Q(state="finished")),
            GinIndex(F("tokens"), name="ticket_tokens", fastupdate=False),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.CLOSED) ^ Q(closure=""),
                name="ticket_closed_has_closure",
                violation_error_message=_("A closed ticket says how it ended, an open one doesn't."),
            ),
            models.CheckConstraint(
                condition=Q(state=State.CLOSED, closed_at__isnull=False)
                | (~Q(state=State.CLOSED) & Q(closed_at__isnull=True)),
                name="ticket_closed_has_closed_at",
                violation_error_message=_("A closed ticket says when it ended."),
            ),
            models.CheckConstraint(
                condition=~Q(closure__in=[Closure.CONFIRMED, Closure.UNCONFIRMED]) | Q(finished_at__isnull=False),
                name="ticket_confirmed_was_finished",
                violation_error_message=_("Only finished work can be confirmed."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.ASSIGNED, State.ON_SITE, State.FINISHED]) | Q(assignee__isnull=False),
                name="ticket_assigned_has_assignee",
                violation_error_message=_("An assigned ticket names its worker."),
            ),
            models.CheckConstraint(
                condition=(Q(building__isnull=False) | Q(entrance__isnull=True))
                & (Q(entrance__isnull=False) | Q(dwelling__isnull=True)),
                name="ticket_place_has_no_gaps",
                violation_error_message=_("A flat stands in an entrance and an entrance in a building."),
            ),
            models.CheckConstraint(
                condition=Q(plan_posted_at__isnull=True, planned_for__isnull=True)
                | Q(plan_posted_at__isnull=False, planned_for__isnull=False),
                name="ticket_plan_names_its_day",
                violation_error_message=_("A posted plan names the day of the repair."),
            ),
            models.CheckConstraint(
                condition=Q(climbs_at__isnull=True) | ~Q(due_clock=""),
                name="ticket_climbs_for_a_promise",
                violation_error_message=_("What goes up the ladder is a promise that is due."),
            ),
            models.CheckConstraint(
                condition=Q(due_clock__in=["", *Clock.values]),
                name="ticket_due_clock_is_listed",
                violation_error_message=_("Choose a promise from the list."),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.estate, self.building, self.entrance, self.dwelling)

    @property
    def headline(self) -> str:
        """What is broken in a few words: the first line written, else the type's name."""
        first = self.words.strip().splitlines()[0] if self.words.strip() else ""
        return (first if len(first) <= 40 else f"{first[:39]}…") or self.repair_type.name

    @property
    def is_open(self) -> bool:
        """Whether it still waits for anybody."""
        return self.state != State.CLOSED

    @property
    def at_home(self) -> bool:
        """Whether somebody has to open a door for the repair; common parts are planned without the resident."""
        return self.scope == Scope.PRIVATE or self.repair_type.needs_entry

    @property
    def is_overdue(self) -> bool:
        """Whether work is owed and its next due moment has passed."""
        return self.state in WORK_STATES and self.due_at is not None and self.due_at < timezone.now()

    @property
    def masked_name(self) -> str:
        """陈*"""
        return mask_name(self.contact_name)

    @property
    def masked_phone(self) -> str:
        """138****5678"""
        return mask_phone(self.contact_phone)

    def search_columns(self, repair_type: RepairType, organisation: Organisation | None = None) -> dict[str, Any]:
        """What the ticket is found by, were it of `repair_type` and with `organisation`. No names and no telephone
        numbers."""
        parts = [self.number, *(str(part or "") for part in (self.estate, self.building, self.entrance, self.dwelling))]
        text = search_text([*parts, repair_type.name_zh, repair_type.name_en, self.words])
        with_whom = organisation.pk if organisation else self.organisation_id
        scopes = [f"org:{with_whom}", f"street:{self.street_id}", f"estate:{self.estate_id}"]
        return {"search_text": text, "tokens": tokens_of(text, scopes)}

    def is_party(self, user: User) -> bool:
        """Whether `user` speaks for the resident's side of this ticket."""
        by_phone = bool(user.phone) and self.contact_agreed and user.phone == self.contact_phone
        return self.reporter_id == user.pk or by_phone


class TicketCounter(models.Model):
    """The last number given in one street in one month; its row lock makes numbers unique and gapless."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT)
    month = models.CharField(max_length=4)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "month"], name="ticket_counter_is_one_per_street_and_month")
        ]

    def __str__(self) -> str:
        return f"{self.street_id}-{self.month}-{self.last}"


class ContactViewReason(models.TextChoices):
    """Why somebody on the staff looked at a name and a number in full."""

    VISIT = "visit", pgettext_lazy("contact reason", "To arrange or make the visit")
    CLARIFY = "clarify", pgettext_lazy("contact reason", "To ask about the report")
    SAFETY = "safety", pgettext_lazy("contact reason", "To warn of danger")


class ContactView(models.Model):
    """Somebody saw a contact unmasked: who, when, why (PIPL)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="contact_views")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=8, choices=ContactViewReason)

    class Meta:
        indexes = [models.Index(fields=["ticket", "at"], name="contact_view_by_ticket")]
        verbose_name = _("contact view")
        verbose_name_plural = _("contact views")

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.by_id} {self.reason}"
