"""Bringing in the register. Whoever may not finds nothing here."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from estates import access
from estates.forms import AgainForm, ColumnsForm, UploadForm
from estates.models import RegisterFile, RegisterKind, RegisterStage
from estates.register import actions, exports, pages, store
from estates.register.reasons import FileRefused, sentence

_LISTED = 100


def _door(request: SignedInRequest) -> None:
    if access.register_reach(request.user).nothing:
        raise Http404


def _file(request: SignedInRequest, pk: int) -> RegisterFile:
    return get_object_or_404(RegisterFile.objects.visible_to(request.user).select_related("uploaded_by"), pk=pk)


def _back(request: SignedInRequest, pk: int) -> HttpResponse:
    messages.warning(request, _("This file has moved on meanwhile. Here is how it stands now."))
    return redirect("estates:register_file", pk)


def _list(request: SignedInRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    files = list(RegisterFile.objects.visible_to(request.user).for_list()[:_LISTED])
    return render(request, "estates/register.html", pages.list_page(request.user, files, form), status=status)


@require_GET
@never_cache
def register(request: SignedInRequest) -> HttpResponse:
    """The files so far, and a form for the next."""
    _door(request)
    return _list(request, UploadForm())


@require_POST
def register_upload(request: SignedInRequest) -> HttpResponse:
    """Keep the file and let the worker read it."""
    _door(request)
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data
        try:
            file = actions.receive(given["file"], kind=given["kind"], by=request.user)
        except FileRefused as refused:
            form.add_error("file", sentence(refused.code, refused.words))
        else:
            return redirect("estates:register_file", file.pk)
    return _list(request, form, status=422)


@require_GET
@never_cache
def register_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far a file is; while the worker has it, htmx asks this page for the bar alone."""
    file = _file(request, pk)
    if file.stage == RegisterStage.COLUMNS:
        address = reverse("estates:register_columns", args=[pk])
        return (
            HttpResponse(headers={"HX-Redirect": address}) if request.headers.get("HX-Request") else redirect(address)
        )
    if request.headers.get("HX-Request"):
        if not file.is_working:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "estates/partials/progress.html", {"file": file, "word": file.get_stage_display()})
    return render(request, "estates/register_file.html", pages.file_page(request.user, file))


@never_cache
def register_columns(request: SignedInRequest, pk: int) -> HttpResponse:
    """The guessed columns, to be changed before the preview."""
    file = _file(request, pk)
    if file.stage not in (RegisterStage.COLUMNS, RegisterStage.PREVIEWED):
        return redirect("estates:register_file", pk)
    form = ColumnsForm(request.POST if request.method == "POST" else None, file=file)
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose_columns(file, columns=form.chosen, by=request.user)
        except actions.FileMovedOn:
            return _back(request, pk)
        return redirect("estates:register_file", pk)
    context = {**pages.file_page(request.user, file), "form": form, "again": AgainForm(file=file)}
    return render(request, "estates/register_columns.html", context, status=422 if form.is_bound else 200)


@require_POST
def register_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Read another sheet, or look for columns of another kind."""
    file = _file(request, pk)
    form = AgainForm(request.POST, file=file)
    if not form.is_valid():
        return _back(request, pk)
    given = form.cleaned_data
    try:
        kind = RegisterKind(given["kind"])
        actions.read_again(file, kind=kind, sheet=given.get("sheet") or "", by=request.user)
    except actions.FileMovedOn:
        return _back(request, pk)
    return redirect("estates:register_file", pk)


@require_POST
def register_apply(request: SignedInRequest, pk: int) -> HttpResponse:
    """Yes: bring in what the preview shows."""
    file = _file(request, pk)
    try:
        actions.confirm(file, by=request.user)
    except actions.FileMovedOn:
        return _back(request, pk)
    return redirect("estates:register_file", pk)


@require_GET
def register_download(request: SignedInRequest, pk: int) -> FileResponse:
    """The file as it came."""
    file = _file(request, pk)
    try:
        content = store.whole(file.path, file.sha256).open("rb")
    except FileRefused as refused:
        raise Http404 from refused
    return FileResponse(content, as_attachment=True, filename=file.name, content_type="application/octet-stream")


@require_GET
def register_rows(request: SignedInRequest, pk: int, part: str) -> StreamingHttpResponse:
    """All refused, changed or vanished rows as CSV."""
    file = _file(request, pk)
    header, *lines = pages.part_rows(file, part)
    return _csv(exports.as_csv(header, (list(line) for line in lines)), f"{part}-{file.pk}")


@require_GET
def register_export(request: SignedInRequest, kind: RegisterKind, form: str) -> HttpResponse | StreamingHttpResponse:
    """The register in the columns it is brought in by."""
    _door(request)
    name = f"{kind}-{timezone.localdate():%Y%m%d}"
    header, rows = exports.headings(kind), exports.rows(kind, request.user)
    if form == "csv":
        return _csv(exports.as_csv(header, rows), name)
    excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    disposition = f'attachment; filename="{name}.xlsx"'
    return HttpResponse(exports.as_xlsx(header, rows), content_type=excel, headers={"Content-Disposition": disposition})


def _csv(content: Iterator[bytes], name: str) -> StreamingHttpResponse:
    disposition = f'attachment; filename="{name}.csv"'
    return StreamingHttpResponse(
        content, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition}
    )
