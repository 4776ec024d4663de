"""The one transactional write, on AWS's own engine and with real threads."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex
from threading import Barrier

import pytest
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

from chalicelib.core.errors import AlreadyReceived, CaseChanged, InvalidInput, NotFound, ServiceError, TooMuch
from chalicelib.store import items
from chalicelib.store.cases import DynamoCases
from chalicelib.store.items import CaseItem, OutboxItem
from tests import cases as made
from tests.messages import message

WRITERS = 8


@pytest.fixture
def cases(tables):
    return DynamoCases()


def all_at_once(*deeds: Callable[[], object]) -> Sequence[object]:
    """Do these in a thread each, all let go at one moment; return what each gave or raised."""
    gate = Barrier(len(deeds))

    def one(deed):
        gate.wait()
        try:
            return deed()
        except ServiceError as error:
            return type(error)

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def test_everything_is_written_and_read_back(cases):
    cases.commit(
        made.commit(
            made.full_case(),
            child=made.child(),
            meetings=[made.meeting()],
            messages=[message()],
            settled=["d-2"],
            receipt=made.receipt(),
        )
    )

    assert cases.load_with_child("PC-2041", made.AUTHORITY, "TH-1042") == (made.full_case(), made.child())
    assert cases.receipt(made.AUTHORITY, made.receipt().key) == made.receipt()
    assert cases.meeting("PC-2041", "m-1") == made.meeting()
    assert len(cases.journal("PC-2041", None, 10).items) == 1


def test_of_many_writers_on_one_version_exactly_one_wins(cases):
    cases.commit(made.commit())

    def write(number):
        told = frozenset({f"n-{number}"})
        return lambda: cases.commit(made.commit(made.case(version=2, told=told)))

    outcomes = all_at_once(*[write(number) for number in range(WRITERS)])

    assert sorted(outcomes, key=str) == sorted([None, *[CaseChanged] * (WRITERS - 1)], key=str)
    assert cases.load("PC-2041").told == {f"n-{outcomes.index(None)}"}
    assert len(cases.journal("PC-2041", None, 10).items) == 2


def test_of_many_copies_of_one_request_exactly_one_is_stored(cases):
    def write(number):
        after = made.case(id=f"PC-{number}")
        posted = [message(id=f"m-{number}")]
        return lambda: cases.commit(made.commit(after, messages=posted, receipt=made.receipt()))

    outcomes = all_at_once(*[write(number) for number in range(WRITERS)])

    assert outcomes.count(None) == 1
    assert set(outcomes) <= {None, AlreadyReceived, CaseChanged}
    stored = [number for number in range(WRITERS) if OutboxItem.count(f"MSG#m-{number}")]
    assert stored == [outcomes.index(None)]


def test_a_copy_that_comes_later_is_told_so(cases):
    cases.commit(made.commit(receipt=made.receipt()))

    with pytest.raises(AlreadyReceived):
        cases.commit(made.commit(made.case(id="PC-2042"), receipt=made.receipt()))
    with pytest.raises(AlreadyReceived):
        cases.commit(made.commit(receipt=made.receipt()))


def test_two_cases_of_one_child_do_not_both_count_from_the_same_past(cases):
    def write(case_id):
        after = made.case(id=case_id)
        return lambda: cases.commit(made.commit(after, child=made.child(cases=(case_id,))))

    outcomes = all_at_once(write("PC-1"), write("PC-2"))

    assert sorted(outcomes, key=str) == sorted([None, CaseChanged], key=str)
    loser = ("PC-1", "PC-2")[outcomes.index(CaseChanged)]
    with pytest.raises(NotFound):
        cases.load(loser)


def test_nothing_at_all_is_stored_of_what_is_refused(cases):
    cases.commit(made.commit())
    before = sorted((item.pk, item.sk) for item in CaseItem.scan())
    refused = made.commit(
        made.case(version=3, standing=made.standing(made.duty(), made.task())),
        child=made.child(),
        meetings=[made.meeting()],
        messages=[message()],
        settled=["d-1"],
        receipt=made.receipt(),
    )

    with pytest.raises(CaseChanged):
        cases.commit(refused)

    assert sorted((item.pk, item.sk) for item in CaseItem.scan()) == before
    assert list(OutboxItem.scan()) == []


def test_a_hundred_items_are_stored_and_one_more_is_not(cases):
    messages = [message(id=f"m-{number}") for number in range(97)]
    cases.commit(made.commit(messages=messages))
    assert cases.load("PC-2041")

    with pytest.raises(TooMuch, match="101 items"):
        cases.commit(made.commit(made.case(id="PC-2042"), messages=[*messages, message(id="m-97")]))


def test_a_case_that_outgrows_its_item_is_refused_and_stays_as_it_was(cases):
    cases.commit(made.commit())
    swollen = made.case(version=2, told=frozenset(token_hex(100) for _ in range(4_100)))

    with pytest.raises(TooMuch, match="nothing was stored"):
        cases.commit(made.commit(swollen))

    assert cases.load("PC-2041").version == 1

    with pytest.raises(NotFound):
        cases.load("PC-2042")
    assert OutboxItem.count("MSG#m-97") == 0


def test_messages_said_before_are_left_out_and_the_rest_is_stored(cases):
    cases.commit(made.commit(messages=[message(id="m-1"), message(id="m-2")]))

    cases.commit(
        made.commit(
            made.case(id="PC-2042"),
            messages=[message(id=f"m-{number}") for number in (1, 2, 3)],
            receipt=made.receipt(),
        )
    )

    assert cases.load("PC-2042")
    assert OutboxItem.count("MSG#m-3") == 1
    assert cases.receipt(made.AUTHORITY, made.receipt().key)


def test_a_lost_acknowledgement_is_no_conflict(cases):
    """The transaction was stored and its answer lost: trying again is the same request, by its token."""
    lost = []

    def lose_the_first(request, **_):
        if not lost:
            lost.append(URLLib3Session().send(request))
            raise ConnectionClosedError(endpoint_url=request.url)

    events = items.connection().client.meta.events
    events.register("before-send.dynamodb.TransactWriteItems", lose_the_first)

    cases.commit(made.commit(receipt=made.receipt()))

    assert [answer.status_code for answer in lost] == [200]
    assert cases.load("PC-2041").version == 1


def test_a_start_outside_the_list_is_the_callers_mistake(cases):
    cases.commit(made.commit())
    cases.commit(made.commit(made.case(version=2)))
    cursor = cases.journal("PC-2041", None, 1).cursor
    assert cases.journal("PC-2041", cursor, 1).items[0].sequence == 2

    with pytest.raises(InvalidInput):
        cases.journal("PC-2042", cursor, 1)
