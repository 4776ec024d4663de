"""A server of our own in GOV.UK's place, on loopback, that plays what a test has it play.

    with serving(answers(list_of_today())) as server:
        learn(server.address, ...)
        server.plays = [stays_silent]

Each request is answered by the next play; the last one stays.
"""

import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DRIP_SECONDS = 0.02


@dataclass
class FeedServer:
    """`asked` holds the headers of every request so far, `written` how many bytes it was let write.

    `hung_up` is set once whoever asked did not stay to the end.
    """

    address: str
    plays: list["Play"]
    asked: list[Message] = field(default_factory=list)
    written: int = 0
    hung_up: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)


class Handler(BaseHTTPRequestHandler):
    """One request, answered by the play whose turn it is."""

    feed: FeedServer

    def do_GET(self) -> None:
        self.feed.asked.append(self.headers)
        self.close_connection = True
        plays = self.feed.plays
        play = plays.pop(0) if len(plays) > 1 else plays[0]
        try:
            play(self)
        except (BrokenPipeError, ConnectionResetError):
            self.feed.hung_up.set()

    def begin(self, status: int = 200, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


Play = Callable[[Handler], None]


def answers(body: bytes, *, status: int = 200, **headers: object) -> Play:
    """An answer as it should be. An `ETag` that is asked with is answered by 304."""

    def play(handler: Handler) -> None:
        if "ETag" in headers and handler.headers.get("If-None-Match") == headers["ETag"]:
            handler.begin(304, **headers)
            return
        handler.begin(status, **{"Content_Length": len(body), **headers})
        handler.wfile.write(body)

    return play


def redirects(location: str, *, status: int = 302) -> Play:
    return answers(b"", status=status, Location=location)


def cut_short(body: bytes) -> Play:
    """Half of what was announced."""
    return answers(body[: len(body) // 2], Content_Length=len(body))


def cut_in_a_chunk(body: bytes) -> Play:
    """A chunk that ends before its time, where no length was announced."""

    def play(handler: Handler) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.begin(Transfer_Encoding="chunked")
        handler.wfile.write(f"{len(body):x}\r\n".encode() + body[: len(body) // 2])

    return play


def hangs_up(handler: Handler) -> None:
    """The connection is reset before a word of an answer."""
    linger_no_more = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_no_more)
    handler.connection.close()


def stays_silent(handler: Handler) -> None:
    """Not a word until the test is over."""
    handler.feed.over.wait()


def drips_headers(handler: Handler) -> None:
    """One header after another, each in time, without an end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    _drip(handler, b"X")


def drips_body(handler: Handler) -> None:
    """One byte after another, each in time, without an end."""
    handler.begin()
    _drip(handler, b" ")


def never_ends(handler: Handler) -> None:
    """As much as is taken, and no length announced."""
    handler.begin()
    while not handler.feed.over.is_set():
        handler.feed.written += handler.wfile.write(b" " * 65536)


def _drip(handler: Handler, drop: bytes) -> None:
    while not handler.feed.over.wait(DRIP_SECONDS):
        handler.wfile.write(drop)


@contextmanager
def nobody_answers() -> Iterator[str]:
    """An address whose queue is full, so that no connection is made or refused."""
    with socket.socket() as full, ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            queued = waiting.enter_context(socket.socket())
            queued.setblocking(False)
            queued.connect_ex(full.getsockname())
        yield f"http://127.0.0.1:{full.getsockname()[1]}/bank-holidays.json"


@contextmanager
def serving(*plays: Play, tls: ssl.SSLContext | None = None) -> Iterator[FeedServer]:
    """Answer by these plays in turn until the block ends."""
    feed = FeedServer(address="", plays=[*plays])
    handler = type("Playing", (Handler,), {"feed": feed})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        protocol = "https" if tls else "http"
        feed.address = f"{protocol}://127.0.0.1:{server.server_port}/bank-holidays.json"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield feed
        finally:
            feed.over.set()
            server.shutdown()
            thread.join()


def unknown_certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for this machine that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both = folder / "certificate.pem"
    both.write_bytes(private + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context


def closed_port() -> str:
    """An address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/bank-holidays.json"
