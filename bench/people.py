"""Somebody for every page: found in the town's rows, signed in by a session of their own."""

import json
from typing import NamedTuple

from bench.house import House


class Person(NamedTuple):
    """Somebody of the town."""

    pk: int
    name: str
    phone: str


class Known(NamedTuple):
    """Who looks at what."""

    people: dict[str, Person]
    estate: int
    own_ticket: int
    desk_ticket: int
    # A ticket with few events and one with many, of the dispatcher's desk.
    short_and_long: tuple[int, int]


_DESKS = """
SELECT appointment.person_id, ticket.organisation_id FROM repairs_ticket ticket
JOIN estates_appointment appointment USING (organisation_id)
WHERE ticket.state IN ('acknowledged', 'assigned', 'on_site', 'finished') AND appointment.role = 'dispatcher'
GROUP BY 1, 2 ORDER BY count(DISTINCT ticket.id)
"""
_RESIDENTS = """
SELECT reporter_id FROM repairs_ticket JOIN accounts_user person ON person.id = reporter_id
WHERE person.phone IS NOT NULL GROUP BY 1 ORDER BY count(*)
"""
_EVENTS = """
SELECT ticket_id FROM repairs_ticketevent JOIN repairs_ticket ticket ON ticket.id = ticket_id
WHERE ticket.organisation_id = %s AND ticket.state = 'closed' AND ticket.closure = 'confirmed'
GROUP BY 1 ORDER BY count(*)
"""


def known(house: House) -> Known:
    """The busiest desk and a quiet one, the resident with most reports and one with fewest, the street's officer."""
    desks, residents = house.query(_DESKS), [pk for (pk,) in house.query(_RESIDENTS)]
    clerk, organisation = desks[-1]
    events = [pk for (pk,) in house.query(_EVENTS, organisation)]
    ((street,),) = house.query("SELECT id FROM accounts_user WHERE username = 'street'")
    ((estate,),) = house.query("SELECT estate_id FROM repairs_ticket GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
    ((own,),) = house.query("SELECT max(id) FROM repairs_ticket WHERE reporter_id = %s", residents[-1])
    pks = {
        "resident": residents[-1], "newcomer": residents[0], "dispatcher": clerk, "small_desk": desks[0][0],
        "street": street,
    }  # fmt: skip
    people = {name: _person(house, pk) for name, pk in pks.items()}
    return Known(people, estate, own, events[len(events) // 2], (events[0], events[-1]))


def _person(house: House, pk: int) -> Person:
    ((name, phone),) = house.query("SELECT display_name, coalesce(phone, '') FROM accounts_user WHERE id = %s", pk)
    return Person(pk, name, phone.removeprefix("+86"))


_SESSION = """
import json, sys
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from accounts.models import User
store = import_module(settings.SESSION_ENGINE).SessionStore
made = []
for user in User.objects.in_bulk(%s).values():
    for _ in range(%s):
        session = store()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        made.append([user.pk, session.session_key])
print(json.dumps(made))
"""


def sessions(house: House, people: list[int], each: int = 1) -> dict[int, list[str]]:
    """Session keys for these people, made with the installation's own secret, in one go."""
    made: dict[int, list[str]] = {}
    for pk, key in json.loads(house.run("manage.py", "shell", "--no-imports", "-c", _SESSION % (people, each))):
        made.setdefault(pk, []).append(key)
    return made


_DRAFT = """
INSERT INTO repairs_reportdraft (key, browser, touched_at, place, repair_type_id, answers, danger_seen, words,
    words_done, channel, contact_name, contact_phone, contact_agreed, notice_version)
SELECT gen_random_uuid(), gen_random_uuid(), now(), 'dwelling-' || home.dwelling_id, kind.id,
    (SELECT jsonb_object_agg(question.code, 'unsure') FROM repairs_typequestion asked
     JOIN repairs_question question ON question.id = asked.question_id WHERE asked.type_id = kind.id), true,
    '厨房下水管漏水 ' || n, true, 'online', '', '', false, ''
FROM generate_series(1, %s) n, repairs_repairtype kind,
    (SELECT dwelling_id FROM estates_residence WHERE person_id = %s LIMIT 1) home
WHERE kind.code = 'DRN-PIPE' RETURNING key || '.' || browser
"""


def write_drafts(house: House, person: Person, count: int) -> list[str]:
    """Reports that only want sending; the values of the cookies they are found by."""
    return [cookie for (cookie,) in house.query(_DRAFT, count, person.pk)]
