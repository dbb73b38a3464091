"""The administrator's pages open, show no contact in full, and let nobody write what verbs write."""

import re

import pytest
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from repairs.models import (
    Booking,
    ContactView,
    DayOverride,
    Escalation,
    Message,
    ReportDraft,
    Shift,
    Supervision,
    Team,
    Ticket,
    TicketEvent,
    Window,
)
from repairs.tasks import renew_windows
from tests.clients import signed_in
from tests.town import Town

READ_ONLY = [
    Escalation,
    Supervision,
    Ticket,
    TicketEvent,
    Message,
    ContactView,
    ReportDraft,
    Team,
    Shift,
    Window,
    Booking,
]
SECTIONS = {"报修", "小区与单位", "账号"}
OURS = [model for model in admin.site._registry if model._meta.app_label in {"accounts", "estates", "repairs"}]


def _url(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_and_every_row_opens(town: Town, model: type[Model]) -> None:
    town.finished()
    client = signed_in(town.admin)

    assert client.get(_url(model, "changelist")).status_code == 200
    row = model._default_manager.order_by("pk").first()
    if row is not None:
        assert client.get(_url(model, "change", row.pk)).status_code == 200


def test_the_sections_are_named_in_the_reader_s_language(town: Town) -> None:
    page = signed_in(town.admin).get(reverse("admin:index")).content.decode()
    assert set(re.findall(r'class="section"[^>]*>\s*(.+?)\s*</a>', page)) >= SECTIONS


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_what_verbs_write_cannot_be_written_here(town: Town, model: type[Model]) -> None:
    town.team()
    town.booked()
    client = signed_in(town.admin)
    row = model._default_manager.order_by("pk").first()
    before = model._default_manager.count()

    assert client.get(_url(model, "add")).status_code == 403
    if row is not None:
        assert client.post(_url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        assert client.post(_url(model, "change", row.pk), {"note": "x"}).status_code == 403
    assert model._default_manager.count() == before


def test_a_ticket_shows_its_contact_masked(town: Town) -> None:
    ticket = town.ticket()

    html = signed_in(town.admin).get(_url(Ticket, "change", ticket.pk)).content.decode()

    assert ticket.masked_phone in html
    assert (town.chen.phone or "")[3:] not in html
    assert "陈阿婆" not in html


@pytest.mark.parametrize("name", ["chen", "lin", "manager", "street_officer", "district_officer"])
def test_nobody_but_an_administrator_comes_in(town: Town, name: str) -> None:
    assert signed_in(getattr(town, name)).get("/admin/", follow=False).status_code in {302, 403}


def test_a_day_declared_off_takes_its_windows_by_a_job(town: Town) -> None:
    town.team()
    day = next(each.starts_at for each in Window.objects.all()[10:])
    given = {"day": f"{timezone.localdate(day)}", "works": "", "as_weekday": "", "note": "停水"}
    jobs = ProcrastinateJob.objects.filter(task_name="repairs.tasks.renew_windows")
    assert signed_in(town.admin).post(_url(DayOverride, "add"), given).status_code == 302
    assert (jobs.count(), Window.objects.filter(starts_at=day).count()) == (1, 1)

    renew_windows()
    assert not Window.objects.filter(starts_at=day).exists()
    signed_in(town.admin).post(_url(DayOverride, "delete", DayOverride.objects.get().pk), {"post": "yes"})
    renew_windows()
    assert (jobs.count(), Window.objects.filter(starts_at=day).count()) == (2, 1)
