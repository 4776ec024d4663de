"""A provider on loopback that answers as it is told to, so that the real SDK is what we test."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to answer. `cut` closes the connection, `late` never answers in time."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    late: bool = False


class Provider:
    """Keeps what it is asked, and answers each request with `reply`."""

    def __init__(self) -> None:
        self.reply = Reply()
        self.asked: list[str] = []
        self.closing = Event()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length", 0))
        self.asked.append(handler.rfile.read(length).decode())
        if self.reply.late:
            self.closing.wait(10)
        if self.reply.cut or self.reply.late:
            handler.close_connection = True
            return
        body = self.reply.body.encode()
        handler.send_response(self.reply.status)
        for name, value in {**self.reply.headers, "Content-Length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider to which every client of this process is directed."""
    told = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ACCESS_KEY_ID": "invented",
        "AWS_SECRET_ACCESS_KEY": "invented",
        "AWS_DEFAULT_REGION": "eu-west-2",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    yield told
    told.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()
