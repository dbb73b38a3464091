"""The staff's verbs: who may press what, what comes back, and two people pressing at once."""

from collections.abc import Callable
from functools import partial
from threading import Barrier, Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.models import User
from repairs import actions
from repairs.models import Message, Photo, Ticket, TicketEvent
from repairs.models.photo import PHOTOS_MAX
from repairs.receiving import receive_photos
from repairs.workflow import Closure, State
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town, picture

DESK = {"lin", "manager"}
WATCHERS = {"community_officer", "street_officer", "district_officer"}
# verb → (the town's method that brings a ticket there, who may); everybody else who sees the ticket gets 403.
VERBS: dict[str, tuple[str, set[str]]] = {
    "ticket_acknowledge": ("ticket", DESK),
    "ticket_assign": ("assigned", DESK),
    "ticket_arrive": ("assigned", DESK | {"wang"}),
    "ticket_finish": ("on_site", DESK | {"wang"}),
    "ticket_hand_back": ("assigned", DESK | {"wang"}),
    "ticket_make_safe": ("endangered", DESK | {"wang"}),
    "ticket_post_plan": ("planned", DESK),
    "ticket_set_urgency": ("assigned", DESK),
    "ticket_decline": ("assigned", DESK),
    "ticket_pause": ("assigned", DESK),
    "ticket_resume": ("assigned", DESK),
    "ticket_renew": ("assigned", {"manager"}),
    "desk_comment": ("assigned", DESK | {"wang", "grid_worker"}),
    "ticket_internal_note": ("assigned", DESK | {"wang", "grid_worker"} | WATCHERS),
    "ticket_contact": ("assigned", DESK | {"wang"}),
}


def _url(verb: str, ticket: Ticket) -> str:
    return reverse(f"repairs:{verb}", args=[ticket.pk])


def _events(ticket: Ticket) -> list[str]:
    return list(TicketEvent.objects.filter(ticket=ticket).order_by("pk").values_list("verb", flat=True))


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_answers_each_person(town: Town, verb: str) -> None:
    stage, may = VERBS[verb]
    ticket = getattr(town, stage)()
    before = _events(ticket)
    seen = DESK | WATCHERS | {"grid_worker", "chen"} | ({"wang"} if ticket.assignee else set())

    # An empty form: whoever may press gets it back, everybody else doesn't even get that far.
    expected = {422: may, 403: seen - may, 404: everybody_but(*seen), 302: {"nobody"}}
    assert who_gets(town, _url(verb, ticket), post={}) == {status: who for status, who in expected.items() if who}
    assert _events(ticket) == before


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_never_a_link(town: Town, verb: str) -> None:
    assert signed_in(town.lin).get(_url(verb, town.assigned())).status_code == 405


@pytest.mark.parametrize(
    ("verb", "stage", "sent", "state"),
    [
        ("ticket_acknowledge", "ticket", {"urgency": "normal"}, State.ACKNOWLEDGED),
        ("ticket_assign", "acknowledged", {}, State.ASSIGNED),
        ("ticket_hand_back", "assigned", {"note": "要换立管"}, State.ACKNOWLEDGED),
        ("ticket_arrive", "assigned", {}, State.ON_SITE),
        ("ticket_decline", "assigned", {"note": "不归我们管"}, State.CLOSED),
        ("desk_comment", "assigned", {"note": "明天上午到"}, State.ASSIGNED),
        ("ticket_internal_note", "assigned", {"note": "带梯子"}, State.ASSIGNED),
    ],
)
def test_a_verb_moves_the_ticket_and_says_so(
    town: Town, verb: str, stage: str, sent: dict[str, object], state: State
) -> None:
    ticket = getattr(town, stage)()
    own = {"repair_type": ticket.repair_type_id, "worker": town.guo.pk} if verb != "ticket_acknowledge" else {}
    fixed = {"version": ticket.version, "repair_type": ticket.repair_type_id}

    answer = signed_in(town.lin).post(_url(verb, ticket), own | fixed | sent, follow=True)

    ticket.refresh_from_db()
    assert (answer.status_code, ticket.state) == (200, state)
    assert _events(ticket)[-1] == verb.removeprefix("ticket_").removeprefix("desk_")
    assert 'role="status"' in answer.content.decode()


