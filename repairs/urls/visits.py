"""Addresses of a visit from the resident's side."""

from django.urls import path

from repairs.views import visits

urlpatterns = [
    path("tickets/<int:pk>/visit/", visits.ticket_visit, name="ticket_visit"),
    path("tickets/<int:pk>/visit/book/", visits.visit_book, name="visit_book"),
    path("tickets/<int:pk>/visit/move/", visits.visit_move, name="visit_move"),
    path("tickets/<int:pk>/visit/cancel/", visits.visit_cancel, name="visit_cancel"),
    path("tickets/<int:pk>/visit/wish/", visits.visit_wish, name="visit_wish"),
    path("tickets/<int:pk>/visit/nobody-came/", visits.visit_nobody_came, name="visit_nobody_came"),
    path("tickets/<int:pk>/visit/calendar.ics", visits.visit_calendar, name="visit_calendar"),
    path("visits/<int:pk>/", visits.visit, name="visit"),
    path("visits/<int:pk>/agree/", visits.visit_agree, name="visit_agree"),
    path("visits/<int:pk>/refuse/", visits.visit_refuse, name="visit_refuse"),
]
