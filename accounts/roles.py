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
    COMMUNITY_OFFICER = "community_officer", pgettext_lazy("role", "Community officer")
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
    PLEDGE_SET = "pledge_set"
    ANSWER_MANAGE = "answer_manage"
    ESCALATION_ANSWER = "escalation_answer"
    SUPERVISE = "supervise"
    SUPERVISION_ANSWER = "supervision_answer"
    HANDOVER_RECORD = "handover_record"


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
    {
        Permission.TICKET_VIEW,
        Permission.TICKET_NOTE,
        Permission.ESTATE_OVERSEE,
        Permission.REGISTER_IMPORT,
        Permission.ESCALATION_ANSWER,
        Permission.SUPERVISE,
        Permission.SUPERVISION_ANSWER,
        # Not the dispatcher's: whoever is late does not end their own ticket with a number.
        Permission.HANDOVER_RECORD,
    }
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
        Permission.PLEDGE_SET,
        Permission.ANSWER_MANAGE,
        Permission.ESCALATION_ANSWER,
        Permission.SUPERVISION_ANSWER,
    },
    # Watches over the estates of a community and answers for it; it is the street that orders.
    Role.COMMUNITY_OFFICER: _OVERSEE - {Permission.REGISTER_IMPORT, Permission.SUPERVISE},
    Role.STREET_OFFICER: _OVERSEE | {Permission.PLEDGE_SET},
    Role.DISTRICT_OFFICER: _OVERSEE,
}


# These count over the whole area an organisation heads, the others only where it is on duty.
COVERING_ROLES = frozenset({Role.GRID_WORKER, Role.COMMUNITY_OFFICER, Role.STREET_OFFICER, Role.DISTRICT_OFFICER})


def roles_granting(permission: Permission) -> list[Role]:
    """Every role that may do `permission`."""
    return [role for role, granted in GRANTS.items() if permission in granted]
