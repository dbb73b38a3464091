"""Words and photos of a report: what is taken, what is refused, and that nothing else is lost."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from repairs import actions
from repairs.drafts import remove_photo_of
from repairs.models import Photo
from repairs.models.photo import PHOTOS_MAX
from repairs.photos import open_photo
from tests.repairs.reporting import Reporter
from tests.town import Town, picture

WORDS, WHO = reverse("repairs:report_words"), reverse("repairs:report_who")
SAY_SOMETHING = "请写几个字或加一张照片，好派对师傅。"


def _contract() -> SimpleUploadedFile:
    return SimpleUploadedFile("合同.pdf", b"%PDF-1.4 no picture", content_type="image/jpeg")


@pytest.fixture
def reporter(town: Town) -> Reporter:
    """Everything answered; words and photos are next."""
    answers = {"Q3": "home", "Q8": "always", "Q25": "no", "Q4": "flat"}
    return Reporter().takes(town.draft(words="", answers=answers))


def _photos(reporter: Reporter) -> list[Photo]:
    return list(reporter.draft.photos.all())


def test_words_and_photos_are_kept_and_shown_again(reporter: Reporter) -> None:
    photos = [picture(), picture("远.jpg", (300, 200))]

    assert reporter.press("report_words_save", words="一直\r\n滴水", photos=photos) == WHO

    html = reporter.get(WORDS)
    assert reporter.draft.words == "一直\n滴水"
    assert html.count("data-photo ") == 2


@pytest.mark.parametrize("sent", [{"words": "滴水"}, {"photos": [picture()]}])
def test_words_or_a_photo_are_enough(reporter: Reporter, sent: dict[str, Any]) -> None:
    assert reporter.press("report_words_save", **{"words": "", **sent}) == WHO


def test_neither_words_nor_photo_is_asked_for_in_one_sentence(reporter: Reporter) -> None:
    assert reporter.press("report_words_save", words=" ") == WORDS

    assert reporter.get(WORDS).count(SAY_SOMETHING) == 1


def test_the_sentence_is_gone_once_it_was_answered(reporter: Reporter) -> None:
    reporter.press("report_words_save", words="")
    reporter.press("report_words_save", words="滴水")

    assert SAY_SOMETHING not in reporter.get(WORDS)


def test_too_many_words_are_all_given_back(reporter: Reporter) -> None:
    assert reporter.press("report_words_save", words="水" * 2001) == WORDS

    html = reporter.get(WORDS)
    assert "水" * 2001 in html
    assert "请缩短到 2000 个字以内，现在有 2001 个字。" in html
    assert reporter.draft.words == ""


def test_line_breaks_count_as_the_browser_counts_them(reporter: Reporter) -> None:
    assert reporter.press("report_words_save", words="\r\n".join("水" * 1000)) == WHO
    assert len(reporter.draft.words) == 1999


def test_a_bad_photo_is_named_and_the_good_one_and_the_words_stay(reporter: Reporter) -> None:
    assert reporter.press("report_words_save", words="滴水", photos=[_contract(), picture()]) == WORDS

    html = reporter.get(WORDS)
    assert html.count("“合同.pdf”不是能打开的照片") == 1
    assert (len(_photos(reporter)), reporter.draft.words) == (1, "滴水")


def test_more_than_five_photos_are_not_taken(reporter: Reporter) -> None:
    many = [picture(f"{number}.jpg", (100 + number, 90)) for number in range(PHOTOS_MAX + 1)]

    assert reporter.press("report_words_save", words="滴水", photos=many) == WORDS

    assert len(_photos(reporter)) == PHOTOS_MAX
    assert "“5.jpg”" in reporter.get(WORDS)


def test_the_same_form_twice_keeps_each_photo_once(reporter: Reporter) -> None:
    for _press in range(2):
        reporter.press("report_words_save", words="滴水", photos=[picture()])

    assert len(_photos(reporter)) == 1


def test_a_photo_is_taken_back_with_its_files_and_the_words_typed_meanwhile_stay(
    reporter: Reporter, settings: Any
) -> None:
    reporter.press("report_words_save", words="", photos=[picture()])
    (photo,) = _photos(reporter)

    assert reporter.press("report_photo_remove", photo=photo.key, words="滴水") == WORDS

    assert (_photos(reporter), reporter.draft.words) == ([], "滴水")
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def test_the_photo_of_another_browser_stays(town: Town, reporter: Reporter) -> None:
    theirs = town.photo(draft=town.draft())

    reporter.press("report_photo_remove", photo=theirs.key, words="")

    assert Photo.objects.filter(pk=theirs.pk).exists()


def test_a_photo_stays_with_a_report_that_was_sent_in_the_same_moment(town: Town) -> None:
    draft = town.draft()
    photo = town.photo(draft=draft)
    ticket = actions.file_report(draft, by=town.chen)

    remove_photo_of(draft, photo)

    photo.refresh_from_db()
    assert photo.ticket == ticket
    open_photo(photo.key, "large").close()


# ------------------------------------------------------------------ ahead of the form
def test_photos_added_without_the_script_lead_back_to_the_words(reporter: Reporter) -> None:
    assert reporter.press("report_photos", words="滴水", photos=[picture()]) == WORDS

    assert (len(_photos(reporter)), reporter.draft.words) == (1, "滴水")


def test_the_script_gets_the_list_and_leaves_the_words_alone(reporter: Reporter) -> None:
    reporter.press("report_words_save", words="滴水")
    address = f"{reverse('repairs:report_photos')}?draft={reporter.draft.key}"

    answer = reporter.client.post(address, {"photos": picture()}, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.content.decode().count("data-photo ")) == (200, 1)
    assert reporter.draft.words == "滴水"


def test_the_script_gets_the_refusal_in_words(reporter: Reporter) -> None:
    address = reverse("repairs:report_photos")

    answer = reporter.client.post(address, {"photos": _contract()}, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.content.decode().count("data-photo-refusal")) == (200, 1)


def test_only_the_browser_that_took_it_sees_the_photo_of_a_draft(town: Town, reporter: Reporter) -> None:
    reporter.press("report_words_save", words="", photos=[picture()])
    address = reverse("repairs:photo", args=[_photos(reporter)[0].key, "small"])

    browsers = [reporter, Reporter(), Reporter().takes(town.draft()), Reporter(town.lin)]
    answers = [browser.client.get(address) for browser in browsers]
    answers[0].close()

    assert [answer.status_code for answer in answers] == [200, 404, 404, 404]


def test_in_danger_neither_words_nor_photos_are_needed(town: Town) -> None:
    reporter = Reporter().takes(town.draft(words="", repair_type=town.type("GAS-SMELL"), danger_seen=True))

    assert reporter.press("report_words_save", words="") == WHO
