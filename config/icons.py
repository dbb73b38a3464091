"""`{% lucide %}` in place of the package's own library: the same, each icon drawn once per process.

The package copies and writes out the XML every time it is asked; that was a fifth of what the tiles took.
"""

from functools import lru_cache

from django import template
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide as draw

register = template.Library()


@lru_cache(maxsize=512)
def _drawn(name: str, size: int | None, attributes: tuple[tuple[str, str], ...]) -> str:
    return draw(name, size=size, **dict(attributes))


@register.simple_tag
def lucide(name: str, *, size: int | None = 24, **attributes: str) -> SafeString:
    """The icon as inline SVG."""
    # Made safe here: the package draws it from files of its own, escaping the attributes.
    return SafeString(_drawn(str(name), size, tuple(sorted(attributes.items()))))
