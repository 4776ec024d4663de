"""Make Riverbank Council in a stage: `python -m infra.seeding --stage local` with AWS_ENDPOINT_URL set.

`make run` and the deployed tests begin with it. It runs as a process of its own, since the store's
tables are bound once for a whole process.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib import credentials
from chalicelib.ports import Credential
from chalicelib.store import access, contacts, items
from infra import emulator, riverbank
from infra.deploy import Stack, clients

PROJECT = Path(__file__).resolve().parent.parent
QUEUE = "holdfast-{stage}-notices"
TOKEN_ID = "riverbankcpt"  # noqa: S105  the public half
TOKEN_DAYS = 90


class CannotSeed(Exception):
    """The invented council could not be made; says what was in the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """What a caller needs: a token, and the queue on which every topic's notices can be read."""

    token: str = field(repr=False)
    topics: Mapping[str, str]
    queue: str


def seed(stack: Stack) -> Seeded:
    """Make the council with its topics and a new token; what was known of its people is replaced."""
    if stack.endpoint is None:
        raise CannotSeed("An invented council belongs in the emulator, not in AWS.")
    made_up = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "local")
    ran = subprocess.run(
        [sys.executable, "-m", "infra.seeding", "--stage", stack.stage],
        cwd=PROJECT,
        env={
            **os.environ,
            **made_up,
            "AWS_ENDPOINT_URL": stack.endpoint,
            "AWS_DEFAULT_REGION": emulator.REGION,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise CannotSeed(f"The invented council could not be made:\n{ran.stderr.strip()}")
    return Seeded(**json.loads(ran.stdout))


def _make(stack: Stack) -> Seeded:
    outputs = stack.outputs()
    items.bind(**{name.lower(): outputs[name] for name in ("Cases", "Outbox", "Contacts", "Access")})
    queue, topics = _topics(stack)
    contacts.save_authority(riverbank.COUNCIL)
    for person in riverbank.people():
        contacts.save_person(person)
    for role in riverbank.roles(topics):
        contacts.save_role(role)
    return Seeded(token=_token(), topics=topics, queue=queue)


def _topics(stack: Stack) -> tuple[str, dict[str, str]]:
    """Make the council's notice topics, and one queue that listens on all of them."""
    sns, sqs = stack.clients("sns"), stack.clients("sqs")
    queue = sqs.create_queue(QueueName=QUEUE.format(stage=stack.stage))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topics = {}
    for role in riverbank.TOPICS:
        name = f"{stack.outputs()['NoticeTopicPrefix']}{riverbank.ID}-{role.replace('_', '-')}"
        topics[role] = sns.create_topic(Name=name)["TopicArn"]
        sns.subscribe(TopicArn=topics[role], Protocol="sqs", Endpoint=arn)
    return queue, topics


def _token() -> str:
    token, secret_hash = credentials.new_token(TOKEN_ID)
    access.save_credential(
        Credential(
            id=TOKEN_ID,
            authority=riverbank.ID,
            subject="riverbank-cpt",
            scopes=frozenset(scope.value for scope in credentials.Scope),
            secret_hash=secret_hash,
            expires_at=datetime.now(UTC) + timedelta(days=TOKEN_DAYS),
        )
    )
    return token


def main() -> None:
    """Make the council and print, as JSON, what a caller needs."""
    parser = argparse.ArgumentParser(prog="infra.seeding", description="Make an invented council.")
    parser.add_argument("--stage", required=True)
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    stack = Stack(stage=parser.parse_args().stage, clients=clients(endpoint), endpoint=endpoint)
    print(json.dumps(asdict(_make(stack))))


if __name__ == "__main__":
    main()
