"""Addresses of reporting a repair: one per step, and one per press that changes something."""

from django.urls import path

from repairs.views import report, report_send, report_words

urlpatterns = [
    path("report/", report.report, name="report"),
    path("report/anew/", report.report_anew, name="report_anew"),
    path("report/where/", report.report_where, name="report_where"),
    path("report/what/", report.report_what, name="report_what"),
    path("report/question/<slug:code>/", report.report_question, name="report_question"),
    path("report/danger/", report.report_danger, name="report_danger"),
    path("report/words/", report_words.report_words, name="report_words"),
    path("report/words/save/", report_words.report_words_save, name="report_words_save"),
    path("report/photos/", report_words.report_photos, name="report_photos"),
    path("report/photos/remove/", report_words.report_photo_remove, name="report_photo_remove"),
    path("report/who/", report_send.report_who, name="report_who"),
    path("report/who/save/", report_send.report_who_save, name="report_who_save"),
    path("report/code/", report_send.report_code, name="report_code"),
    path("report/code/again/", report_send.report_code_again, name="report_code_again"),
    path("report/send/", report_send.report_send, name="report_send"),
    path("report/send/unverified/", report_send.report_send_unverified, name="report_send_unverified"),
    path("report/sent/<int:pk>/", report_send.report_sent, name="report_sent"),
]
