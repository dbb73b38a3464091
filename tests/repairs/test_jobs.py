"""The worker's pages: the day's jobs in order, and one job from the call to the after-photo."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from estates.models import Building
from estates.places import place_of
from repairs import actions
from repairs.models import Booking, ContactView, Photo, Ticket
from repairs.workflow import State
from tests.clients import everybody_but, signed_in, who_gets
from tests.town import Town, picture

WORKERS = {"lin", "manager", "wang", "guo", "other_dispatcher", "clerk"}


def _job(ticket: Ticket) -> str:
    return reverse("repairs:job", args=[ticket.pk])


def _finish(ticket: Ticket) -> str:
    return reverse("repairs:ticket_finish", args=[ticket.pk])


def _upload(browser: Client, ticket: Ticket, *files: object) -> str:
    answer = browser.post(reverse("repairs:job_photos", args=[ticket.pk]), {"photos": list(files)})
    assert answer.status_code == 200
    return str(answer.content.decode())


def _listed(browser: Client) -> list[int]:
    return [int(pk) for pk in re.findall(r'href="/jobs/(\d+)/"', browser.get("/jobs/").content.decode())]


def test_whoever_carries_repairs_out_has_a_list_of_jobs(town: Town) -> None:
    assert who_gets(town, "/jobs/") == {200: WORKERS, 302: {"nobody"}, 404: everybody_but(*WORKERS)}


def test_a_job_is_for_the_one_it_was_given_to(town: Town) -> None:
    assert who_gets(town, _job(town.assigned())) == {200: {"wang"}, 302: {"nobody"}, 404: everybody_but("wang")}


def test_only_the_worker_on_the_job_sends_its_photos(town: Town) -> None:
    path = reverse("repairs:job_photos", args=[town.on_site().pk])

    assert who_gets(town, path, post={}) == {200: {"wang"}, 302: {"nobody"}, 404: everybody_but("wang")}


def test_photos_come_after_arriving(town: Town) -> None:
    path = reverse("repairs:job_photos", args=[town.assigned().pk])

    assert signed_in(town.wang).post(path, {"photos": [picture()]}).status_code == 403
    assert not Photo.objects.exists()


def test_each_worker_sees_their_own_jobs(town: Town) -> None:
    wangs = town.assigned()
    guos = town.acknowledged()
    actions.assign(guos, by=town.lin, worker=town.guo)

    assert _listed(signed_in(town.wang)) == [wangs.pk]
    assert _listed(signed_in(town.guo)) == [guos.pk]


def test_danger_goes_first_then_what_is_due_next_and_done_work_comes_below(town: Town) -> None:
    done, later, sooner, danger = town.finished(), town.assigned(), town.assigned(), town.assigned()
    now = timezone.now()
    Ticket.objects.filter(pk=later.pk).update(due_at=now + timedelta(hours=9))
    Ticket.objects.filter(pk=sooner.pk).update(due_at=now + timedelta(hours=2))
    Ticket.objects.filter(pk=danger.pk).update(due_at=now + timedelta(hours=20), urgency="danger")

    assert _listed(signed_in(town.wang)) == [danger.pk, sooner.pk, later.pk, done.pk]


def test_an_agreed_time_goes_before_what_has_none_and_other_days_come_last(town: Town) -> None:
    town.team(capacity=20)
    open_one, today, later = town.assigned(), town.booked(town.assigned()), town.booked(town.assigned())
    now = timezone.now()
    for booking, starts_at in ((today, now - timedelta(minutes=1)), (later, now + timedelta(days=2))):
        Booking.objects.filter(pk=booking.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))

    page = signed_in(town.wang).get("/jobs/").content.decode()

    assert _listed(signed_in(town.wang)) == [today.ticket_id, open_one.pk, later.ticket_id]
    assert "今天" in page.partition("改天的")[0]


def test_the_next_door_is_the_one_nearest_to_where_the_last_work_was_done(town: Town) -> None:
    done = town.finished(place=place_of(town.flat502))
    building9 = Building.objects.create(estate=town.shuimen, label="9幢")
    far, near = town.assigned(place=place_of(building9)), town.assigned(place=place_of(town.flat501))

    assert _listed(signed_in(town.wang)) == [near.pk, far.pk, done.pk]


def test_what_was_done_yesterday_is_gone(town: Town) -> None:
    done = town.finished()
    Ticket.objects.filter(pk=done.pk).update(finished_at=timezone.now() - timedelta(days=1))

    browser = signed_in(town.wang)

    assert _listed(browser) == []
    assert "现在没有要去的" in browser.get("/jobs/").content.decode()


def test_thirty_jobs_cost_as_many_questions_as_one(town: Town) -> None:
    wang = signed_in(town.wang)
    town.assigned()
    wang.get("/jobs/")
    counts = []
    for more in (0, 15):
        for _ in range(more):
            town.assigned()
        with CaptureQueriesContext(connection) as captured:
            wang.get("/jobs/")
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 8


def test_arriving_is_one_press(town: Town) -> None:
    ticket = town.assigned()
    wang = signed_in(town.wang)
    assert f'action="/tickets/{ticket.pk}/arrive/"' in wang.get(_job(ticket)).content.decode()

    answer = wang.post(reverse("repairs:ticket_arrive", args=[ticket.pk]), {"version": ticket.version})

    ticket.refresh_from_db()
    assert (answer["Location"], ticket.state) == (_job(ticket), State.ON_SITE)


def test_calling_shows_the_number_and_is_written_down(town: Town) -> None:
    ticket = town.assigned()
    wang = signed_in(town.wang)
    page = wang.get(_job(ticket)).content.decode()
    assert str(town.chen.phone)[3:] not in page
    assert 'name="reason" value="visit"' in page

    answer = wang.post(reverse("repairs:ticket_contact", args=[ticket.pk]), {"reason": "visit"})

    assert f'href="tel:{town.chen.phone}"' in answer.content.decode()
    assert ContactView.objects.filter(ticket=ticket, by=town.wang, reason="visit").count() == 1


def test_finishing_with_photos_in_the_form_needs_no_javascript(town: Town) -> None:
    ticket = town.on_site()

    sent = {"version": ticket.version, "note": "换了一段下水管", "photos": [picture()]}
    answer = signed_in(town.wang).post(_finish(ticket), sent, follow=True)

    ticket.refresh_from_db()
    assert ticket.state == State.FINISHED
    assert Photo.objects.get().event.verb == "finish"  # type: ignore[union-attr]
    assert "正在请住户确认" in answer.content.decode()


def test_finishing_takes_the_photos_sent_ahead(town: Town) -> None:
    ticket = town.on_site()
    wang = signed_in(town.wang)
    assert _upload(wang, ticket, picture()).count("data-photo>") == 1

    wang.post(_finish(ticket), {"version": ticket.version, "note": "换了一段下水管"})

    ticket.refresh_from_db()
    assert ticket.state == State.FINISHED


def test_without_a_photo_nothing_is_finished_and_the_note_stays(town: Town) -> None:
    ticket = town.on_site()

    answer = signed_in(town.wang).post(_finish(ticket), {"version": ticket.version, "note": "换了一段下水管"})

    ticket.refresh_from_db()
    html = answer.content.decode()
    assert (answer.status_code, ticket.state) == (422, State.ON_SITE)
    assert "请至少加一张修好后的照片" in html
    assert "换了一段下水管</textarea>" in html
    assert 'id="finish"' in html


def test_without_words_the_photos_stay(town: Town) -> None:
    ticket = town.on_site()

    answer = signed_in(town.wang).post(_finish(ticket), {"version": ticket.version, "note": "", "photos": [picture()]})

    assert answer.status_code == 422
    assert answer.content.decode().count("data-photo>") == 1
    assert Photo.objects.waiting(ticket, town.wang).count() == 1


def test_a_photo_that_is_none_is_refused_by_name_and_the_good_one_stays(town: Town) -> None:
    ticket = town.on_site()
    html = _upload(signed_in(town.wang), ticket, picture(), SimpleUploadedFile("账单.pdf", b"%PDF-1.7"))

    assert html.count("data-photo>") == 1
    assert "账单.pdf" in html.partition("data-photo-refusal")[2]


def test_a_photo_can_be_taken_back_until_it_was_used(town: Town) -> None:
    ticket = town.on_site()
    wang = signed_in(town.wang)
    _upload(wang, ticket, picture())
    photo = Photo.objects.get()
    remove = reverse("repairs:job_photo_remove", args=[ticket.pk, photo.key])

    assert signed_in(town.guo).post(remove).status_code == 404
    assert wang.post(remove)["Location"] == _job(ticket)
    assert not Photo.objects.exists()


def test_a_photo_of_the_finished_repair_cannot_be_taken_back(town: Town) -> None:
    ticket = town.finished()
    key = Photo.objects.get(event__verb="finish").key

    answer = signed_in(town.wang).post(reverse("repairs:job_photo_remove", args=[ticket.pk, key]))

    assert answer.status_code == 404
    assert Photo.objects.filter(key=key).exists()


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "我到了"), ("en", "I'm here")])
def test_the_job_page_says_the_next_step_in_both_languages(town: Town, language: str, word: str) -> None:
    wang = signed_in(town.wang)
    wang.cookies["django_language"] = language

    assert f"{word}</button>" in wang.get(_job(town.assigned())).content.decode()
