"""Reference data by hand: places, organisations, who manages what, who lives and works where."""

from django.contrib import admin

from estates import models


@admin.register(models.District)
class DistrictAdmin(admin.ModelAdmin[models.District]):
    """Districts."""

    list_display = ["code", "name_zh", "office"]


@admin.register(models.Street)
class StreetAdmin(admin.ModelAdmin[models.Street]):
    """Streets."""

    list_display = ["code", "name_zh", "short_name", "office"]
    list_select_related = ["office"]


@admin.register(models.Community)
class CommunityAdmin(admin.ModelAdmin[models.Community]):
    """Communities."""

    list_display = ["name", "street", "organisation"]
    list_filter = ["street"]
    list_select_related = ["street", "organisation"]
    search_fields = ["name"]


@admin.register(models.Zone)
class ZoneAdmin(admin.ModelAdmin[models.Zone]):
    """Zones."""

    list_display = ["name", "community"]
    list_select_related = ["community"]
    search_fields = ["name"]


@admin.register(models.Estate)
class EstateAdmin(admin.ModelAdmin[models.Estate]):
    """Estates."""

    list_display = ["name", "community", "zone", "year_built"]
    list_filter = ["community__street"]
    list_select_related = ["community", "zone"]
    search_fields = ["name", "initials"]
    autocomplete_fields = ["community", "zone"]


@admin.register(models.Building)
class BuildingAdmin(admin.ModelAdmin[models.Building]):
    """Buildings."""

    list_display = ["label", "estate", "storeys", "year_built"]
    list_select_related = ["estate"]
    search_fields = ["label", "estate__name"]
    autocomplete_fields = ["estate"]


@admin.register(models.Entrance)
class EntranceAdmin(admin.ModelAdmin[models.Entrance]):
    """Entrances."""

    list_display = ["label", "building"]
    list_select_related = ["building__estate"]
    search_fields = ["label", "building__label", "building__estate__name"]
    autocomplete_fields = ["building"]


@admin.register(models.Dwelling)
class DwellingAdmin(admin.ModelAdmin[models.Dwelling]):
    """Dwellings."""

    list_display = ["label", "entrance", "kind", "floor", "area"]
    list_filter = ["kind"]
    list_select_related = ["entrance__building"]
    search_fields = ["label", "entrance__building__estate__name"]
    autocomplete_fields = ["entrance"]


@admin.register(models.Organisation)
class OrganisationAdmin(admin.ModelAdmin[models.Organisation]):
    """Organisations."""

    list_display = ["name", "kind", "phone", "closed_on"]
    list_filter = ["kind"]
    search_fields = ["name"]


@admin.register(models.Management)
class ManagementAdmin(admin.ModelAdmin[models.Management]):
    """Who manages what from when to when."""

    list_display = ["estate", "zone", "organisation", "mode", "starts_on", "ends_on"]
    list_filter = ["mode"]
    list_select_related = ["estate", "zone", "organisation"]
    autocomplete_fields = ["estate", "zone", "organisation"]


@admin.register(models.Residence)
class ResidenceAdmin(admin.ModelAdmin[models.Residence]):
    """Who lives where."""

    list_display = ["person", "dwelling", "kind", "starts_on", "ends_on"]
    list_select_related = ["person", "dwelling"]
    autocomplete_fields = ["dwelling"]
    raw_id_fields = ["person", "verified_by"]


@admin.register(models.Appointment)
class AppointmentAdmin(admin.ModelAdmin[models.Appointment]):
    """Who works where, as what."""

    list_display = ["person", "organisation", "role", "trade", "starts_on", "ends_on"]
    list_filter = ["role"]
    list_select_related = ["person", "organisation"]
    autocomplete_fields = ["organisation"]
    raw_id_fields = ["person"]
