"""What the database itself refuses of a register file."""

from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from estates.models import RegisterFile, RegisterStage
from tests.town import Town

NOW = timezone.now()


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"stage": RegisterStage.APPLIED, "by_command": True}, "register_file_applied_says_when"),
        ({"stage": RegisterStage.PREVIEWED, "by_command": True, "applied_at": NOW}, "register_file_applied_says_when"),
        ({"by_command": False}, "register_file_from_a_page_says_who"),
        ({"stage": RegisterStage.REFUSED, "by_command": True}, "register_file_refused_says_why"),
        ({"problem": {"code": "empty"}, "by_command": True}, "register_file_refused_says_why"),
    ],
)
def test_a_file_says_who_when_and_why(db: None, fields: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        RegisterFile.objects.create(name="a.xlsx", path="register/a", size=1, **fields)


def test_a_file_brought_in_on_a_page_says_by_whom(town: Town) -> None:
    applied = {"stage": RegisterStage.APPLIED, "applied_at": NOW, "uploaded_by": town.admin}
    with pytest.raises(IntegrityError, match="register_file_from_a_page_says_who"):
        RegisterFile.objects.create(name="a.xlsx", path="register/a", size=1, **applied)
