"""Puts the town together: one transaction, so that a town either stands whole or not at all."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from estates.models import Dwelling, Estate, Organisation
from repairs.catalogue.loader import load_catalogue
from repairs.demo import names
from repairs.demo.course import Course
from repairs.demo.crowd import multiply
from repairs.demo.handovers import hand_over
from repairs.demo.kinds import read_kinds
from repairs.demo.ladder import climb_and_order
from repairs.demo.organisations import build_organisations
from repairs.demo.people import KNOWN, build_people
from repairs.demo.pictures import hang_pictures
from repairs.demo.places import build_places
from repairs.demo.pledges import promise_more
from repairs.demo.promises import keep_promises
from repairs.demo.reports import Duties, Reports
from repairs.demo.scenes import Scenes, Script
from repairs.demo.story import Story
from repairs.demo.teams import build_teams, last_worked_day
from repairs.demo.visits import Visits
from repairs.demo.wordings import write_own_text
from repairs.models import Booking, ClockRun, Message, Pause, Photo, Team, Ticket, TicketCounter, TicketEvent
from repairs.workdays import calendar

SEED = 2611
ESTATES, TICKETS, PICTURES = 40, 1500, 150
# So many stories are told one by one; a bigger town lets others live through them too (crowd.py).
TOLD_AT_MOST = 4000
# The organisation the demo's own people work for: a database that has it has the town.
MARKER = f"{names.CENTRES[0]}{names.EXAMPLE}"


class TownInTheWay(Exception):
    """Something in this database has a name the demo needs."""


@dataclass
class Loaded:
    """What a load found or made; `made` counts by what it is."""

    new: bool
    made: dict[str, int] = field(default_factory=dict)
    resident_phone: str = ""


def load_town(
    *, estates: int = ESTATES, tickets: int = TICKETS, pictures: int | None = None, now: datetime | None = None
) -> Loaded:
    """The whole demo town, made once; a second call changes nothing. Never deletes.

    `pictures` at most; without it as many to a story in a big town as in an ordinary one.

    :raises TownInTheWay: a username of the demo belongs to somebody else.
    """
    load_catalogue()
    if Organisation.objects.filter(name=MARKER).exists():
        return Loaded(False, _count(), _phone_of_chen())
    taken = User.objects.filter(username__in=KNOWN).values_list("username", flat=True)
    if taken:
        raise TownInTheWay(", ".join(taken))
    if pictures is None:
        pictures = max(PICTURES, PICTURES * min(tickets, TOLD_AT_MOST) // TICKETS)
    with transaction.atomic():
        _build(estates, tickets, pictures, now or timezone.now())
    return Loaded(True, _count(), _phone_of_chen())


def _build(estates: int, tickets: int, pictures: int, now: datetime) -> None:
    random, today = Random(SEED), timezone.localdate(now)
    places = build_places(random, estates)
    organisations = build_organisations(random, places, today)
    people = build_people(random, places, organisations, today)
    promise_more(places, people, today)
    write_own_text()
    kinds = read_kinds()
    reports = Reports(random, places, people, kinds, Duties(places.estates, today), now)
    course = Course(random, people)
    build_teams(people, organisations, today)
    scenes = Scenes(reports, people, course, places.estates[0], last_worked_day(today, calendar()))
    scripts: list[tuple[Ticket, Script]] = scenes.all()
    scripts += scenes.to_hand_over(places.estates[2])
    scripts += scenes.to_promise()
    year = reports.year(max(0, min(tickets, TOLD_AT_MOST) - len(scripts)))
    scripts += [(ticket, course.run) for ticket in year]
    scripts.sort(key=lambda script: script[0].filed_at)
    _number([ticket for ticket, _script in scripts])
    stories = []
    for ticket, script in scripts:
        story = Story(ticket, now, random.choice(kinds[ticket.repair_type.code].fixes))
        script(story)
        stories.append(story)
    _store(stories)
    visited = Visits(random, people, {story.ticket.pk: story for story in stories}, now).tell(scenes)
    hang_pictures(stories, pictures, random)
    if tickets > TOLD_AT_MOST:
        # Two tickets can't hold the same place of a window: what has a visit is not copied; nor is a pause, whose day
        # stands in words too.
        told = {story.ticket.pk for story in stories if story.pauses}
        originals = {ticket.pk for ticket in year} - {ticket.pk for ticket in visited} - told
        multiply(sorted(originals), tickets - TOLD_AT_MOST, now)
    hand_over(organisations.centres[0], scenes.handed)
    keep_promises(people, scenes.promised)
    climb_and_order(people)


def _number(tickets: list[Ticket]) -> None:
    """Numbers per street and month in the order of filing; the counters go on where they stand, so does the next."""
    last: dict[tuple[int, str], int] = {
        (counter.street_id, counter.month): counter.last for counter in TicketCounter.objects.select_for_update()
    }
    for ticket in tickets:
        month = timezone.localtime(ticket.filed_at).strftime("%y%m")
        last[ticket.street_id, month] = count = last.get((ticket.street_id, month), 0) + 1
        ticket.number = f"{ticket.street.short_name}-{month}-{count:04d}"
        for name, value in ticket.search_columns(ticket.repair_type).items():
            setattr(ticket, name, value)
    TicketCounter.objects.bulk_create(
        [TicketCounter(street_id=street, month=month, last=count) for (street, month), count in last.items()],
        update_conflicts=True,
        unique_fields=["street", "month"],
        update_fields=["last"],
    )


def _store(stories: list[Story]) -> None:
    Ticket.objects.bulk_create([story.ticket for story in stories], batch_size=500)
    TicketEvent.objects.bulk_create([event for story in stories for event in story.events], batch_size=1000)
    Message.objects.bulk_create([message for story in stories for message in story.messages], batch_size=1000)
    ClockRun.objects.bulk_create([run for story in stories for run in story.runs], batch_size=1000)
    Pause.objects.bulk_create([pause for story in stories for pause in story.pauses])


def _phone_of_chen() -> str:
    """The phone the demo's resident signs in with."""
    chen = User.objects.filter(
        display_name="陈阿婆", residences__dwelling__entrance__building__estate__name__startswith="水门新村"
    )
    return chen.order_by("pk").values_list("phone", flat=True).first() or ""


def _count() -> dict[str, int]:
    """What stands, by what it is."""
    models = {
        "estates": Estate,
        "dwellings": Dwelling,
        "organisations": Organisation,
        "people": User,
        "tickets": Ticket,
        "timeline events": TicketEvent,
        "messages": Message,
        "photos": Photo,
        "teams": Team,
        "bookings": Booking,
    }
    return {name: model._default_manager.count() for name, model in models.items()}
