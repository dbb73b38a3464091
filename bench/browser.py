"""A browser as far as a measurement needs one: cookies, forms, redirects, over one kept connection on 127.0.0.1."""

import http.client
import re
import secrets
import time
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from bench.house import HOST

# Asks bench/bare.py to count the statements of a request.
COUNT = "X-Count-Statements"
# The server hangs up on a line that was silent for longer.
_IDLE = 2.0
_HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"')


class Answer(NamedTuple):
    """What came back: `path` is where it came from after redirects, `ms` how long the last of them took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    path: str
    ms: float

    @property
    def text(self) -> str:
        """The page."""
        return self.body.decode("utf-8", errors="replace")

    def hidden(self, name: str) -> str:
        """The value of a hidden field, "" when there is none."""
        return next((value for field, value in _HIDDEN.findall(self.text) if field == name), "")


class File(NamedTuple):
    """A file to send."""

    name: str
    content: bytes


class Browser:
    """One person's browser; speaks as the proxy in front of us does, so that production's rules for HTTPS hold."""

    def __init__(self, port: int, *, timeout: float = 20, **cookies: str) -> None:
        self.port, self.timeout = port, timeout
        self.csrf = secrets.token_hex(16)
        self.cookies = {"csrftoken": self.csrf, **cookies}
        self._connection: http.client.HTTPConnection | None = None
        self._used = 0.0

    def get(self, path: str, *, follow: bool = True, headers: Mapping[str, str] | None = None) -> Answer:
        """A page, through at most five redirects."""
        answer = self._ask("GET", path, None, headers or {})
        return self._follow(answer) if follow else answer

    def post(
        self, path: str, fields: Mapping[str, str], files: Mapping[str, list[File]] | None = None, *,
        follow: bool = True, headers: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """A form, with its token."""
        fields = {"csrfmiddlewaretoken": self.csrf, **fields}
        if files is None:
            body, kind = urlencode(fields).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = _multipart(fields, files)
        answer = self._ask("POST", path, body, {"Content-Type": kind, **(headers or {})})
        return self._follow(answer) if follow else answer

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _follow(self, answer: Answer) -> Answer:
        for _ in range(5):
            if answer.status not in {301, 302, 303}:
                break
            target = urlsplit(answer.headers["location"])
            answer = self._ask("GET", f"{target.path}?{target.query}" if target.query else target.path, None, {})
        return answer

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """One request. Raises OSError or http.client.HTTPException when the line breaks; nothing is asked twice."""
        sent = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Origin": f"https://{HOST}:{self.port}",
            "Referer": f"https://{HOST}:{self.port}/",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": HOST,
            **headers,
        }
        if time.monotonic() - self._used > _IDLE:
            self.close()
        self._used = time.monotonic()
        connection = self._connection or http.client.HTTPConnection(HOST, self.port, timeout=self.timeout)
        self._connection = None  # a broken line is not used again
        started = time.perf_counter()
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        ms = (time.perf_counter() - started) * 1000
        if response.will_close:
            connection.close()
        else:
            self._connection = connection
        self._remember(response.msg.get_all("Set-Cookie") or [])
        lower = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, lower, content, path, ms)

    def _remember(self, cookies: list[str]) -> None:
        for line in cookies:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if name == "csrftoken":
                    self.csrf = morsel.value


def _multipart(fields: Mapping[str, str], files: Mapping[str, list[File]]) -> tuple[bytes, str]:
    edge = secrets.token_hex(16)
    parts: list[bytes] = []
    for name, value in fields.items():
        parts += [f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()]
    for name, each in files.items():
        for file in each:
            head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{file.name}"\r\n'
            parts += [head.encode(), b"Content-Type: image/jpeg\r\n\r\n", file.content, b"\r\n"]
    return b"".join([*parts, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"
