"""GOV.UK's list of bank holidays, on loopback: what we ship with, and what a test proclaims or breaks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from chalicelib.calendars import shipped_calendar
from chalicelib.core.working_days import Nation

FIRST_YEAR = 2019
DIVISIONS = {
    "england-and-wales": Nation.ENGLAND,
    "scotland": Nation.SCOTLAND,
    "northern-ireland": Nation.NORTHERN_IRELAND,
}


@dataclass
class Gazette:
    """What is published at `address`; a `status` other than 200 breaks it. `asked` counts requests."""

    address: str = ""
    proclaimed: dict[date, str] = field(default_factory=dict)
    status: int = 200
    asked: int = 0

    def text(self) -> bytes:
        """The list as GOV.UK writes it, with what was proclaimed in every nation."""
        divisions = {
            name: {"division": name, "events": [*self._events(nation)]} for name, nation in DIVISIONS.items()
        }
        return json.dumps(divisions).encode()

    def _events(self, nation: Nation) -> Iterator[dict[str, object]]:
        shipped = shipped_calendar(nation)
        published = {
            on: why for on, why in shipped.closed.items() if FIRST_YEAR <= on.year <= shipped.horizon.year
        }
        for on, why in sorted({**published, **self.proclaimed}.items()):
            yield {"title": why, "date": on.isoformat(), "notes": "", "bunting": True}


@contextmanager
def published() -> Iterator[Gazette]:
    """Publish the list until the block ends."""
    gazette = Gazette()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            gazette.asked += 1
            body = gazette.text()
            etag = f'"{sha256(body).hexdigest()}"'
            known = gazette.status == 200 and self.headers.get("If-None-Match") == etag
            self.send_response(304 if known else gazette.status)
            self.send_header("ETag", etag)
            self.send_header("Content-Length", "0" if known else str(len(body)))
            self.end_headers()
            if not known:
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        gazette.address = f"http://127.0.0.1:{server.server_port}/bank-holidays.json"
        try:
            yield gazette
        finally:
            server.shutdown()
            serving.join()
