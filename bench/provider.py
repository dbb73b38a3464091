"""A carrier of text messages that takes its time and writes down what it was given; and the backend that speaks to it.

`python -m bench.provider PORT FILE` runs it; `SMS_BACKEND=bench.provider.Carrier` with `CARRIER_PORT` uses it.
"""

import http.client
import json
import os
import select
import sys
import time
from datetime import date
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.house import HOST

_TAKES = 0.04


class Carrier:
    """Hands a message over and waits for the receipt."""

    def send(self, phone: str, text: str, key: str = "") -> None:
        """Raises OSError when the carrier is away: then it is the bench that is broken."""
        self._ask("POST", json.dumps({"to": phone, "text": text, "key": key}))

    def has(self, phone: str, key: str, since: date) -> bool:
        """Whether it was given that message."""
        return self._ask("GET", key) == HTTPStatus.OK

    def _ask(self, method: str, body: str) -> int:
        connection = http.client.HTTPConnection(HOST, int(os.environ["CARRIER_PORT"]), timeout=10)
        try:
            connection.request(method, "/", body)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()


def serve(port: int, received: Path) -> None:
    """Write every message down, half-way through the time it takes to answer."""

    known: set[str] = set()

    class Counter(BaseHTTPRequestHandler):
        """One message, or one question about one."""

        def do_POST(self) -> None:
            """Take it."""
            line = self.rfile.read(int(self.headers["Content-Length"])).decode()
            time.sleep(_TAKES / 2)
            if select.select([self.connection], [], [], 0)[0]:
                return  # the caller is gone: who hangs up half-way was not heard
            known.add(json.loads(line)["key"])
            with received.open("a") as file:
                file.write(f"{line}\n")
            time.sleep(_TAKES / 2)
            self.send_response(204)
            self.end_headers()

        def do_GET(self) -> None:
            """Say whether it is known."""
            key = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.send_response(HTTPStatus.OK if key in known else HTTPStatus.NOT_FOUND)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    ThreadingHTTPServer((HOST, port), Counter).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
