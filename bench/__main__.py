"""`make bench`: measure, and print one table."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import cold, doors, engine, mailbox, package, referral, transactions, working_days
from bench.figures import Figure, table
from infra import dynamodb_local, packaged

STAGE = "local"


def main() -> int:
    """Measure everything that this machine can, and print it."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-2")
    print(table(list(_figures())))
    return 0


def _figures() -> Iterator[Figure]:
    ships = packaged.current(stage=STAGE, say=_say)
    with dynamodb_local.running() as endpoint, doors.opened(endpoint) as at:
        _say("A referral …")
        yield from referral.figures(at)
        yield from referral.own_cpu(at)
        _say("The engine …")
        yield from engine.figures()
        _say("Cold processes …")
        with tempfile.TemporaryDirectory() as folder:
            yield from cold.figures(at, ships, Path(folder))
        _say("The largest transaction …")
        yield from transactions.figures()
    yield from package.figures(ships)
    _say("Working days …")
    yield from working_days.figures(ships)
    _say("The mailbox …")
    yield from mailbox.figures()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
