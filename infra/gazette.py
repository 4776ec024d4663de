"""GOV.UK's place, taken on loopback for the length of a demonstration.

Its list is the one by which the stack counts, and beside it what is proclaimed here. The function that asks
GOV.UK is led here and back again; nothing else of the stack is touched, and nobody needs the internet.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from chalicelib.calendars import shipped_calendar
from chalicelib.core.working_days import Nation
from chalicelib.ports import Snapshot
from chalicelib.store.mapping import unpacked
from infra.deploy import Stack

DIVISIONS = {
    "england-and-wales": Nation.ENGLAND,
    "scotland": Nation.SCOTLAND,
    "northern-ireland": Nation.NORTHERN_IRELAND,
}
HERE = "england-and-wales"
ADDRESS = "BANK_HOLIDAYS_URL"

Days = Mapping[date, str]


@dataclass
class Gazette:
    """A list of bank holidays by nation, and the days proclaimed beside it in England and Wales."""

    known: Mapping[Nation, Days]
    proclaimed: dict[date, str] = field(default_factory=dict)

    def text(self) -> bytes:
        """Write it down as GOV.UK does."""
        days = {division: {**self.known[nation]} for division, nation in DIVISIONS.items()}
        days[HERE].update(self.proclaimed)
        return json.dumps({name: {"division": name, "events": _events(days[name])} for name in days}).encode()


def _events(days: Days) -> list[dict[str, object]]:
    return [
        {"title": title, "date": on.isoformat(), "notes": "", "bunting": True}
        for on, title in sorted(days.items())
    ]


@contextmanager
def in_place_of_gov_uk(stack: Stack) -> Iterator[Gazette]:
    """Have the stack ask here instead of GOV.UK until the block ends."""
    gazette = Gazette(known=_counted_by(stack))
    with _serving(gazette) as address:
        _lead(stack, address)
        try:
            yield gazette
        finally:
            lead_back(stack)


def lead_back(stack: Stack) -> None:
    """Have the stack ask again where it was deployed to ask."""
    _lead(stack, stack.outputs()["BankHolidaysUrl"])


def _lead(stack: Stack, address: str) -> None:
    functions, name = stack.clients("lambda"), stack.outputs()["CalendarFunction"]
    known = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    if known[ADDRESS] != address:
        variables = {**known, ADDRESS: address}
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def _counted_by(stack: Stack) -> Mapping[Nation, Days]:
    """Return what GOV.UK was last seen to list, or what we ship with where it was never asked."""
    found = stack.clients("dynamodb").get_item(
        TableName=stack.outputs()["Calendars"],
        Key={"pk": {"S": "BANK_HOLIDAYS"}, "sk": {"S": "IN_FORCE"}},
        ConsistentRead=True,
    )
    if "Item" not in found:
        shipped = map(shipped_calendar, Nation)
        return {each.nation: _up_to(each.horizon, each.closed) for each in shipped}
    snapshot = unpacked(Snapshot, found["Item"]["packed"]["B"])
    return {nation: _up_to(snapshot.published_to[nation], days) for nation, days in snapshot.days.items()}


def _up_to(last: date, days: Days) -> Days:
    return {on: name for on, name in days.items() if on <= last}


@contextmanager
def _serving(gazette: Gazette) -> Iterator[str]:
    """Answer on loopback with what the gazette says, at the address that is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = gazette.text()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing: the story is told on the same screen."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/bank-holidays.json"
        finally:
            server.shutdown()
            thread.join()
