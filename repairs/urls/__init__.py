"""Addresses of the repairs room: the resident's pages, the report, the desk and the worker's pages."""

from . import board, desk, report, resident, visits

app_name = "repairs"
urlpatterns = [
    *resident.urlpatterns,
    *report.urlpatterns,
    *board.urlpatterns,
    *desk.urlpatterns,
    *visits.urlpatterns,
]
