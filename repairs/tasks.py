"""Work for later, claimed by the worker (`manage.py procrastinate worker`)."""

from collections.abc import Callable, Iterable
from datetime import time, timedelta
from time import monotonic

from django.conf import settings
from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.carrying import CarrierFailed, in_time
from repairs import actions, lanes, photos, recount, windows
from repairs.actions.climbing import AT_ONCE as CLIMBED_AT_ONCE
from repairs.actions.reaching import mailbox_token
from repairs.carriers.mail import send_mail
from repairs.carriers.robot import say
from repairs.messages import ask_for_delivery
from repairs.models import (
    Booking,
    BookingState,
    DispatchMode,
    Mailbox,
    Pause,
    Photo,
    ReportDraft,
    Supervision,
    TeamRobot,
    Ticket,
)
from repairs.models.draft import DRAFT_LIVES
from repairs.models.visit import midnight_after
from repairs.promises import SILENCE_CLOSES_AFTER
from repairs.workflow import State

_ONE_RUN = 500
# Seconds a run of the ladder takes at most: the next one, a minute later, goes on where it stopped.
CLIMB_AT_MOST = 4.0
# A worker says every ten seconds that it is alive.
STALLED_AFTER = timedelta(seconds=60)
STALLED_AT_MOST = 5
REMINDED_FROM = time(18)
MISSED_AFTER = timedelta(minutes=30)


@app.task(name="repairs.tasks.deliver_messages", queue="messages")
def deliver_messages(channel: str | None = None) -> None:
    """Send what waits in one lane (without a name: in all, one after the other); asked for by every transaction that
    writes a message. Of a channel with a lane for each company this run takes one and asks for the others."""
    if channel is None:
        named = list(lanes.LANES)
    elif len(named := list(lanes.lanes_of(channel))) > 1:
        named, others = (waiting := lanes.waiting_in(named))[:1], waiting[1:]
        ask_for_delivery(others)
    for lane in named:
        lanes.run_lane(lane)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep_messages", queue="messages")
def sweep_messages(timestamp: int) -> None:
    """Whatever a killed worker or an unreachable provider left behind: a job for each lane in which something waits."""
    lanes.take_in_strays()
    ask_for_delivery(lanes.waiting_in())


# While one is at it the others go back to the queue: 4 s, 16 s, 64 s, 4 min, 17 min, 68 min.
_COME_BACK = RetryStrategy(max_attempts=6, exponential_wait=4)


@app.task(name="repairs.tasks.write_to_mailbox", queue="messages", retry=_COME_BACK)
def write_to_mailbox(mailbox: int, site: str) -> None:
    """The letter with the link that says: this mailbox is mine."""
    asked = Mailbox.objects.filter(pk=mailbox, confirmed_at=None).select_related("person").first()
    if asked is None:
        return  # confirmed, or given up, in the meantime
    page = site.rstrip("/") + reverse("repairs:mailbox", args=[mailbox_token(asked)])
    with translation.override(asked.person.language):
        words = _(
            "Somebody wants the messages about their repairs sent to this mailbox. Is it you? Then open this page:"
            "\n\n%(page)s\n\nIf not, you need not do anything: no further letter comes."
        )
        letter = asked.address, str(_("Is this your mailbox?")), words % {"page": page}
    key = f"mailbox-{asked.pk}-{asked.asked_at:%Y%m%d%H%M%S}"
    with lanes.alone(lanes.MAILBOX):
        in_time(lambda: send_mail(*letter, key=key), settings.CARRIER_TIMEOUT)


@app.task(name="repairs.tasks.try_robot", queue="messages", retry=_COME_BACK)
def try_robot(robot: int, language: str) -> None:
    """A test sentence into the chat; the page shows what came of it."""
    row = TeamRobot.objects.filter(pk=robot)
    asked = row.select_related("organisation").first()
    if asked is None:
        return
    with translation.override(language):
        words = _("This is a test. Repairs of %(organisation)s will be told here.")
        said = asked.organisation.name, words % {"organisation": asked.organisation.name}
    try:
        with lanes.alone(lanes.ROBOT_TEST):
            in_time(lambda: say(asked, *said), settings.CARRIER_TIMEOUT)
    except CarrierFailed:
        row.update(tried_at=timezone.now(), try_failed=True)
    else:
        row.update(tried_at=timezone.now(), try_failed=False)


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


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="climb_the_ladder", queue="ladder")
def climb_the_ladder(timestamp: int) -> None:
    """Whatever is late or unowned goes up: in small bites, and after a long outage over several runs."""
    ends = monotonic() + CLIMB_AT_MOST
    while monotonic() < ends and actions.climb() == CLIMBED_AT_ONCE:
        pass


@app.task(name="repairs.tasks.ring_of_danger", queue="ladder")
def ring_of_danger(ticket: int) -> None:
    """Danger waits for no minute: everybody up to the street is told at once."""
    actions.climb(ticket, ring=True)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="take_up_stalled", queue="ladder")
def take_up_stalled(timestamp: int) -> None:
    """What a killed worker was at goes back into its queue; what has a queueing lock comes round by itself.

    Every task may be done twice. One that has brought down its worker `STALLED_AT_MOST` times is left alone.
    """
    silent = Q(worker=None) | Q(worker__last_heartbeat__lt=timezone.now() - STALLED_AFTER)
    stalled = ProcrastinateJob.objects.filter(silent, status="doing", queueing_lock=None, attempts__lt=STALLED_AT_MOST)
    for job in stalled.values_list("pk", flat=True):
        app.job_manager.retry_job_by_id(job, timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="orders_go_up")
def orders_go_up(timestamp: int) -> None:
    """The day of an order is over and nobody answered: the district hears of it."""
    late = Supervision.objects.to_go_up(timezone.now()).order_by("answer_by", "pk").select_related("office")
    tickets = Prefetch("ticket", Ticket.objects.for_page())
    for order in late.select_related("organisation").prefetch_related(tickets)[:_ONE_RUN]:
        try:
            actions.order_goes_up(order)
        except actions.TicketMoved:
            continue  # it was answered, or another run was there, in this very moment


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


@app.task(name="repairs.tasks.renew_promises", retry=3)
def renew_promises() -> None:
    """A day was declared off or worked: what is promised in working days is counted anew."""
    recount.recount()


class WindowsMissing(Exception):
    """Some teams have no windows for the next days; the worker tries again and the log says why."""
