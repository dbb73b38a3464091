"""Organisations, and which of them manages what from when to when."""

import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .dates import holds_on


class OrganisationKind(models.TextChoices):
    """Whoever can be on duty or be handed a job."""

    COMPANY = "company", pgettext_lazy("organisation kind", "Property company")
    HOME_CENTRE = "home_centre", pgettext_lazy("organisation kind", "Home affairs service centre")
    COMMUNITY = "community", pgettext_lazy("organisation kind", "Community")
    STREET_OFFICE = "street_office", pgettext_lazy("organisation kind", "Street office")
    DISTRICT_OFFICE = "district_office", pgettext_lazy("organisation kind", "District office")
    CONTRACTOR = "contractor", pgettext_lazy("organisation kind", "Contractor")
    UTILITY = "utility", pgettext_lazy("organisation kind", "Utility")
    MUNICIPAL = "municipal", pgettext_lazy("organisation kind", "City department")


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations by whether they still exist."""

    def working(self, on: datetime.date) -> "OrganisationQuerySet":
        """Those not closed on that day."""
        return self.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on))


class Organisation(models.Model):
    """Whoever can be on duty or be handed a job; always reachable by a telephone number."""

    kind = models.CharField(_("kind"), max_length=16, choices=OrganisationKind)
    name = models.CharField(_("name"), max_length=80, unique=True)
    phone = models.CharField(_("duty telephone"), max_length=30)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(
                condition=~Q(phone=""),
                name="organisation_has_a_phone",
                violation_error_message=_("An organisation needs a telephone number that residents can call."),
            ),
            # The last resort of every dwelling may not vanish.
            models.CheckConstraint(
                condition=~Q(kind=OrganisationKind.STREET_OFFICE) | Q(closed_on__isnull=True),
                name="organisation_street_office_stays_open",
                violation_error_message=_("A street office can't be closed: it answers when nobody else does."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ManagementMode(models.TextChoices):
    """管理方式: how an estate is managed."""

    COMPANY = "company", pgettext_lazy("management mode", "Property company")
    HOME_CENTRE = "home_centre", pgettext_lazy("management mode", "Home centre")
    FALLBACK = "fallback", pgettext_lazy("management mode", "Community fallback")
    NOBODY = "nobody", pgettext_lazy("management mode", "Nobody")


class ManagementQuerySet(models.QuerySet["Management"]):
    """Managements by date."""

    def in_force(self, on: datetime.date) -> "ManagementQuerySet":
        """Those that hold on that day: `ends_on` is the last day."""
        return self.filter(holds_on(on))


def _never_twice(place: str) -> ExclusionConstraint:
    # btree_gist is not available everywhere we run; a number as a one-point range needs only core PostgreSQL.
    key = Func(F(place), F(place), Value("[]"), function="int8range", output_field=models.TextField())
    days = Func(F("starts_on"), F("ends_on"), Value("[]"), function="daterange", output_field=models.TextField())
    return ExclusionConstraint(
        name=f"management_of_one_{place}_never_overlaps",
        expressions=[(key, RangeOperators.OVERLAPS), (days, RangeOperators.OVERLAPS)],
        condition=Q(**{f"{place}__isnull": False}),
        violation_error_message=_("This place already has a management in these days."),
    )


class Management(models.Model):
    """Who manages an estate or a zone, in which mode, from which day to which (last day included)."""

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="managements",
        verbose_name=_("organisation"),
    )
    estate = models.ForeignKey(
        "estates.Estate",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="managements",
        verbose_name=_("estate"),
    )
    zone = models.ForeignKey(
        "estates.Zone",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="managements",
        verbose_name=_("zone"),
    )
    mode = models.CharField(_("mode"), max_length=12, choices=ManagementMode)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    objects = ManagementQuerySet.as_manager()

    class Meta:
        verbose_name = _("management")
        verbose_name_plural = _("managements")
        constraints = [
            models.CheckConstraint(
                condition=Q(estate__isnull=False, zone__isnull=True) | Q(estate__isnull=True, zone__isnull=False),
                name="management_is_of_one_estate_or_one_zone",
                violation_error_message=_("Choose an estate or a zone, not both."),
            ),
            models.CheckConstraint(
                condition=Q(mode=ManagementMode.NOBODY, organisation__isnull=True)
                | (~Q(mode=ManagementMode.NOBODY) & Q(organisation__isnull=False)),
                name="management_names_an_organisation_unless_nobody",
                violation_error_message=_("Name the organisation, or choose “Nobody”."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="management_ends_after_it_starts",
                violation_error_message=_("The last day can't be before the first."),
            ),
            _never_twice("estate"),
            _never_twice("zone"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation or self.get_mode_display()} → {self.estate or self.zone}"
