"""The look keeps its promises: a small stylesheet, contrast in both schemes, nothing inline, error pages that stand."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.utils import translation

ROOT = Path(settings.BASE_DIR)
CSS = (ROOT / "static/css/anju.css").read_text()
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCHEMES = ["light", "dark"]
FIRST_VISIT = [
    "bootstrap/css/bootstrap.min.css",
    "css/anju.css",
    "django_htmx/htmx-2.min.js",
    "js/app.js",
    "img/logo.svg",
]

# Words on what they stand on: 4.5:1 (WCAG 1.4.3).
WORDS = [
    *[("ink", ground) for ground in ("paper", "card", "track", "brick-50", "sea-50", "rose-50")],
    *[("ink-2", ground) for ground in ("paper", "card", "track", "brick-50", "sea-50")],
    *[("brick-700", ground) for ground in ("paper", "card", "brick-50")],
    *[("sea-600", ground) for ground in ("paper", "card", "brick-50", "sea-50")],
    ("sea-800", "sea-50"),
    *[("jade-700", ground) for ground in ("jade-50", "card")],
    *[("amber-800", ground) for ground in ("amber-50", "card", "brick-50")],
    *[("rose-700", ground) for ground in ("rose-50", "card", "brick-50")],
    ("paper", "ink"),
    ("white", "brick-600"),
]
# Edges of controls and marks that carry meaning: 3:1 (WCAG 1.4.11).
MARKS = [("edge", "card"), ("edge", "paper"), ("accent", "card"), ("accent", "brick-50")]


def tokens(scheme: str) -> dict[str, str]:
    """The colours of one scheme, names without dashes; the dark block only says what differs."""
    light, dark = CSS.split("@media screen and (prefers-color-scheme:dark)")
    found = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6}|var\(--[\w-]+\))", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", dark.split("}}")[0]))
    return {"white": "#ffffff"} | found


def luminance(colour: str) -> float:
    """Relative luminance of "#rgb" or "#rrggbb" (WCAG)."""
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(scheme: str, front: str, back: str) -> float:
    colours = tokens(scheme)

    def value(name: str) -> str:
        colour = colours[name]
        return value(colour[6:-1]) if colour.startswith("var") else colour

    lighter, darker = sorted((luminance(value(front)), luminance(value(back))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def visitor(path: str = "/nowhere/", **cookies: str) -> HttpRequest:
    request = RequestFactory().get(path)
    request.COOKIES.update(cookies)
    return request


def test_contrast_is_computed_as_the_standard_says() -> None:
    black, white, grey = luminance("#000"), luminance("#fff"), luminance("#767676")
    assert (white + 0.05) / (black + 0.05) == 21
    assert round((white + 0.05) / (grey + 0.05), 2) == 4.54


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("front", "back"), WORDS)
def test_words_can_be_read(scheme: str, front: str, back: str) -> None:
    assert contrast(scheme, front, back) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("front", "back"), MARKS)
def test_controls_can_be_seen(scheme: str, front: str, back: str) -> None:
    assert contrast(scheme, front, back) >= 3


def test_the_stylesheet_stays_small() -> None:
    assert len(CSS.encode()) < 12 * 1024


def test_a_first_visit_stays_under_100_kb_before_photos() -> None:
    files = [finders.find(name) for name in FIRST_VISIT]
    page = render_to_string("404.html", request=visitor())
    weight = len(gzip.compress(page.encode())) + sum(len(gzip.compress(Path(str(file)).read_bytes())) for file in files)
    assert weight <= 100 * 1024


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert re.findall(r"url\((?!\.\./img/)[^)]*\)|@import", CSS) == []
    foreign = [t.name for t in TEMPLATES if re.search(r"""(?:src|<link[^>]*href)=["']?(?:https?:)?//""", t.read_text())]
    assert foreign == []


def test_a_row_that_is_a_card_on_phones_has_no_narrow_cell() -> None:
    """A column's width belongs at its heading, which phones don't show."""
    cards = [text for text in (each.read_text() for each in TEMPLATES) if '<table class="cards"' in text]
    assert cards
    assert [found for text in cards for found in re.findall(r'<td class="w-(?!100)[^>]*>', text)] == []


def test_no_template_has_inline_style_or_script() -> None:
    inline = re.compile(
        r"\sstyle\s*=|<style|<script(?![^>]*\b(?:src=|type=\"application/json\"))|\son[a-z]+\s*=|javascript:"
    )
    assert [str(t.relative_to(ROOT)) for t in TEMPLATES if inline.search(t.read_text())] == []


def test_no_template_outgrows_150_lines() -> None:
    assert [str(t.relative_to(ROOT)) for t in TEMPLATES if len(t.read_text().splitlines()) > 150] == []


@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html", "500.html"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_error_page_has_one_heading_landmarks_a_way_home_and_help(name: str, language: str) -> None:
    """Without a database: pytest-django refuses any query here."""
    with translation.override(language):
        page = render_to_string(name, request=None if name == "500.html" else visitor())
    assert page.count("<h1") == 1
    assert f'<html lang="{language}"' in page
    for part in ('<main id="main"', "<header", 'href="/"', 'href="/help/"'):
        assert part in page


def test_the_last_error_page_asks_nothing_of_the_request_or_of_scripts() -> None:
    page = render_to_string("500.html")
    assert "<form" not in page
    assert "<script" not in page
    assert 'href="tel:119"' in page


def test_the_elder_version_is_a_cookie_of_this_browser() -> None:
    assert 'class="elder"' in render_to_string("404.html", request=visitor(elder="1"))
    assert 'class="elder"' not in render_to_string("404.html", request=visitor())


def test_the_switches_lead_back_to_the_page_they_stand_on() -> None:
    page = render_to_string("404.html", request=visitor("/report/what/?place=7"))
    assert page.count('name="next" value="/report/what/?place=7"') == 2


def test_the_other_language_is_named_in_itself() -> None:
    with translation.override("zh-hans"):
        assert 'lang="en"' in render_to_string("ui/switches.html", request=visitor())
    with translation.override("en"):
        assert ">中文</button>" in render_to_string("ui/switches.html", request=visitor())


def test_the_filing_numbers_are_hidden_when_empty() -> None:
    assert "beian" not in render_to_string("404.html", request=visitor())


@override_settings(ICP_NUMBER="闽ICP备00000000号", POLICE_NUMBER="闽公网安备00000000000000号")
def test_the_filing_numbers_are_shown_when_given() -> None:
    page = render_to_string("404.html", request=visitor())
    assert "闽ICP备00000000号" in page
    assert "闽公网安备00000000000000号" in page


@pytest.mark.parametrize(
    ("state", "closure", "tone"),
    [
        ("submitted", "", "amber"),
        ("acknowledged", "", "sea"),
        ("assigned", "", "sea"),
        ("on_site", "", "sea"),
        ("finished", "", "amber"),
        ("closed", "confirmed", "jade"),
        ("closed", "unconfirmed", "grey"),
        ("closed", "rejected", "grey"),
    ],
)
def test_a_state_is_shown_by_colour_icon_and_word(state: str, closure: str, tone: str) -> None:
    pill = render_to_string("ui/badge.html", {"state": state, "closure": closure, "word": "修好了"})
    assert f'class="pill {tone}"' in pill
    assert "<svg" in pill
    assert "修好了" in pill


def test_a_step_says_which_of_how_many_and_draws_as_many() -> None:
    with translation.override("en"):
        top = render_to_string("ui/top.html", {"title": "Report", "back": "/", "step": 2, "steps": 4})
    assert "Step 2 of 4" in top
    assert top.count("<i") == 4
    assert top.count('class="on"') == 2
