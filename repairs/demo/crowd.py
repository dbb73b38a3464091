"""A bigger town: the told stories happen to other residents too, at other moments, by bulk statements in the database.

A copy keeps its estate, the organisation on duty and its staff; another resident of the same estate reports it, from a
flat as high up. A closed one happened up to four days earlier, which keeps seasons and hours as they are; an open one
a little earlier, so that it isn't later than its original. Chance is a hash of the row's number: no plan changes it.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import connection

from accounts.models import User
from estates.models import Building, Dwelling, Entrance, Estate
from estates.places import Place, place_of
from repairs.demo.bulk import copy_rows, reserve, unindexed
from repairs.models import ClockRun, Message, Photo, Ticket, TicketEvent
from repairs.photos import EDGES, photo_path
from repairs.search import search_text, tokens_of

_PREPARE = Path(__file__).with_suffix(".sql")
_MOST_EVENTS = 64


def multiply(originals: list[int], count: int, now: datetime) -> None:
    """`count` more tickets, each a copy of one of `originals`, with events, messages and photos. In a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_PREPARE.read_text(encoding="utf-8"), {"originals": originals, "count": count, "now": now})
    _write_search(originals)
    values: dict[str, int] = {
        "user": reserve(User, count),
        "ticket": reserve(Ticket, count),
        "event": reserve(TicketEvent, count * _MOST_EVENTS),
        "most": _MOST_EVENTS,
    }
    with unindexed([Ticket, TicketEvent, Message, Photo, ClockRun]):
        _copy_guests(values)
        _copy_tickets(values)
        _copy_events(values)
        _copy_messages(values)
        _copy_photos(values)
        _copy_kept_times(values)
    _link_files()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


# ---------------------------------------------------------------- rows
_BASE = "crowd JOIN crowd_base old ON old.id = crowd.original"
_REPORTER = """CASE {base}.reported_by WHEN 'guest' THEN %(user)s + crowd.n WHEN 'staff' THEN {base}.reporter_id
    ELSE CASE {base}.channel WHEN 'proxy' THEN crowd.helper ELSE crowd.me END END"""
_EVENT = "%(event)s + crowd.n * %(most)s + {event}.turn"


def _copy_guests(values: dict[str, int]) -> None:
    """A guest is a browser: each copy has its own."""
    guests = """crowd JOIN crowd_base base ON base.id = crowd.original AND base.reported_by = 'guest'
        JOIN accounts_user old ON old.id = base.reporter_id"""
    copy_rows(User, guests, {"id": "%(user)s + crowd.n"}, values)


def _copy_tickets(values: dict[str, int]) -> None:
    named = "old.contact_phone <> '' AND old.reported_by <> 'guest'"
    ref = """CASE WHEN old.dwelling_id IS NOT NULL THEN 'dwelling-' || crowd.dwelling_id
        WHEN old.entrance_id IS NOT NULL THEN 'entrance-' || crowd.entrance_id
        WHEN old.building_id IS NOT NULL THEN 'building-' || crowd.building_id ELSE 'estate-' || old.estate_id END"""
    pairs = "ARRAY(SELECT substr(crowd.number, at, 2) FROM generate_series(1, length(crowd.number) - 1) at)"
    scopes = "ARRAY['org:' || old.organisation_id, 'street:' || old.street_id, 'estate:' || old.estate_id]"
    copy_rows(
        Ticket,
        f"{_BASE} JOIN crowd_words words USING (original) JOIN crowd_place place ON place.ref = {ref}",
        {
            "id": "%(ticket)s + crowd.n",
            "number": "crowd.number",
            **{
                f"{part}_id": f"CASE WHEN old.{part}_id IS NOT NULL THEN crowd.{part}_id END"
                for part in ("building", "entrance", "dwelling")
            },
            "reporter_id": _REPORTER.format(base="old"),
            "contact_name": f"CASE WHEN {named} THEN crowd.display_name ELSE old.contact_name END",
            "contact_phone": f"CASE WHEN {named} THEN crowd.phone ELSE old.contact_phone END",
            "search_text": "concat_ws(E'\\n', lower(crowd.number), place.found, words.found)",
            "tokens": f"{pairs} || place.tokens || words.tokens || {scopes}",
        },
        values,
    )


def _copy_events(values: dict[str, int]) -> None:
    again = "pg_temp.moved(old.changes -> 'restore_by' -> {}, crowd.shift)"
    promised = f"jsonb_build_object('restore_by', jsonb_build_array({again.format(0)}, {again.format(1)}))"
    copy_rows(
        TicketEvent,
        "crowd JOIN crowd_base base ON base.id = crowd.original JOIN crowd_event old ON old.ticket_id = base.id",
        {
            "id": _EVENT.format(event="old"),
            "ticket_id": "%(ticket)s + crowd.n",
            "by_id": f"""CASE old.said_by WHEN 'reporter' THEN {_REPORTER.format(base="base")}
                WHEN 'contact' THEN crowd.me ELSE old.by_id END""",
            "changes": f"old.changes || CASE WHEN old.changes -> 'restore_by' IS NULL THEN '{{}}' ELSE {promised} END",
        },
        values,
    )


