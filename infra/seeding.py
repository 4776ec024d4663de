"""Make Riverbank Council in a stage: `python -m infra.seeding --stage local` with AWS_ENDPOINT_URL set.

`make run` and the deployed tests begin with it. It runs as a process of its own, since the store's
tables are bound once for a whole process.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from chalicelib import credentials
from chalicelib.ports import RoleContact
from infra import emulator, operate, riverbank
from infra.deploy import Stack, clients

PROJECT = Path(__file__).resolve().parent.parent
QUEUE = "holdfast-{stage}-notices"
SUBJECT = "riverbank-cpt"


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
    """Make it by the operator's own commands, as a real council is made."""
    asked = _Operator(stage=stack.stage)
    council = riverbank.COUNCIL
    protocols = [word for each in council.protocols for word in ("--protocol", each)]
    asked("authority", "add", council.id, "--name", council.name, *protocols)
    for person in riverbank.people():
        reached = _given("email", person.email) + _given("manager", person.manager)
        asked("person", "add", council.id, person.id, *reached, *_given("role", *person.roles))
    topics = {role: asked("topic", "add", council.id, role.replace("_", "-")) for role in riverbank.TOPICS}
    for contact in riverbank.roles(topics):
        asked("role", "set", council.id, contact.role, *_reached(contact))
    token = asked("token", "issue", council.id, "--subject", SUBJECT, *_given("scope", *credentials.Scope))
    return Seeded(token=token, topics=topics, queue=_listening(stack, topics.values()))


def _reached(contact: RoleContact) -> list[str]:
    channels = [f"{urgency}={','.join(names)}" for urgency, names in contact.channels.items()]
    return [
        *_given("person", contact.person_id),
        *_given("email", contact.email),
        *_given("manager", contact.manager),
        *_given("topic", contact.topic),
        *_given("channels", *channels),
    ]


def _given(option: str, *values: str | None) -> list[str]:
    """Write an option for each value that there is."""
    return [word for value in values if value for word in (f"--{option}", value)]


class _Operator:
    """Somebody who gives the operator's commands and reads what is written down."""

    def __init__(self, *, stage: str) -> None:
        self._stage = stage
        self._said: list[str] = []
        self._desk = replace(operate.open_desk(stage, None), say=self._said.append)

    def __call__(self, *words: str) -> str:
        if operate.main(["--stage", self._stage, *words], lambda _stage, _region: self._desk):
            raise CannotSeed(f"The operator's command failed: {' '.join(words)}")
        return self._said[-1]


def _listening(stack: Stack, topics: Iterable[str]) -> str:
    """Return a queue that listens on all of the topics."""
    sns, sqs = stack.clients("sns"), stack.clients("sqs")
    queue: str = sqs.create_queue(QueueName=QUEUE.format(stage=stack.stage))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for topic in topics:
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return queue


def main() -> None:
    """Make the council and print, as JSON, what a caller needs."""
    parser = argparse.ArgumentParser(prog="infra.seeding", description="Make an invented council.")
    parser.add_argument("--stage", required=True)
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    stack = Stack(stage=parser.parse_args().stage, clients=clients(endpoint), endpoint=endpoint)
    print(json.dumps(asdict(_make(stack))))


if __name__ == "__main__":
    main()
