from datetime import timedelta

import pytest
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import LoginCode, SignIn, User
from accounts.tasks import purge, purge_nightly

pytestmark = pytest.mark.django_db
PHONE = "+8619900001234"


def code(days: float) -> None:
    at = timezone.now() - timedelta(days=days)
    LoginCode.objects.create(
        phone=PHONE, token=str(days), code_hash="h", created_at=at, expires_at=at + timedelta(minutes=10)
    )


def test_what_is_too_old_goes_and_the_rest_stays() -> None:
    for days in (29, 31):
        code(days)
    for days in (364, 366):
        SignIn.objects.create(what=SignIn.What.FAILED, at=timezone.now() - timedelta(days=days))
    old, now = timezone.now() - timedelta(days=31), timezone.now()
    gone = User.objects.create_guest(date_joined=old)
    kept = [
        User.objects.create_guest(date_joined=now),
        User.objects.create_user(phone=PHONE, date_joined=old),
        User.objects.create_user("wang", date_joined=old),
    ]
    assert purge() == {"codes": 1, "guests": 1, "log": 1}
    assert list(User.objects.order_by("pk")) == kept
    assert not User.objects.filter(pk=gone.pk).exists()
    assert (LoginCode.objects.get().token, SignIn.objects.count()) == ("29", 1)


def test_a_guest_with_something_of_theirs_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    guest = User.objects.create_guest(date_joined=timezone.now() - timedelta(days=31))

    def protected(self: User) -> None:
        raise ProtectedError("a ticket points at them", {guest})

    monkeypatch.setattr(User, "delete", protected)
    assert purge()["guests"] == 0
    assert User.objects.get() == guest


def test_the_purge_runs_every_night() -> None:
    assert purge_nightly.name == "accounts.purge"
    purge_nightly.func(timestamp=0)
