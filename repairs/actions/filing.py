"""Turning a draft into a ticket, exactly once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from estates.duty import duty_organisation
from estates.models import Street
from estates.places import Place, find_place
from repairs.messages import tell_resident
from repairs.models import Photo, ReportDraft, Ticket, TicketEvent
from repairs.models.catalogue import TriageRule
from repairs.promises import due_columns
from repairs.triage import rules_of, weigh
from repairs.workflow import Urgency

from .climbing import ask_to_ring

SAME_REPORT_WITHIN = timedelta(minutes=10)


class ReportIncomplete(Exception):
    """The draft lacks something; `sentence` says what."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@transaction.atomic
def file_report(
    draft: ReportDraft,
    *,
    by: User,
    said: Mapping[str, Any] | None = None,
    rules: Sequence[TriageRule] | None = None,
) -> Ticket:
    """The ticket of `draft`: made now, or the one it (or its twin from the same browser) already became.

    `said`: columns of the draft that the last screen brought, stored with it. `rules`: those of its type, if read.
    """
    seen_type, said = draft.repair_type, said or {}
    draft, others = _lock(draft)
    for name, value in said.items():
        setattr(draft, name, value)
    if draft.ticket is not None:
        return draft.ticket
    twin = _twin(draft, others)
    if twin is not None:
        return twin
    if seen_type is not None and seen_type.pk == draft.repair_type_id:
        draft.repair_type = seen_type
    else:
        rules = None
    ticket = _make_ticket(draft, by, rules)
    draft.ticket, draft.sent_at, draft.touched_at = ticket, ticket.filed_at, ticket.filed_at
    event = _begin_story(ticket, draft, by)
    _keep_name(by, ticket)
    tell_resident(event, ticket)
    if ticket.urgency == Urgency.DANGER:
        ask_to_ring(ticket)
    return ticket


def _lock(draft: ReportDraft) -> tuple[ReportDraft, list[ReportDraft]]:
    """The draft as it stands once nobody else files it, and the others of the same browser that could be its twin.

    One browser files one report at a time: a twin sent in the same second holds these rows too, and whoever comes
    second waits and then reads them as the first has left them. Always in the same order: no two wait for each other.
    """
    recent = Q(sent_at__isnull=True) | Q(sent_at__gt=timezone.now() - SAME_REPORT_WITHIN)
    mine = Q(pk=draft.pk) | (Q(browser=draft.browser) & recent)
    by_key = {row.pk: row for row in ReportDraft.objects.select_for_update().filter(mine).order_by("pk")}
    return by_key.pop(draft.pk), [row for row in by_key.values() if row.sent_at is not None]


def _begin_story(ticket: Ticket, draft: ReportDraft, by: User) -> TicketEvent:
    """The first event, the draft's photos with it, and the draft as sent: one statement, for everybody waits here."""
    event = TicketEvent(ticket=ticket, verb="report", by=by, at=ticket.filed_at)
    said = {name: getattr(draft, name) for name in _SAID}
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH event AS (INSERT INTO repairs_ticketevent (ticket_id, verb, by_id, at, note, internal, changes)"
            "  VALUES (%(ticket)s, %(verb)s, %(by)s, %(at)s, '', false, '{}') RETURNING id),"
            " pictures AS (UPDATE repairs_photo SET ticket_id = %(ticket)s, event_id = (SELECT id FROM event),"
            "  uploaded_by_id = %(by)s WHERE draft_id = %(key)s AND ticket_id IS NULL)"
            " UPDATE repairs_reportdraft SET channel = %(channel)s, contact_name = %(contact_name)s,"
            "  contact_phone = %(contact_phone)s, contact_agreed = %(contact_agreed)s,"
            "  notice_version = %(notice_version)s, ticket_id = %(ticket)s, sent_at = %(at)s, touched_at = %(at)s"
            " WHERE key = %(key)s RETURNING (SELECT id FROM event)",
            {"ticket": ticket.pk, "verb": event.verb, "by": by.pk, "at": event.at, "key": draft.pk, **said},
        )
        (event.pk,) = cursor.fetchone()
    return event


def _keep_name(by: User, ticket: Ticket) -> None:
    """Nothing is asked twice: someone new is called from now on by the name they gave for themselves."""
    if not by.display_name and by.phone and by.phone == ticket.contact_phone:
        by.display_name = ticket.contact_name
        by.save(update_fields=["display_name"])


# What the last screen brings.
_SAID = ("channel", "contact_name", "contact_phone", "contact_agreed", "notice_version")
# Two drafts that agree in these say the same.
_SAME = ("place", "repair_type_id", "words", "answers", "contact_phone")


def _twin(draft: ReportDraft, others: list[ReportDraft]) -> Ticket | None:
    """The same words about the same place from the same browser within ten minutes are the same report.

    Not so when another person is to be called (a desk writes down many reports), an answer differs or there is a
    photo the first one lacks.
    """
    twin = next((each for each in others if all(getattr(each, name) == getattr(draft, name) for name in _SAME)), None)
    if twin is None or twin.ticket is None:
        return None
    known = Photo.objects.filter(draft=twin).values("sha256")
    return None if draft.photos.exclude(sha256__in=known).exists() else twin.ticket


def _make_ticket(draft: ReportDraft, by: User, rules: Sequence[TriageRule] | None) -> Ticket:
    place = find_place(draft.place)
    if place is None:
        raise ReportIncomplete(_("Please choose where the problem is."))
    if draft.repair_type is None or not draft.repair_type.active:
        raise ReportIncomplete(_("Please choose what is broken."))
    verdict = weigh(draft.repair_type, draft.answers, rules_of(draft.repair_type) if rules is None else rules)
    now = timezone.now()
    duty = duty_organisation(place, timezone.localdate(now))
    ticket = Ticket(
        number=_next_number(place),
        repair_type=draft.repair_type,
        urgency=verdict.urgency,
        scope=verdict.scope,
        street=place.estate.community.street,
        estate=place.estate,
        building=place.building,
        entrance=place.entrance,
        dwelling=place.dwelling,
        words=draft.words,
        answers=draft.answers,
        channel=draft.channel,
        reporter=by,
        contact_name=draft.contact_name,
        contact_phone=draft.contact_phone,
        phone_verified=bool(by.phone) and by.phone == draft.contact_phone,
        contact_agreed=draft.contact_agreed or (bool(by.phone) and by.phone == draft.contact_phone),
        organisation=duty.organisation,
        mode=duty.mode,
        filed_at=now,
    )
    for name, value in (ticket.search_columns(draft.repair_type) | due_columns(ticket)).items():
        setattr(ticket, name, value)
    ticket.save(force_insert=True)
    return ticket


def _next_number(place: Place) -> str:
    street: Street = place.estate.community.street
    month = timezone.localtime().strftime("%y%m")
    return f"{street.short_name}-{month}-{_count(street, month):04d}"


def _count(street: Street, month: str) -> int:
    """The next number of this street and month; the row's lock makes two reporters wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO repairs_ticketcounter (street_id, month, last) VALUES (%s, %s, 1)"
            " ON CONFLICT (street_id, month) DO UPDATE SET last = repairs_ticketcounter.last + 1 RETURNING last",
            [street.pk, month],
        )
        (last,) = cursor.fetchone()
    return int(last)
