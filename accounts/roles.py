"""The words for rights: what a role may do.

Only `estates/access.py` turns these into answers about a person and a place; nothing else reads a role.
"""

from django.db import models
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    """What someone is appointed to do in an organisation."""

    GRID_WORKER = "grid_worker", pgettext_lazy("role", "Grid worker")
    DISPATCHER = "dispatcher", pgettext_lazy("role", "Dispatcher")
    WORKER = "worker", pgettext_lazy("role", "Worker")
    MANAGER = "manager", pgettext_lazy("role", "Manager")
    STREET_OFFICER = "street_officer", pgettext_lazy("role", "Street officer")
    DISTRICT_OFFICER = "district_officer", pgettext_lazy("role", "District officer")


class Permission(models.TextChoices):
    """One thing a role may do to the tickets or estates it covers."""

    TICKET_VIEW = "ticket_view"
    TICKET_FILE_FOR_OTHERS = "ticket_file_for_others"
    TICKET_ACKNOWLEDGE = "ticket_acknowledge"
    TICKET_ASSIGN = "ticket_assign"
    TICKET_WORK = "ticket_work"
    TICKET_DECLINE = "ticket_decline"
    TICKET_COMMENT = "ticket_comment"
    TICKET_NOTE = "ticket_note"
    CONTACT_REVEAL = "contact_reveal"
    ESTATE_OVERSEE = "estate_oversee"
    REGISTER_IMPORT = "register_import"
    TEAM_MANAGE = "team_manage"
    PAUSE_RENEW = "pause_renew"
    ANSWER_MANAGE = "answer_manage"


_DISPATCH = frozenset(
    {
        Permission.TICKET_VIEW,
        Permission.TICKET_FILE_FOR_OTHERS,
        Permission.TICKET_ACKNOWLEDGE,
        Permission.TICKET_ASSIGN,
        Permission.TICKET_WORK,
        Permission.TICKET_DECLINE,
        Permission.TICKET_COMMENT,
        Permission.TICKET_NOTE,
        Permission.CONTACT_REVEAL,
    }
)
_OVERSEE = frozenset(
    {Permission.TICKET_VIEW, Permission.TICKET_NOTE, Permission.ESTATE_OVERSEE, Permission.REGISTER_IMPORT}
)

# A worker has no TICKET_VIEW: they see the jobs assigned to them and no others.
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.GRID_WORKER: frozenset(
        {Permission.TICKET_VIEW, Permission.TICKET_FILE_FOR_OTHERS, Permission.TICKET_COMMENT, Permission.TICKET_NOTE}
    ),
    Role.DISPATCHER: _DISPATCH,
    Role.WORKER: frozenset(
        {Permission.TICKET_WORK, Permission.TICKET_COMMENT, Permission.TICKET_NOTE, Permission.CONTACT_REVEAL}
    ),
    Role.MANAGER: _DISPATCH
    | {
        Permission.ESTATE_OVERSEE,
        Permission.REGISTER_IMPORT,
        Permission.TEAM_MANAGE,
        Permission.PAUSE_RENEW,
        Permission.ANSWER_MANAGE,
    },
    Role.STREET_OFFICER: _OVERSEE,
    Role.DISTRICT_OFFICER: _OVERSEE,
}


# These count over the whole area an organisation heads, the others only where it is on duty.
COVERING_ROLES = frozenset({Role.GRID_WORKER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER})


def roles_granting(permission: Permission) -> list[Role]:
    """Every role that may do `permission`."""
    return [role for role, granted in GRANTS.items() if permission in granted]
