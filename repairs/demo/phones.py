"""Telephone numbers nobody has: 1990000xxxx, people from the bottom and offices from 9000 up."""

from collections.abc import Iterator
from itertools import count

from accounts.models import User
from estates.models import Organisation

_FIRST_OF_PEOPLE, _FIRST_OF_OFFICES = 19900000001, 19900009001


def people_phones() -> Iterator[str]:
    """Numbers in E.164 that no person here has yet."""
    taken = set(User.objects.filter(phone__startswith="+861990000").values_list("phone", flat=True))
    return (phone for number in count(_FIRST_OF_PEOPLE) if (phone := f"+86{number}") not in taken)


def office_phones() -> Iterator[str]:
    """Numbers as people dial them that no office here has yet."""
    taken = set(Organisation.objects.values_list("phone", flat=True))
    return (phone for number in count(_FIRST_OF_OFFICES) if (phone := str(number)) not in taken)
