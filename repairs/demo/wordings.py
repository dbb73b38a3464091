"""One text of a message in the administrator's own words, so that it is seen what that looks like."""

from accounts.models import User
from repairs.actions.wordings import rewrite
from repairs.demo.people import ADMIN
from repairs.messages.sentences import FINISH

_OWN = "师傅说修好了。请您到现场看一看、试一试：修好了，请在工单里点“修好了”；没修好，点“没有修好”，不用重新报修。"


def write_own_text() -> None:
    """What residents are asked when a worker has finished."""
    rewrite(FINISH, "zh-hans", _OWN, by=User.objects.get(username=ADMIN), seen=None)
