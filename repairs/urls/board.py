"""Addresses of the week board and of the desk's verbs of a visit."""

from django.urls import path

from repairs.views import board

urlpatterns = [
    path("desk/board/", board.board, name="board"),
    path("desk/tickets/<int:pk>/visit/", board.desk_visit, name="desk_visit"),
    path("desk/tickets/<int:pk>/book/", board.desk_book, name="desk_book"),
    path("desk/tickets/<int:pk>/rebook/", board.desk_rebook, name="desk_rebook"),
    path("desk/tickets/<int:pk>/unbook/", board.desk_unbook, name="desk_unbook"),
    path("desk/tickets/<int:pk>/answer/", board.desk_answer, name="desk_answer"),
]
