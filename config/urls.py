"""Where each room begins."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

ROOMS = [
    ("account/", "accounts.urls"),
    ("staff/", "accounts.staff_urls"),  # allauth's names: account_login, mfa_index, …
    ("oversight/", "oversight.urls"),
    ("", "repairs.urls"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    *[path(prefix, include(module)) for prefix, module in ROOMS if find_spec(module)],
]
