"""Addresses of the overview."""

from django.urls import path

from oversight import views

app_name = "oversight"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("tickets/", views.tickets, name="tickets"),
]
