"""Addresses of the resident's pages."""

from django.urls import path

from repairs.views import choices, pledges, resident, resident_verbs

urlpatterns = [
    path("", resident.home, name="home"),
    path("help/", resident.help, name="help"),
    path("safety/", resident.safety, name="safety"),
    path("safety/<slug:slug>/", resident.safety_card, name="safety_card"),
    path("estates/<int:pk>/promises/", pledges.estate_promises, name="estate_promises"),
    path("repairs/", resident.my_repairs, name="my_repairs"),
    path("messages/", resident.messages, name="messages"),
    path("messages/choices/", choices.message_choices, name="message_choices"),
    path("messages/choices/save/", choices.message_choices_save, name="message_choices_save"),
    path("messages/mailbox/give/", choices.mailbox_give, name="mailbox_give"),
    path("messages/mailbox/forget/", choices.mailbox_forget, name="mailbox_forget"),
    path("messages/mailbox/<str:token>/", choices.mailbox, name="mailbox"),
    path("messages/mailbox/<str:token>/confirm/", choices.mailbox_confirm, name="mailbox_confirm"),
    path("messages/devices/add/", choices.device_add, name="device_add"),
    path("messages/devices/<int:pk>/drop/", choices.device_drop, name="device_drop"),
    path("messages/push.js", choices.notification_worker, name="notification_worker"),
    path("photos/<uuid:key>/<str:size>/", resident.photo, name="photo"),
    path("tickets/<int:pk>/", resident.ticket, name="ticket"),
    path("tickets/<int:pk>/confirm/", resident_verbs.ticket_confirm, name="ticket_confirm"),
    path("tickets/<int:pk>/not-fixed/", resident_verbs.ticket_not_fixed, name="ticket_not_fixed"),
    path("tickets/<int:pk>/cancel/", resident_verbs.ticket_cancel, name="ticket_cancel"),
    path("tickets/<int:pk>/comment/", resident_verbs.ticket_comment, name="ticket_comment"),
]
