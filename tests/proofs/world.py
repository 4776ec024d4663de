"""One stage of the service and the AWS around it: what knocks at its doors, and knocks again.

The doors are the real ones (`app`, and the functions that Lambda calls), behind them the real rooms
and channels by `wiring`; tables are DynamoDB Local's, SES and SNS the post office's. What AWS and the
callers would do again, the world does: a request until it is answered 2xx, a record of the stream and
an event of SNS until it is taken, and the schedules for ever.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from functools import partial
from random import Random

from chalice.test import Client, HTTPResponse

from app import app
from chalicelib import calendar_watch, signing, wiring
from chalicelib.core.errors import LeftUndone, NotNow
from chalicelib.dispatch import sweep
from chalicelib.entrypoints import clock, receipts
from chalicelib.operations import Order
from chalicelib.store import access, items
from chalicelib.store.access import DynamoAccess
from chalicelib.visits import Ports
from tests.proofs.breaking import Died
from tests.proofs.engines import Engine, Faults
from tests.proofs.furnishing import KEY, furnished
from tests.proofs.outside import Command, Context, Outside, Request, carried, inserted, scheduled
from tests.proofs.post_office import PostOffice, event_of
from tests.proofs.stored import Stored
from tests.snapshots import says, snapshot

SCHEDULES = ("sweep", "settle", "tick", "calendar")


class World:
    """A council on empty tables. Every AWS client of the service is watched by what goes wrong."""

    def __init__(self, office: PostOffice, engine: Engine, faults: Faults) -> None:
        self.office, self.breaker, self.outside = office, faults, Outside(posted=office.posted)
        self.stored, self.names = Stored(engine, faults), engine.names
        self.chance = Random("waits")
        self._ports = replace(wiring._ports(wiring.settings()), pause=lambda _: None)
        self._channels = dict(wiring._channels())
        letters = [channel._client.get() for channel in self._channels.values()]  # type: ignore[attr-defined]
        self._secrets = access.secrets_client()
        engine.serve(items.connection().client)
        for client in (*letters, self._secrets):
            if engine.in_process:
                office.serve(client)
        for client in (items.connection().client, *letters, self._secrets):
            faults.watch(client)
        self.token = furnished()
        self.restart()

    # --- processes ----------------------------------------------------------------------------

    def restart(self) -> None:
        """Begin a new process: whatever the last one remembered is gone."""
        rooms = {each.name: getattr(self._ports, each.name) for each in fields(self._ports) if each.init}
        for name, room in rooms.items():
            if isinstance(room, DynamoAccess):
                rooms[name] = DynamoAccess(lambda: self._secrets)
            elif type(room).__module__.startswith("chalicelib.store") and not is_dataclass(room):
                rooms[name] = type(room)()
        self._ports = Ports(**rooms)
        self.rooms = wiring.Rooms(
            ports=self._ports,
            channels=lambda: self._channels,
            now=lambda: self.outside.now + self.outside.skew,
            chance=self.chance.random,
        )

    def run(self, deed: Callable[[], None]) -> bool:
        """Let a process do something; say whether it came to its end, or died and was followed by another."""
        try:
            with wiring.using(self.rooms):
                deed()
        except Died:
            self.breaker.another()
            self.restart()
            return False
        return True

    # --- knocking -----------------------------------------------------------------------------

    def ask(self, request: Request) -> None:
        """Send a request; it waits to be sent again unless it is answered 2xx, or refused for good."""
        self.later(seconds=20)
        self.outside.waiting.append(request)
        self.knock()

    def knock(self) -> None:
        """Send everything that waits for an answer."""
        for request in list(self.outside.waiting):
            answers: list[HTTPResponse] = []
            self.run(lambda request=request, answers=answers: answers.append(self._send(request)))
            if not answers or answers[0].status_code >= 500 or b"problem:busy" in answers[0].body:
                continue
            (answer,) = answers
            self.outside.waiting.remove(request)
            if answer.status_code < 300:
                self.outside.answered.append((request, answer.status_code, answer.body.decode()))
            else:
                self.outside.refused.append((request, answer.body.decode()))

    def _send(self, request: Request) -> HTTPResponse:
        raw = json.dumps(request.body).encode()
        headers = {"Content-Type": "application/json"}
        if request.signed:
            headers |= signing.sign(request.key, self.outside.now, raw, KEY)
        else:
            headers |= {"Authorization": f"Bearer {self.token}", "Idempotency-Key": request.key}
        with Client(app) as client:
            return client.http.post(request.path, headers=headers, body=raw)

    def order(self, command: Command) -> None:
        """Let an operator give a command."""
        self.outside.ordered[command] = 0
        self.obey()

    def obey(self) -> None:
        """Give every command again that did not come to its end."""
        for command in list(self.outside.ordered):
            self.run(partial(self._obeys, command))

    def _obeys(self, command: Command) -> None:
        order = Order(by="an operator", why="It was seen to.", at=self.outside.now)
        given, self.outside.ordered[command] = (
            self.outside.ordered[command],
            self.outside.ordered[command] + 1,
        )
        try:
            command(order, self.rooms.ports)
        except NotNow:
            # It was done before, and nobody heard of it.
            if not given:
                raise
        except Exception:
            if not self.breaker.armed:
                raise
            return
        del self.outside.ordered[command]

    def stream(self) -> None:
        """Hand over every message that the stream still has, each by itself."""
        for message_id in sorted(self.stored.ids() - self.outside.streamed):
            self.bring(message_id)

    def bring(self, *message_ids: str) -> None:
        """Hand over one batch of the stream, which has it no more once it was taken."""
        records = [inserted(each) for each in message_ids]
        if self.run(lambda: clock.dispatch({"Records": records}, Context())):
            self.outside.streamed.update(message_ids)

    def schedule(self, name: str) -> bool:
        """Let a schedule fire; say whether it came to a good end, and rings no alarm."""
        event = scheduled(self.outside.now)
        ended: list[bool] = []

        def fire() -> None:
            try:
                if name == "calendar":
                    self._watch()
                elif name == "sweep":
                    # One letter after the other, so that what happens is the same each time.
                    sweep(replace(clock._sender(Context()), workers=1))
                else:
                    getattr(clock, name)(event, Context())
                ended.append(True)
            except Exception as error:
                # An invocation that fails rings an alarm, and the next one comes by itself.
                if not self.breaker.armed and not isinstance(error, LeftUndone):
                    raise

        return self.run(fire) and bool(ended)

    def _watch(self) -> None:
        calendar_watch.watch(
            now=self.outside.now,
            ports=wiring.ports(),
            address="https://gov.example",
            seconds_left=lambda: 60.0,
            learn=says(self.outside.published or snapshot()),
        )

    def tell_events(self) -> None:
        """Hand over SES's events; one that is not taken stays."""
        for told in list(self.outside.events):
            if self.hear(told):
                self.outside.events.remove(told)

    def hear(self, told: str) -> bool:
        """Hand over one event of SES; say whether it was taken."""
        taken: list[bool] = []

        def hears() -> None:
            try:
                receipts.delivery({"Records": [carried(told)]}, Context())
                taken.append(True)
            except Exception:
                if not self.breaker.armed:
                    raise

        return self.run(hears) and bool(taken)

    def ses_tells(self) -> None:
        """Let SES tell of every letter that it took since it last told."""
        for letter in self.outside.posted[self.outside.told_of :]:
            if letter.channel == "email":
                self.outside.events += [
                    event_of(letter, kind, self.outside.now) for kind in ("Send", "Delivery")
                ]
        self.outside.told_of = len(self.outside.posted)
        self.tell_events()

    def all_told(self) -> None:
        """Let the stream bring everything, and SES tell of it."""
        self.stream()
        self.ses_tells()

    def later(self, **ahead: float) -> None:
        """Let time pass."""
        self.outside.now += timedelta(**ahead)

    def round(self, schedules: Sequence[str] = SCHEDULES, *, ses_tells: bool) -> None:
        """Everything that AWS and the callers do by themselves, once."""
        self.knock()
        self.obey()
        self.stream()
        if ses_tells:
            self.ses_tells()
        self.tell_events()
        for name in schedules:
            self.schedule(name)

    def under_way(self) -> bool:
        """Whether anything waits: in a queue, in the stream, with SES, or with a caller."""
        outside = self.outside
        fresh = self.stored.ids() - outside.streamed
        return bool(self.stored.queued() or outside.waiting or outside.events or fresh)

    def replays(self) -> list[str]:
        """Send everything that was answered once more; say what gets another answer than its first."""
        wrong = []
        for request, status, text in self.outside.answered:
            answers: list[HTTPResponse] = []
            self.run(lambda request=request, answers=answers: answers.append(self._send(request)))
            (answer,) = answers
            if (answer.status_code, answer.body.decode()) != (status, text):
                wrong.append(f"{request.key} is answered {answer.status_code} and not as at first")
        return wrong
