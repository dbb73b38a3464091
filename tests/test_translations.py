"""Every word on the screen is there in Chinese and in English."""

import gettext
from pathlib import Path

import pytest

from config import translations
from config.translations import Marked, Unmarkable, in_python, in_template


def test_every_marked_string_has_a_chinese_translation() -> None:
    catalogue = translations.read(translations.CATALOGUE)
    untranslated = {
        m: where for m, where in translations.collect().items() if not translations.chinese_of(catalogue, m)
    }
    assert untranslated == {}


def test_no_template_shows_words_that_are_not_marked() -> None:
    unmarked = {}
    for path in translations.template_files():
        if words := translations.unmarked_in_template(path.read_text(encoding="utf-8")):
            unmarked[str(path.relative_to(translations.ROOT))] = words
    assert unmarked == {}


@pytest.mark.parametrize(
    "source", ["<h1>Repairs</h1>", "<p>报修</p>", '<img alt="A roof">', '<a title="{% if x %}Open{% endif %}">1</a>']
)
def test_words_without_a_mark_are_seen(source: str) -> None:
    assert len(translations.unmarked_in_template(source)) == 1


def test_marked_words_names_of_languages_and_scripts_are_let_be() -> None:
    source = """<h1>{% translate "Roof" %}</h1><p>{% blocktranslate %}Hello{% endblocktranslate %} {{ name }} 12</p>
<a lang="en">English</a><kbd>Enter</kbd><script src="x.js"></script><input class="{% if x %}open{% endif %}">{# note #}
{% block body_class %}desk{% endblock %}"""
    assert translations.unmarked_in_template(source) == []


def test_a_translation_fills_in_what_the_english_fills_in() -> None:
    catalogue = translations.read(translations.CATALOGUE)
    differing = {}
    for marked in translations.collect():
        chinese = translations.chinese_of(catalogue, marked)
        english = translations.placeholders(marked.text) | translations.placeholders(marked.plural or "")
        if chinese and translations.placeholders(chinese) != english:
            differing[marked] = chinese
    assert differing == {}


def test_the_catalogue_holds_nothing_fuzzy_or_unused() -> None:
    catalogue = translations.read(translations.CATALOGUE)
    used = {(marked.context, marked.text) for marked in translations.collect()}
    entries = [entry for entry in catalogue if entry.id]
    held = {(entry.context, entry.id if isinstance(entry.id, str) else entry.id[0]) for entry in entries}
    assert held - used == set()
    assert [entry.id for entry in entries if entry.fuzzy] == []
    assert list(catalogue.obsolete) == []


def test_no_string_is_marked_with_and_without_a_plural() -> None:
    marked = translations.collect()
    plain = {(each.context, each.text) for each in marked if not each.plural}
    counted = {(each.context, each.text) for each in marked if each.plural}
    assert plain & counted == set()


def test_marks_are_found_in_python() -> None:
    source = """
from django.utils.translation import gettext as tr, pgettext_lazy
from django.utils import translation
a = tr("Roof")
b = pgettext_lazy("ticket state", "New")
c = translation.npgettext("list", "%(n)s job", "%(n)s jobs", 2) % {"n": 2}
d = tr(name)
e = other("Not this")
f = tr("Two "
       "halves")
"""
    assert set(in_python(source)) == {
        Marked(None, "Roof"),
        Marked("ticket state", "New"),
        Marked("list", "%(n)s job", "%(n)s jobs"),
        Marked(None, "Two halves"),
    }


def test_marks_are_found_in_templates() -> None:
    source = """{% load i18n %}{% translate "Report (a repair)" %}{% translate 'New' context "ticket state" %}
{% blocktranslate trimmed count n=jobs|length %}
  One job for {{ who }}
{% plural %}
  {{ n }} jobs for {{ who }}
{% endblocktranslate %}
{% include "ui/button.html" with label=_("Send it") %}{# {% translate "Not this" %} #} 中文"""
    assert set(in_template(source)) == {
        Marked(None, "Report (a repair)"),
        Marked("ticket state", "New"),
        Marked(None, "One job for %(who)s", "%(n)s jobs for %(who)s"),
        Marked(None, "Send it"),
    }


@pytest.mark.parametrize("call", ['_(f"Late by {hours}")', '_("Late by %s" % hours)', '_("Late by {}".format(hours))'])
def test_a_string_put_together_before_the_mark_is_refused(call: str) -> None:
    with pytest.raises(Unmarkable):
        list(in_python(f"from django.utils.translation import gettext as _\n{call}"))


def test_a_catalogue_is_merged_compiled_and_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marked = {Marked(None, "Roof"): "", Marked("ticket state", "New"): "", Marked(None, "a job", "%(n)s jobs"): ""}
    monkeypatch.setattr(translations, "collect", lambda: {**marked, Marked(None, "Wall"): ""})
    (tmp_path / "one.po").write_text('msgid "Roof"\nmsgstr "屋面"\n\nmsgid "Old"\nmsgstr "旧"\n', encoding="utf-8")
    (tmp_path / "two.po").write_text(
        'msgctxt "ticket state"\nmsgid "New"\nmsgstr "新报"\n\n'
        'msgid "a job"\nmsgid_plural "%(n)s jobs"\nmsgstr[0] "%(n)s 件"\n',
        encoding="utf-8",
    )
    path = tmp_path / "locale" / "django.po"
    assert translations.merge(tmp_path, path) == [Marked(None, "Wall")]
    translations.compile_catalogue(path)
    with path.with_suffix(".mo").open("rb") as file:
        chinese = gettext.GNUTranslations(file)
    assert chinese.gettext("Roof") == "屋面"
    assert chinese.pgettext("ticket state", "New") == "新报"
    assert chinese.ngettext("a job", "%(n)s jobs", 3) == "%(n)s 件"
    assert "旧" not in path.read_text(encoding="utf-8")
