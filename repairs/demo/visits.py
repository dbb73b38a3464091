"""Agreed times for open tickets: what their timelines say, the places they hold, and two that did not go as agreed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from django.utils import timezone

from repairs.actions.moving import OWED, span_of
from repairs.demo.people import People, Resident
from repairs.demo.scenes import VISIT_KEPT, VISIT_MISSED, VISIT_OF_CHEN, Scenes
from repairs.demo.story import Story
from repairs.demo.teams import windows_past
from repairs.messages import tell_households
from repairs.models import (
    Booking,
    BookingConsent,
    BookingState,
    ClockRun,
    Message,
    Team,
    Ticket,
    TicketEvent,
    VisitWish,
    WindowPlace,
)
from repairs.promises import due_columns
from repairs.slots import NOTICE
from repairs.workflow import BEFORE_VISIT, Urgency

# Others still have to be called.
_AGREED, _WISHED, _AT_MOST = 0.65, 0.15, 60
_CAN_WAIT = {Urgency.NORMAL, Urgency.PLANNED}
_LEAKS = {"WAT", "DRN", "ROF"}
_COLUMNS = [*OWED, "version", "visit_wish", "times_nobody_came"]
_MINUTE = timedelta(minutes=1)


@dataclass
class Visits:
    """Goes on telling stories that are stored already: the steps around a visit."""

    random: Random
    people: People
    stories: dict[int, Story]
    now: datetime
    _free: dict[int, list[WindowPlace]] = field(default_factory=dict)
    _busy: set[tuple[int, datetime]] = field(default_factory=set)
    _touched: dict[int, tuple[int, int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        places = WindowPlace.objects.filter(held=False, window__starts_at__gt=self.now + NOTICE)
        for place in places.select_related("window").order_by("window__starts_at", "number"):
            self._free.setdefault(place.window.team_id, []).append(place)
        teams = Team.objects.prefetch_related("trades", "members")
        self._teams: dict[int, list[Team]] = {}
        for team in teams:
            self._teams.setdefault(team.organisation_id, []).append(team)

    def tell(self, scenes: Scenes) -> list[Ticket]:
        """All of them, stored; the tickets that have a step more now."""
        for ticket in scenes.promised.values():
            self._touch(self.stories[ticket.pk])  # these go on elsewhere
        self._of_the_past(scenes)
        for_chen = self.stories[scenes.visits[VISIT_OF_CHEN].pk]
        tomorrow = timezone.localdate(self.now) + timedelta(days=1)
        self._book(for_chen, [each for each in self._fitting(for_chen.ticket) if _day(each) >= tomorrow][2:])
        self._two_flats()
        worker = self.people.known["worker"]
        for story in self._waiting():
            if story.ticket.assignee == worker:
                self._book(story, self._fitting(story.ticket))
        for story in self._waiting()[:_AT_MOST]:
            chance = self.random.random()
            if chance < _AGREED:
                places = self._fitting(story.ticket)[:40]
                self._book(story, self.random.sample(places, len(places)))
            elif chance < _AGREED + _WISHED:
                wish = self.random.choice(VisitWish.values)
                self._touch(story).move("wish", self._soon(story), story.ticket.reporter, visit_wish=wish)
        return self._store()

    # ------------------------------------------------------------------ which
    def _waiting(self) -> list[Story]:
        """Nobody has said anything about a visit yet, and one is needed."""
        found = [
            story
            for story in self.stories.values()
            if story.ticket.state in BEFORE_VISIT
            and story.ticket.dwelling_id
            and story.ticket.urgency in _CAN_WAIT
            and story.ticket.pk not in self._touched
            and story.last_at < self.now - 5 * _MINUTE
        ]
        return sorted(found, key=lambda story: -story.ticket.pk)

    def _fitting(self, ticket: Ticket) -> list[WindowPlace]:
        """Free places of teams that can do it and to which its worker belongs, earliest first."""
        found: list[WindowPlace] = []
        for team in self._teams.get(ticket.organisation_id, []):
            trades = {trade.pk for trade in team.trades.all()}
            able = not trades or ticket.repair_type.category_id in trades
            goes = ticket.assignee is None or ticket.assignee in team.members.all()
            found += self._free.get(team.pk, []) if able and goes else []
        free = [each for each in found if (ticket.assignee_id or 0, each.window.starts_at) not in self._busy]
        return sorted(free, key=lambda place: place.window.starts_at)

    def _neighbour(self, ticket: Ticket) -> Resident | None:
        living = self.people.residents.get(ticket.estate_id, [])
        return next(
            (
                each
                for each in living
                if each.dwelling.entrance_id == ticket.entrance_id and each.dwelling.pk != ticket.dwelling_id
            ),
            None,
        )

    # ------------------------------------------------------------------ what happens
    def _touch(self, story: Story) -> Story:
        self._touched.setdefault(story.ticket.pk, (len(story.events), len(story.messages), len(story.runs)))
        return story

    def _soon(self, story: Story) -> datetime:
        return story.last_at + self.random.uniform(0.05, 0.5) * min(self.now - story.last_at, timedelta(hours=5))

    def _book(
        self, story: Story, places: Iterable[WindowPlace], state: str = BookingState.BOOKED, at: datetime | None = None
    ) -> Booking | None:
        """The first of `places`, with the reminder if the evening before has passed."""
        place = next(iter(places), None)
        if place is None:
            return None
        ticket, at, window = self._touch(story).ticket, at or self._soon(story), place.window
        if place in self._free.get(window.team_id, []):
            self._free[window.team_id].remove(place)
        if ticket.assignee_id:
            self._busy.add((ticket.assignee_id, window.starts_at))
        booking = Booking.objects.create(
            ticket=ticket,
            place=place,
            team_id=window.team_id,
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            state=state,
            made_at=at,
            made_by=ticket.reporter,
        )
        owed = due_columns(ticket, at)
        story.move("book", at, ticket.reporter, visit=(None, span_of(booking)), visit_wish="", **owed)
        self._remind(story, booking)
        return booking

    def _remind(self, story: Story, booking: Booking) -> None:
        evening = timezone.localtime(booking.starts_at).replace(hour=18, minute=0) - timedelta(days=1)
        if booking.state == BookingState.BOOKED and story.last_at < evening < self.now:
            story.move("remind", evening, None, visit=(None, span_of(booking)))
            booking.reminded_at = evening
            booking.save(update_fields=["reminded_at"])

    def _two_flats(self) -> None:
        """A leak: the neighbour's door has to be opened too, and they haven't answered."""
        leaks = [story for story in self._waiting() if story.ticket.repair_type.category.code in _LEAKS]
        leaks.sort(key=lambda story: story.ticket.estate_id != self.people.chen.dwelling.entrance.building.estate_id)
        for story in leaks:
            neighbour, places = self._neighbour(story.ticket), self._fitting(story.ticket)[6:]
            if neighbour and (booking := self._book(story, places, BookingState.ASKED)):
                BookingConsent.objects.create(booking=booking, dwelling=neighbour.dwelling)
                return

    def _of_the_past(self, scenes: Scenes) -> None:
        """One worker came as agreed; another time nobody came, and the clock noticed."""
        kept, missed = (self.stories[scenes.visits[each].pk] for each in (VISIT_KEPT, VISIT_MISSED))
        teams = self._teams[kept.ticket.organisation_id]
        team = next(each for each in teams if kept.ticket.assignee in each.members.all())
        _eight, ten, _two, four = windows_past(team, scenes.last_day)
        booked = self._book(kept, [ten], at=kept.last_at + 20 * _MINUTE)
        if booked:
            start = booked.starts_at
            kept.move("set_out", start - 15 * _MINUTE, kept.ticket.assignee)
            kept.arrive(start + 6 * _MINUTE)
            kept.finish(start + 75 * _MINUTE)
            booked.set_out_at, booked.set_out_by = start - 15 * _MINUTE, kept.ticket.assignee
            _end(booked, BookingState.KEPT, start + 6 * _MINUTE)
        booked = self._book(missed, [four], at=missed.last_at + 20 * _MINUTE)
        if booked:
            over = booked.ends_at + 10 * _MINUTE
            missed.move("miss", over, None, visit=(span_of(booked), None), times_nobody_came=1)
            _end(booked, BookingState.NOBODY_CAME, over)

    def _store(self) -> list[Ticket]:
        told = [(self.stories[pk], *before) for pk, before in self._touched.items()]
        tickets = [story.ticket for story, *_before in told]
        Ticket.objects.bulk_update(tickets, _COLUMNS)
        TicketEvent.objects.bulk_create([event for story, events, *_rest in told for event in story.events[events:]])
        Message.objects.bulk_create([message for story, _e, sent, _r in told for message in story.messages[sent:]])
        ClockRun.objects.bulk_create([run for story, *_before, runs in told for run in story.runs[runs:]])
        for consent in BookingConsent.objects.select_related("booking"):
            event = next(each for each in self.stories[consent.booking.ticket_id].events if each.verb == "book")
            tell_households(event, consent.booking)
        return tickets


def _day(place: WindowPlace) -> date:
    return timezone.localdate(place.window.starts_at)


def _end(booking: Booking, state: str, at: datetime) -> None:
    booking.state, booking.ended_at = state, at
    booking.save()