def _copy_messages(values: dict[str, int]) -> None:
    """Numbers and moments in their texts are the copy's own; who reports for themselves hears it once."""
    text = "replace(old.text, base.number, crowd.number)"
    for moment in ("acknowledge_by", "restore_by"):
        text = f"replace({text}, pg_temp.worded(base.{moment}), pg_temp.worded(base.{moment} + crowd.shift))"
    copy_rows(
        Message,
        """crowd JOIN crowd_base base ON base.id = crowd.original JOIN crowd_event event ON event.ticket_id = base.id
        JOIN repairs_message old ON old.event_id = event.id
        LEFT JOIN accounts_user told ON told.id = old.recipient_id
        WHERE NOT (crowd.helper = crowd.me AND base.channel = 'proxy' AND told.phone = base.contact_phone)
            OR told.id IS NULL OR told.id = base.reporter_id""",
        {
            "id": "nextval(pg_get_serial_sequence('repairs_message', 'id'))",
            "event_id": _EVENT.format(event="event"),
            "ticket_id": "%(ticket)s + crowd.n",
            "recipient_id": f"""CASE WHEN old.recipient_id = base.reporter_id THEN {_REPORTER.format(base="base")}
                WHEN told.phone = base.contact_phone AND base.contact_phone <> '' THEN crowd.me
                ELSE old.recipient_id END""",
            "phone": "CASE WHEN old.phone = base.contact_phone AND old.phone <> '' THEN crowd.phone ELSE old.phone END",
            "text": text,
        },
        values,
    )


def _copy_kept_times(values: dict[str, int]) -> None:
    copy_rows(
        ClockRun,
        "crowd JOIN repairs_clockrun old ON old.ticket_id = crowd.original",
        {"id": "nextval(pg_get_serial_sequence('repairs_clockrun', 'id'))", "ticket_id": "%(ticket)s + crowd.n"},
        values,
    )


def _copy_photos(values: dict[str, int]) -> None:
    copy_rows(
        Photo,
        """crowd_photo JOIN crowd USING (n) JOIN repairs_photo old ON old.id = crowd_photo.photo_id
        JOIN crowd_event event ON event.id = old.event_id JOIN crowd_base base ON base.id = crowd.original""",
        {
            "id": "nextval(pg_get_serial_sequence('repairs_photo', 'id'))",
            "key": "crowd_photo.key",
            "ticket_id": "%(ticket)s + crowd.n",
            "event_id": _EVENT.format(event="event"),
            "uploaded_by_id": f"""CASE event.said_by WHEN 'reporter' THEN {_REPORTER.format(base="base")}
                ELSE old.uploaded_by_id END""",
        },
        values,
    )


# ---------------------------------------------------------------- words and files
def _write_search(originals: list[int]) -> None:
    """What each original and each place is found by, less the number: the same words and pairs as filing gives."""
    # Read to the end before anything is copied: the connection is busy while it takes rows in.
    tickets = Ticket.objects.filter(pk__in=originals).select_related("repair_type")
    words = [(t.pk, [t.repair_type.name_zh, t.repair_type.name_en, t.words]) for t in tickets]
    places = [
        (place.ref, [str(part) for part in (place.estate, place.building, place.entrance, place.dwelling) if part])
        for place in _places()
    ]
    with connection.cursor() as cursor:
        for table, rows in (("crowd_words", words), ("crowd_place", places)):
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for key, parts in rows:
                    found = search_text(parts)
                    copy.write_row((key, found, tokens_of(found, [])))
            cursor.execute(f"CREATE INDEX ON {table} ({'original' if table == 'crowd_words' else 'ref'})")
            cursor.execute(f"ANALYZE {table}")


def _places() -> Iterator[Place]:
    """Every place a copy may be at."""
    yield from (place_of(each) for each in Estate.objects.iterator())
    yield from (place_of(each) for each in Building.objects.select_related("estate").iterator())
    yield from (place_of(each) for each in Entrance.objects.select_related("building__estate").iterator())
    homes = Dwelling.objects.filter(residences__ends_on=None, residences__isnull=False).distinct()
    yield from (place_of(each) for each in homes.select_related("entrance__building__estate").iterator())


def _link_files() -> None:
    """Copies of a picture are one file under many names, where the disk allows it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT old_key, key FROM crowd_photo")
        pairs = cursor.fetchall()
    for old, new in pairs:
        for size in EDGES:
            target = photo_path(new, size)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(photo_path(old, size), target)
            except OSError:  # no such links here, or too many to one file
                shutil.copyfile(photo_path(old, size), target)
