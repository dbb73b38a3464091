"""The register of places, from the district down to one flat."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from estates.bilingual import Bilingual
from estates.labels import label_key, name_key, pinyin_initials

from .organisation import Organisation


class District(models.Model):
    """区: the level above the streets."""

    code = models.CharField(_("code"), max_length=12, unique=True)
    name_zh = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60)
    office = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="heads_district", verbose_name=_("district office")
    )

    name = Bilingual[str]()

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")

    def __str__(self) -> str:
        return self.name


class Street(models.Model):
    """街道: its office is the last resort for every dwelling, so it is never empty."""

    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="streets", verbose_name=_("district"))
    code = models.CharField(_("code"), max_length=12, unique=True)
    name_zh = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60)
    short_name = models.CharField(
        _("short name"), max_length=8, unique=True, help_text=_("Begins every ticket number of the street: 海滨")
    )
    office = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="heads_street", verbose_name=_("street office")
    )

    name = Bilingual[str]()

    class Meta:
        ordering = ["code"]
        verbose_name = _("street")
        verbose_name_plural = _("streets")

    def __str__(self) -> str:
        return self.name


class Community(models.Model):
    """社区: its organisation, where there is one, keeps the minimum service (托底)."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="communities", verbose_name=_("street"))
    name = models.CharField(_("name"), max_length=40)
    organisation = models.OneToOneField(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="heads_community",
        verbose_name=_("community organisation"),
    )

    class Meta:
        ordering = ["street", "name"]
        verbose_name = _("community")
        verbose_name_plural = _("communities")
        constraints = [
            models.UniqueConstraint(
                fields=["street", "name"],
                name="community_name_is_unique_in_its_street",
                violation_error_message=_("This street already has a community of that name."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Zone(models.Model):
    """管理单元, 联片: several small estates managed as one."""

    community = models.ForeignKey(
        Community, on_delete=models.PROTECT, related_name="zones", verbose_name=_("community")
    )
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "name"],
                name="zone_name_is_unique_in_its_community",
                violation_error_message=_("This community already has a zone of that name."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class EstateQuerySet(models.QuerySet["Estate"]):
    """Estates are public as places; what happened in them is not."""

    def named_like(self, text: str) -> "EstateQuerySet":
        """Estates whose name contains `text` or whose pinyin initials begin with it."""
        key = name_key(text)
        return self.filter(Q(name_key__contains=key) | Q(initials__startswith=key))


class Estate(models.Model):
    """小区: a named residential place; may be a single building, may have no wall."""

    community = models.ForeignKey(
        Community, on_delete=models.PROTECT, related_name="estates", verbose_name=_("community")
    )
    zone = models.ForeignKey(
        Zone, on_delete=models.PROTECT, null=True, blank=True, related_name="estates", verbose_name=_("zone")
    )
    name = models.CharField(_("name"), max_length=60)
    name_key = models.CharField(max_length=60, editable=False)
    initials = models.CharField(max_length=80, editable=False, db_index=True)
    year_built = models.PositiveSmallIntegerField(
        _("year built"), null=True, blank=True, validators=[MinValueValidator(1900), MaxValueValidator(2100)]
    )

    objects = EstateQuerySet.as_manager()

    class Meta:
        ordering = ["name_key", "pk"]
        verbose_name = _("estate")
        verbose_name_plural = _("estates")
        constraints = [
            models.UniqueConstraint(
                fields=["community", "name_key"],
                name="estate_name_is_unique_in_its_community",
                violation_error_message=_("This community already has an estate of that name."),
            ),
            models.CheckConstraint(
                condition=~Q(name_key=""),
                name="estate_has_a_name",
                violation_error_message=_("An estate needs a name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the derived columns in step with the name."""
        self.set_keys()
        super().save(*args, **kwargs)

    def set_keys(self) -> "Estate":
        """Fill what is derived from the name; bulk inserts call it themselves."""
        self.name_key, self.initials = name_key(self.name), pinyin_initials(self.name)
        return self


class Labelled(models.Model):
    """Whatever carries a local label, unique within what it stands in."""

    label = models.CharField(_("label"), max_length=40)
    label_key = models.CharField(max_length=80, editable=False)

    class Meta:
        abstract = True
        ordering = ["label_key", "pk"]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the key in step with the label; bulk inserts set it with `label_key()`."""
        self.label_key = label_key(self.label)
        super().save(*args, **kwargs)


class Building(Labelled):
    """楼栋: one building; its label is local text ("3号楼", "C区9号楼")."""

    estate = models.ForeignKey(Estate, on_delete=models.PROTECT, related_name="buildings", verbose_name=_("estate"))
    storeys = models.PositiveSmallIntegerField(_("storeys"), null=True, blank=True)
    year_built = models.PositiveSmallIntegerField(_("year built"), null=True, blank=True)

    class Meta(Labelled.Meta):
        verbose_name = _("building")
        verbose_name_plural = _("buildings")
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "label_key"],
                name="building_label_is_unique_in_its_estate",
                violation_error_message=_("This estate already has a building of that label."),
            ),
            models.CheckConstraint(
                condition=~Q(label_key=""),
                name="building_has_a_label",
                violation_error_message=_("A building needs a label."),
            ),
        ]


class Entrance(Labelled):
    """梯: one stair of a building."""

    building = models.ForeignKey(
        Building, on_delete=models.PROTECT, related_name="entrances", verbose_name=_("building")
    )

    class Meta(Labelled.Meta):
        verbose_name = _("entrance")
        verbose_name_plural = _("entrances")
        constraints = [
            models.UniqueConstraint(
                fields=["building", "label_key"],
                name="entrance_label_is_unique_in_its_building",
                violation_error_message=_("This building already has an entrance of that label."),
            ),
            models.CheckConstraint(
                condition=~Q(label_key=""),
                name="entrance_has_a_label",
                violation_error_message=_("An entrance needs a label."),
            ),
        ]


class DwellingKind(models.TextChoices):
    """What a dwelling is used as."""

    HOME = "home", pgettext_lazy("dwelling kind", "Home")
    SHOP = "shop", pgettext_lazy("dwelling kind", "Shop")


class Dwelling(Labelled):
    """室: one flat, or a shop on the ground floor."""

    entrance = models.ForeignKey(
        Entrance, on_delete=models.PROTECT, related_name="dwellings", verbose_name=_("entrance")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=DwellingKind, default=DwellingKind.HOME)
    floor = models.SmallIntegerField(_("floor"), null=True, blank=True)
    area = models.DecimalField(_("floor area (m²)"), max_digits=8, decimal_places=2, null=True, blank=True)

    class Meta(Labelled.Meta):
        verbose_name = _("dwelling")
        verbose_name_plural = _("dwellings")
        constraints = [
            models.UniqueConstraint(
                fields=["entrance", "label_key"],
                name="dwelling_label_is_unique_in_its_entrance",
                violation_error_message=_("This entrance already has a dwelling of that label."),
            ),
            models.CheckConstraint(
                condition=~Q(label_key=""),
                name="dwelling_has_a_label",
                violation_error_message=_("A dwelling needs a label."),
            ),
            models.CheckConstraint(
                condition=Q(area__isnull=True) | Q(area__gt=0),
                name="dwelling_area_is_positive",
                violation_error_message=_("A floor area is more than nothing."),
            ),
        ]
