"""What is done by hand, on AWS's own engine: with its entry in the audit and its receipt, or not at all."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib import operations
from chalicelib.core.errors import AlreadyReceived, InvalidInput, KeyReused, NotClaimed, NotFound, NotNow
from chalicelib.operations import Order
from chalicelib.ports import NOBODYS, Act, Deed, Door, Message, MessageState, Receipt, What, fingerprint
from chalicelib.store import items
from chalicelib.store.acts import together
from chalicelib.store.cases import DynamoCases
from chalicelib.store.items import CaseItem, OutboxItem
from chalicelib.store.outbox import DynamoOutbox
from chalicelib.visits import Accepted
from tests.contract.town import Town, new_town
from tests.messages import NOON, message

OWN = "tower-hamlets"
LEASE = 300
LATER = NOON + timedelta(hours=1)
RIVALS = 8
ADA = "ada@example.org"
WHY = "The contact is corrected."


@pytest.fixture
def town(tables: dict[str, str]) -> Town:
    return new_town()


def requested(town: Town, key: str = "k-1", body: str = "a", at: datetime = LATER) -> Order:
    incoming = replace(town.incoming(key, body, at), authority=OWN)
    return Order(by="cpt", why=WHY, at=at, incoming=incoming)


def commanded(at: datetime = LATER) -> Order:
    return Order(by="ada.l", why=WHY, at=at)


def failed(message_id: str = "m-1", **changes: object) -> None:
    outbox = DynamoOutbox()
    outbox.put(message(id=message_id, **changes))
    outbox.failed(outbox.claim(message_id, NOON, LEASE), "no_address", NOON)


def acts(authority: str | None = OWN) -> Sequence[Act]:
    return DynamoCases().acts(authority, None, 100, oldest_first=True).items


def known(message_id: str = "m-1") -> Message:
    return DynamoOutbox().message(message_id)


def everything() -> list[tuple[str, ...]]:
    """Every item there is: a test may scan what nobody else may."""
    found = [each for kind in (CaseItem, OutboxItem) for each in kind.scan()]
    return sorted((each.pk, each.sk, str(each.attribute_values)) for each in found)


# --- together or not at all -----------------------------------------------------------------


def test_a_message_is_sent_anew_with_its_entry_and_its_receipt(town: Town) -> None:
    failed()

    accepted = operations.again("m-1", requested(town), town.ports)

    assert known().state is MessageState.PENDING
    (act,) = acts()
    assert (act.by, act.door, act.what, act.about, act.why) == ("cpt", Door.API, What.AGAIN, "m-1", WHY)
    receipt = town.ports.cases.receipt(OWN, "api|CPT|k-1")
    assert receipt
    assert (receipt.status, receipt.answer) == (201, accepted.answer)


@pytest.mark.parametrize("act", [operations.again, operations.cancel])
def test_of_what_its_state_does_not_allow_nothing_is_stored(town: Town, act: Callable[..., Accepted]) -> None:
    DynamoOutbox().put(message())
    DynamoOutbox().claim("m-1", LATER, LEASE)
    before = everything()

    for order in (requested(town), commanded()):
        with pytest.raises(NotNow) as refused:
            act("m-1", order, town.ports)
        assert refused.value.state == "SENDING"

    assert everything() == before


def test_a_second_copy_changes_nothing_and_gets_the_first_answer(town: Town) -> None:
    failed()
    first = operations.again("m-1", requested(town), town.ports)
    outbox = DynamoOutbox()
    outbox.failed(outbox.claim("m-1", LATER, LEASE), "no_address", LATER)
    before = everything()

    again = operations.again("m-1", requested(town, at=LATER + timedelta(days=9)), town.ports)

    assert (again.answer, again.replayed) == (first.answer, True)
    with pytest.raises(KeyReused):
        operations.cancel("m-1", requested(town, body="b"), town.ports)
    with pytest.raises(KeyReused):
        operations.redrive("c-404", requested(town, body="b"), town.ports)
    assert everything() == before


def test_a_case_is_redriven_with_its_entry_or_not_at_all(town: Town) -> None:
    cases = DynamoCases()
    cases.set_aside("c-1", "gone", NOON)
    before = everything()
    with pytest.raises(NotFound):
        operations.redrive("c-1", requested(town), town.ports)
    assert everything() == before

    operations.redrive("c-1", commanded(), town.ports)
    before = everything()
    with pytest.raises(NotNow):
        operations.redrive("c-1", commanded(), town.ports)

    assert everything() == before
    assert cases.all_aside() == frozenset()
    assert [(each.what, each.about) for each in acts(NOBODYS)] == [(What.REDRIVE, "c-1")]


def test_what_concerns_the_stage_is_done_with_its_entry_or_not_at_all(town: Town) -> None:
    outbox, ports = DynamoOutbox(), town.ports
    outbox.suppress(ADA, "m-1", "bounce", NOON)
    outbox.suppress("ben@example.org", "m-2", "bounce", LATER)

    operations.pause(commanded(), ports)
    operations.lift(ADA, commanded(), ports)
    before = everything()
    for refused in (
        lambda: operations.pause(commanded(), ports),
        lambda: operations.lift(ADA, commanded(), ports),
        lambda: operations.lift("ben@example.org", commanded(), ports),
        lambda: operations.lift("nobody@example.org", commanded(), ports),
    ):
        with pytest.raises(NotNow):
            refused()
    assert everything() == before
    assert (outbox.paused(), outbox.suppressed(ADA)) == (True, False)
    with pytest.raises(NotNow):
        operations.lift(ADA, commanded(LATER + timedelta(minutes=1)), ports)
    assert everything() == before

    operations.resume(commanded(LATER + timedelta(minutes=1)), ports)
    with pytest.raises(NotNow):
        operations.resume(commanded(), ports)
    assert not outbox.paused()
    found = {(each.what, each.about) for each in acts(NOBODYS)}
    assert found == {(What.PAUSE, "sending"), (What.LIFT, fingerprint(ADA)), (What.RESUME, "sending")}
    assert not [line for line in everything() if ADA in str(line)]


def test_what_can_no_longer_be_read_is_sent_anew_or_cancelled_by_its_key_alone(town: Town) -> None:
    for name in ("m-1", "m-2"):
        failed(name)
        item = OutboxItem.get(f"MSG#{name}", "MSG")
        item.body = "{oh"
        item.save()

    operations.again("m-1", commanded(), town.ports)
    operations.cancel("m-2", commanded(), town.ports)

    states = [OutboxItem.get(f"MSG#{name}", "MSG").state for name in ("m-1", "m-2")]
    assert states == ["PENDING", "CANCELLED"]
    assert {each.about for each in acts()} == {"m-1", "m-2"}


# --- at once --------------------------------------------------------------------------------


def all_at_once(deeds: Sequence[Callable[[], object]]) -> list[object]:
    gate = Barrier(len(deeds))

    def one(deed: Callable[[], object]) -> object:
        gate.wait()
        try:
            return deed()
        except (NotNow, NotClaimed) as error:
            return error

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def test_of_many_who_send_it_anew_at_once_one_does_and_the_audit_has_one(town: Town) -> None:
    failed()
    orders = [requested(town, f"k-{number}") for number in range(RIVALS)]

    came = all_at_once([lambda order=order: operations.again("m-1", order, town.ports) for order in orders])

    assert sum(isinstance(each, Accepted) for each in came) == len(acts()) == 1


def test_whoever_comes_second_to_a_case_set_aside_leaves_no_entry(town: Town) -> None:
    cases = DynamoCases()
    cases.set_aside("c-1", "gone", NOON)
    events, name = items.connection().client.meta.events, "before-call.dynamodb.TransactWriteItems"

    def first(**_: Any) -> None:
        events.unregister(name, first)
        assert cases.redrive("c-1")

    events.register(name, first)
    with pytest.raises(NotNow):
        operations.redrive("c-1", commanded(), town.ports)

    assert acts(NOBODYS) == []


def test_one_request_sent_many_times_at_once_is_done_once_and_answered_alike(town: Town) -> None:
    failed()
    order = requested(town)

    came = all_at_once([lambda: operations.again("m-1", order, town.ports)] * RIVALS)

    answers = {each.answer for each in came if isinstance(each, Accepted)}
    assert (len(answers), len(acts())) == (1, 1)
    assert all(isinstance(each, Accepted) for each in came)


def test_a_message_is_either_cancelled_with_an_entry_or_sent_without_one(town: Town) -> None:
    outbox = DynamoOutbox()
    for number in range(12):
        name = f"m-{number}"
        outbox.put(message(id=name))

        all_at_once(
            [
                lambda name=name: outbox.claim(name, NOON, LEASE),
                lambda name=name: operations.cancel(name, commanded(NOON), town.ports),
            ]
        )

        cancelled = known(name).state is MessageState.CANCELLED
        assert cancelled or known(name).state is MessageState.SENDING
        assert [each.about for each in acts() if each.about == name] == [name] * cancelled


@pytest.mark.parametrize(
    "reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_whoever_is_in_anothers_way_tries_again_and_it_is_done_once(
    town: Town, reason: str, place: int
) -> None:
    failed()
    events, name = items.connection().client.meta.events, "before-call.dynamodb.TransactWriteItems"

    def refuse(**_: Any) -> None:
        events.unregister(name, refuse)
        reasons = [{"Code": reason if each == place else "None"} for each in range(3)]
        said = {"Code": "TransactionCanceledException", "Message": "cancelled"}
        raise ClientError({"Error": said, "CancellationReasons": reasons}, "TransactWriteItems")

    events.register(name, refuse)
    operations.again("m-1", requested(town), town.ports)

    assert known().state is MessageState.PENDING
    assert len(acts()) == 1


# --- cut off --------------------------------------------------------------------------------


class Died(BaseException):
    """The process is gone."""


@pytest.fixture(params=["before-call", "after-call"])
def cut_off(request: pytest.FixtureRequest, town: Town) -> Iterator[Callable[[], None]]:
    """Let the next transaction be the process's last call; say so before it starts."""
    events = items.connection().client.meta.events
    name = f"{request.param}.dynamodb.TransactWriteItems"

    def die(**_: Any) -> None:
        events.unregister(name, die)
        raise Died

    yield lambda: events.register(name, die)
    events.unregister(name, die)


