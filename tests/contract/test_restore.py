"""A copy, what came after it, a disaster, and everything from there on: on AWS's own engine.

Each story is told twice, once with nothing lost: nobody is told twice, and nobody less.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import boto3
import pytest

from chalicelib import reading
from chalicelib.core.errors import LeftUndone
from chalicelib.core.facts import Fact
from chalicelib.ports import Message
from chalicelib.reading import PageAsked
from chalicelib.store.mapping import stamp
from infra import exporting
from infra.copies import TABLES, Writing
from infra.exporting import scan
from tests.builders import moment
from tests.contract.restoring import Place, place
from tests.council import TOWN, convened, held, referral, step

REQUESTS: dict[str, tuple[str, Fact, str | None]] = {
    # key → the moment at which it first came, the fact, and the key of the referral that it is about
    "r1": ("Thu 15 Oct 2026 09:12", referral("TH-1", on="Thu 15 Oct 2026"), None),
    "r2": ("Thu 15 Oct 2026 09:58", referral("TH-2", on="Thu 15 Oct 2026"), None),
    "f1": ("Thu 15 Oct 2026 10:30", convened("Thu 15 Oct 2026"), "r1"),
    "f2": ("Fri 16 Oct 2026 10:00", held("Fri 16 Oct 2026"), "r1"),
    "r3": ("Mon 19 Oct 2026 09:00", referral("TH-3", on="Mon 19 Oct 2026"), None),
}
COPIED = "Thu 15 Oct 2026 10:00"
OPENED = ("r1", "r2", "r3")
UNTIL = "2026-10-19T10:00+01:00"
GAP = f"--since 2026-10-15T10:00+01:00 --until {UNTIL}"
RESTORED = "Mon 19 Oct 2026 11:00"


@pytest.fixture(autouse=True)
def _engine(dynamodb_local: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", dynamodb_local)


@pytest.fixture
def council() -> Iterator[Place]:
    with place(f"s{uuid.uuid4().hex[:8]}") as made:
        yield made


def comes(council: Place, key: str) -> None:
    council.receives(key, *REQUESTS[key][1:])


def goes_on(council: Place, *keys: str, ticks: bool = False) -> None:
    """Requests come, each at its moment, and what they call for is sent."""
    for key in keys:
        comes(council.at(REQUESTS[key][0]), key)
    if ticks:
        council.ticks()
    council.settles()
    council.sends()


def until_copied(council: Place) -> None:
    """One alert has left when the copy is made, and another waits."""
    goes_on(council, "r1")
    comes(council.at(REQUESTS["r2"][0]), "r2")
    council.at(COPIED)


def until_stopped(council: Place) -> None:
    """What no copy has: alerts, their reminders, a meeting, a referral, a letter that came back."""
    council.at("Thu 15 Oct 2026 10:01").sends()
    goes_on(council, "f1")
    goes_on(council.at("Thu 15 Oct 2026 12:05"), ticks=True)
    goes_on(council.at("Fri 16 Oct 2026 08:05"), ticks=True)
    goes_on(council, "f2")
    back = council.channel.letters[-1].message_id
    council.at("Fri 16 Oct 2026 10:05").comes_back(back)
    goes_on(council.at("Fri 16 Oct 2026 10:10"))
    goes_on(council.at("Mon 19 Oct 2026 08:05"), ticks=True)
    goes_on(council, "r3")


def afterwards(council: Place) -> None:
    """Callers send again what they sent, and three weeks go by."""
    council.at("Mon 19 Oct 2026 11:30")
    for key in REQUESTS:
        comes(council, key)
    for day in ("Tue 20 Oct", "Wed 21 Oct", "Thu 22 Oct", "Mon 26 Oct", "Mon 2 Nov"):
        goes_on(council.at(f"{day} 2026 08:05"), ticks=True)
    council.at("Mon 2 Nov 2026 10:00").receives(
        "f3", step("Mon 2 Nov 2026", "meeting_logged", meeting_id="m-1"), "r1"
    )
    goes_on(council.at("Mon 9 Nov 2026 08:05"), ticks=True)


def a_week_later(council: Place) -> None:
    goes_on(council.at("Mon 16 Nov 2026 08:05"), ticks=True)


@dataclass(frozen=True)
class Undisturbed:
    """The same story with nothing lost: its letters up to three weeks later, and up to a week more."""

    least: Counter[str]
    most: Counter[str]
    known: Mapping[str, Message]

    def told(self, letters: Counter[str]) -> Counter[tuple[str, ...]]:
        """What everybody was told, once for each letter.

        A task of what came back begins its days again where it is opened again: its reminders are apart.
        """
        found = [self.known[name] for name in letters.elements() if name in self.known]
        said = ((each.case_id, each.about, each.occasion, each.role, each.channel) for each in found)
        return Counter(each for each in said if not each[2].startswith("chased"))

    def holds_for(self, council: Place) -> None:
        """Fail unless nobody was told twice or less; what was learned again late is reminded of late."""
        assert set(council.letters.values()) == {1}
        assert self.told(self.least) <= self.told(council.letters) <= self.told(self.most)
        assert self.told(self.least).total() > 40


@pytest.fixture(scope="module")
def undisturbed(dynamodb_local: str) -> Iterator[Undisturbed]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", dynamodb_local)
        with place(f"s{uuid.uuid4().hex[:8]}") as council:
            until_copied(council)
            until_stopped(council)
            afterwards(council)
            least = council.letters
            a_week_later(council)
            known = {each.id: each for key in OPENED for each in council.town.messages(council.case_of(key))}
            assert set(council.letters.values()) == {1}
            yield Undisturbed(least, council.letters, known)


def test_nobody_is_told_twice_and_nobody_less_than_if_nothing_had_been_lost(council, undisturbed, tmp_path):
    until_copied(council)
    council.does(f"export --to {tmp_path}/copy")
    until_stopped(council)
    sent = council.letters
    council.at(RESTORED).does(f"evidence logs {GAP} --to {tmp_path}/sent")

    council.move(f"{council.stage}-b")
    mended = council.does(f"restore {tmp_path}/copy --by ada.l")
    assert not [line for line in mended if line.startswith(("mended", "not restored"))]
    council.ticks()
    council.settles()
    with pytest.raises(LeftUndone):  # five wait, all of which were sent: nothing leaves
        council.sends()
    said = council.does(f"reconcile --evidence {tmp_path}/sent --stopped {UNTIL}")
    assert "5\twaited and were sent: they will not be sent again" in said
    assert not [line for line in said if "may have been sent" in line]
    assert council.letters == sent
    council.town.ports.outbox.resume()
    council.sends()
    afterwards(council)
    a_week_later(council)

    undisturbed.holds_for(council)
    # Whoever sends a request again is answered what it was answered at first, as ever.
    assert all(council.receives(key, *REQUESTS[key][1:]).replayed for key in REQUESTS)
    # What came back is a task on its case again, though it was sent and came back in what was lost.
    tasks = council.town.ports.cases.tasks(TOWN, None, 10).items
    assert [each.why for each in tasks] == ["BOUNCED"]


def test_a_copy_that_is_no_one_moment_is_mended_and_loses_and_repeats_nothing(council, undisturbed, tmp_path):
    """Each case as it was at first, and all that stands beside it, the outbox too, as it was at last."""
    client = boto3.client("dynamodb")
    until_copied(council)
    cases = {
        item["pk"]["S"]: item for item in scan(client, council.table("cases")) if item["sk"]["S"] == "CASE"
    }
    until_stopped(council)
    writing = Writing(tmp_path / "copy")
    writing.begin()
    for table in TABLES:
        found = [*exporting.cases(client, council.table(table))] if table == "cases" else None
        whole = found or [*scan(client, council.table(table))]
        torn = (cases.get(each["pk"]["S"]) if each["sk"]["S"] == "CASE" else each for each in whole)
        writing.write(table, council.table(table), filter(None, torn))
    writing.end(council.stage, stamp(moment(COPIED)), stamp(moment(COPIED)))

    council.at(RESTORED).move(f"{council.stage}-b")
    said = council.does(f"restore {tmp_path}/copy --by ada.l")
    again = [line.split("\t") for line in said if line.startswith("not restored, to be sent again")]
    assert {line[2] for line in again} >= {"referral_received", "meeting_convened", "meeting_held"}
    assert any("receipts of what is not in its case" in line for line in said)
    # A notice of what was taken back is listed with its case as any other.
    asked = PageAsked(cursor=None, limit=100)
    told = reading.notices(TOWN, council.case_of("r1"), asked, council.town.ports)
    assert "opened" in {each["occasion"] for each in told["items"]}
    council.does(f"reconcile --stopped {UNTIL} --doubtful send")
    council.town.ports.outbox.resume()
    afterwards(council)
    a_week_later(council)

    undisturbed.holds_for(council)
    for key in OPENED:
        rows = council.town.journal(council.case_of(key))
        version = council.town.ports.cases.load(council.case_of(key)).version
        assert [row.sequence for row in rows] == [*range(1, version + 1)]
    assert council.town.ports.cases.due(council.logbook.now, 10) == []
