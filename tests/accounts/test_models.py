from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import LoginCode, RowIsFinal, SignIn, User

pytestmark = pytest.mark.django_db
PHONE = "+8619900001234"


def constraint_of(error: IntegrityError) -> str:
    """The name of the constraint that was broken."""
    assert isinstance(error.__cause__, psycopg.errors.IntegrityError)
    return error.__cause__.diag.constraint_name or ""


def broken_by(**fields: object) -> str:
    """The constraint that refuses a user with these fields, "" if none does."""
    try:
        with transaction.atomic():
            User.objects.bulk_create([User(password="!", **fields)])
    except IntegrityError as error:
        return constraint_of(error)
    return ""


def test_the_database_refuses_people_who_make_no_sense() -> None:
    User.objects.create_user(phone=PHONE)
    assert {
        "same phone": broken_by(phone=PHONE),
        "no country": broken_by(phone="13812345678"),
        "empty phone": broken_by(phone=""),
        "capital": broken_by(username="Chen"),
        "empty username": broken_by(username=""),
        "administrator by phone": broken_by(phone="+8619900009999", is_staff=True),
        "version without time": broken_by(notice_version="2026-11"),
        "time without version": broken_by(notice_accepted_at=timezone.now()),
        "a guest": broken_by(),
        "another guest": broken_by(),
    } == {
        "same phone": "user_phone_is_unique",
        "no country": "user_phone_is_e164",
        "empty phone": "user_phone_is_e164",
        "capital": "user_username_is_lower_case",
        "empty username": "user_username_is_lower_case",
        "administrator by phone": "user_administrator_has_username",
        "version without time": "user_notice_has_version_and_time",
        "time without version": "user_notice_has_version_and_time",
        "a guest": "",
        "another guest": "",
    }


def test_the_database_refuses_codes_that_make_no_sense() -> None:
    now = timezone.now()
    soon = now + timedelta(minutes=10)
    good = {"phone": PHONE, "token": "t", "code_hash": "h", "created_at": now, "expires_at": soon}
    LoginCode.objects.create(**good)
    broken = []
    for change in ({}, {"token": "a", "phone": "1"}, {"token": "b", "tries": 6}, {"token": "c", "expires_at": now}):
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            LoginCode.objects.create(**{**good, **change})
        broken.append(constraint_of(refused.value))
    assert broken == [
        "login_code_token_is_unique",
        "login_code_phone_is_e164",
        "login_code_tries_end_at_five",
        "login_code_expires_after_sending",
    ]


def test_staff_sign_in_whatever_the_case_of_their_username() -> None:
    User.objects.create_user("Chen.Wei", "a long password")
    assert User.objects.get().username == "chen.wei"


def test_a_guest_has_neither_phone_nor_username() -> None:
    guest, resident = User.objects.create_guest("陈"), User.objects.create_user(phone=PHONE)
    staff = User.objects.create_user("wang", "a long password")
    assert [guest.is_guest, resident.is_guest, staff.is_guest] == [True, False, False]
    assert list(User.objects.guests()) == [guest]
    assert not guest.has_usable_password()


def test_people_are_called_by_name_then_username_and_never_by_phone() -> None:
    assert str(User(display_name="陈大文", username="chen")) == "陈大文"
    assert str(User(username="chen")) == "chen"
    assert str(User(pk=7, phone=PHONE)) == "#7"


def test_the_sign_in_log_cannot_be_rewritten_through_the_orm() -> None:
    row = SignIn.objects.create(what=SignIn.What.FAILED)
    for change in (
        row.save,
        row.delete,
        SignIn.objects.all().delete,
        lambda: SignIn.objects.update(what="signed_in"),
        lambda: SignIn.objects.bulk_update([row], ["what"]),
        lambda: SignIn._base_manager.all().delete(),
    ):
        with pytest.raises(RowIsFinal):
            change()


@pytest.mark.parametrize("sql", ["UPDATE accounts_signin SET what = 'signed_in'", "DELETE FROM accounts_signin"])
def test_nor_past_the_orm(sql: str) -> None:
    SignIn.objects.create(what=SignIn.What.FAILED, at=timezone.now() - timedelta(days=150))
    with pytest.raises(DatabaseError, match="append only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert SignIn.objects.get().what == "failed"


def test_the_log_outlives_the_person() -> None:
    user = User.objects.create_guest()
    SignIn.objects.create(what=SignIn.What.SIGNED_IN, user=user)
    pk = user.pk
    user.delete()
    assert SignIn.objects.get().user_id == pk
