"""The operator's command: `python -m infra.operate --stage production authority add …`.

The same on AWS and on the emulator (AWS_ENDPOINT_URL says which). `--help` after any word lists
what can follow it. What is secret is written down once and never again.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TypeAlias

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError
from pynamodb.exceptions import PynamoDBException

from chalicelib import clock
from chalicelib.core.errors import ServiceError
from chalicelib.credentials import Scope
from chalicelib.protocol_files import Shelf
from infra import account, alarms, calendars, entrance, schedules, undelivered, unhandled, who
from infra.operating import STAGE, CannotOperate, Desk, checked

Command = Callable[[Desk, argparse.Namespace], None]
Group: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

PER_PAGE = 50
TOKEN_DAYS = 90


def open_desk(stage: str, region: str | None) -> Desk:
    """Sit down at a stage as the environment says where it is, or in another region."""
    if region:
        os.environ["AWS_DEFAULT_REGION"] = region
    desk = Desk(stage=stage, clients=boto3.Session().client, now=clock.now(), say=print, shelf=Shelf())
    desk.bind()
    return desk


def main(argv: Sequence[str] | None = None, sit: Callable[[str, str | None], Desk] = open_desk) -> int:
    """Do what the command line asks; 0 where it was done, 1 with a sentence where it could not be."""
    asked = _parser().parse_args(argv)
    try:
        stage = checked(asked.stage, STAGE, "a stage's name, as in production")
        asked.command(sit(stage, asked.region), asked)
    except (CannotOperate, ServiceError) as error:
        return _refuse(str(error))
    except (BotoCoreError, ClientError, PynamoDBException) as error:
        return _refuse(_plainly(error, asked.stage))
    return 0


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


def _plainly(error: Exception, stage: str) -> str:
    """Say in a sentence what AWS, or the way there, had against it."""
    cause = error.cause if isinstance(error, PynamoDBException) and error.cause else error
    match cause:
        case NoCredentialsError():
            return (
                "AWS does not know who you are: sign in, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            )
        case NoRegionError():
            return "Say in which region the stage is: --region eu-west-2."
        case ClientError() if cause.response["Error"]["Code"] == "ResourceNotFoundException":
            return f"Stage {stage!r} has no such thing here: is it deployed, in this region and account?"
        case _:
            return f"AWS could not be asked: {cause}"


# --- what can be asked for ------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.operate", description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument("--region", help="else AWS_DEFAULT_REGION, or your profile's")
    nouns = parser.add_subparsers(required=True, metavar="NOUN")
    for name, verbs in {
        "authority": _authority,
        "calendar": _calendar,
        "person": _person,
        "cover": _cover,
        "role": _role,
        "topic": _topic,
        "token": _token,
        "webhook": _webhook,
        "undelivered": _undelivered,
        "aside": _aside,
        "address": _address,
        "sending": _sending,
        "acts": _acts,
        "alarm": _alarm,
        "schedule": _schedule,
        "unhandled": _unhandled,
        "account": _account,
    }.items():
        verbs(nouns.add_parser(name).add_subparsers(required=True, metavar="VERB"))
    return parser


def _verb(verbs: Group, name: str, command: Command, *positional: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=command.__doc__, description=command.__doc__)
    for each in positional:
        parser.add_argument(each)
    parser.set_defaults(command=command)
    return parser


def _list(verbs: Group, command: Command) -> None:
    _paged(_verb(verbs, "list", command, "authority"))


def _paged(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cursor")
    parser.add_argument("--limit", type=int, choices=range(1, 1001), metavar="1..1000", default=PER_PAGE)


def _act(verbs: Group, name: str, command: Command, *positional: str) -> None:
    """Something that is kept in the audit, with who did it and why."""
    parser = _verb(verbs, name, command, *positional)
    parser.add_argument("--by", required=True, help="who decided it")
    parser.add_argument("--why", required=True, help="in a line; without a child's name or detail")


def _authority(verbs: Group) -> None:
    add = _verb(verbs, "add", who.add_authority, "id")
    add.add_argument("--name", required=True)
    add.add_argument("--protocol", action="append", required=True, help="its id; again for another")
    closed = add.add_mutually_exclusive_group()
    closed.add_argument(
        "--closed",
        action="append",
        default=[],
        metavar="DATE=WHY",
        help="a day not counted; again for another; in place of those before, which stay without",
    )
    closed.add_argument("--no-closed-days", action="store_true", help="open all that were closed before")
    _verb(verbs, "show", who.show_authority, "id")
    _verb(verbs, "list", who.list_authorities)


def _calendar(verbs: Group) -> None:
    show = _verb(verbs, "show", calendars.show, "authority")
    show.add_argument("--year", type=int, metavar="YYYY", help="whose closed days; else this year's")
    _verb(verbs, "check", calendars.check)


def _person(verbs: Group) -> None:
    add = _verb(verbs, "add", who.add_person, "authority", "id")
    add.add_argument("--email", required=True)
    add.add_argument("--manager", metavar="PERSON")
    add.add_argument("--deputy", metavar="PERSON")
    add.add_argument("--role", action="append", default=[], help="held in the authority; again for another")
    _list(verbs, who.list_people)


def _cover(verbs: Group) -> None:
    add = _verb(verbs, "add", who.add_cover, "authority", "person")
    add.add_argument("--by", required=True, metavar="PERSON")
    add.add_argument("--from", required=True, dest="first", metavar="DATE")
    add.add_argument("--to", required=True, dest="last", metavar="DATE")


def _role(verbs: Group) -> None:
    chosen = _verb(verbs, "set", who.set_role, "authority", "role")
    reached = chosen.add_mutually_exclusive_group()
    reached.add_argument("--person")
    reached.add_argument("--email", help="of a mailbox")
    chosen.add_argument("--manager", metavar="PERSON", help="who answers for a mailbox")
    chosen.add_argument("--topic", metavar="ARN")
    chosen.add_argument("--channels", action="append", default=[], metavar="URGENCY=CHANNEL,…")
    _list(verbs, who.list_roles)


def _topic(verbs: Group) -> None:
    _verb(verbs, "add", who.add_topic, "authority", "name")


def _token(verbs: Group) -> None:
    issue = _verb(verbs, "issue", entrance.issue_token, "authority")
    issue.add_argument("--subject", required=True, help="under which what it sends is recorded")
    issue.add_argument("--scope", action="append", required=True, help=", ".join(Scope))
    issue.add_argument("--days", type=int, default=TOKEN_DAYS)
    _verb(verbs, "revoke", entrance.revoke_token, "id")
    _list(verbs, entrance.list_tokens)


def _webhook(verbs: Group) -> None:
    add = _verb(verbs, "add", entrance.add_webhook, "authority", "name")
    add.add_argument("--scope", action="append", required=True, help=", ".join(Scope))
    _verb(verbs, "rotate", entrance.rotate_webhook, "name")
    _verb(verbs, "remove", entrance.remove_webhook, "name")
    _list(verbs, entrance.list_webhooks)


def _undelivered(verbs: Group) -> None:
    _list(verbs, undelivered.list_undelivered)
    _verb(verbs, "show", undelivered.show_message, "id")
    _act(verbs, "again", undelivered.send_again, "id")
    _act(verbs, "cancel", undelivered.cancel, "id")


def _aside(verbs: Group) -> None:
    _list(verbs, undelivered.list_aside)
    _verb(verbs, "show", undelivered.show_aside, "case")
    _act(verbs, "redrive", undelivered.redrive, "case")


def _address(verbs: Group) -> None:
    _act(verbs, "lift", undelivered.lift, "email")


def _sending(verbs: Group) -> None:
    _verb(verbs, "show", undelivered.show_sending)
    _act(verbs, "pause", undelivered.pause)
    _act(verbs, "resume", undelivered.resume)


def _acts(verbs: Group) -> None:
    listing = _verb(verbs, "list", undelivered.list_acts)
    listing.add_argument("authority", nargs="?", help="else of the whole stage; - for what is nobody's")
    listing.add_argument("--oldest-first", action="store_true")
    _paged(listing)


def _alarm(verbs: Group) -> None:
    _verb(verbs, "list", alarms.list_alarms)
    _verb(verbs, "hearers", alarms.list_hearers)
    _verb(verbs, "ring", alarms.ring, "name")


def _schedule(verbs: Group) -> None:
    _verb(verbs, "list", schedules.list_schedules)
    _verb(verbs, "on", schedules.switch_on, "name")
    _verb(verbs, "run", schedules.run, "name")


def _unhandled(verbs: Group) -> None:
    _verb(verbs, "list", unhandled.list_unhandled)
    _act(verbs, "again", unhandled.hand_over)
    _act(verbs, "drop", unhandled.drop, "id")


def _account(verbs: Group) -> None:
    _verb(verbs, "show", account.show)


if __name__ == "__main__":
    sys.exit(main())
