"""The texts of messages in the administration: all that are built in, with an own text in the place of some."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Language
from accounts.requests import SignedInRequest
from repairs import wording_page
from repairs.actions.wordings import TextMoved, go_back, rewrite
from repairs.forms.wordings import SeenForm, WordingForm
from repairs.models import MessageTemplate
from repairs.wording import WORDINGS, Wording
from repairs.wording_preview import Preview, preview


@admin.register(MessageTemplate)
class MessageTemplateAdmin(admin.ModelAdmin[MessageTemplate]):
    """A list of every text, edited or not; each has a page of its own, where it is tried on a real ticket first."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The list is complete: what can be written is there already."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: MessageTemplate | None = None) -> bool:
        """On the text's own page, with what is sent then before one's eyes."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """A page for each text in each language, and what its buttons do."""
        pages = [
            ("", self.wording, "wording"),
            ("preview/", require_POST(self.wording_preview), "wording_preview"),
            ("save/", require_POST(self.wording_save), "wording_save"),
            ("back/", require_POST(self.wording_back), "wording_back"),
        ]
        own = [
            path(
                f"text/<str:key>/<str:language>/{verb}",
                self.admin_site.admin_view(view),
                name=f"repairs_messagetemplate_{name}",
            )
            for verb, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Every text in both languages."""
        self._require(request)
        page = {"groups": wording_page.groups(), "left_over": wording_page.left_over()}
        return self._page(request, "list", title=_("Texts of messages"), **page)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Where the administration's log points to: the text's own page."""
        self._require(request)
        row = self.get_object(request, object_id)
        if row is None or row.key not in WORDINGS:
            return redirect("admin:repairs_messagetemplate_changelist")
        return redirect("admin:repairs_messagetemplate_wording", row.key, row.language)

    def wording(self, request: SignedInRequest, key: str, language: str) -> HttpResponse:
        """The text as it is sent now, ready to be changed."""
        wording, form = self._asked_for(request, key, language)
        return self._form(request, wording, language, form)

    def wording_preview(self, request: SignedInRequest, key: str, language: str) -> HttpResponse:
        """The typed text as its reader would see it; nothing is stored."""
        wording, form = self._asked_for(request, key, language, request.POST)
        tried = None
        if form.is_valid():
            tried = preview(wording, language, form.cleaned_data["text"], form.cleaned_data["number"])
        return self._form(request, wording, language, form, tried)

    def wording_save(self, request: SignedInRequest, key: str, language: str) -> HttpResponse:
        """The typed text is sent from now on."""
        wording, form = self._asked_for(request, key, language, request.POST)
        if form.is_valid():
            try:
                messages.success(request, self._keep(request, wording, language, **form.cleaned_data))
            except TextMoved:
                form.saw(self._own(key, language))
                form.add_error("text", _("Somebody changed this text first: see above. Save again to replace it."))
            else:
                return redirect("admin:repairs_messagetemplate_wording", key, language)
        return self._form(request, wording, language, form)

    def _keep(
        self, request: SignedInRequest, wording: Wording, language: str, *, text: str, seen: Any, number: Any
    ) -> str:
        if text != wording.built_in(language):
            rewrite(wording, language, text, by=request.user, seen=seen)
            return _("Saved. It is sent from now on; what is already written stays as it is.")
        if seen is not None:
            go_back(wording.key, language, by=request.user, seen=seen)
        return _("This is the built-in text; it is sent, and there is no own one.")

    def wording_back(self, request: SignedInRequest, key: str, language: str) -> HttpResponse:
        """The built-in text is sent again."""
        self._require(request)
        form = SeenForm(request.POST)
        seen = form.cleaned_data["seen"] if form.is_valid() else None
        try:
            go_back(key, language, by=request.user, seen=seen)
            messages.success(request, _("The built-in text is sent again. The own one is kept in the log."))
        except TextMoved:
            messages.warning(request, _("Somebody changed this text first; nothing was done."))
        return redirect("admin:repairs_messagetemplate_changelist")

    def _require(self, request: HttpRequest) -> None:
        # The preview shows what the pages of tickets show here.
        if not self.has_change_permission(request) or not request.user.has_perm("repairs.view_ticket"):
            raise PermissionDenied

    def _own(self, key: str, language: str) -> MessageTemplate | None:
        return MessageTemplate.objects.filter(key=key, language=language).select_related("edited_by").first()

    def _asked_for(
        self, request: SignedInRequest, key: str, language: str, data: QueryDict | None = None
    ) -> tuple[Wording, WordingForm]:
        self._require(request)
        if key not in WORDINGS or language not in Language.values:
            raise Http404
        wording = WORDINGS[key]
        return wording, WordingForm(data, wording=wording, language=language, own=self._own(key, language))

    def _form(
        self,
        request: SignedInRequest,
        wording: Wording,
        language: str,
        form: WordingForm,
        tried: Preview | None = None,
    ) -> HttpResponse:
        own = self._own(wording.key, language)
        page = {
            "form": form,
            "tried": tried,
            "own": own,
            "fits": own is None or wording.fits(own.text),
            "built_in": wording.built_in(language),
            "wording": wording,
            "language": Language(language),
            "languages": list(Language),
            "to": wording_page.AUDIENCES[wording.audience],
            "where": wording_page.where(wording),
            "variables": wording_page.variables(wording),
            "changes": wording_page.changes(wording.key, language),
        }
        return self._page(
            request, "text", title=_("Text after “%(steps)s”") % {"steps": wording_page.steps(wording)}, **page
        )

    def _page(self, request: HttpRequest, name: str, **page: Any) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, f"admin/repairs/messagetemplate/{name}.html", {**frame, **page})
