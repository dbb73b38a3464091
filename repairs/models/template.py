"""Texts of messages in an administrator's own words."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Language


class MessageTemplate(models.Model):
    """One text of `repairs/wording.py` in one language, in place of the built-in one; no row: as the house says it."""

    key = models.CharField(_("text"), max_length=60)
    language = models.CharField(_("language"), max_length=10, choices=Language)
    text = models.TextField(_("own text"))
    edited_at = models.DateTimeField(_("edited at"))
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("edited by")
    )

    class Meta:
        ordering = ["key", "language"]
        verbose_name = _("text of a message")
        verbose_name_plural = _("texts of messages")
        constraints = [
            models.UniqueConstraint(
                fields=["key", "language"],
                name="message_template_is_single",
                violation_error_message=_("This text has been changed already."),
            ),
            models.CheckConstraint(
                condition=Q(text__regex=r"\S"),
                name="message_template_says_something",
                violation_error_message=_("A message says something."),
            ),
            models.CheckConstraint(
                condition=Q(language__in=Language.values),
                name="message_template_language_is_listed",
                violation_error_message=_("Choose from the list."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.language})"
