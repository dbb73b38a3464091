import json
import logging

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.models import User
from config.logs import JsonFormatter
from config.middleware import RequestLog, RequestSize


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("well")


def line_of(caplog: pytest.LogCaptureFixture) -> dict[str, object]:
    [record] = [record for record in caplog.records if record.name == "anju.request"]
    line: dict[str, object] = json.loads(JsonFormatter().format(record))
    return line


def test_an_id_the_proxy_sent_comes_back() -> None:
    request = RequestFactory().get("/", headers={"X-Request-ID": "proxy-00000001"})
    assert RequestLog(answer)(request)["X-Request-ID"] == "proxy-00000001"


@pytest.mark.parametrize("sent", ["", "short", "x" * 65, "a line\nbreak-in", '"quoted-id"'])
def test_an_odd_id_is_replaced(sent: str) -> None:
    request = RequestFactory().get("/", headers={"X-Request-ID": sent})
    made = RequestLog(answer)(request)["X-Request-ID"]
    assert made != sent
    assert len(made) == 32


def test_the_log_line_has_no_query_and_no_phone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "anju.request")
    RequestLog(answer)(RequestFactory().get("/desk/13812345678/?q=陈大文"))
    line = line_of(caplog)
    assert (line["method"], line["path"], line["status"], line["user"]) == ("GET", "/desk/*********78/", 200, None)
    assert isinstance(line["ms"], int)
    assert "陈大文" not in json.dumps(line, ensure_ascii=False)


@pytest.mark.django_db
def test_the_log_line_names_the_user_by_number_only(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    user = User.objects.create_user("linmei", display_name="林梅")
    client.force_login(user)
    caplog.set_level(logging.INFO, "anju.request")
    client.get("/admin/")
    line = line_of(caplog)
    assert line["user"] == str(user.pk)
    assert "linmei" not in json.dumps(line)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/admin/", "/static/css/anju.css", "/no/such/page/"])
def test_a_foreign_host_is_refused_on_every_path(client: Client, path: str) -> None:
    response = client.get(path, headers={"host": "evil.example"})
    assert response.status_code == 400
    assert response["X-Request-ID"]


def test_a_body_beyond_any_honest_report_is_refused_unread() -> None:
    request = RequestFactory().post("/report/photos/", CONTENT_LENGTH=str(settings.REQUEST_MAX_BYTES + 1))
    assert RequestSize(answer)(request).status_code == 413


def test_five_photos_of_fifteen_megabytes_pass(settings: Settings) -> None:
    request = RequestFactory().post("/report/photos/", CONTENT_LENGTH=str(5 * 15 * 1024 * 1024 + 10_000))
    assert RequestSize(answer)(request).status_code == 200
    assert settings.DATA_UPLOAD_MAX_NUMBER_FILES >= 5


@pytest.mark.django_db
def test_no_page_may_run_an_inline_script_or_load_from_elsewhere(client: Client) -> None:
    policy = dict(part.split(" ", 1) for part in client.get("/staff/login/")["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'self'",
        "img-src": "'self' data: blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
