"""Where each room begins."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("account/", include("accounts.urls")),
    path("staff/", include("accounts.staff_urls")),  # allauth's names: account_login, mfa_index, …
    path("register/", include("estates.urls")),
    path("oversight/", include("oversight.urls")),
    path("", include("repairs.urls")),
]
handler500 = "config.errors.broken"