@pytest.mark.parametrize(
    "act",
    [
        lambda order, ports: operations.again("m-1", order, ports),
        lambda order, ports: operations.cancel("m-1", order, ports),
        lambda order, ports: operations.redrive("c-1", order, ports),
    ],
    ids=["again", "cancel", "redrive"],
)
def test_whoever_dies_on_the_way_is_followed_by_one_who_does_it_once(
    town: Town, cut_off: Callable[[], None], act: Callable[..., Accepted]
) -> None:
    failed()
    row = CaseItem("CASE#c-1", "ROW", list_key=f"CASES#{OWN}", list_sort="1")
    row.save()
    DynamoCases().set_aside("c-1", "raises", NOON)
    cut_off()
    with pytest.raises(Died):
        act(requested(town), town.ports)
    stored = bool(acts())
    assert stored is (town.ports.cases.receipt(OWN, "api|CPT|k-1") is not None)
    changed = known().state is not MessageState.FAILED or not DynamoCases().all_aside()
    assert changed is stored

    accepted = act(requested(town, at=LATER + timedelta(minutes=1)), town.ports)

    assert accepted.replayed is stored
    assert len(acts()) == 1


# --- the audit ------------------------------------------------------------------------------


def entry(number: int, authority: str = OWN) -> Act:
    return Act(
        id=f"a-{number}",
        authority=authority,
        at=NOON + timedelta(minutes=number),
        by="ada.l",
        door=Door.COMMAND,
        what=What.CANCEL,
        about=f"m-{number}",
        why=WHY,
    )


