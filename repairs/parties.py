"""Whose part it is, who goes first and who pays: the words only, no models."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


class Scope(models.TextChoices):
    """Whose part it is: who is affected, and so who pays (DOMAIN.md: PRV ENT BLD EST UTL MUN CHK)."""

    PRIVATE = "private", pgettext_lazy("scope", "Inside the flat")
    ENTRANCE = "entrance", pgettext_lazy("scope", "Shared by one entrance")
    BUILDING = "building", pgettext_lazy("scope", "Shared by the building")
    ESTATE = "estate", pgettext_lazy("scope", "Shared by the estate")
    UTILITY = "utility", pgettext_lazy("scope", "Utility company")
    MUNICIPAL = "municipal", pgettext_lazy("scope", "City road or pipe")
    UNKNOWN = "unknown", pgettext_lazy("scope", "To be found out")


class Party(models.TextChoices):
    """Whoever goes first or pays. A payer `estate` means all owners of the estate, and so on."""

    OWNER = "owner", pgettext_lazy("party", "Owner of the flat")
    ENTRANCE = "entrance", pgettext_lazy("party", "Owners of the entrance")
    BUILDING = "building", pgettext_lazy("party", "Owners of the building")
    ESTATE = "estate", pgettext_lazy("party", "Owners of the estate")
    MANAGER = "manager", pgettext_lazy("party", "Organisation on duty")
    COMMUNITY = "community", pgettext_lazy("party", "Community or street")
    PROPERTY_FEE = "property_fee", pgettext_lazy("party", "Property fee")
    FUND = "fund", pgettext_lazy("party", "Maintenance fund")
    WARRANTY = "warranty", pgettext_lazy("party", "Renovation contractor under warranty")
    WATER = "water", pgettext_lazy("party", "Water company")
    POWER = "power", pgettext_lazy("party", "Power company")
    GAS = "gas", pgettext_lazy("party", "Gas company")
    MUNICIPAL = "municipal", pgettext_lazy("party", "City department")
    STRUCTURE = "structure", pgettext_lazy("party", "Structural appraisal")
    FIRE_BRIGADE = "fire_brigade", pgettext_lazy("party", "Fire brigade (119)")
    LIFT = "lift", pgettext_lazy("party", "Lift contractor")
    PEST_CONTROL = "pest_control", pgettext_lazy("party", "Licensed pest control")
    OPERATOR = "operator", pgettext_lazy("party", "Operator of the equipment")
    CONTRACTOR = "contractor", pgettext_lazy("party", "Contractor under contract")
    OFFENDER = "offender", pgettext_lazy("party", "Whoever caused it")
    DONOR = "donor", pgettext_lazy("party", "Donor of the equipment")


# The numbers that hold in the whole country (DOMAIN.md); local ones are settings of a street or an estate.
HOTLINES: dict[str, str | Promise] = {
    "110": pgettext_lazy("hotline", "Police"),
    "119": pgettext_lazy("hotline", "Fire and rescue"),
    "120": pgettext_lazy("hotline", "Ambulance"),
    "95598": pgettext_lazy("hotline", "Power company"),
    "12345": pgettext_lazy("hotline", "City hotline, not for emergencies"),
}
