"""Makes the pair of keys by which push services know this installation."""

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management.base import BaseCommand


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Command(BaseCommand):
    """Prints two lines for the environment; run once: with other keys every device has to be added anew."""

    help = "Print a new pair of keys for notifications, as two lines for the environment."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them; nothing is stored."""
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_numbers().private_value.to_bytes(32, "big")
        public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.stdout.write(f"PUSH_PRIVATE_KEY={_text(private)}\nPUSH_PUBLIC_KEY={_text(public)}")
