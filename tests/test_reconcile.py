"""Reconciling: what was called for is in the outbox and at its end, or a task, or somebody hears of it."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from typing_extensions import override

from chalicelib import own_facts
from chalicelib.core.errors import LeftUndone
from chalicelib.ports import JournalRow, Message, MessageState, RoleContact, Round
from chalicelib.reconcile import BATCH, IN_HAND_SECONDS, MOST, reconcile
from tests.builders import moment
from tests.council import ELSEWHERE, TOWN, Council, role_contact
from tests.doubles import MemoryCases, MemoryContacts

TOMORROW = moment("Fri 16 Oct 2026 05:37")  # not a day after the referral of Thursday morning
SATURDAY = moment("Sat 17 Oct 2026 05:37")
SUNDAY = moment("Sun 18 Oct 2026 05:37")
CHANNELS = ("email", "topic")


class Watched(MemoryCases):
    """Knows whose journals were read, and cannot read some of them."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.poor: set[str] = set()

    @override
    def latest_entries(self, case_id: str, since: datetime | None) -> Sequence[JournalRow]:
        self.read.append(case_id)
        if case_id in self.poor:
            raise ValueError("no journal")
        return super().latest_entries(case_id, since)


@pytest.fixture
def council() -> Council:
    return Council(cases=Watched())


def watched(council: Council) -> Watched:
    assert isinstance(council.cases, Watched)
    return council.cases


def run(council: Council, now: datetime, left: Callable[[], float] = lambda: 300.0) -> Mapping[str, int]:
    return reconcile(now, council.ports, CHANNELS, left)


def unreconciled(council: Council, now: datetime, caplog: pytest.LogCaptureFixture) -> dict[str, int]:
    """The sorts of what a run finds wrong, out of its one line."""
    caplog.clear()
    with caplog.at_level(logging.INFO), pytest.raises(LeftUndone):
        run(council, now)
    (line,) = (each for each in caplog.records if each.msg == "reconciled")
    assert "TH-1" not in caplog.text
    return {
        name.removeprefix("sort_"): found for name, found in vars(line).items() if name.startswith("sort_")
    }


def become(council: Council, state: MessageState, **changes: object) -> list[Message]:
    """Let every message be in this state."""
    kept = council.cases.outbox.messages
    kept.update({each.id: replace(each, state=state, **changes) for each in kept.values()})  # type: ignore[arg-type]
    return [*kept.values()]


def attended(council: Council, *references: str) -> list[str]:
    """So many cases on which the tick was, and of which everybody was told."""
    opened = [council.open(each) for each in references or ("TH-1042",)]
    council.tick(SATURDAY - timedelta(minutes=5))
    become(council, MessageState.SENT)
    return opened


def tasks(council: Council, case_id: str) -> list[tuple[str, str]]:
    return [(each.tell, each.why) for each in council.case(case_id).standing.tasks]


def lose(council: Council, clause: str, role: str) -> Message:
    """Take a message out of the outbox, as if it had never been there."""
    return council.cases.outbox.messages.pop(first(council, clause, role).id)


def first(council: Council, clause: str, role: str) -> Message:
    """The earliest message to a role."""
    return min(
        (each for each in council.messages(clause) if each.role == role), key=lambda each: each.created_at
    )


# --- what is well ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state", [MessageState.SENT, MessageState.DELIVERED, MessageState.CANCELLED], ids=str
)
def test_what_was_told_or_called_off_is_reconciled(council: Council, state: MessageState) -> None:
    attended(council)
    become(council, state)

    assert run(council, SATURDAY) == {"cases": 1, "notices": 3}


def test_what_goes_by_another_channel_is_found_there() -> None:
    topical = {"now": ("topic",)}
    council = Council(contacts=MemoryContacts(roles=[role_contact("cpt", channels=topical)]), cases=Watched())
    attended(council)
    assert "topic" in {each.channel for each in council.messages("TH-21")}

    assert run(council, SATURDAY)["notices"] == 3


def test_a_channel_that_only_the_contacts_know_is_looked_at_too() -> None:
    pigeon = {"now": ("pigeon",)}
    council = Council(contacts=MemoryContacts(roles=[role_contact("cpt", channels=pigeon)]), cases=Watched())
    attended(council)

    assert run(council, SATURDAY)["notices"] == 3


def test_what_never_arrived_and_is_a_task_is_reconciled(council: Council) -> None:
    attended(council)
    for message in become(council, MessageState.FAILED, reason="no_contact"):
        own_facts.undelivered(message, SATURDAY - timedelta(minutes=1), council.ports)
    become(council, MessageState.FAILED, reason="no_contact")

    assert run(council, SATURDAY)["notices"] == 3


def test_what_is_not_a_day_old_is_the_next_rounds(council: Council, caplog: pytest.LogCaptureFixture) -> None:
    council.open()
    council.tick(TOMORROW - timedelta(minutes=5))
    become(council, MessageState.SENT)
    lose(council, "TH-21", "iro")

    assert run(council, TOMORROW)["notices"] == 0
    council.tick(SATURDAY - timedelta(minutes=5))
    become(council, MessageState.SENT)
    assert unreconciled(council, SATURDAY, caplog) == {"missing": 1}


