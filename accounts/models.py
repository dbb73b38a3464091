"""Who people are: residents by phone, staff by username, guests by nothing but this browser."""

from datetime import datetime
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.masks import mask_name

E164 = r"^\+[1-9]\d{6,14}$"
MOST_TRIES = 5


class Language(models.TextChoices):
    """The languages the screens and messages speak."""

    CHINESE = "zh-hans", "简体中文"
    ENGLISH = "en", "English"


class UserQuerySet(models.QuerySet["User"]):
    """Sets of people that have a name in speech."""

    def guests(self) -> "UserQuerySet":
        """People known by nothing but their browser."""
        return self.filter(phone__isnull=True, username__isnull=True)


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes residents, staff, guests and superusers."""

    def create_user(self, username: str | None = None, password: str | None = None, **fields: Any) -> "User":
        """Store a person; without a password nobody can sign in by password."""
        user = User(username=User.normalize_username(username) if username else None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_guest(self, display_name: str = "", **fields: Any) -> "User":
        """Store someone who proved neither phone nor name."""
        return self.create_user(display_name=display_name, **fields)

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Store an administrator."""
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person: a resident has a phone, someone on the staff a username, a guest neither.

    No e-mail and no family name: what is not needed is not kept (PIPL article 6).
    """

    username = models.CharField(
        _("username"),
        max_length=150,
        null=True,
        blank=True,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        help_text=_("Only for staff. Residents sign in with their phone."),
        error_messages={"unique": _("Someone already has this username.")},
    )
    # NULL, not "": a million people without a phone must not clash.
    phone = models.CharField(  # noqa: DJ001
        _("phone"),
        max_length=16,
        null=True,
        blank=True,
        help_text=_("With the country code, for example +8613812345678."),
    )
    display_name = models.CharField(pgettext_lazy("person", "name"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.CHINESE)
    notice_version = models.CharField(_("privacy notice agreed to"), max_length=16, blank=True)
    notice_accepted_at = models.DateTimeField(_("privacy notice agreed at"), null=True, blank=True)
    is_staff = models.BooleanField(_("administrator"), default=False, help_text=_("May open the administration pages."))
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Take this away instead of deleting an account.")
    )
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                fields=["phone"],
                name="user_phone_is_unique",
                violation_error_message=_("Someone already has this phone number."),
            ),
            models.CheckConstraint(
                condition=Q(phone__isnull=True) | Q(phone__regex=E164),
                name="user_phone_is_e164",
                violation_error_message=_("Write the phone number with its country code, for example +8613812345678."),
            ),
            models.CheckConstraint(
                condition=Q(username__isnull=True) | (Q(username=Lower("username")) & ~Q(username="")),
                name="user_username_is_lower_case",
                violation_error_message=_("Write the username in small letters."),
            ),
            models.CheckConstraint(
                condition=Q(is_staff=False, is_superuser=False) | Q(username__isnull=False),
                name="user_administrator_has_username",
                violation_error_message=_("An administrator needs a username."),
            ),
            models.CheckConstraint(
                condition=Q(notice_version="", notice_accepted_at__isnull=True)
                | (~Q(notice_version="") & Q(notice_accepted_at__isnull=False)),
                name="user_notice_has_version_and_time",
                violation_error_message=_("The privacy notice needs both its version and the time of agreement."),
            ),
        ]

    def __str__(self) -> str:
        # Wherever a row is merely named (the admin's lists), a resident's name stays masked.
        return (self.display_name if self.username else mask_name(self.display_name)) or self.username or f"#{self.pk}"

    @classmethod
    def normalize_username(cls, username: str | None) -> Any:
        """Bring a username to the one form it is kept in."""
        normal = super().normalize_username(username) if username else None
        return normal.lower() if normal else None

    @property
    def is_guest(self) -> bool:
        """Whether nothing but this browser tells who they are."""
        return not self.phone and not self.username

    def get_full_name(self) -> str:
        """The name as it was given, for the administration pages."""
        return str(self)

    def get_short_name(self) -> str:
        """The same: there is only one name."""
        return str(self)


class LoginCode(models.Model):
    """One six-digit code sent to one phone; tries are counted here, not in the session."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", pgettext_lazy("code purpose", "Sign in")
        REPORT = "report", pgettext_lazy("code purpose", "Send a report")

    phone = models.CharField(_("phone"), max_length=16)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose, default=Purpose.SIGN_IN)
    token = models.CharField(max_length=64, editable=False)
    code_hash = models.CharField(max_length=64, editable=False)
    address = models.GenericIPAddressField(_("network address"), null=True, blank=True)
    created_at = models.DateTimeField(_("sent at"), default=timezone.now)
    expires_at = models.DateTimeField(_("valid until"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    voided_at = models.DateTimeField(_("replaced at"), null=True, blank=True)

    class Meta:
        verbose_name = _("sign-in code")
        verbose_name_plural = _("sign-in codes")
        constraints = [
            models.UniqueConstraint(fields=["token"], name="login_code_token_is_unique"),
            models.CheckConstraint(condition=Q(phone__regex=E164), name="login_code_phone_is_e164"),
            models.CheckConstraint(condition=Q(tries__lte=MOST_TRIES), name="login_code_tries_end_at_five"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="login_code_expires_after_sending"
            ),
        ]
        indexes = [
            models.Index(fields=["phone", "-created_at"], name="login_code_by_phone"),
            models.Index(fields=["address", "-created_at"], name="login_code_by_address"),
            models.Index(fields=["-created_at"], name="login_code_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.created_at:%Y-%m-%d %H:%M}"


class RowIsFinal(Exception):
    """Someone tried to change or delete a row of the log."""


class SignInQuerySet(models.QuerySet["SignIn"]):
    """The log can be read and added to, nothing else."""

    def update(self, **values: Any) -> NoReturn:
        raise RowIsFinal

    def delete(self) -> NoReturn:
        raise RowIsFinal

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RowIsFinal

    def purge(self, *, before: datetime) -> int:
        """Remove what has been kept long enough; the database refuses anything under six months old."""
        return self.filter(at__lt=before)._raw_delete(self.db)


class SignIn(models.Model):
    """The log of signing in and out, kept at least six months (Cybersecurity Law article 21)."""

    class What(models.TextChoices):
        SIGNED_IN = "signed_in", pgettext_lazy("sign-in log", "Signed in")
        FAILED = "failed", pgettext_lazy("sign-in log", "Failed")
        LOCKED = "locked", pgettext_lazy("sign-in log", "Locked out")
        SIGNED_OUT = "signed_out", pgettext_lazy("sign-in log", "Signed out")

    # No database constraint: the log outlives the person, and is not rewritten when they go.
    user = models.ForeignKey(
        User,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="sign_ins",
    )
    what = models.CharField(pgettext_lazy("sign-in log", "what"), max_length=12, choices=What)
    at = models.DateTimeField(pgettext_lazy("sign-in log", "at"), default=timezone.now)
    address = models.GenericIPAddressField(_("network address"), null=True, blank=True)
    name_masked = models.CharField(_("name as typed, masked"), max_length=40, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in log entry")
        verbose_name_plural = _("sign-in log")
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["-at"], name="sign_in_by_time"),
            models.Index(fields=["user", "-at"], name="sign_in_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row; a row that stands is never written again."""
        if not self._state.adding:
            raise RowIsFinal
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Never: the log is append only."""
        raise RowIsFinal
