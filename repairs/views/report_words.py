"""Reporting a repair: words and photos."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.actions import is_signed_in
from repairs.drafts import keep, remove_photo_of, write
from repairs.forms.report import RemovedPhotoForm, WordsForm
from repairs.models import Photo
from repairs.models.photo import PHOTOS_MAX, PhotoQuerySet
from repairs.photos import MAX_BYTES
from repairs.receiving import receive_photos
from repairs.report_steps import Progress
from repairs.views.report_frame import PLACE, TYPE, WORDS, correct, onward, page, step, to_correct

NEEDS = {PLACE, TYPE}


def _photos(progress: Progress) -> PhotoQuerySet:
    return Photo.objects.filter(draft=progress.draft, ticket__isnull=True)


def _words_page(request: HttpRequest, progress: Progress, form: WordsForm) -> HttpResponse:
    context = {
        "form": form,
        "photos": list(_photos(progress)),
        "most": PHOTOS_MAX,
        "max_bytes": MAX_BYTES,
        "advice": progress.advice_before(""),
        "danger": progress.danger,
    }
    return page(request, progress, "words", step=WORDS, back=progress.address_before_words(), **context)


def _receive(request: HttpRequest, progress: Progress, form: WordsForm) -> list[str]:
    """Take the photos and, unless they are too long, the words; a sentence for each photo that was refused."""
    form.full_clean()
    if "words" in form.cleaned_data:
        write(progress.draft, words=form.cleaned_data["words"])
    return _take_photos(request, progress, form)


def _take_photos(request: HttpRequest, progress: Progress, form: WordsForm) -> list[str]:
    by = request.user if is_signed_in(request.user) else None
    _taken, refused = receive_photos(form.pictures(), draft=progress.draft, by=by)
    return refused


def _correct(request: HttpRequest, progress: Progress, form: WordsForm, **said: Any) -> HttpResponse:
    response = correct(request, progress, reverse("repairs:report_words"), form, **said)
    return keep(response, progress.draft)


@login_not_required
@step("GET", needs=NEEDS)
def report_words(request: HttpRequest, progress: Progress) -> HttpResponse:
    """What is wrong, in words and pictures."""
    kept = to_correct(request, progress)
    form = WordsForm(kept["typed"] if kept else None, initial={"words": progress.draft.words})
    if kept:
        form.full_clean()
        for sentence in kept["refused"]:
            form.add_error("photos", sentence)
        if kept["nothing"]:
            form.must_say_something()
    return _words_page(request, progress, form)


@login_not_required
@step("POST", needs=NEEDS)
def report_words_save(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Keep both and go on. In danger neither is needed."""
    form = WordsForm(request.POST, request.FILES)
    refused = _receive(request, progress, form)
    enough = form.errors or form.cleaned_data["words"] or progress.danger or _photos(progress).exists()
    if form.errors or refused or not enough:
        return _correct(request, progress, form, refused=refused, nothing=not enough)
    return onward(write(progress.draft, words_done=True))


@login_not_required
@step("POST", needs=NEEDS)
def report_photos(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Photos ahead of the rest: one by one from the script, or all at once by a button."""
    form = WordsForm(request.POST, request.FILES)
    if "HX-Request" in request.headers:
        return _photo_list(request, progress, form)
    refused = _receive(request, progress, form)
    if form.errors or refused:
        return _correct(request, progress, form, refused=refused, nothing=False)
    return keep(redirect("repairs:report_words"), progress.draft)


def _photo_list(request: HttpRequest, progress: Progress, form: WordsForm) -> HttpResponse:
    """For the script: the photos the draft has, and why this one is not among them."""
    form.full_clean()
    refused = _take_photos(request, progress, form)
    context = {"photos": list(_photos(progress)), "refused": refused}
    return render(request, "repairs/report/photo_list.html", context)


@login_not_required
@step("POST", needs=NEEDS)
def report_photo_remove(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Take one photo back; the words typed meanwhile are kept."""
    form = RemovedPhotoForm(request.POST, photos=_photos(progress))
    if form.is_valid():
        remove_photo_of(progress.draft, form.cleaned_data["photo"])
    words = WordsForm(request.POST)
    if not words.is_valid():
        return _correct(request, progress, words, refused=[], nothing=False)
    write(progress.draft, words=words.cleaned_data["words"])
    return keep(redirect("repairs:report_words"), progress.draft)
