"""A bigger town, in small: what the database copied is as consistent as what was told."""

from collections import Counter
from tempfile import TemporaryDirectory
from typing import ClassVar
from unittest.mock import patch

from django.db.models import Count, F, Q
from django.test import TestCase, override_settings
from django.utils import timezone

from accounts.models import User
from repairs.demo import names, town
from repairs.models import Message, MessageTemplate, Photo, Ticket, TicketCounter, TicketEvent
from repairs.photos import EDGES, photo_path
from repairs.workflow import State

TOLD, ALL = 160, 700


class TestACrowd(TestCase):
    """One town for all: 160 tickets told, 540 copied."""

    media: ClassVar[str]

    @classmethod
    def setUpTestData(cls) -> None:
        """Built once."""
        folder = TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.media = folder.name
        with override_settings(MEDIA_ROOT=cls.media), patch.object(town, "TOLD_AT_MOST", TOLD):
            town.load_town(estates=8, tickets=ALL, pictures=20)

    def copies(self) -> list[Ticket]:
        """The tickets that were not told one by one."""
        return list(Ticket.objects.for_page().order_by("pk")[TOLD:])

    def test_as_many_as_were_asked_for(self) -> None:
        assert (Ticket.objects.count(), len(self.copies())) == (ALL, ALL - TOLD)

    def test_they_are_found_by_what_filing_would_have_written(self) -> None:
        for ticket in self.copies():
            right = ticket.search_columns(ticket.repair_type)
            assert set(ticket.tokens) == set(right["tokens"])
            assert set(ticket.search_text.split("\n")) == set(right["search_text"].split("\n"))

    def test_numbers_go_on_without_a_gap(self) -> None:
        numbers: dict[tuple[str, str], list[int]] = {}
        for number in Ticket.objects.values_list("number", flat=True):
            street, month, count = number.split("-")
            numbers.setdefault((street, month), []).append(int(count))
        assert {key: sorted(found) for key, found in numbers.items()} == {
            key: list(range(1, len(found) + 1)) for key, found in numbers.items()
        }
        counters = {(c.street.short_name, c.month): c.last for c in TicketCounter.objects.select_related("street")}
        assert counters == {key: len(found) for key, found in numbers.items()}

    def test_the_last_event_leaves_the_ticket_where_it_stands(self) -> None:
        for ticket in self.copies():
            events = list(ticket.events.order_by("pk"))
            assert [event.verb for event in events].count("report") == 1
            assert (events[0].verb, events[0].at, events[0].by) == ("report", ticket.filed_at, ticket.reporter)
            moves = [event.changes["state"][1] for event in events if "state" in event.changes]
            assert (moves or [State.SUBMITTED])[-1] == ticket.state
            assert [event.at for event in events] == sorted(event.at for event in events)
            assert all(event.at <= timezone.now() for event in events)

    def test_a_promise_in_the_story_is_the_tickets(self) -> None:
        for ticket in self.copies():
            told = [e.changes["restore_by"][1] for e in ticket.events.order_by("pk") if "restore_by" in e.changes]
            if told:
                assert told[-1][:19] == timezone.localtime(ticket.restore_by).isoformat()[:19]

    def test_reporters_live_where_they_report_from(self) -> None:
        homes = {
            (each.person_id, each.dwelling.entrance.building.estate_id)
            for user in User.objects.prefetch_related("residences__dwelling__entrance__building")
            for each in user.residences.all()
        }
        residents = [ticket for ticket in self.copies() if ticket.reporter.phone]
        assert len(residents) > 300
        assert {(ticket.reporter_id, ticket.estate_id) for ticket in residents} <= homes

    def test_every_guest_reported_once(self) -> None:
        guests = Counter(ticket.reporter_id for ticket in self.copies() if ticket.reporter.is_guest)
        assert set(guests.values()) == {1}

    def test_messages_speak_of_their_own_ticket(self) -> None:
        # A neighbour whose door is needed too isn't told whose report it is.
        to_reporters = Q(recipient=None) | Q(recipient=F("ticket__reporter"))
        messages = Message.objects.filter(to_reporters).select_related("ticket", "event")
        assert messages.count() > 20
        assert all(each.ticket.number in each.text and each.event.ticket_id == each.ticket_id for each in messages)

    def test_pictures_lie_on_disk_under_their_own_key(self) -> None:
        with override_settings(MEDIA_ROOT=self.media):
            keys = list(Photo.objects.values_list("key", flat=True))
            assert len(keys) > 20
            assert all(photo_path(key, size).stat().st_size > 0 for key in keys for size in EDGES)
        assert not Photo.objects.exclude(event__ticket=F("ticket")).exists()

    def test_states_are_in_proportion(self) -> None:
        counts = dict(Ticket.objects.order_by().values_list("state").annotate(Count("pk")))
        assert counts[State.CLOSED] > ALL * 0.8
        assert set(counts) == set(State.values)

    def test_new_rows_get_keys_of_their_own(self) -> None:
        first = Ticket.objects.earliest("pk")
        event = TicketEvent.objects.create(ticket=first, verb="comment", by=first.reporter, at=timezone.now())
        assert event.pk == TicketEvent.objects.latest("pk").pk

    def test_one_text_is_in_the_administrators_own_words_and_residents_read_it(self) -> None:
        own = MessageTemplate.objects.get()
        said = Message.objects.filter(event__verb="finish", channel="app").values_list("sentence", flat=True)

        assert (own.key, own.edited_by.username) == ("resident.finish", "admin")
        assert own.text in said


def test_names_of_estates_do_not_repeat() -> None:
    assert len(set(names.estates(names.MOST_ESTATES))) == names.MOST_ESTATES