def keep(act: Act, receipt: Receipt | None = None) -> bool:
    beside = OutboxItem("BESIDE", act.id)
    return together(Deed(act=act, receipt=receipt), lambda transaction: transaction.save(beside))


def test_an_entry_is_never_written_over(town: Town) -> None:
    keep(entry(1))

    with pytest.raises(AlreadyReceived):
        keep(replace(entry(1), why="Something else."))

    assert acts() == [entry(1)]


def test_a_condition_that_does_not_hold_leaves_nothing_behind(town: Town) -> None:
    before = everything()
    missing = OutboxItem("BESIDE", "1")

    done = together(Deed(act=entry(1)), lambda transaction: transaction.save(missing, OutboxItem.pk.exists()))

    assert not done
    assert everything() == before


@pytest.mark.parametrize("whose", [OWN, None])
def test_entries_are_listed_from_either_end_page_by_page(town: Town, whose: str | None) -> None:
    made = [entry(number) for number in range(1, 6)]
    for each in made:
        keep(each)
    cases = DynamoCases()

    def pages(*, oldest_first: bool) -> Iterator[Act]:
        cursor = None
        while True:
            page = cases.acts(whose, cursor, 2, oldest_first=oldest_first)
            yield from page.items
            if (cursor := page.cursor) is None:
                return

    assert list(pages(oldest_first=True)) == made
    assert list(pages(oldest_first=False)) == made[::-1]


def test_an_authority_sees_its_own_alone_and_no_others_cursor_will_do(town: Town) -> None:
    for each in (entry(1), entry(2), entry(3, "havering"), entry(4, NOBODYS)):
        keep(each)
    cases = DynamoCases()

    assert [[each.id for each in acts(whose)] for whose in (OWN, "havering", NOBODYS)] == [
        ["a-1", "a-2"],
        ["a-3"],
        ["a-4"],
    ]
    assert [each.id for each in acts(None)] == ["a-1", "a-2", "a-3", "a-4"]
    cursor = cases.acts(OWN, None, 1).cursor
    for whose in ("havering", None):
        with pytest.raises(InvalidInput):
            cases.acts(whose, cursor, 1)
