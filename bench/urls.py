"""The addresses of production and, only here, the bare views that they are compared with."""

from django.urls import URLPattern, URLResolver, path

from bench import bare
from config.urls import handler500 as handler500
from config.urls import urlpatterns as _production

urlpatterns: list[URLPattern | URLResolver] = [
    path("bench/rows/", bare.rows),
    path("bench/insert/", bare.insert),
    *_production,
]
