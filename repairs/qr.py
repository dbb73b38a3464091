"""An address as a QR code drawn in the page itself, for paper."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_code(address: str) -> SafeString:
    """An inline SVG that follows the size its class `code` is given."""
    code = segno.make(address, error="m")
    return mark_safe(code.svg_inline(scale=3, border=2, omitsize=True, svgclass="code", lineclass=None))
