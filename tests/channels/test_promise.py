"""The promise of a channel, kept by every one: the real SDK against a provider on loopback."""

import importlib
import inspect
import json
import pkgutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Barrier, Thread
from typing import Any

import pytest
from botocore.exceptions import SSLError

from chalicelib import channels
from chalicelib.channels import provider as asking
from chalicelib.channels.email import Email
from chalicelib.channels.topic import Topic
from chalicelib.core.errors import DeliveryFailed, OutcomeUnknown, TryAgainLater, WillNeverArrive
from chalicelib.ports import Channel, Letter
from tests.channels.conftest import Provider, Reply
from tests.doubles import MemoryContacts
from tests.messages import NOON, message

TOPIC = "arn:aws:sns:eu-west-2:000000000000:tower-hamlets-iro"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A channel with how its provider takes a letter, refuses one, and names its refusals."""

    service: str
    build: Callable[[Callable[[], Any]], Channel]
    address: str
    taken: Reply
    refused: Callable[[int, str], Reply]
    final: tuple[str, ...]


def ses_refusal(status: int, code: str) -> Reply:
    body = json.dumps({"message": "Email address is not verified: ada@example.org"})
    return Reply(status=status, body=body, headers={"x-amzn-ErrorType": code})


def sns_refusal(status: int, code: str) -> Reply:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>ada@example.org</Message></Error>"
    return Reply(status=status, body=f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>")


PUBLISHED = "<PublishResponse><PublishResult><MessageId>p-1</MessageId></PublishResult></PublishResponse>"
KINDS = (
    Kind(
        service="sesv2",
        build=lambda client: Email(
            client=client, sender="no-reply@example.org", configuration_set="holdfast"
        ),
        address="ada@example.org",
        taken=Reply(body=json.dumps({"MessageId": "p-1"})),
        refused=ses_refusal,
        final=("MessageRejected", "BadRequestException", "AccountSuspendedException"),
    ),
    Kind(
        service="sns",
        build=lambda client: Topic(client=client),
        address=TOPIC,
        taken=Reply(body=PUBLISHED),
        refused=sns_refusal,
        final=("InvalidParameter", "NotFound", "EndpointDisabled", "AuthorizationError"),
    ),
)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.service)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


@pytest.fixture
def channel(kind: Kind, provider: Provider) -> Iterator[Channel]:
    made: list[Any] = []

    def client() -> Any:
        made.append(asking.client(kind.service, read_seconds=0.3))
        return made[-1]

    yield kind.build(client)
    assert len(made) <= 1, "a channel makes its client once"
    for each in made:
        each.close()


def letter(kind: Kind) -> Letter:
    return Letter(message_id="m-1", address=kind.address, subject="A deadline on case PC-2041", body="Due.")


def test_a_letter_that_is_taken_gives_the_providers_reference(
    kind: Kind, channel: Channel, provider: Provider
) -> None:
    provider.reply = kind.taken

    assert channel.send(letter(kind)) == "p-1"


def test_our_message_id_address_and_words_go_out_with_every_letter(
    kind: Kind, channel: Channel, provider: Provider
) -> None:
    provider.reply = kind.taken

    channel.send(letter(kind))

    (asked,) = provider.asked
    assert "message_id" in asked
    assert "m-1" in asked
    assert kind.address.rpartition(":")[2].rpartition("@")[2] in asked
    assert "PC-2041" in asked


@pytest.mark.parametrize(
    ("status", "code"), [(429, "Whatever"), (503, "ServiceUnavailable"), (503, "Throttling")]
)
def test_a_provider_that_cannot_now_is_asked_again_later(
    kind: Kind, channel: Channel, provider: Provider, status: int, code: str
) -> None:
    provider.reply = kind.refused(status, code)

    with pytest.raises(TryAgainLater) as raised:
        channel.send(letter(kind))

    assert not isinstance(raised.value, OutcomeUnknown)
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    "code",
    [
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "LimitExceededException",
        "SendingPausedException",
        "MailFromDomainNotVerifiedException",
        "NotFoundException",
        "AccessDeniedException",
        "ExpiredTokenException",
        "SomethingNewNextYear",
    ],
)
def test_what_is_wrong_with_us_may_be_put_right_in_time(
    kind: Kind, channel: Channel, provider: Provider, code: str
) -> None:
    provider.reply = kind.refused(400, code)

    with pytest.raises(TryAgainLater):
        channel.send(letter(kind))


def test_what_is_wrong_with_the_letter_is_final(kind: Kind, channel: Channel, provider: Provider) -> None:
    for code in kind.final:
        provider.reply = kind.refused(400, code)

        with pytest.raises(WillNeverArrive):
            channel.send(letter(kind))


@pytest.mark.parametrize("reply", [Reply(cut=True), Reply(late=True)], ids=["cut", "late"])
def test_a_lost_acknowledgement_is_an_unknown_outcome_and_the_provider_is_asked_once(
    kind: Kind, channel: Channel, provider: Provider, reply: Reply
) -> None:
    provider.reply = reply

    with pytest.raises(OutcomeUnknown):
        channel.send(letter(kind))

    assert len(provider.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_fault_of_the_server_may_come_after_the_letter_was_taken(
    kind: Kind, channel: Channel, provider: Provider, status: int
) -> None:
    provider.reply = kind.refused(status, "InternalFailure")

    with pytest.raises(OutcomeUnknown):
        channel.send(letter(kind))

    assert len(provider.asked) == 1


def test_so_may_a_fault_of_the_line_that_is_no_timeout() -> None:
    def breaks_off() -> dict[str, str]:
        raise SSLError(endpoint_url="https://aws.example", error="unexpected end")

    with pytest.raises(OutcomeUnknown):
        asking.ask(breaks_off, {})


def test_an_answer_that_cannot_be_read_is_an_unknown_outcome(
    kind: Kind, channel: Channel, provider: Provider
) -> None:
    provider.reply = Reply(body="{<not an answer")

    with pytest.raises(OutcomeUnknown):
        channel.send(letter(kind))


def test_a_provider_that_cannot_be_reached_has_taken_nothing(
    kind: Kind, channel: Channel, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{nobody_listens.getsockname()[1]}")

        with pytest.raises(TryAgainLater) as raised:
            channel.send(letter(kind))

    assert not isinstance(raised.value, OutcomeUnknown)


def test_a_reason_is_one_word_and_never_the_providers_text(
    kind: Kind, channel: Channel, provider: Provider
) -> None:
    for code in (*kind.final, "Throttling", "SomethingNewNextYear"):
        provider.reply = kind.refused(400, code)

        with pytest.raises(DeliveryFailed) as raised:
            channel.send(letter(kind))

        assert str(raised.value).replace("_", "").isalpha()


def test_letters_that_leave_together_share_one_client(
    kind: Kind, channel: Channel, provider: Provider
) -> None:
    provider.reply = kind.taken
    together = Barrier(4)
    references: list[str] = []

    def send() -> None:
        together.wait()
        references.append(channel.send(letter(kind)))

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert references == ["p-1"] * 4


def test_nobody_to_tell_is_final_with_its_reason(kind: Kind, channel: Channel) -> None:
    with pytest.raises(WillNeverArrive, match=r"^no_contact$"):
        channel.address(message(), MemoryContacts(), NOON.date())


def test_every_channel_keeps_the_promise_here() -> None:
    modules = [
        importlib.import_module(f"chalicelib.channels.{found.name}")
        for found in pkgutil.iter_modules(channels.__path__)
    ]
    found = {
        each
        for module in modules
        for _, each in inspect.getmembers(module, inspect.isclass)
        if each.__module__ == module.__name__ and hasattr(each, "send")
    }

    assert found == {type(kind.build(lambda: None)) for kind in KINDS}
