"""The table of moves: what is legal, for whom, and what each move leaves behind."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from accounts.models import User
from repairs import actions
from repairs.models import Photo, Ticket, TicketEvent
from repairs.workflow import MOVES, Actor, Clock, Closure, State, Urgency
from tests.town import Town

PEOPLE = [
    "chen", "neighbour", "nadia", "lin", "wang", "guo", "manager", "other_dispatcher", "grid_worker", "clerk",
    "community_officer", "street_officer", "other_street_officer", "district_officer",
]  # fmt: skip
DESK = {"lin", "manager"}
NOTES = DESK | {"wang", "guo", "grid_worker", "community_officer", "street_officer", "district_officer"}
OFFICES = {"community_officer", "street_officer", "district_officer"}
# Who may make each move on Chen's ticket, in a state where it is legal (Wang is the assigned worker).
ENTITLED = {
    "acknowledge": DESK,
    "assign": DESK,
    "take": set(),
    "rotate": set(),
    "hand_back": DESK | {"wang"},
    "book": DESK | {"chen"},
    "rebook": DESK | {"chen"},
    "unbook": DESK | {"chen"},
    "wish": {"chen"},
    "agree": DESK,
    "refuse": DESK,
    "expire": set(),
    "remind": set(),
    "set_out": DESK | {"wang"},
    "miss": set(),
    "nobody_came": {"chen"},
    "nobody_home": DESK | {"wang"},
    "arrive": DESK | {"wang"},
    "make_safe": DESK | {"wang"},
    "post_plan": DESK,
    "set_urgency": DESK,
    "finish": DESK | {"wang"},
    "pause": DESK,
    "resume": DESK,
    "renew": {"manager"},
    "pause_ends": set(),
    "offer": DESK,
    "withdraw_offer": DESK,
    "turn_down": set(),
    "accept": set(),
    "pass_outside": OFFICES,
    "climb": set(),
    "answer_climb": OFFICES | {"manager"},
    "order": OFFICES - {"community_officer"},
    "answer_order": OFFICES | {"manager"},
    "order_goes_up": set(),
    "confirm": {"chen"},
    "not_fixed": {"chen"},
    "lapse": set(),
    "cancel": {"chen"},
    "decline": DESK,
    "comment": DESK | {"chen", "wang", "guo", "grid_worker"},
    "internal_note": NOTES,
}


def _before(town: Town, verb: str) -> Ticket:
    stages: dict[str, Callable[[], Ticket]] = {
        "acknowledge": town.ticket,
        "assign": town.acknowledged,
        "arrive": town.assigned,
        "make_safe": town.endangered,
        "post_plan": town.planned,
        "finish": town.on_site,
        "confirm": town.finished,
        "not_fixed": town.finished,
        "lapse": town.finished,
    }
    return stages.get(verb, town.assigned)()


@pytest.mark.parametrize("verb", MOVES)
def test_each_move_is_open_to_exactly_these_people(town: Town, verb: str) -> None:
    ticket = _before(town, verb)

    assert {name for name in PEOPLE if actions.may(ticket, verb, getattr(town, name))} == ENTITLED[verb]


def test_every_move_has_its_verb_and_its_row_of_people() -> None:
    assert set(ENTITLED) == set(MOVES)
    assert all(callable(getattr(actions, verb)) for verb in MOVES)


@pytest.mark.parametrize("verb", MOVES)
def test_no_move_starts_from_a_state_the_table_does_not_name(town: Town, verb: str) -> None:
    stages = {State.SUBMITTED: town.ticket, State.ASSIGNED: town.assigned, State.FINISHED: town.finished}
    for state, stage in stages.items():
        ticket = stage()
        assert any(actions.may(ticket, verb, getattr(town, name)) for name in PEOPLE) == (
            state in MOVES[verb].starts
            and Urgency.NORMAL in MOVES[verb].urgencies
            and MOVES[verb].actor not in {Actor.CLOCK, Actor.POOL, Actor.RECEIVER}
        )


def test_a_stranger_who_knows_the_verb_is_refused_and_nothing_changes(town: Town) -> None:
    ticket = town.ticket()
    with pytest.raises(PermissionDenied):
        actions.acknowledge(ticket, by=town.nadia, repair_type=ticket.repair_type, urgency=Urgency.NORMAL)

    assert Ticket.objects.get().state == State.SUBMITTED
    assert TicketEvent.objects.count() == 1


def test_the_whole_story_ends_confirmed_with_one_event_a_step(town: Town) -> None:
    ticket = town.finished()
    actions.confirm(ticket, by=town.chen)

    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.closure, ticket.due_at) == (State.CLOSED, Closure.CONFIRMED, None)
    story = list(TicketEvent.objects.order_by("pk").values_list("verb", "by__display_name"))
    assert story == [
        ("report", "陈阿婆"),
        ("acknowledge", "林秀英"),
        ("assign", "林秀英"),
        ("arrive", "王建国"),
        ("finish", "王建国"),
        ("confirm", "陈阿婆"),
    ]


def test_the_event_says_what_changed(town: Town) -> None:
    ticket = town.ticket()
    event = actions.acknowledge(
        ticket, by=town.lin, repair_type=town.type("DRN-STACK"), urgency=Urgency.URGENT, note="立管堵了"
    )

    assert event.changes["state"] == ["submitted", "acknowledged"]
    assert event.changes["urgency"] == ["normal", "urgent"]
    assert event.changes["repair_type"] == ["DRN-PIPE", "DRN-STACK"]
    assert event.note == "立管堵了"


def test_taking_up_with_another_urgency_counts_the_promise_from_the_report(town: Town) -> None:
    ticket = town.ticket()
    actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency=Urgency.URGENT)

    assert ticket.restore_by == ticket.filed_at + timedelta(hours=48)
    assert (ticket.arrive_by, ticket.make_safe_by) == (
        ticket.filed_at + timedelta(hours=2),
        ticket.filed_at + timedelta(hours=4),
    )
    assert (ticket.due_at, ticket.due_clock) == (ticket.arrive_by, Clock.ARRIVE)


def test_finishing_needs_an_after_photo_and_words(town: Town) -> None:
    ticket = town.on_site()
    with pytest.raises(actions.MoveRefused, match="照片"):
        actions.finish(ticket, by=town.wang, photos=[], note="换了水管")
    with pytest.raises(actions.MoveRefused, match="写"):
        actions.finish(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)], note=" ")

    assert Ticket.objects.get().state == State.ON_SITE


def test_a_photo_of_another_ticket_does_not_finish_this_one(town: Town) -> None:
    other = town.photo(town.on_site(), town.wang)
    ticket = town.on_site()
    with pytest.raises(actions.TicketMoved):
        actions.finish(ticket, by=town.wang, photos=[other], note="换了水管")

    assert Ticket.objects.get(pk=ticket.pk).state == State.ON_SITE
    assert Photo.objects.get(pk=other.pk).event is None


def test_not_fixed_opens_the_same_ticket_with_a_new_promise(town: Town) -> None:
    ticket = town.finished()
    actions.not_fixed(ticket, by=town.chen, note="还在滴水")

    again = Ticket.objects.get()
    assert (again.state, again.assignee, again.finished_at) == (State.ACKNOWLEDGED, None, None)
    assert again.times_reopened == 1
    assert again.restore_by > timezone.now()
    assert again.due_at == again.restore_by


def test_not_fixed_opens_what_silence_closed_but_not_what_was_confirmed(town: Town) -> None:
    lapsed, confirmed = town.finished(), town.finished()
    actions.lapse(lapsed)
    actions.confirm(confirmed, by=town.chen)

    actions.not_fixed(town.seen(lapsed), by=town.chen, note="没有修好")
    with pytest.raises(actions.TicketMoved):
        actions.not_fixed(town.seen(confirmed), by=town.chen, note="没有修好")

    assert town.seen(lapsed).state == State.ACKNOWLEDGED
    assert town.seen(confirmed).closure == Closure.CONFIRMED


def test_a_resident_may_not_cancel_once_the_worker_is_there(town: Town) -> None:
    with pytest.raises(actions.TicketMoved):
        actions.cancel(town.on_site(), by=town.chen)


def test_declining_needs_a_reason(town: Town) -> None:
    with pytest.raises(actions.MoveRefused):
        actions.decline(town.ticket(), by=town.lin, note="")


def test_only_workers_of_the_organisation_on_duty_can_be_assigned(town: Town) -> None:
    ticket = town.acknowledged()
    for stranger in (town.chen, town.other_dispatcher, town.street_officer):
        with pytest.raises(actions.MoveRefused):
            actions.assign(ticket, by=town.lin, worker=stranger)


def test_whoever_took_the_call_does_not_confirm_the_work_of_their_own_house(town: Town) -> None:
    ticket = town.proxy()
    actions.acknowledge(ticket, by=town.lin, repair_type=ticket.repair_type, urgency=Urgency.NORMAL)
    actions.assign(ticket, by=town.lin, worker=town.wang)
    actions.arrive(ticket, by=town.wang)
    actions.finish(ticket, by=town.wang, photos=[town.photo(ticket, town.wang)], note="换了一段")

    assert not actions.may(town.seen(ticket), "confirm", town.lin)
    assert actions.may(town.seen(ticket), "confirm", town.chen)


def test_an_old_page_changes_nothing(town: Town) -> None:
    old_page = town.acknowledged()
    actions.assign(town.seen(old_page), by=town.lin, worker=town.wang)
    with pytest.raises(actions.TicketMoved):
        actions.assign(old_page, by=town.manager, worker=town.guo)

    assert Ticket.objects.get().assignee == town.wang


@pytest.mark.django_db(transaction=True)
def test_of_two_dispatchers_at_once_one_wins_and_the_other_is_told() -> None:
    town = Town()
    seen = town.acknowledged()
    start = Barrier(8)
    ends: list[str] = []

    def press(worker: User) -> None:
        ticket = Ticket.objects.for_page().get(pk=seen.pk)
        start.wait()
        try:
            actions.assign(ticket, by=town.lin, worker=worker)
            ends.append("assigned")
        except actions.TicketMoved:
            ends.append("moved")
        finally:
            connections.close_all()

    threads = [Thread(target=press, args=(worker,)) for worker in [town.wang, town.guo] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ends) == ["assigned"] + ["moved"] * 7
    assert TicketEvent.objects.filter(verb="assign").count() == 1


# ---------------------------------------------------------------- the timeline cannot be touched
TOUCHES: dict[str, Callable[[TicketEvent], object]] = {
    "save": lambda event: event.save(),
    "delete": lambda event: event.delete(),
    "update": lambda event: TicketEvent.objects.update(note="别的话"),
    "queryset delete": lambda event: TicketEvent.objects.all().delete(),
    "bulk_update": lambda event: TicketEvent.objects.bulk_update([event], ["note"]),
}


@pytest.mark.parametrize("touch", TOUCHES)
def test_the_timeline_cannot_be_changed_through_the_orm(town: Town, touch: str) -> None:
    town.ticket()
    with pytest.raises(TypeError):
        TOUCHES[touch](TicketEvent.objects.get())


@pytest.mark.parametrize("statement", ["UPDATE repairs_ticketevent SET note = 'x'", "DELETE FROM repairs_ticketevent"])
def test_the_timeline_cannot_be_changed_in_the_database(town: Town, statement: str) -> None:
    town.ticket()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# ---------------------------------------------------------------- the rules of a row
BROKEN: dict[str, dict[str, object]] = {
    "ticket_closed_has_closure": {"state": State.CLOSED, "closed_at": timezone.now()},
    "ticket_closed_has_closed_at": {"state": State.CLOSED, "closure": Closure.CANCELLED},
    "ticket_confirmed_was_finished": {
        "state": State.CLOSED,
        "closure": Closure.CONFIRMED,
        "closed_at": timezone.now(),
        "finished_at": None,
    },
    "ticket_assigned_has_assignee": {"state": State.ASSIGNED},
    "ticket_place_has_no_gaps": {"building": None},
    "ticket_plan_names_its_day": {"plan_posted_at": timezone.now()},
    "ticket_climbs_for_a_promise": {"due_clock": ""},
    "ticket_due_clock_is_listed": {"due_clock": "someday"},
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses_a_ticket_that_contradicts_itself(town: Town, name: str) -> None:
    town.ticket()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Ticket.objects.update(**BROKEN[name])


def test_every_rule_of_a_ticket_has_its_failing_row() -> None:
    assert {constraint.name for constraint in Ticket._meta.constraints} == set(BROKEN)
