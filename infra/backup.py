"""The operator's command for copies: `python -m infra.backup --stage production export --to FOLDER`.

A copy of all tables, put into new ones, paused, and held against what was sent since: docs/restoring.md. The
same on AWS and on the emulator. Of what is in a copy nothing is ever written out but counts and ids.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TypeAlias

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from chalicelib.core.errors import ServiceError
from infra import accounting, evidence, exporting, restoring
from infra.operate import open_desk
from infra.operating import STAGE, CannotOperate, Desk, checked

Command = Callable[[Desk, argparse.Namespace], None]
Group: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(argv: Sequence[str] | None = None, sit: Callable[[str, str | None], Desk] = open_desk) -> int:
    """Do what the command line asks; 0 where it was done, 1 with a sentence where it could not be."""
    asked = _parser().parse_args(argv)
    try:
        stage = checked(asked.stage, STAGE, "a stage's name, as in production")
        asked.command(sit(stage, asked.region), asked)
    except (CannotOperate, ServiceError) as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError, PynamoDBException) as error:
        print(f"AWS could not be asked: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.backup", description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument("--region", help="else AWS_DEFAULT_REGION, or your profile's")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    out = _verb(verbs, "export", exporting.export)
    out.add_argument("--to", required=True, metavar="FOLDER")
    out.add_argument("--prefix", help="of the tables' names, where they are not the stage's own")
    out.add_argument("--as-of", metavar="MOMENT", help="to which AWS restored them; else now")
    back = _verb(verbs, "restore", restoring.restore)
    back.add_argument("copy", metavar="FOLDER")
    back.add_argument("--by", required=True, help="who decided it")
    _evidence(verbs.add_parser("evidence").add_subparsers(required=True, metavar="SOURCE"))
    held = _verb(verbs, "reconcile", accounting.reconcile)
    held.add_argument("--evidence", action="append", default=[], metavar="FILE", help="again for another")
    held.add_argument(
        "--stopped", required=True, metavar="MOMENT", help="since when the old deployment sent no more"
    )
    held.add_argument("--by", help="who decided what is held or cancelled; else whoever paused sending")
    held.add_argument(
        "--doubtful",
        choices=(accounting.SEND, accounting.HOLD),
        help="what may have been sent: send it, or set it aside for somebody to see to",
    )
    return parser


def _evidence(sources: Group) -> None:
    logs = _verb(sources, "logs", evidence.from_logs)
    table = _verb(sources, "table", evidence.from_table)
    table.add_argument("table", metavar="NAME")
    later = _verb(sources, "copy", evidence.from_copy)
    later.add_argument("copy", metavar="FOLDER")
    for each in (logs, table):
        each.add_argument("--until", required=True, metavar="MOMENT", help="up to when it knows")
    for each in (logs, table, later):
        each.add_argument("--since", required=True, metavar="MOMENT", help="when the copy was begun")
        each.add_argument("--to", required=True, metavar="FILE")


def _verb(verbs: Group, name: str, command: Command) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=command.__doc__, description=command.__doc__)
    parser.set_defaults(command=command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