def test_a_declined_ticket_tells_the_resident_why(town: Town) -> None:
    ticket = town.ticket()

    signed_in(town.lin).post(_url("ticket_decline", ticket), {"version": 0, "note": "这是燃气公司的管道。"})

    ticket.refresh_from_db()
    assert ticket.closure == Closure.REJECTED
    assert Message.objects.filter(ticket=ticket, channel="app", text__contains="燃气公司的管道").count() == 1


@pytest.mark.parametrize("verb", ["ticket_decline", "desk_comment", "ticket_internal_note"])
def test_without_words_the_form_comes_back_open(town: Town, verb: str) -> None:
    ticket = town.ticket()

    answer = signed_in(town.lin).post(_url(verb, ticket), {"version": 0, "note": "  "})

    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'name="say" open' in html
    assert "is-invalid" in html


def test_what_was_typed_stays_when_the_form_comes_back(town: Town) -> None:
    ticket = town.ticket()
    sent = {"version": 0, "repair_type": town.type("ELE-OUT1").pk, "urgency": "tomorrow", "worker": town.guo.pk}

    html = signed_in(town.lin).post(_url("ticket_acknowledge", ticket), sent).content.decode()

    assert f'<option value="{town.type("ELE-OUT1").pk}" selected>' in html
    assert f'<option value="{town.guo.pk}" selected>' in html
    assert _events(ticket) == ["report"]


def test_a_worker_of_another_organisation_cannot_be_chosen(town: Town) -> None:
    ticket = town.acknowledged()

    sent = {"version": ticket.version, "worker": town.other_dispatcher.pk}
    answer = signed_in(town.lin).post(_url("ticket_assign", ticket), sent)

    ticket.refresh_from_db()
    assert (answer.status_code, ticket.state) == (422, State.ACKNOWLEDGED)


def test_an_old_page_changes_nothing_and_shows_how_it_stands(town: Town) -> None:
    ticket = town.ticket()
    sent = {"version": ticket.version, "repair_type": ticket.repair_type_id, "urgency": "normal"}
    signed_in(town.manager).post(_url("ticket_acknowledge", ticket), sent | {"worker": town.wang.pk})
    before = _events(ticket)

    answer = signed_in(town.lin).post(_url("ticket_acknowledge", ticket), sent | {"worker": town.guo.pk}, follow=True)

    ticket.refresh_from_db()
    assert "有人先一步处理了这张工单" in answer.content.decode()
    assert (ticket.assignee, _events(ticket)) == (town.wang, before)


def test_an_old_version_of_the_same_state_is_refused_too(town: Town) -> None:
    ticket = town.assigned()
    old = {"version": ticket.version, "worker": town.guo.pk}
    signed_in(town.manager).post(_url("ticket_assign", ticket), old)

    answer = signed_in(town.lin).post(_url("ticket_assign", ticket), old | {"worker": town.wang.pk}, follow=True)

    ticket.refresh_from_db()
    assert "有人先一步处理了这张工单" in answer.content.decode()
    assert ticket.assignee == town.guo