# --- what is not ----------------------------------------------------------------------------


def test_a_notice_that_never_came_into_the_outbox_is_a_task_once(
    council: Council, caplog: pytest.LogCaptureFixture
) -> None:
    (case_id,) = attended(council)
    lose(council, "TH-21", "iro")

    assert unreconciled(council, SATURDAY, caplog) == {"missing": 1}
    assert tasks(council, case_id) == [("iro", "unreconciled")]

    council.cases.rounds.clear()
    become(council, MessageState.SENT)
    assert run(council, SATURDAY)["cases"] == 1
    assert tasks(council, case_id) == [("iro", "unreconciled")]


@pytest.mark.parametrize("state", [MessageState.PENDING, MessageState.SENDING])
def test_what_waits_for_more_than_a_day_is_a_task_once(
    council: Council, state: MessageState, caplog: pytest.LogCaptureFixture
) -> None:
    (case_id,) = attended(council)
    stuck = first(council, "TH-21", "iro")
    at_last = {"next_attempt_at": SUNDAY, "lease_until": SUNDAY}
    council.cases.outbox.messages[stuck.id] = replace(stuck, state=state, **at_last)  # type: ignore[arg-type]

    assert unreconciled(council, SATURDAY, caplog) == {"stuck": 1}
    assert tasks(council, case_id) == [("iro", "unreconciled")]
    council.cases.rounds.clear()
    become(council, MessageState.SENT)
    council.cases.outbox.messages[stuck.id] = replace(stuck, state=state, **at_last)  # type: ignore[arg-type]
    assert run(council, SATURDAY)["cases"] == 1
    assert tasks(council, case_id) == [("iro", "unreconciled")]


def test_what_an_operator_had_sent_anew_has_its_day_from_then(council: Council) -> None:
    attended(council)
    become(council, MessageState.PENDING, renewed_at=SATURDAY - timedelta(hours=1), next_attempt_at=SUNDAY)

    assert run(council, SATURDAY)["notices"] == 3


def test_what_never_arrived_and_is_no_task_becomes_one_for_its_own_reason(
    council: Council, caplog: pytest.LogCaptureFixture
) -> None:
    (case_id,) = attended(council)
    lost = first(council, "TH-21", "iro")
    failed = replace(lost, state=MessageState.FAILED, reason="no_contact")
    council.cases.outbox.messages[lost.id] = failed

    assert unreconciled(council, SATURDAY, caplog) == {"unseen": 1}
    assert tasks(council, case_id) == [("iro", "no_contact")]


def test_a_case_set_aside_and_one_that_no_tick_comes_to_are_counted(
    council: Council, caplog: pytest.LogCaptureFixture
) -> None:
    attended(council, "TH-1", "TH-2")
    late = council.open("TH-3")
    become(council, MessageState.SENT)
    council.cases.set_aside(council.open("TH-4", learned_at=SATURDAY), "raises", SATURDAY)

    assert unreconciled(council, SATURDAY, caplog) == {"aside": 1, "overdue": 1}
    assert council.case(late).version == 1


def test_every_day_it_is_said_again_while_a_case_is_set_aside(
    council: Council, caplog: pytest.LogCaptureFixture
) -> None:
    (case_id,) = attended(council)
    council.cases.set_aside(case_id, "raises", SATURDAY)

    assert unreconciled(council, SATURDAY, caplog) == {"aside": 1}
    become(council, MessageState.SENT)
    assert unreconciled(council, SUNDAY, caplog) == {"aside": 1}
    assert council.cases.redrive(case_id)
    council.tick(SUNDAY)
    become(council, MessageState.SENT)
    assert run(council, SUNDAY + timedelta(hours=1))["cases"] >= 0


def told(council: Council) -> list[tuple[str, str | None]]:
    """What administrators were told, oldest first."""
    found = sorted(council.cases.outbox.messages.values(), key=lambda each: each.created_at)
    return [(each.authority, each.because) for each in found if each.occasion == "unreconciled"]


