from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class EstatesConfig(AppConfig):
    name = "estates"
    verbose_name = pgettext_lazy("section of the administration", "Estates")
    default_auto_field = "django.db.models.BigAutoField"
