"""Who lives where, and who works for whom."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.roles import Role

from .dates import holds_on
from .organisation import Organisation
from .place import Dwelling


class ResidenceKind(models.TextChoices):
    """As what someone lives there; only owners vote and bear shared cost."""

    OWNER = "owner", pgettext_lazy("residence kind", "Owner")
    TENANT = "tenant", pgettext_lazy("residence kind", "Tenant")
    FAMILY = "family", pgettext_lazy("residence kind", "Family")


class ResidenceQuerySet(models.QuerySet["Residence"]):
    """Residences by date and by reader."""

    def current(self, on: datetime.date) -> "ResidenceQuerySet":
        """Those that hold on that day."""
        return self.filter(holds_on(on))

    def visible_to(self, user: User) -> "ResidenceQuerySet":
        """A person's own; the register of residents comes with its own screens."""
        return self.filter(person=user)


class Residence(models.Model):
    """A person in a dwelling, as owner, tenant or family, from day to day."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="residences", verbose_name=_("person")
    )
    dwelling = models.ForeignKey(
        Dwelling, on_delete=models.PROTECT, related_name="residences", verbose_name=_("dwelling")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=ResidenceKind)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("verified by"),
    )
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)

    objects = ResidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("residence")
        verbose_name_plural = _("residences")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "dwelling"],
                condition=Q(ends_on__isnull=True),
                name="residence_of_one_person_in_one_dwelling_is_single",
                violation_error_message=_("This person already lives in that dwelling."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="residence_ends_after_it_starts",
                violation_error_message=_("The last day can't be before the first."),
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True, verified_at__isnull=True)
                | Q(verified_by__isnull=False, verified_at__isnull=False),
                name="residence_verified_at_has_verified_by",
                violation_error_message=_("Say who verified it and when, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.dwelling_id}"


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Appointments by date."""

    def current(self, on: datetime.date) -> "AppointmentQuerySet":
        """Those that hold on that day."""
        return self.filter(holds_on(on))


class Appointment(models.Model):
    """A person's role in an organisation, from day to day."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("person")
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("organisation")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    trade = models.CharField(
        _("trade"), max_length=40, blank=True, help_text=_("What residents see beside the name: 水电师傅")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "role"],
                condition=Q(ends_on__isnull=True),
                name="appointment_to_one_role_is_single",
                violation_error_message=_("This person already has that role there."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="appointment_ends_after_it_starts",
                violation_error_message=_("The last day can't be before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.organisation_id}"
