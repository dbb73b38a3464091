"""移交: a ticket offered to another organisation; it counts when that one accepts, or gives a number of its own."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.requests import Visitor
from accounts.roles import Permission
from estates.access import in_scope, organisations_where, staffed
from estates.models import Organisation

from .ticket import WORDS_MAX, Ticket

REFERENCE_MAX = 60


class HandoverState(models.TextChoices):
    """What became of an offer."""

    OFFERED = "offered", pgettext_lazy("handover", "Waiting for their answer")
    ACCEPTED = "accepted", pgettext_lazy("handover", "Accepted")
    TURNED_DOWN = "turned_down", pgettext_lazy("handover", "Turned down")
    WITHDRAWN = "withdrawn", pgettext_lazy("handover", "Taken back")
    PASSED_OUTSIDE = "passed_outside", pgettext_lazy("handover", "Handed over outside")


class HandoverQuerySet(models.QuerySet["Handover"]):
    """Offers by whether they wait, and by whose they are."""

    def visible_to(self, user: Visitor) -> "HandoverQuerySet":
        """Those made by or to the organisations in which `user` gives out work. What of the ticket may be read there
        the page decides: the offer itself holds no name, telephone or flat."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        desks = organisations_where(user, Permission.TICKET_ASSIGN)
        return self.filter(Q(to_organisation__in=desks) | Q(from_organisation__in=desks))

    def to_desk(self, user: Visitor) -> "HandoverQuerySet":
        """Offered to the organisations in which `user` gives out work."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        return self.filter(to_organisation__in=organisations_where(user, Permission.TICKET_ASSIGN))

    def from_desk(self, user: Visitor) -> "HandoverQuerySet":
        """Offered by them."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        return self.filter(from_organisation__in=organisations_where(user, Permission.TICKET_ASSIGN))

    def to_record(self, user: Visitor) -> "HandoverQuerySet":
        """Waiting for the number of somebody who is not in Anju, which `user` as an officer writes down."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        outside = Organisation.objects.exclude(staffed()).filter(pk=OuterRef("to_organisation"))
        here = Ticket.objects.filter(in_scope(user, Permission.HANDOVER_RECORD), pk=OuterRef("ticket"))
        return self.offered().filter(Exists(outside), Exists(here))

    def offered(self) -> "HandoverQuerySet":
        """Not answered yet: the first organisation still has the duty."""
        return self.filter(state=HandoverState.OFFERED)

    def for_page(self) -> "HandoverQuerySet":
        """With the ticket as its own page reads it, in one query."""
        ticket = ("repair_type__category", "estate__community__street__district", "building", "entrance", "dwelling")
        people = ("organisation", "street", "reporter", "assignee")
        return self.select_related(
            "from_organisation", "to_organisation", "offered_by", *(f"ticket__{name}" for name in (*ticket, *people))
        )


class Handover(models.Model):
    """One offer of one ticket; until it is accepted the ticket's organisation, its clock and its promises stand.

    Only the verbs of `repairs/actions/handing_over.py` write `state` and what goes with it.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="handovers", verbose_name=_("ticket"))
    from_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("offered by the organisation")
    )
    to_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("offered to")
    )
    reason = models.TextField(_("reason"), max_length=WORDS_MAX)
    offered_at = models.DateTimeField(_("offered at"))
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("offered by")
    )
    state = models.CharField(_("state"), max_length=16, choices=HandoverState, default=HandoverState.OFFERED)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decision = models.TextField(_("words of the decision"), max_length=WORDS_MAX, blank=True)
    outside_reference = models.CharField(_("their number"), max_length=REFERENCE_MAX, blank=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        indexes = [
            models.Index(
                F("to_organisation"),
                F("offered_at").desc(),
                F("id").desc(),
                name="handover_waiting",
                condition=Q(state="offered"),
            ),
            models.Index(F("from_organisation"), F("offered_at").desc(), F("id").desc(), name="handover_by_sender"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"],
                condition=Q(state=HandoverState.OFFERED),
                name="handover_offered_is_single_for_a_ticket",
                violation_error_message=_("This ticket is offered already."),
            ),
            models.CheckConstraint(
                condition=~Q(from_organisation=F("to_organisation")),
                name="handover_goes_to_another_organisation",
                violation_error_message=_("A ticket is handed over to another organisation."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="handover_has_a_reason",
                violation_error_message=_("Say why it is handed over."),
            ),
            models.CheckConstraint(
                condition=Q(state=HandoverState.OFFERED, decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state=HandoverState.OFFERED) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="handover_decided_has_who_and_when",
                violation_error_message=_("A decided handover says who decided it and when; an open one doesn't."),
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | Q(decided_at__gte=F("offered_at")),
                name="handover_is_decided_after_it_was_offered",
                violation_error_message=_("A handover is decided after it was offered."),
            ),
            models.CheckConstraint(
                condition=~Q(state=HandoverState.TURNED_DOWN) | ~Q(decision=""),
                name="handover_turned_down_says_why",
                violation_error_message=_("Say why it is turned down."),
            ),
            models.CheckConstraint(
                condition=Q(state=HandoverState.PASSED_OUTSIDE) ^ Q(outside_reference=""),
                name="handover_passed_outside_has_their_number",
                violation_error_message=_("Outside Anju a handover counts by the number of the other party."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} → {self.to_organisation_id} {self.state}"
