"""Addresses of the overview."""

from django.urls import path

from oversight import views

app_name = "oversight"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("escalations/", views.escalations, name="escalations"),
    path("orders/", views.orders, name="orders"),
    path("tickets/", views.tickets, name="tickets"),
]
