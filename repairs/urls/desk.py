"""Addresses of the staff: the desk, the worker's jobs, and the verbs."""

from django.urls import path

from repairs.views import desk, jobs, staff_verbs, teams

urlpatterns = [
    path("desk/tickets/<int:pk>/", desk.desk_ticket, name="desk_ticket"),
    path("desk/tickets/<int:pk>/comment/", staff_verbs.desk_comment, name="desk_comment"),
    path("desk/teams/", teams.teams, name="teams"),
    path("desk/teams/<int:pk>/", teams.team, name="team"),
    path("desk/teams/<int:pk>/save/", teams.team_save, name="team_save"),
    path("desk/teams/<int:pk>/shifts/add/", teams.shifts_add, name="shifts_add"),
    path("desk/teams/<int:pk>/shifts/default/", teams.shifts_default, name="shifts_default"),
    path("desk/teams/<int:pk>/shifts/<int:shift>/save/", teams.shift_save, name="shift_save"),
    path("desk/teams/<int:pk>/shifts/<int:shift>/remove/", teams.shift_remove, name="shift_remove"),
    path("desk/teams/<int:pk>/days-off/add/", teams.day_off_add, name="day_off_add"),
    path("desk/teams/<int:pk>/days-off/<int:day_off>/remove/", teams.day_off_remove, name="day_off_remove"),
    path("desk/organisations/<int:pk>/teams/add/", teams.team_add, name="team_add"),
    path("desk/organisations/<int:pk>/dispatch-rule/save/", teams.dispatch_rule_save, name="dispatch_rule_save"),
    path("desk/<slug:listing>/", desk.queue, name="queue"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/take/", jobs.job_take, name="job_take"),
    path("jobs/<int:pk>/photos/", jobs.job_photos, name="job_photos"),
    path("jobs/<int:pk>/photos/<uuid:key>/remove/", jobs.job_photo_remove, name="job_photo_remove"),
    path("tickets/<int:pk>/acknowledge/", staff_verbs.ticket_acknowledge, name="ticket_acknowledge"),
    path("tickets/<int:pk>/assign/", staff_verbs.ticket_assign, name="ticket_assign"),
    path("tickets/<int:pk>/hand-back/", staff_verbs.ticket_hand_back, name="ticket_hand_back"),
    path("tickets/<int:pk>/arrive/", staff_verbs.ticket_arrive, name="ticket_arrive"),
    path("tickets/<int:pk>/finish/", staff_verbs.ticket_finish, name="ticket_finish"),
    path("tickets/<int:pk>/decline/", staff_verbs.ticket_decline, name="ticket_decline"),
    path("tickets/<int:pk>/internal-note/", staff_verbs.ticket_internal_note, name="ticket_internal_note"),
    path("tickets/<int:pk>/contact/", staff_verbs.ticket_contact, name="ticket_contact"),
]