def test_of_what_no_case_has_a_task_for_the_administrator_is_told_once_a_day(
    council: Council, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = attended(council, "TH-1", "TH-2")
    council.open("TH-3")
    become(council, MessageState.SENT)
    council.cases.set_aside(first, "raises", SATURDAY)
    council.cases.set_aside(second, "raises", SATURDAY)
    found = "2 cases cannot be decided and are set aside; 1 case is not decided in time"

    assert unreconciled(council, SATURDAY, caplog) == {"aside": 2, "overdue": 1}
    assert unreconciled(council, SATURDAY + timedelta(minutes=2), caplog)["aside"] == 2
    assert told(council) == [(TOWN, found)]
    become(council, MessageState.SENT)
    council.cases.redrive(second)
    council.tick(SUNDAY)
    become(council, MessageState.SENT)
    assert unreconciled(council, SUNDAY, caplog) == {"aside": 1}
    assert told(council)[1:] == [(TOWN, "1 case cannot be decided and is set aside")]


def test_what_has_a_task_is_not_told_to_the_administrator_as_well(
    council: Council, caplog: pytest.LogCaptureFixture
) -> None:
    attended(council)
    lose(council, "TH-21", "iro")

    assert unreconciled(council, SATURDAY, caplog) == {"missing": 1}
    assert told(council) == []


def test_a_late_case_that_cannot_be_read_is_counted_and_nobody_is_told_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Torn(Watched):
        @override
        def due(self, now: datetime, limit: int, skipping: object = ()) -> list[str]:
            return ["PC-0000"]

    council = Council(cases=Torn())

    assert unreconciled(council, SATURDAY, caplog) == {"overdue": 1}
    assert told(council) == []


def test_an_administrator_who_cannot_be_told_is_found_too_and_holds_up_no_other(
    council: Council, caplog: pytest.LogCaptureFixture
) -> None:
    class Silent(MemoryContacts):
        @override
        def channels(self, authority: str) -> Mapping[str, RoleContact]:
            if self.mute and authority == TOWN:
                raise RuntimeError("no contacts")
            return super().channels(authority)

        mute = False

    contacts = Silent()
    council = Council(cases=Watched(), contacts=contacts)
    (case_id,) = attended(council)
    council.cases.set_aside(case_id, "raises", SATURDAY)
    contacts.mute = True

    # Nor can it be walked then: the contacts name the channels to look at.
    assert unreconciled(council, SATURDAY, caplog) == {"aside": 1, "unfinished": 1, "untold": 1}


# --- as far as there is time ----------------------------------------------------------------


def test_a_round_that_ran_out_of_time_goes_on_where_it_stopped(council: Council) -> None:
    opened = attended(council, *(f"TH-{number}" for number in range(BATCH + 5)))
    spent = iter([300.0] * (BATCH + 2))

    with pytest.raises(LeftUndone):
        run(council, SATURDAY, lambda: next(spent, IN_HAND_SECONDS))
    first = [*watched(council).read]
    watched(council).read.clear()
    run(council, SATURDAY)

    assert len(first) == BATCH
    assert {*first, *watched(council).read} == {*opened}
    assert len(watched(council).read) == 5


def test_the_next_round_starts_behind_what_was_old_and_in_front_of_what_was_young(council: Council) -> None:
    attended(council, *(f"TH-{number}" for number in range(BATCH + 5)))
    run(council, SATURDAY)
    assert council.cases.rounds[TOWN].mark is None

    run(council, SUNDAY + timedelta(hours=1))
    assert council.cases.rounds[TOWN].mark is not None


def test_a_later_round_looks_at_what_changed_since_and_at_nothing_else(council: Council) -> None:
    attended(council, *(f"TH-{number}" for number in range(BATCH + 5)))
    run(council, SATURDAY + timedelta(days=1, hours=1))
    watched(council).read.clear()
    fresh = council.open("TH-99", learned_at=SUNDAY + timedelta(hours=2))
    become(council, MessageState.SENT)
    council.tick(SUNDAY + timedelta(days=2) - timedelta(minutes=5))
    become(council, MessageState.SENT)
    changed = [
        each.case_id for each in council.cases.cases(TOWN, None, 1000).items if each.updated_at > SUNDAY
    ]

    run(council, SUNDAY + timedelta(days=2))
    assert fresh in watched(council).read
    assert len(watched(council).read) <= len(changed) + BATCH


def test_a_case_that_cannot_be_looked_at_is_tried_again_by_the_next_run_and_holds_up_no_other(
    council: Council, caplog: pytest.LogCaptureFixture
) -> None:
    poor, sound = attended(council, "TH-1", "TH-2")
    lose_one = next(each for each in council.messages("TH-21") if each.case_id == poor and each.role == "iro")
    council.cases.outbox.messages.pop(lose_one.id)
    watched(council).poor.add(poor)

    assert unreconciled(council, SATURDAY, caplog) == {"unread": 1}
    assert sound in watched(council).read

    watched(council).poor.clear()
    council.tick(SUNDAY - timedelta(minutes=5))
    become(council, MessageState.SENT)
    assert unreconciled(council, SUNDAY, caplog) == {"missing": 1}
    assert tasks(council, poor) == [("iro", "unreconciled")]


def test_one_authority_that_cannot_be_listed_does_not_hold_up_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Patchy(Watched):
        @override
        def last_round(self, authority: str) -> Round | None:
            if authority == ELSEWHERE:
                raise RuntimeError("no list")
            return super().last_round(authority)

    council = Council(cases=Patchy())
    attended(council)

    assert unreconciled(council, SATURDAY, caplog) == {"unfinished": 1}
    assert watched(council).read


def test_it_looks_at_so_many_and_no_more(council: Council) -> None:
    asked: list[int] = []

    class Counting(Watched):
        @override
        def due(self, now: datetime, limit: int, skipping: object = ()) -> list[str]:
            asked.append(limit)
            return []

    run(Council(cases=Counting()), SATURDAY)
    assert asked == [MOST]
