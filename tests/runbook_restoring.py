"""The scenes of those commands of the runbook that copy tables and restore them: on DynamoDB Local."""

import gzip
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from chalicelib.ports import Message, MessageState
from tests.contract.town import Town
from tests.runbook import LOCAL
from tests.runbook_local import YOU, Counter, Played
from tests.tables import TABLES, make_tables


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for copies, gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def began_at(counter: Counter) -> str:
    """A little before the copy is begun."""
    return (counter.now - timedelta(minutes=1)).isoformat()


def stopped_at(counter: Counter) -> str:
    """Let an hour go by in which the old deployment sent."""
    counter.now += timedelta(hours=1)
    return counter.now.isoformat()


def sent(counter: Counter, message: Message) -> None:
    """Have an alert leave a quarter of an hour after the copy."""
    at = counter.now + timedelta(minutes=15)
    counter.outbox.sent(counter.outbox.claim(message.id, at, 60), "ses-1", at)


def move(counter: Counter) -> None:
    """Go on at a stage whose tables are new."""
    counter.stage += "-b"
    make_tables(counter.stage)


@LOCAL.of("$backup export --to COPY")
def exported(counter: Counter) -> Played:
    case_id = counter.case()
    with folder() as home:
        yield {"COPY": f"{home}/copy"}
        files = sorted(each.name for each in (home / "copy").iterdir())
        (cases,) = (home / "copy").glob("cases*")
        kept = gzip.decompress(cases.read_bytes()).decode()
    assert "manifest.json" in files
    assert all(any(name.startswith(table) for name in files) for table in TABLES)
    assert case_id in kept


@LOCAL.of("$backup evidence table TABLE --since BEGAN_AT --until STOPPED_AT --to SENT")
def from_table(counter: Counter) -> Played:
    message, other = counter.town.messages(counter.case())[:2]
    began = began_at(counter)
    sent(counter, message)
    with folder() as home:
        yield {
            "TABLE": f"holdfast-{counter.stage}-outbox",
            "BEGAN_AT": began,
            "STOPPED_AT": stopped_at(counter),
            "SENT": f"{home}/sent",
        }
        known = (home / "sent").read_text()
    assert message.id in known
    assert other.id not in known


@LOCAL.of("$backup restore COPY --by YOU")
def restored(counter: Counter) -> Played:
    message = counter.waiting()
    with folder() as home:
        counter.run(f"$backup export --to {home}/copy")
        move(counter)
        yield {"COPY": f"{home}/copy", "YOU": YOU}
    kept = Town(ports=counter.town.ports)
    assert kept.ports.cases.load(message.case_id).id == message.case_id
    assert counter.outbox.message(message.id).state is MessageState.PENDING
    assert counter.outbox.paused()


@LOCAL.of("$backup reconcile --evidence SENT --stopped STOPPED_AT")
def reconciled(counter: Counter) -> Played:
    first, second = counter.town.messages(counter.case())[:2]
    with folder() as home:
        began = began_at(counter)
        counter.run(f"$backup export --to {home}/copy")
        sent(counter, first)
        until, table = stopped_at(counter), f"holdfast-{counter.stage}-outbox"
        counter.run(f"$backup evidence table {table} --since {began} --until {until} --to {home}/sent")
        move(counter)
        counter.run(f"$backup restore {home}/copy --by {YOU}")
        assert counter.outbox.message(first.id).state is MessageState.PENDING
        yield {"SENT": f"{home}/sent", "STOPPED_AT": until}
    assert counter.outbox.message(first.id).state is MessageState.SENT
    assert counter.outbox.message(second.id).state is MessageState.PENDING
    assert first.id not in counter.outbox.ready(counter.now + timedelta(days=1), 100)
