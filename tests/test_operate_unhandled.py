"""The operator's commands about what could not be handled: what SES said of letters, places in the stream."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from typing_extensions import override

from tests.desk import Operator, at_the_desk

EVENTS = Path(__file__).parent / "events"
QUEUE = "holdfast-test-not-handled"
BY = ("--by", "ben.t", "--why", "The reading is mended.")
# As Lambda tells where a stream's records stood that it gave up.
PLACE = {
    "requestContext": {"condition": "RetryAttemptsExhausted"},
    "DDBStreamBatchInfo": {"shardId": "shardId-1", "startSequenceNumber": "8", "endSequenceNumber": "8"},
}


class Functions:
    """`delivery` as the operator calls it: it keeps what it was given, and fails on what it cannot read."""

    def __init__(self) -> None:
        self.given: list[Any] = []

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, object]:  # noqa: N803  the SDK's names
        assert FunctionName == "holdfast-test-delivery"
        event = json.loads(Payload)
        self.given.append(event)
        failed = {"FunctionError": "Unhandled"} if "absurd" in Payload else {}
        return {"Payload": io.BytesIO(b"null"), **failed}


class Caller(Operator):
    """An operator whose stage has a queue, and functions that are called."""

    functions = Functions()

    @override
    def client(self, service: str) -> Any:
        return self.functions if service == "lambda" else super().client(service)


@pytest.fixture
def operator(capsys: pytest.CaptureFixture[str]) -> Iterator[Caller]:
    with at_the_desk(capsys):
        boto3.client("sqs").create_queue(QueueName=QUEUE)
        caller = Caller(stage="test", said=[], printed=capsys)
        caller.functions = Functions()
        yield caller


def keep(*bodies: object) -> list[str]:
    """Put something in the queue as Lambda or SNS would; return its ids."""
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    return [sqs.send_message(QueueUrl=url, MessageBody=text)["MessageId"] for text in texts]


def bounce() -> str:
    """What SES says of a letter to Ada that came back."""
    text: str = json.loads((EVENTS / "ses_bounce.json").read_text())["Records"][0]["Sns"]["Message"]
    return text


def of_lambda(text: str) -> object:
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"Type": "Notification", "Message": text}}]}


def of_sns(text: str) -> object:
    return {"Type": "Notification", "MessageId": "1", "TopicArn": "arn:delivery", "Message": text}


def waiting(operator: Caller) -> list[str]:
    return [line.split("\t")[-1] for line in operator.does("unhandled list")]


def test_what_waits_is_said_in_words_and_names_nobody(operator):
    assert waiting(operator) == ["None."]
    keep(of_lambda(bounce()), of_sns(bounce()), PLACE, {"what": "else"}, "no JSON", of_lambda("absurd"))

    said = waiting(operator)

    assert sorted(said) == sorted(
        [
            "of SES: Bounce of m-1",
            "of SES: Bounce of m-1",
            "a place in the stream: the sweep sends what stood there",
            "not known",
            "not known",
            "of SES, not understood",
        ]
    )
    assert "@" not in " ".join(operator.said)


def test_looking_takes_nothing_away(operator):
    keep(of_lambda(bounce()))

    assert waiting(operator) == waiting(operator) == ["of SES: Bounce of m-1"]


def test_what_ses_said_is_handed_over_whichever_way_it_came_and_places_in_the_stream_are_let_go(operator):
    keep(of_lambda(bounce()), of_sns(bounce()), PLACE)

    said = operator.does("unhandled again", *BY)

    assert said == ["2 handed over; 1 places in the stream let go."]
    assert [each["Records"][0]["Sns"]["Message"] for each in operator.functions.given] == [bounce()] * 2
    assert waiting(operator) == ["None."]


def test_what_fails_again_stays_and_holds_up_nothing(operator):
    keep(of_lambda("absurd"), of_lambda(bounce()), "no JSON")

    assert operator._run("unhandled again", *BY) == 1

    assert operator.said == ["1 handed over; 0 places in the stream let go."]
    assert "2 could not be handled and stay" in operator.printed.readouterr().err
    assert sorted(waiting(operator)) == ["not known", "of SES, not understood"]


def test_what_can_never_be_handled_is_let_go_by_its_id_and_nothing_else(operator):
    poison, _ = keep(of_lambda("absurd"), of_lambda(bounce()))

    assert operator.does(f"unhandled drop {poison}", *BY) == [f"{poison} is let go."]

    assert waiting(operator) == ["of SES: Bounce of m-1"]
    assert "does not wait there" in operator.is_refused(f"unhandled drop {poison}", *BY)


def test_whoever_does_it_is_kept_with_why(operator):
    poison, _ = keep(of_lambda("absurd"), of_lambda(bounce()))
    operator.does(f"unhandled drop {poison}", *BY)
    operator.does("unhandled again", *BY)

    acts = [line.split("\t")[2:] for line in operator.does("acts list -- -")]

    assert sorted(acts) == [
        ["ben.t (command)", "again", "not-handled", "The reading is mended."],
        ["ben.t (command)", "drop", poison, "The reading is mended."],
    ]
    (poison,) = keep(of_lambda("absurd"))
    assert "why" in operator.is_refused(f"unhandled drop {poison}", "--by", "ben.t", "--why", " ")
    assert waiting(operator) == ["of SES, not understood"]
