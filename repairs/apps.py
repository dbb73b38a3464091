from django.apps import AppConfig
from django.utils.translation import pgettext_lazy


class RepairsConfig(AppConfig):
    name = "repairs"
    verbose_name = pgettext_lazy("section of the administration", "Repairs")
    default_auto_field = "django.db.models.BigAutoField"
