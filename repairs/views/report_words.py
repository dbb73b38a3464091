"""Reporting a repair: words and photos."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.actions import is_signed_in
from repairs.drafts import keep, remove_photo_of, write
from repairs.forms.report import RemovedPhotoForm, WordsForm
from repairs.models import Photo
from repairs.models.photo import PHOTOS_MAX, PhotoQuerySet
from repairs.photos import MAX_BYTES
from repairs.receiving import receive_photos
from repairs.report_steps import Progress
from repairs.views.report_frame import PLACE, TYPE, WORDS, WRONG, onward, page, step

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
    back = progress.address_before_words()
    status = WRONG if form.errors else 200
    return page(request, progress, "words", step=WORDS, back=back, status=status, **context)


def _receive(request: HttpRequest, progress: Progress, form: WordsForm) -> bool:
    """Take the photos and, unless they are too long, the words; whether everything was taken."""
    valid = form.is_valid()
    by = request.user if is_signed_in(request.user) else None
    _taken, refused = receive_photos(form.pictures(), draft=progress.draft, by=by)
    for sentence in refused:
        form.add_error("photos", sentence)
    if "words" in form.cleaned_data:
        write(progress.draft, words=form.cleaned_data["words"])
    return valid and not refused


@login_not_required
@step("GET", needs=NEEDS)
def report_words(request: HttpRequest, progress: Progress) -> HttpResponse:
    """What is wrong, in words and pictures."""
    return _words_page(request, progress, WordsForm(initial={"words": progress.draft.words}))


@login_not_required
@step("POST", needs=NEEDS)
def report_words_save(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Keep both and go on. In danger neither is needed."""
    form = WordsForm(request.POST, request.FILES)
    complete = _receive(request, progress, form)
    if complete and not (form.cleaned_data["words"] or progress.danger or _photos(progress).exists()):
        form.must_say_something()
    if form.errors:
        return keep(_words_page(request, progress, form), progress.draft)
    return onward(write(progress.draft, words_done=True))


@login_not_required
@step("POST", needs=NEEDS)
def report_photos(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Photos ahead of the rest: one by one from the script, or all at once by a button."""
    form = WordsForm(request.POST, request.FILES)
    if "HX-Request" in request.headers:
        return _photo_list(request, progress, form)
    if not _receive(request, progress, form):
        return keep(_words_page(request, progress, form), progress.draft)
    return keep(redirect("repairs:report_words"), progress.draft)


def _photo_list(request: HttpRequest, progress: Progress, form: WordsForm) -> HttpResponse:
    """For the script: the photos the draft has, and why this one is not among them."""
    form.is_valid()
    by = request.user if is_signed_in(request.user) else None
    _taken, refused = receive_photos(form.pictures(), draft=progress.draft, by=by)
    context = {"photos": list(_photos(progress)), "refused": refused}
    return render(request, "repairs/report/photo_list.html", context)


@login_not_required
@step("POST", needs=NEEDS)
def report_photo_remove(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Take one photo back; the words typed meanwhile are kept."""
    words = WordsForm(request.POST)
    if words.is_valid():
        write(progress.draft, words=words.cleaned_data["words"])
    else:
        messages.error(request, str(words.errors["words"][0]))
    form = RemovedPhotoForm(request.POST, photos=_photos(progress))
    if form.is_valid():
        remove_photo_of(progress.draft, form.cleaned_data["photo"])
    return keep(redirect("repairs:report_words"), progress.draft)
