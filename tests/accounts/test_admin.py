import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import SignIn, User

pytestmark = pytest.mark.django_db
PHONE = "+8619900001234"


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root", "a long password"))
    return client


def test_phones_are_masked_in_the_list_and_on_the_page(admin: Client) -> None:
    user = User.objects.create_user(phone=PHONE, display_name="陈大文")
    for address in (
        reverse("admin:accounts_user_changelist"),
        reverse("admin:accounts_user_change", args=[user.pk]),
        reverse("admin:accounts_user_changelist") + "?q=%2B8619900001234",
    ):
        page = admin.get(address).content.decode()
        assert "199****1234" in page
        assert page.replace("?q=%2B8619900001234", "").count(PHONE) == address.count("q=")


def test_an_administrator_makes_staff_and_deletes_nobody(admin: Client) -> None:
    data = {"username": "Wang", "display_name": "王", "usable_password": "true"}
    admin.post(reverse("admin:accounts_user_add"), {**data, "password1": "long enough 1", "password2": "long enough 1"})
    made = User.objects.get(username="wang")
    assert made.check_password("long enough 1")
    assert admin.post(reverse("admin:accounts_user_delete", args=[made.pk]), {"post": "yes"}).status_code == 403


def test_the_log_can_only_be_read(admin: Client) -> None:
    row = SignIn.objects.create(what=SignIn.What.FAILED)
    got = [
        admin.get(reverse("admin:accounts_signin_changelist")).status_code,
        admin.get(reverse("admin:accounts_signin_change", args=[row.pk])).status_code,
        admin.post(reverse("admin:accounts_signin_change", args=[row.pk]), {"what": "signed_in"}).status_code,
        admin.get(reverse("admin:accounts_signin_add")).status_code,
        admin.post(reverse("admin:accounts_signin_delete", args=[row.pk]), {"post": "yes"}).status_code,
    ]
    assert got == [200, 200, 403, 403, 403]
