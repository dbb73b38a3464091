"""People and the sign-in log in the administration: phones masked, the log read-only."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.masks import mask_phone
from accounts.models import SignIn, User


@login_not_required
def staff_sign_in(request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
    """Administrators sign in like all staff, with limits and a second factor, not through Django's own form."""
    return redirect(
        f"{reverse('account_login')}?{urlencode({'next': request.GET.get('next', reverse('admin:index'))})}"
    )


admin.site.login = staff_sign_in  # type: ignore[method-assign]
# Rights come from appointments to organisations, not from groups.
admin.site.unregister(Group)


class StaffCreationForm(BaseUserCreationForm[User]):
    """A new person on the staff. Residents make their accounts themselves."""

    class Meta:
        model = User
        fields = ("username", "display_name")


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    """People; closing an account is taking `active` away, so nobody is deleted here."""

    add_form = StaffCreationForm
    list_display = ("__str__", "username", "phone_masked", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "display_name", "=phone")
    ordering = ("-date_joined",)
    filter_horizontal = ()
    readonly_fields = ("phone_masked", "last_login", "date_joined", "notice_version", "notice_accepted_at")
    fieldsets = (
        (None, {"fields": ("username", "password", "display_name", "phone_masked", "language")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Kept by itself"), {"fields": ("last_login", "date_joined", "notice_version", "notice_accepted_at")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "display_name", "password1", "password2")}),)

    @admin.display(description=_("phone"))
    def phone_masked(self, user: User) -> str:
        """Enough digits to recognise a number, too few to call it."""
        return mask_phone(user.phone)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are closed, never deleted."""
        return False


@admin.register(SignIn)
class SignInAdmin(admin.ModelAdmin[SignIn]):
    """The log: to be read."""

    list_display = ("at", "what", "user", "name_masked", "address")
    list_filter = ("what",)
    date_hierarchy = "at"
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only signing in adds a row."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: SignIn | None = None) -> bool:
        """The log cannot be edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SignIn | None = None) -> bool:
        """Nor shortened."""
        return False
