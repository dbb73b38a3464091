"""Files an office brings in: kept as they came, with who, when and what they changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User

from .organisation import Organisation


class RegisterKind(models.TextChoices):
    """What the rows of a file are."""

    DWELLINGS = "dwellings", pgettext_lazy("register kind", "Estates, buildings and flats")
    ORGANISATIONS = "organisations", pgettext_lazy("register kind", "Organisations")
    MANAGEMENTS = "managements", pgettext_lazy("register kind", "Who manages what")
    STAFF = "staff", pgettext_lazy("register kind", "Staff")


class RegisterStage(models.TextChoices):
    """How far a file has come; the three words in -ing are jobs of the worker."""

    READING = "reading", pgettext_lazy("register stage", "Being read")
    COLUMNS = "columns", pgettext_lazy("register stage", "Check the columns")
    COMPARING = "comparing", pgettext_lazy("register stage", "Being compared")
    PREVIEWED = "previewed", pgettext_lazy("register stage", "Waiting for your yes")
    APPLYING = "applying", pgettext_lazy("register stage", "Being brought in")
    APPLIED = "applied", pgettext_lazy("register stage", "Brought in")
    REFUSED = "refused", pgettext_lazy("register stage", "Can't be used")


WORKING = (RegisterStage.READING, RegisterStage.COMPARING, RegisterStage.APPLYING)


class RegisterFileQuerySet(models.QuerySet["RegisterFile"]):
    """Files by reader and by stage."""

    def visible_to(self, user: User) -> "RegisterFileQuerySet":
        """A person's own, those of colleagues who may do the same, and all for those who answer for everything."""
        from estates import access  # it stands on these models

        reach = access.register_reach(user)
        if reach.everything:
            return self
        if not reach.organisations:
            return self.none()
        return self.filter(Q(uploaded_by=user) | Q(organisation__in=reach.organisations))

    def for_list(self) -> "RegisterFileQuerySet":
        """Newest first, without the long columns."""
        long = ("refused", "changes", "vanished", "samples")
        return self.select_related("uploaded_by", "applied_by").defer(*long).order_by("-uploaded_at", "-pk")

    def at_work(self) -> "RegisterFileQuerySet":
        """Those a job has to do something with."""
        return self.filter(stage__in=WORKING)


class RegisterFile(models.Model):
    """One file brought in or on its way; its content lies in the store under `path`."""

    kind = models.CharField(_("kind"), max_length=16, choices=RegisterKind, blank=True)
    name = models.CharField(_("file name"), max_length=200)
    path = models.CharField(max_length=100, unique=True, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveBigIntegerField(_("bytes"))
    by_command = models.BooleanField(_("by an operator's command"), default=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sent in by"),
    )
    uploaded_at = models.DateTimeField(_("sent in at"), default=timezone.now)
    stage = models.CharField(_("stage"), max_length=12, choices=RegisterStage, default=RegisterStage.READING)
    progress = models.PositiveSmallIntegerField(default=0)
    touched_at = models.DateTimeField(default=timezone.now)
    problem = models.JSONField(null=True, blank=True)
    sheet = models.CharField(_("sheet"), max_length=80, blank=True)
    sheets = models.JSONField(default=list, blank=True)
    header_row = models.PositiveIntegerField(default=0)
    first_row = models.PositiveIntegerField(default=0)
    headers = models.JSONField(default=list, blank=True)
    samples = models.JSONField(default=list, blank=True)
    columns = models.JSONField(default=dict, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    refused = models.JSONField(default=list, blank=True)
    changes = models.JSONField(default=list, blank=True)
    vanished = models.JSONField(default=list, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    moved_on = models.BooleanField(default=False)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("brought in by"),
    )
    applied_at = models.DateTimeField(_("brought in at"), null=True, blank=True)

    objects = RegisterFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("register file")
        verbose_name_plural = _("register files")
        indexes = [models.Index(fields=["-uploaded_at", "-id"], name="register_file_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(stage=RegisterStage.APPLIED, applied_at__isnull=False)
                | (~Q(stage=RegisterStage.APPLIED) & Q(applied_at__isnull=True)),
                name="register_file_applied_says_when",
                violation_error_message=_("A file that was brought in says when."),
            ),
            models.CheckConstraint(
                condition=Q(by_command=True)
                | (Q(uploaded_by__isnull=False) & (Q(applied_at__isnull=True) | Q(applied_by__isnull=False))),
                name="register_file_from_a_page_says_who",
                violation_error_message=_("A file sent in on a page says by whom."),
            ),
            models.CheckConstraint(
                condition=Q(stage=RegisterStage.REFUSED, problem__isnull=False)
                | (~Q(stage=RegisterStage.REFUSED) & Q(problem__isnull=True)),
                name="register_file_refused_says_why",
                violation_error_message=_("A file that can't be used says why."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_working(self) -> bool:
        """Whether a job has it in hand."""
        return self.stage in WORKING