def test_a_worker_who_left_this_minute_leaves_the_ticket_as_it_was(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = town.ticket()
    before = Message.objects.count()

    def refuse(*_given: object, **_named: object) -> None:
        raise actions.MoveRefused("他已经离职。")

    monkeypatch.setattr(actions, "assign", refuse)
    sent = {"version": 0, "repair_type": ticket.repair_type_id, "urgency": "normal", "worker": town.wang.pk}
    answer = signed_in(town.lin).post(_url("ticket_acknowledge", ticket), sent)

    ticket.refresh_from_db()
    assert (answer.status_code, ticket.state, _events(ticket)) == (422, State.SUBMITTED, ["report"])
    assert "他已经离职。" in answer.content.decode()
    assert Message.objects.count() == before


def test_the_desk_finishes_for_a_worker_whose_phone_is_empty(town: Town) -> None:
    ticket = town.on_site()

    sent = {"version": ticket.version, "note": "换了水龙头", "photos": [picture(), picture(size=(500, 400))]}
    signed_in(town.lin).post(_url("ticket_finish", ticket), sent)

    ticket.refresh_from_db()
    assert ticket.state == State.FINISHED
    assert Photo.objects.filter(ticket=ticket, event__verb="finish").count() == 2


# ---------------------------------------------------------------- at once, on connections of their own
def _at_once(*do: Callable[[], object]) -> None:
    gate = Barrier(len(do))

    def run(one: Callable[[], object]) -> None:
        gate.wait()
        try:
            one()
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[one]) for one in do]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_of_two_dispatchers_at_once_one_wins_and_the_other_is_told(transactional_town: Town) -> None:
    town, told = transactional_town, []
    ticket = town.ticket()
    sent = {"version": ticket.version, "repair_type": ticket.repair_type_id, "urgency": "normal"}
    pressing = [(signed_in(town.lin), town.wang), (signed_in(town.manager), town.guo)]

    def press(browser: Client, worker: User) -> None:
        answer = browser.post(_url("ticket_acknowledge", ticket), sent | {"worker": worker.pk}, follow=True)
        told.append("有人先一步处理了这张工单" in answer.content.decode())

    _at_once(*[partial(press, *one) for one in pressing])

    ticket.refresh_from_db()
    assert sorted(told) == [False, True]
    assert _events(ticket) == ["report", "acknowledge", "assign"]
    assert (ticket.state, ticket.assignee_id in {town.wang.pk, town.guo.pk}) == (State.ASSIGNED, True)


@pytest.mark.django_db(transaction=True)
def test_parallel_uploads_never_exceed_the_limit(transactional_town: Town) -> None:
    town = transactional_town
    ticket = town.on_site()
    files = [picture(f"{number}.jpg", size=(100 + number, 100)) for number in range(PHOTOS_MAX + 4)]

    _at_once(*[partial(receive_photos, [one], ticket=ticket, by=town.wang) for one in files])

    assert Photo.objects.waiting(ticket, town.wang).count() == PHOTOS_MAX


@pytest.fixture
def transactional_town(transactional_db: None) -> Town:
    """The town where other connections can see it."""
    return Town()


# ---------------------------------------------------------------- receiving photos
def test_a_broken_file_is_named_and_the_good_ones_are_kept(town: Town) -> None:
    ticket = town.on_site()
    files = [picture("好.jpg"), SimpleUploadedFile("坏.jpg", b"not a picture"), picture("也好.jpg", size=(300, 200))]

    taken, refused = receive_photos(files, ticket=ticket, by=town.wang)

    assert len(taken) == 2
    assert [("坏.jpg" in sentence) for sentence in refused] == [True]


def test_the_sixth_photo_is_refused_by_name(town: Town) -> None:
    ticket = town.on_site()
    files = [picture(f"{number}.jpg", size=(100 + number, 100)) for number in range(PHOTOS_MAX + 1)]

    taken, refused = receive_photos(files, ticket=ticket, by=town.wang)

    assert len(taken) == PHOTOS_MAX
    assert [("5.jpg" in sentence) for sentence in refused] == [True]


def test_the_same_picture_sent_twice_is_kept_once(town: Town) -> None:
    ticket = town.on_site()

    [first], _ = receive_photos([picture()], ticket=ticket, by=town.wang)
    [again], _ = receive_photos([picture()], ticket=ticket, by=town.wang)

    assert first.pk == again.pk
    assert Photo.objects.waiting(ticket, town.wang).count() == 1
