"""Who stands behind a session, with what every page shows about them: one statement, as without."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from repairs.models import Message


class PeopleBackend(AuthenticationBackend):  # type: ignore[misc]
    """Signs in as allauth does; reading the person of a request also counts their unread messages."""

    def get_user(self, user_id: Any) -> User | None:
        """The person, `unread_messages` with them; nobody when they may not be signed in."""
        unread = Message.objects.filter(recipient=OuterRef("pk"), channel="app").unread().order_by().values("recipient")
        counted = Coalesce(Subquery(unread.annotate(number=Count("pk")).values("number")), 0)
        user = User.objects.annotate(unread_messages=counted).filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
