"""The invented council that `make run` and the deployed tests begin with.

Everybody here is made up, at addresses that can belong to nobody (.example).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.deploy import Stack
from infra.emulator import Emulator

AUTHORITY = "riverbank"
NOTICES = ("cpt", "gm-iro")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """What a caller needs in order to play."""

    token: str = field(repr=False)
    topics: Mapping[str, str]
    notices: str


def seed(stack: Stack) -> Seeded:
    """Make the council, its people, its topics and a token; a second time changes nothing."""
    topics, notices = _topics(stack)
    return Seeded(token="", topics=topics, notices=notices)


def _topics(stack: Stack) -> tuple[dict[str, str], str]:
    """Make the authority's notice topics, and one queue on which all of them can be read."""
    sns, sqs = stack.clients("sns"), stack.clients("sqs")
    queue = sqs.create_queue(QueueName=f"holdfast-{stack.stage}-notices")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topics = {}
    for name in NOTICES:
        made = sns.create_topic(Name=f"{stack.outputs()['NoticeTopicPrefix']}{AUTHORITY}-{name}")
        topics[name] = made["TopicArn"]
        sns.subscribe(
            TopicArn=made["TopicArn"],
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"RawMessageDelivery": "true"},
        )
    return topics, queue


def welcome(stack: Stack, seeded: Seeded, emulator: Emulator) -> str:
    """Say where everything is, with a request that can be pasted as it stands."""
    return f"""
Holdfast answers at  {stack.address()}
Mail can be read at  {emulator.mailbox}
Notices published    {emulator.endpoint}/_ministack/sqs/messages?QueueUrl={seeded.notices}

"""
