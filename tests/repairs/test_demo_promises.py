"""The promises of the demo town: times kept as the verbs would, and one ticket for each way to stand."""

from tempfile import TemporaryDirectory

from django.test import TestCase, override_settings
from django.utils import translation

from repairs.demo.town import load_town
from repairs.models import ClockRun, Ticket
from repairs.promises_page import Shown, shown
from repairs.workflow import Clock


class TestThePromisesOfTheDemo(TestCase):
    """One small town for these tests."""

    @classmethod
    def setUpTestData(cls) -> None:
        """The town, without pictures."""
        with override_settings(MEDIA_ROOT=cls.enterClassContext(TemporaryDirectory())):
            load_town(estates=3, tickets=45, pictures=0)

    def test_what_became_of_promises_is_kept_as_the_verbs_would(self) -> None:
        for ticket in Ticket.objects.exclude(acknowledged_at=None):
            assert ClockRun.objects.filter(ticket=ticket, clock=Clock.ACKNOWLEDGE, round=0).count() == 1
        for ticket in Ticket.objects.exclude(finished_at=None):
            run = ClockRun.objects.get(ticket=ticket, clock=Clock.RESTORE, round=ticket.times_reopened)
            assert (run.stopped_at, run.due_at, run.met) == (ticket.finished_at, ticket.restore_by, True)

    def test_chen_has_one_that_is_paused_and_one_that_was_not_fixed_at_first(self) -> None:
        hers = Ticket.objects.filter(reporter__display_name="陈阿婆").open()
        paused = hers.get(pauses__ended_at=None, pauses__isnull=False)
        assert "Repair" in {row.title for row in self._read(paused) if row.word == "Paused"}
        rework = hers.get(times_reopened=1)
        assert [row.word for row in self._read(rework) if row.title == "Repair"] == ["Kept"]
        assert "Repair, rework" in [row.title for row in self._read(rework)]

    def test_one_is_made_safe_and_one_has_its_plan(self) -> None:
        (safe,) = Ticket.objects.exclude(made_safe_at=None).open()
        (planned,) = Ticket.objects.exclude(plan_posted_at=None)
        met = [row.word for row in self._read(safe) if row.title == "Make safe" and "met" in row.lines[0]]
        assert len(met) == 1
        assert "Planned day" in {row.title for row in self._read(planned)}

    def _read(self, ticket: Ticket) -> list[Shown]:
        with translation.override("en"):
            return shown(ticket)
