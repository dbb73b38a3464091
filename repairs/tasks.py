"""Work for later, claimed by the worker (`manage.py procrastinate worker`)."""

from collections.abc import Callable, Iterable
from datetime import time, timedelta
from time import monotonic

from django.utils import timezone
from procrastinate.contrib.django import app

from repairs import actions, photos, windows
from repairs.delivery import deliver_next
from repairs.models import Booking, BookingState, DispatchMode, Pause, Photo, ReportDraft, Ticket
from repairs.models.draft import DRAFT_LIVES
from repairs.models.visit import midnight_after
from repairs.promises import SILENCE_CLOSES_AFTER
from repairs.workflow import State

_ONE_RUN = 500
REMINDED_FROM = time(18)
MISSED_AFTER = timedelta(minutes=30)


@app.task(name="repairs.tasks.deliver_messages", queue="messages")
def deliver_messages() -> None:
    """Send what waits; asked for by every transaction that writes a message."""
    _deliver_all()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep_messages", queue="messages")
def sweep_messages(timestamp: int) -> None:
    """Whatever a killed worker or an unreachable provider left behind."""
    _deliver_all()


def _deliver_all() -> None:
    """What waits, for a minute at most: while a provider hangs, the next run is not kept from beginning."""
    ends = monotonic() + 60
    while monotonic() < ends and deliver_next():
        pass


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="close_unanswered")
def close_unanswered(timestamp: int) -> None:
    """Finished and seven days without a word: closed as unconfirmed."""
    silent = Ticket.objects.filter(
        state=State.FINISHED, finished_at__lt=timezone.now() - SILENCE_CLOSES_AFTER
    ).for_page()
    for ticket in silent[:_ONE_RUN]:
        try:
            actions.lapse(ticket)
        except actions.TicketMoved:
            continue  # the resident answered in this very moment


@app.task(name="repairs.tasks.give_in_turn")
def give_in_turn(ticket: int) -> None:
    """Where jobs go round, this one has just been taken up: give it to whose turn it is."""
    _give(ticket)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep_turns")
def sweep_turns(timestamp: int) -> None:
    """Whatever still has nobody where jobs go round: nobody was free, it was handed back, or a worker was killed."""
    waiting = Ticket.objects.filter(
        state=State.ACKNOWLEDGED, organisation__dispatch_rule__mode=DispatchMode.IN_TURN
    ).order_by("due_at", "pk")
    for ticket in waiting.values_list("pk", flat=True)[:_ONE_RUN]:
        _give(ticket)


def _give(ticket: int) -> None:
    try:
        actions.give_in_turn(ticket)
    except (actions.TicketMoved, actions.MoveRefused):
        return  # somebody gave it, or gave that person another job, in this very moment; the next sweep looks again


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="remind_of_visits")
def remind_of_visits(timestamp: int) -> None:
    """From 18:00 on: everybody whose door is to be opened tomorrow. Looked at again, so that no restart loses it."""
    now = timezone.localtime()
    evening = now.replace(hour=REMINDED_FROM.hour, minute=0, second=0, microsecond=0)
    if now < evening:
        return
    midnight = midnight_after(now)
    tomorrow = Booking.objects.filter(starts_at__gte=midnight, starts_at__lt=midnight + timedelta(days=1))
    # Whoever chose tomorrow this very evening knows it.
    _each(tomorrow.filter(state=BookingState.BOOKED, reminded_at=None, made_at__lt=evening), actions.remind)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="notice_missed_visits")
def notice_missed_visits(timestamp: int) -> None:
    """Half an hour after its end nobody was there: the resident hears it and gets the next times."""
    over = Booking.objects.filter(state=BookingState.BOOKED, ends_at__lt=timezone.now() - MISSED_AFTER)
    _each(over, actions.miss)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="give_up_unanswered_visits")
def give_up_unanswered_visits(timestamp: int) -> None:
    """Households that did not all answer in time: the place goes back; `Booking.answer_by` says when that is."""
    now = timezone.now()
    asked = Booking.objects.filter(state=BookingState.ASKED)
    _each([booking for booking in asked if booking.answer_by <= now], actions.expire)


def _each(bookings: Iterable[Booking], verb: Callable[[Ticket], object]) -> None:
    """The verb on the ticket of each; two runs at once are told apart by the verb, never by this list."""
    keys = [booking.ticket_id for booking in bookings][:_ONE_RUN]
    for ticket in Ticket.objects.filter(pk__in=keys).for_page():
        try:
            verb(ticket)
        except (actions.TicketMoved, actions.MoveRefused):
            continue  # somebody was there first


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="end_pauses")
def end_pauses(timestamp: int) -> None:
    """The day of a pause has come: work goes on and the resident hears it. The promise already counts from there."""
    keys = Pause.objects.over(timezone.now()).order_by("until").values_list("ticket", flat=True)[:_ONE_RUN]
    for ticket in Ticket.objects.filter(pk__in=list(keys)).for_page():
        try:
            actions.pause_ends(ticket)
        except actions.TicketMoved:
            continue  # another run was there first, or the ticket was closed


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="sweep_drafts")
def sweep_drafts(timestamp: int) -> None:
    """Drafts nobody touched for a week, then the pictures that belong to nothing."""
    old = timezone.now() - DRAFT_LIVES
    Photo.objects.filter(ticket__isnull=True, draft__touched_at__lt=old).delete()
    Photo.objects.filter(ticket__isnull=True, draft__isnull=True, created_at__lt=old).delete()
    ReportDraft.objects.filter(ticket__isnull=True, touched_at__lt=old).delete()
    photos.sweep_orphans(
        lambda keys: Photo.objects.filter(key__in=keys).values_list("key", flat=True), older_than=timedelta(days=1)
    )


@app.periodic(cron="10 2 * * *")
@app.task(queueing_lock="produce_windows", retry=3)
def produce_windows(timestamp: int) -> None:
    """The windows of the next 28 days, one day further every night, and those long over gone."""
    windows.sweep()
    if failed := windows.produce_all():
        raise WindowsMissing(failed)


@app.task(name="repairs.tasks.renew_windows", retry=3)
def renew_windows() -> None:
    """A day was declared off or worked: every team's windows follow."""
    if failed := windows.produce_all():
        raise WindowsMissing(failed)


class WindowsMissing(Exception):
    """Some teams have no windows for the next days; the worker tries again and the log says why."""
