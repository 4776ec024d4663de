"""A copy in its folder, and what is refused of one, of evidence, and of a command."""

import gzip
import json
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from chalicelib import operations
from chalicelib.channels import delivery_events
from chalicelib.core.case import Child, Standing
from chalicelib.operations import Order
from chalicelib.ports import NOBODYS, Authority, MessageState, Person
from chalicelib.store import contacts, items, recalled
from chalicelib.store.cases import DynamoCases
from chalicelib.store.control import CONTROL, PAUSED
from chalicelib.store.items import OutboxItem
from chalicelib.store.outbox import DynamoOutbox
from infra import backup, evidence
from infra.copies import TABLES, Tally, Writing, item_of, line_of, open_copy
from infra.operating import CannotOperate, Desk
from infra.restoring import WHY
from tests import cases as made
from tests.desk import NOW, PROTOCOL, SHELF
from tests.messages import message
from tests.tables import make_tables


@dataclass
class Keeper:
    """Somebody who keeps copies of stages in moto; every command is one line."""

    printed: pytest.CaptureFixture[str]
    said: list[str] = field(default_factory=list)
    client: Any = None
    now: datetime = NOW

    def does(self, stage: str, words: str) -> Sequence[str]:
        assert self._run(stage, words) == 0, self.printed.readouterr().err
        return self.said

    def is_refused(self, stage: str, words: str) -> str:
        assert self._run(stage, words) == 1
        sentence = self.printed.readouterr().err
        assert (self.said, sentence.count("\n")) == ([], 1)
        return sentence

    def _run(self, stage: str, words: str) -> int:
        self.said.clear()
        return backup.main(["--stage", stage, *words.split()], sit=self.sit)

    def sit(self, stage: str, _region: str | None) -> Desk:
        desk = self.desk(stage)
        desk.bind()
        return desk

    def desk(self, stage: str) -> Desk:
        clients = (lambda _: self.client) if self.client else boto3.client
        return Desk(stage=stage, clients=clients, now=self.now, say=self.said.append, shelf=SHELF)


@pytest.fixture
def keeper(capsys):
    with mock_aws():
        make_tables("old")
        contacts.save_authority(Authority(id=made.AUTHORITY, name="Tower", protocols=(PROTOCOL,)))
        contacts.save_person(Person(authority=made.AUTHORITY, id="ada", email="ada@example.org"))
        case = made.case(protocols=(PROTOCOL,), standing=Standing(duties=(made.duty(),)))
        child = Child(authority=case.authority, reference=case.child_reference, version=1, cases=(case.id,))
        DynamoCases().commit(made.commit(case, messages=[message()], receipt=made.receipt(), child=child))
        yield Keeper(capsys)


@pytest.fixture
def copy(keeper, tmp_path):
    keeper.does("old", f"export --to {tmp_path}/copy")
    make_tables("new")
    return tmp_path / "copy"


def everything(stage: str, table: str) -> list[bytes]:
    found = boto3.client("dynamodb").scan(TableName=f"holdfast-{stage}-{table}")["Items"]
    return sorted(line_of(item) for item in found if not its_own(item))


def its_own(item: Any) -> bool:
    """Whether it is what a stage says of its own restoring: that it is paused, and by whom."""
    return item.get("pk", {}).get("S") == CONTROL or WHY in item.get("body", {}).get("S", "")


def rewritten(copy: Path, **changes: object) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, **changes}))


def hashed_anew(copy: Path) -> None:
    """Somebody who changes a manifest and knows how it is hashed."""
    manifest = {**json.loads((copy / "manifest.json").read_text()), "sha256": ""}
    rewritten(copy, sha256=sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest())


# --- a copy ---------------------------------------------------------------------------------


def test_every_table_is_in_a_folder_that_only_its_owner_may_read(keeper, copy):
    assert stat.S_IMODE(copy.stat().st_mode) == 0o700
    files = {each.name: stat.S_IMODE(each.stat().st_mode) for each in copy.iterdir()}
    assert files == dict.fromkeys([*(f"{name}.jsonl.gz" for name in TABLES), "manifest.json"], 0o600)
    assert {part.table for part in open_copy(copy).manifest.tables.values()} == {
        f"holdfast-old-{name}" for name in TABLES
    }


def test_what_was_exported_is_restored_item_by_item_and_paused(keeper, copy):
    keeper.does("new", f"restore {copy} --by ada.l")

    for table in TABLES:
        assert everything("new", table) == everything("old", table)
    assert OutboxItem.get(CONTROL, PAUSED).in_force


def test_an_export_that_was_not_paused_or_is_older_cannot_undo_the_pause(keeper, tmp_path):
    DynamoOutbox().pause("op", "to export", NOW)
    DynamoOutbox().resume()
    keeper.does("old", f"export --to {tmp_path}/copy")
    make_tables("new")

    keeper.does("new", f"restore {tmp_path}/copy --by ada.l")

    assert DynamoOutbox().paused()


def test_no_word_of_what_is_in_a_copy_is_written_out(keeper, copy):
    said = [*keeper.does("new", f"restore {copy} --by ada.l")]

    for secret in ("ada@", "TH-1042", "social_worker"):
        assert secret not in " ".join(said)


def test_tables_by_other_names_are_exported_where_they_are_named(keeper, tmp_path):
    """As they are called when AWS has restored them to a moment, beside the stage's own."""
    keeper.does("new", f"export --to {tmp_path}/copy --prefix holdfast-old-")

    assert open_copy(tmp_path / "copy").manifest.tables["outbox"].items == 1


@pytest.mark.parametrize(
    "item",
    [
        {"pk": {"S": "é\n"}, "n": {"N": "1.50"}, "b": {"B": b"\x00\xff"}, "t": {"BOOL": False}},
        {"m": {"M": {"a": {"L": [{"NULL": True}, {"B": b""}]}}}, "s": {"SS": ["b", "a"]}},
        {"s": {"BS": [b"\x01"]}, "n": {"NS": ["2", "10"]}},
    ],
)
def test_an_item_of_any_type_is_read_as_it_was_written(item):
    line = line_of(item)

    assert line.count(b"\n") == 0
    assert line_of(item_of(line)) == line


def test_the_sum_of_items_is_the_same_in_any_order_and_another_for_other_items():
    one, other, changed = {"pk": {"S": "a"}}, {"pk": {"S": "b"}}, {"pk": {"S": "c"}}

    def content(*counted):
        tally = Tally()
        for each in counted:
            tally.add(each)
        return tally.content

    assert content(one, other) == content(other, one) != content(one, changed)


def test_what_a_new_stage_wrote_of_its_own_does_not_count_and_stays(keeper, copy):
    """What people did by hand, how a tick went, what GOV.UK said: by then, of this stage."""
    client = boto3.client("dynamodb")
    own = {"cases": ["ACTS#-", "TICK"], "calendars": ["BANK_HOLIDAYS"], "outbox": [CONTROL]}
    for table, keys in own.items():
        for key in keys:
            item = {"pk": {"S": key}, "sk": {"S": "own"}, "body": {"S": "of this stage"}}
            client.put_item(TableName=f"holdfast-new-{table}", Item=item)

    keeper.does("new", f"restore {copy} --by ada.l")

    kept = [line for table in own for line in everything("new", table) if b"of this stage" in line]
    assert len(kept) == 3  # and that of the control item, which `everything` leaves out
    assert DynamoCases().load("PC-2041")


def test_how_the_old_stages_tick_went_is_not_told_to_the_new_one(keeper, tmp_path):
    item = {"pk": {"S": "TICK"}, "sk": {"S": "RUN"}, "body": {"S": "{}"}}
    boto3.client("dynamodb").put_item(TableName="holdfast-old-cases", Item=item)
    keeper.does("old", f"export --to {tmp_path}/copy")
    make_tables("new")

    keeper.does("new", f"restore {tmp_path}/copy --by ada.l")

    assert not [line for line in everything("new", "cases") if b"TICK" in line]


POISON = [
    ("cases", {"pk": {"S": "CASE#PC-8"}, "sk": {"S": "CASE"}, "packed": {"B": b"oh"}}),
    ("cases", {"pk": {"S": "CASE#PC-8"}, "sk": {"S": "J#000001"}, "body": {"S": "{"}}),
    ("cases", {"pk": {"S": "CASE#PC-2041"}, "sk": {"S": "J#oh"}}),
    ("cases", {"pk": {"S": "CASE#PC-2041"}, "sk": {"S": "T#t-9"}, "list_key": {"S": "x"}}),
    ("cases", {"pk": {"S": "CASE#PC-2041"}, "sk": {"S": "ROW"}, "list_sort": {"S": "yesterday"}}),
    ("cases", {"pk": {"S": "RECEIPT#tower-hamlets#k"}, "sk": {"S": "RECEIPT"}, "body": {"S": "[]"}}),
    ("cases", {"pk": {"S": "CHILD#tower-hamlets#c"}, "sk": {"S": "CHILD"}, "body": {"S": "{"}}),
    ("outbox", {"pk": {"S": "MSG#m-9"}, "sk": {"S": "MSG"}, "state": {"N": "7"}}),
    ("outbox", {"pk": {"S": "TOMB#d-9"}, "sk": {"S": "TOMB"}, "in_force": {"S": "yes"}}),
    ("outbox", {"pk": {"S": "SEATS#PC-2041"}, "sk": {"S": "SEATS"}, "seats": {"S": "nobody"}}),
    ("access", {"pk": {"S": "TOKEN#9"}, "sk": {"S": "TOKEN"}, "body": {"N": "1"}}),
]


def test_what_cannot_be_read_does_not_keep_the_rest_from_being_restored(keeper, tmp_path):
    for table, item in POISON:
        boto3.client("dynamodb").put_item(TableName=f"holdfast-old-{table}", Item=item)
    keeper.does("old", f"export --to {tmp_path}/copy")
    make_tables("new")

    keeper.does("new", f"restore {tmp_path}/copy --by ada.l")

    keys = ("CASE", "CHILD", "RECEIPT", "MSG", "OB#d-1")
    found = [*everything("new", "cases"), *everything("new", "outbox")]
    assert [item for table, item in POISON if line_of(item) not in everything("new", table)] == []
    assert [key for key in keys if not any(f'"sk":{{"S":"{key}"'.encode() in line for line in found)] == []
    assert DynamoCases().load("PC-2041")


def test_what_waits_under_any_key_of_a_queue_is_found_at_a_stage_with_one(keeper, tmp_path):
    """As when the old stage spread its queues over eight."""
    names = [f"m-{number}" for number in range(20, 30)]
    for name in names:
        DynamoOutbox(shards=8).put(message(id=name))
    standing = Standing(duties=(made.duty(next_action_at=NOW),))
    spread = made.case(id="PC-7", protocols=(PROTOCOL,), standing=standing)
    DynamoCases(due_shards=8).commit(made.commit(spread))
    keeper.does("old", f"export --to {tmp_path}/copy")
    make_tables("new")

    keeper.does("new", f"restore {tmp_path}/copy --by ada.l")

    assert {*names} <= {*DynamoOutbox().ready(NOW, 100)}
    assert "PC-7" in DynamoCases().due(NOW, 10)


def test_that_a_restored_stage_is_paused_is_in_the_audit_beside_what_the_copy_had(keeper, tmp_path):
    given = Order(by="grace.h", why="The template is wrong.", at=NOW - timedelta(days=1))
    operations.pause(given, keeper.desk("old").ports())
    keeper.does("old", f"export --to {tmp_path}/copy")
    make_tables("new")
    keeper.client = Poor(dies_at=2)
    keeper.is_refused("new", f"restore {tmp_path}/copy --by ada.l")
    keeper.client = None

    keeper.does("new", f"restore {tmp_path}/copy --by ada.l")

    acts = DynamoCases().acts(NOBODYS, None, 10, oldest_first=True).items
    assert [(each.by, str(each.what), each.why) for each in acts] == [
        ("grace.h", "pause", "The template is wrong."),
        ("ada.l", "pause", WHY),
    ]
    assert DynamoCases().acts(None, None, 10, oldest_first=True).items == acts


@pytest.mark.parametrize("name", ["bad name", "ada\n\x1b[31m", "", "-"])
def test_whoever_restores_has_a_name_that_a_terminal_may_be_given(keeper, copy, name):
    asked = ["--stage", "new", "restore", str(copy), f"--by={name}"]

    assert backup.main(asked, sit=keeper.sit) == 1
    assert "\x1b" not in keeper.printed.readouterr().err
    assert not DynamoOutbox().paused()


# --- what is refused of a copy --------------------------------------------------------------


def test_a_folder_that_is_not_empty_is_no_place_for_a_copy(keeper, copy):
    assert "not empty" in keeper.is_refused("old", f"export --to {copy}")


def test_a_stage_that_is_not_there_has_nothing_to_export(keeper, tmp_path):
    assert "There is no table" in keeper.is_refused("elsewhere", f"export --to {tmp_path}/copy")
    assert not (tmp_path / "copy").exists()


def test_an_export_that_never_ended_is_no_copy(keeper, copy):
    (copy / "manifest.json").unlink()

    assert "its export never ended" in keeper.is_refused("new", f"restore {copy} --by ada.l")


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-9], lambda raw: raw[:40] + b"?" + raw[41:]])
def test_a_file_that_was_cut_or_changed_is_refused_before_anything_is_done(keeper, copy, spoil):
    file = copy / "cases.jsonl.gz"
    file.write_bytes(spoil(file.read_bytes()))

    assert "is not the file that was exported" in keeper.is_refused("new", f"restore {copy} --by ada.l")
    assert [table for table in TABLES if everything("new", table)] == []


def test_a_file_that_is_missing_is_refused(keeper, copy):
    (copy / "access.jsonl.gz").unlink()

    assert "is missing" in keeper.is_refused("new", f"restore {copy} --by ada.l")


def test_a_file_whose_items_are_not_those_that_were_counted_is_refused(keeper, copy):
    """As when somebody took a line out, and wrote the file's new hash into the manifest."""
    file = copy / "cases.jsonl.gz"
    with gzip.open(file) as lines:
        kept = b"".join(list(lines)[:-1])
    file.write_bytes(gzip.compress(kept))
    tables = json.loads((copy / "manifest.json").read_text())["tables"]
    tables["cases"]["sha256"] = sha256(file.read_bytes()).hexdigest()
    rewritten(copy, tables=tables)
    hashed_anew(copy)

    assert "other items than its manifest says" in keeper.is_refused("new", f"restore {copy} --by ada.l")
    assert everything("new", "cases") == []


@pytest.mark.parametrize("changes", [{"format": 2}, {"format": None}])
def test_a_copy_of_another_format_is_refused(keeper, copy, changes):
    rewritten(copy, **changes)

    assert "another format" in keeper.is_refused("new", f"restore {copy} --by ada.l")


@pytest.mark.parametrize("changes", [{"tables": {}}, {"tables": {"cases": {}}}, {"surprise": 1}])
def test_a_manifest_that_does_not_say_what_it_should_is_refused(keeper, copy, changes):
    rewritten(copy, **changes)

    assert "does not say what it should" in keeper.is_refused("new", f"restore {copy} --by ada.l")


SAID = "does not say what it should"


@pytest.mark.parametrize("changes", [{"began_at": "2026-05-21T09:00:00.000000Z"}, {"stage": "other"}])
def test_what_a_manifest_says_is_not_changed_unseen(keeper, copy, changes):
    rewritten(copy, **changes)

    assert SAID in keeper.is_refused("new", f"restore {copy} --by ada.l")


def test_no_table_is_restored_from_the_file_of_another(keeper, copy):
    tables = json.loads((copy / "manifest.json").read_text())["tables"]
    rewritten(copy, tables={**tables, "cases": tables["outbox"], "outbox": tables["cases"]})
    hashed_anew(copy)

    assert SAID in keeper.is_refused("new", f"restore {copy} --by ada.l")
    assert everything("new", "outbox") == []


def test_no_item_is_restored_without_the_keys_of_its_table(keeper, tmp_path):
    writing = Writing(tmp_path / "copy")
    writing.begin()
    for table in TABLES:
        writing.write(table, f"holdfast-old-{table}", [{"authority": {"S": "x"}, "sk": {"S": "y"}}])
    writing.end("old", "2026-05-22T08:00:00Z", "2026-05-22T08:00:00Z")
    make_tables("new")

    refused = keeper.is_refused("new", f"restore {tmp_path}/copy --by ada.l")
    assert "cases.jsonl.gz cannot be read to its end" in refused


def test_a_table_that_holds_anything_is_not_restored_into(keeper, copy):
    client = boto3.client("dynamodb")
    for table in TABLES:
        key = {"authority" if table == "contacts" else "pk": {"S": "somebody"}, "sk": {"S": "MSG"}}
        client.put_item(TableName=f"holdfast-new-{table}", Item={**key, "body": {"S": "{}"}})

        assert f"holdfast-new-{table} is not empty" in keeper.is_refused("new", f"restore {copy} --by ada.l")
        assert sum(len(everything("new", each)) for each in TABLES) == 1
        assert not DynamoOutbox().paused()
        client.delete_item(TableName=f"holdfast-new-{table}", Key=key)


def test_a_restored_stage_is_not_restored_into_again(keeper, copy):
    keeper.does("new", f"restore {copy} --by ada.l")

    assert "not empty" in keeper.is_refused("new", f"restore {copy} --by ada.l")


def test_a_release_without_a_protocol_of_the_copys_cases_does_not_take_it(keeper, tmp_path):
    strange = made.case(id="PC-9", protocols=("wexcombe-2031-01-01",))
    DynamoCases().commit(made.commit(strange))
    keeper.does("old", f"export --to {tmp_path}/copy")
    make_tables("new")

    assert "wexcombe-2031-01-01" in keeper.is_refused("new", f"restore {tmp_path}/copy --by ada.l")
    assert everything("new", "cases") == []


class Poor:
    """A client that dies at one of its writes, or has no room for some of what it is given."""

    def __init__(self, *, dies_at: int | None = None, full_for: int = 0) -> None:
        self._client = boto3.client("dynamodb")
        self.writes = 0
        self._dies_at, self._full_for = dies_at, full_for

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def batch_write_item(self, *, RequestItems: Any) -> Any:  # noqa: N803  the SDK's name
        self._count()
        if self._full_for:
            self._full_for -= 1
            return {"UnprocessedItems": RequestItems}
        return self._client.batch_write_item(RequestItems=RequestItems)

    def put_item(self, **asked: Any) -> Any:
        self._count()
        return self._client.put_item(**asked)

    def _count(self) -> None:
        if self._dies_at == self.writes:
            raise EndpointConnectionError(endpoint_url="http://nowhere")
        self.writes += 1


def test_a_restoring_that_was_cut_short_is_finished_by_giving_it_again(keeper, copy):
    whole = {table: everything("old", table) for table in TABLES}
    keeper.client = Poor()
    keeper.does("new", f"restore {copy} --by ada.l")
    for dies_at in range(keeper.client.writes):
        stage = f"new-{dies_at}"
        make_tables(stage)
        keeper.client = Poor(dies_at=dies_at)
        assert "could not be asked" in keeper.is_refused(stage, f"restore {copy} --by ada.l")
        assert DynamoOutbox().paused()
        keeper.client = None

        keeper.does(stage, f"restore {copy} --by ada.l")
        assert {table: everything(stage, table) for table in TABLES} == whole


def test_what_there_was_no_room_for_is_put_again(keeper, copy):
    keeper.client = Poor(full_for=3)

    keeper.does("new", f"restore {copy} --by ada.l")

    assert everything("new", "cases") == everything("old", "cases")


def test_another_copy_is_not_mixed_with_one_that_is_half_restored(keeper, copy, tmp_path):
    items.bind(**{each: f"holdfast-old-{each}" for each in TABLES})
    DynamoOutbox().put(message(id="m-2"))
    keeper.does("old", f"export --to {tmp_path}/other")
    keeper.client = Poor(dies_at=2)
    keeper.is_refused("new", f"restore {copy} --by ada.l")
    keeper.client = None

    assert "Another copy" in keeper.is_refused("new", f"restore {tmp_path}/other --by ada.l")


def test_until_all_is_there_nobody_can_come_in_and_no_function_finds_work(keeper, copy):
    """Dead before anything is opened: no token, no authority, nothing due, nothing to settle."""
    keeper.client = Poor(dies_at=2)
    keeper.is_refused("new", f"restore {copy} --by ada.l")

    for table in ("contacts", "access"):
        assert everything("new", table) == []
    assert DynamoCases().due(NOW, 10) == []
    assert DynamoOutbox().unsettled(NOW, 10) == []
    assert DynamoOutbox().paused()


def test_what_somebody_else_writes_meanwhile_stops_it_before_anything_is_opened(keeper, copy):
    class Meddled(Poor):
        def batch_write_item(self, *, RequestItems: Any) -> Any:  # noqa: N803
            strange = {"pk": {"S": "CASE#x"}, "sk": {"S": "CASE"}}
            self._client.put_item(TableName="holdfast-new-cases", Item=strange)
            return self._client.batch_write_item(RequestItems=RequestItems)

    keeper.client = Meddled()

    assert "somebody else writes there" in keeper.is_refused("new", f"restore {copy} --by ada.l")
    assert everything("new", "access") == []


# --- evidence -------------------------------------------------------------------------------

HEAD = {
    "evidence": 1,
    "from": "logs",
    "stage": "old",
    "since": "2026-05-22T08:00:00Z",
    "until": "2026-05-22T09:00:00Z",
}
SENT = {"message_id": "m-7", "state": "SENT", "at": "2026-05-22T08:30:00.000000Z"}


def written(folder: Path, *lines: object) -> Path:
    file = folder / "sent"
    file.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines))
    return file


def test_events_mean_what_the_service_takes_them_to_mean():
    said = {kind: str(state) for kind, state in delivery_events._STATES.items()}

    assert {**said, "DeliveryDelay": "SENT"} == evidence.EVENTS


def logged(
    message_text: str, at: str = "2026-05-22T08:30:00.000+00:00", **fields: object
) -> dict[str, object]:
    return {"at": at, "level": "INFO", "message": message_text, "message_id": "m-1", **fields}


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([logged("message sent", provider_reference="ses-1")], "SENT"),
        ([logged("delivery event recorded", event_type="Send")], "SENT"),
        ([logged("delivery event recorded", event_type="Bounce"), logged("message sent")], "BOUNCED"),
        ([logged("message to be tried again", reason="unknown_outcome")], "UNKNOWN"),
        ([logged("message to be tried again", reason="unknown_outcome"), logged("message sent")], "SENT"),
    ],
)
def test_a_log_says_what_became_of_a_message(lines, state):
    (word,) = evidence.said_by(lines)

    assert (word.message_id, word.state, word.at) == ("m-1", state, "2026-05-22T08:30:00.000000Z")


@pytest.mark.parametrize(
    "line",
    [
        logged("message to be tried again", reason="throttled"),
        logged("message not ours to send"),
        logged("delivery event recorded", event_type="Open"),
        {"message": "message sent", "at": "2026-05-22T08:30:00+00:00"},
    ],
)
def test_a_line_that_says_nothing_of_a_sending_is_no_evidence(line):
    assert evidence.said_by([line]) == ()


def held_by_an_outbox(keeper) -> dict[str, str]:
    found = boto3.client("dynamodb").scan(TableName="holdfast-old-outbox")["Items"]
    return {word.message_id: word.state for word in evidence.held_by(found, made.MORNING)}


def test_an_outbox_says_what_was_sent_cancelled_by_hand_or_may_have_been_sent(keeper):
    outbox = DynamoOutbox()
    for name in ("sent", "doubt", "leased", "cancelled", "pointless", "failed"):
        outbox.put(message(id=name))
    outbox.sent(outbox.claim("sent", NOW, 60), "ses-1", NOW)
    outbox.retry(outbox.claim("doubt", NOW, 60), NOW, "unknown_outcome")
    outbox.claim("leased", NOW, 60)
    outbox.cancel("cancelled", "cancelled_by_operator", NOW)
    outbox.cancel("pointless", "settled", NOW)
    outbox.failed(outbox.claim("failed", NOW, 60), "no_contact", NOW)

    assert held_by_an_outbox(keeper) == {
        "sent": "SENT",
        "doubt": "UNKNOWN",
        "leased": "UNKNOWN",
        "cancelled": "CANCELLED",
    }


@pytest.mark.parametrize(
    "lines",
    [
        ["no JSON"],
        [""],
        [{**HEAD, "evidence": 2}],
        [{"evidence": 1}],
        [HEAD, "{"],
        [HEAD, {**SENT, "state": "PENDING"}],
        [HEAD, {**SENT, "at": "yesterday"}],
        [HEAD, {**SENT, "at": None}],
        [HEAD, {"message_id": "m-1"}],
        [HEAD, {**SENT, "message_id": 7}],
        [HEAD, {**SENT, "provider_reference": []}],
        [{**HEAD, "since": 5}],
        [{**HEAD, "from": None}],
        [HEAD, []],
    ],
)
def test_what_is_no_evidence_is_refused(tmp_path, lines):
    with pytest.raises(CannotOperate) as refused:
        evidence.read(written(tmp_path, *lines))

    assert "nothing was done" in str(refused.value)


def test_a_stage_that_was_not_restored_or_is_not_paused_is_not_reconciled(keeper, copy):
    held = "reconcile --stopped 2026-05-22T09:00:00Z"
    assert "were not restored" in keeper.is_refused("old", held)
    keeper.does("new", f"restore {copy} --by ada.l")
    DynamoOutbox().resume()

    assert "not paused" in keeper.is_refused("new", held)


@pytest.mark.parametrize("text", ["today", "2026-05-22", "2026-05-22T09:00:00"])
def test_a_moment_says_its_time_zone(keeper, copy, text):
    keeper.does("new", f"restore {copy} --by ada.l")

    assert "is no moment" in keeper.is_refused("new", f"reconcile --stopped {text}")


def test_logs_say_nothing_of_a_time_that_is_to_come(keeper, tmp_path):
    asked = f"evidence logs --since 2026-05-22T08:00Z --until 2026-05-22T10:00Z --to {tmp_path}/sent"

    assert "still to come" in keeper.is_refused("old", asked)


TOLD = "--since 2026-05-22T08:00Z --until 2026-05-22T09:00Z"


@pytest.mark.parametrize("table", [each for each in TABLES if each != "outbox"])
def test_only_an_outbox_says_what_was_sent(keeper, tmp_path, table):
    asked = f"evidence table holdfast-old-{table} {TOLD} --to {tmp_path}/sent"

    assert f"holdfast-old-{table} is no outbox" in keeper.is_refused("old", asked)
    assert not (tmp_path / "sent").exists()


def test_a_table_that_is_not_there_says_nothing(keeper, tmp_path):
    asked = f"evidence table holdfast-oId-outbox {TOLD} --to {tmp_path}/sent"

    assert "There is no table" in keeper.is_refused("old", asked)


def test_an_outbox_that_holds_no_message_was_not_the_one_in_use(keeper, copy):
    asked = f"evidence table holdfast-new-outbox {TOLD} --to {copy.parent}/sent"

    assert "holds no message at all" in keeper.is_refused("old", asked)


def test_what_was_itself_restored_since_does_not_know_what_was_sent_before(keeper, copy):
    keeper.does("new", f"restore {copy} --by ada.l")
    before = f"{TOLD} --to {copy.parent}/sent"
    assert "was itself restored" in keeper.is_refused("new", f"evidence table holdfast-new-outbox {before}")

    keeper.now += timedelta(hours=1)
    keeper.does("new", f"export --to {copy.parent}/later")
    told = f"--since 2026-05-22T08:00Z --to {copy.parent}/sent"
    assert "was itself restored" in keeper.is_refused("new", f"evidence copy {copy.parent}/later {told}")
    since = f"--since 2026-05-22T09:00Z --until 2026-05-22T09:30Z --to {copy.parent}/sent"
    keeper.does("new", f"evidence table holdfast-new-outbox {since}")


@pytest.mark.parametrize("source", ["logs", "table holdfast-old-outbox"])
@pytest.mark.parametrize(
    ("time", "why"),
    [
        ("--since 2026-05-22T08:00Z --until 2026-05-22T09:00:01Z", "still to come"),
        ("--since 2026-05-22T08:00Z --until 2027-01-01T00:00:00Z", "still to come"),
        ("--since 2026-05-22T09:00Z --until 2026-05-22T09:00Z", "There is no time"),
        ("--since 2026-05-22T09:00Z --until 2026-05-22T08:00Z", "There is no time"),
    ],
)
def test_a_source_is_asked_of_a_time_that_has_been(keeper, tmp_path, source, time, why):
    assert why in keeper.is_refused("old", f"evidence {source} {time} --to {tmp_path}/sent")
    assert not (tmp_path / "sent").exists()


def test_a_copy_says_nothing_of_a_time_after_it(keeper, copy):
    asked = f"evidence copy {copy} --since 2026-05-22T10:00Z --to {copy.parent}/sent"

    assert "There is no time" in keeper.is_refused("old", asked)


def test_that_nothing_was_sent_is_said_aloud(keeper, tmp_path):
    said = keeper.does("old", f"evidence table holdfast-old-outbox {TOLD} --to {tmp_path}/sent")

    assert said[0].endswith("tells of 0 messages.")
    assert said[1].startswith("LOOK: by it NOTHING was sent between 2026-05-22T08:00:00")


def test_evidence_is_not_written_over(keeper, copy):
    (copy.parent / "sent").touch()

    asked = f"evidence copy {copy} --since 2026-05-22T08:00Z --to {copy.parent}/sent"
    assert "is there already" in keeper.is_refused("old", asked)


# --- what cannot be read or written ---------------------------------------------------------


def test_what_cannot_be_read_or_written_is_named_in_a_sentence(keeper, copy):
    file, binary, home = copy.parent / "file", copy.parent / "binary", copy.parent
    file.touch()
    binary.write_bytes(b"\xff\xfe\x00")
    commands = {
        f"export --to {file}": file,
        f"export --to {file}/copy": f"{file}/copy",
        f"restore {file} --by ada.l": file,
        f"evidence table holdfast-old-outbox {TOLD} --to {home}/no/sent": f"{home}/no/sent",
        f"evidence table holdfast-old-outbox {TOLD} --to {home}": home,
    }
    for words, named in commands.items():
        assert str(named) in keeper.is_refused("old", words)

    keeper.does("new", f"restore {copy} --by ada.l")
    for given in (home, binary):
        assert str(given) in keeper.is_refused("new", f"{STOPPED} --evidence {given}")


def test_a_tables_file_that_is_a_folder_or_nothing_is_refused(keeper, copy):
    tables = json.loads((copy / "manifest.json").read_text())["tables"]
    (copy / "access.jsonl.gz").unlink()
    (copy / "access.jsonl.gz").mkdir()
    assert "access.jsonl.gz cannot be read" in keeper.is_refused("new", f"restore {copy} --by ada.l")

    tables["access"]["file"] = None
    rewritten(copy, tables=tables)
    hashed_anew(copy)
    assert SAID in keeper.is_refused("new", f"restore {copy} --by ada.l")


# --- what is in doubt -----------------------------------------------------------------------


@pytest.fixture
def restored(keeper, copy):
    """A stage with one message, which waited when the copy was made, an hour before the end."""
    keeper.does("new", f"restore {copy} --by ada.l")
    return keeper


STOPPED = "reconcile --stopped 2026-05-22T10:00:00Z"


def test_time_of_which_nobody_knows_what_was_sent_is_for_a_person_to_decide(restored):
    assert "Nobody knows what was sent between 2026-05-22T09:00" in restored.is_refused("new", STOPPED)
    assert DynamoOutbox().message("m-1").state is MessageState.PENDING


def test_what_may_have_been_sent_is_sent_where_somebody_says_so(restored):
    said = restored.does("new", f"{STOPPED} --doubtful send")

    assert said[0] == "1\tmay have been sent, and will be"
    assert DynamoOutbox().message("m-1").state is MessageState.PENDING


def test_what_may_have_been_sent_is_set_aside_where_somebody_says_so(restored):
    said = restored.does("new", f"{STOPPED} --doubtful hold")

    assert "1\tmay have been sent, and are set aside for somebody to see to" in said
    known = DynamoOutbox().message("m-1")
    assert (known.state, known.reason) == (MessageState.SET_ASIDE, "restored_in_doubt")
    assert DynamoOutbox().unsettled(NOW, 10)


def test_what_is_set_aside_or_cancelled_in_reconciling_is_in_the_audit_once(restored, tmp_path):
    DynamoOutbox().put(message(id="m-8"))
    covered = {**HEAD, "since": "2026-05-22T08:59Z", "until": "2026-05-22T10:00Z"}
    unknown, gone = {**SENT, "state": "UNKNOWN"}, {**SENT, "message_id": "m-8", "state": "CANCELLED"}
    file = written(tmp_path, covered, unknown, {**unknown, "message_id": "m-1"}, gone)
    asked = f"{STOPPED} --evidence {file} --doubtful hold"

    restored.does("new", asked)
    restored.does("new", f"{asked} --by grace.h")

    acts = DynamoCases().acts(None, None, 10, oldest_first=True).items
    found = sorted((str(each.what), each.about, each.authority, each.by) for each in acts)
    assert found == [
        ("cancel", "m-8", "tower-hamlets", "ada.l"),
        ("hold", "m-1", "tower-hamlets", "ada.l"),
        ("hold", "m-7", "-", "ada.l"),
        ("pause", "sending", "-", "ada.l"),
    ]
    assert "will not do" in restored.is_refused("new", f"{asked} --by a/b")


def test_what_was_made_since_the_restoring_may_have_been_sent_before_but_no_alert_of_what_was_held(restored):
    outbox = DynamoOutbox()
    outbox.put(message(id="m-5", created_at=NOW, next_attempt_at=NOW))
    outbox.put(message(id="m-6", created_at=NOW, next_attempt_at=NOW, occasion="task:f-1"))

    restored.does("new", f"{STOPPED} --doubtful hold")

    states = {each: outbox.message(each).state for each in ("m-1", "m-5", "m-6")}
    held = MessageState.SET_ASIDE
    assert states == {"m-1": held, "m-5": held, "m-6": MessageState.PENDING}


def test_what_waits_under_any_key_of_the_queue_is_looked_at(restored):
    """As at a stage that spreads its queue over eight, and made ten since the restoring."""
    names = [f"m-{number}" for number in range(20, 30)]
    for name in names:
        DynamoOutbox(shards=8).put(message(id=name))

    said = restored.does("new", f"{STOPPED} --doubtful hold")

    assert "11\tmay have been sent, and are set aside for somebody to see to" in said
    assert {DynamoOutbox().message(each).state for each in names} == {MessageState.SET_ASIDE}


def test_what_no_evidence_knows_of_goes_out_where_it_covers_the_time(restored, tmp_path):
    file = written(tmp_path, {**HEAD, "since": "2026-05-22T08:59Z", "until": "2026-05-22T10:00Z"})

    assert restored.does("new", f"{STOPPED} --evidence {file}")[0] == "1\twait to be sent on resuming"
    assert DynamoOutbox().message("m-1").state is MessageState.PENDING


def test_evidence_of_nothing_is_said_aloud_while_something_waits_that_it_would_know_of(restored, tmp_path):
    covered = {**HEAD, "since": "2026-05-22T08:59Z", "until": "2026-05-22T10:00Z"}
    said = [*restored.does("new", f"{STOPPED} --evidence {written(tmp_path, covered)}")]
    assert [line for line in said if line.startswith("LOOK") and "tells of NOTHING" in line]

    told = {**SENT, "message_id": "m-1"}
    said = restored.does("new", f"{STOPPED} --evidence {written(tmp_path, covered, told)}")
    assert not [line for line in said if line.startswith("LOOK")]


def test_a_gap_between_two_files_is_a_gap(restored, tmp_path):
    first = written(tmp_path, {**HEAD, "since": "2026-05-22T08:00Z", "until": "2026-05-22T09:20Z"})
    other = first.rename(tmp_path / "first")
    second = written(tmp_path, {**HEAD, "since": "2026-05-22T09:30Z", "until": "2026-05-22T10:00Z"})

    refused = restored.is_refused("new", f"{STOPPED} --evidence {second} --evidence {other}")
    assert "between 2026-05-22T09:20:00" in refused


def test_a_message_of_unknown_outcome_is_for_a_person_though_the_time_is_covered(restored, tmp_path):
    covered = {**HEAD, "since": "2026-05-22T08:59Z", "until": "2026-05-22T10:00Z"}
    unknown = {**SENT, "state": "UNKNOWN"}
    file = written(tmp_path, covered, {**unknown, "message_id": "m-1"}, unknown)

    assert "Of 2 messages" in restored.is_refused("new", f"{STOPPED} --evidence {file}")
    restored.does("new", f"{STOPPED} --evidence {file} --doubtful hold")
    assert {DynamoOutbox().message(each).state for each in ("m-1", "m-7")} == {MessageState.SET_ASIDE}


def test_evidence_is_written_down_once_however_often_it_is_given(restored, tmp_path):
    covered = {**HEAD, "since": "2026-05-22T08:59Z", "until": "2026-05-22T10:00Z"}
    file = written(
        tmp_path,
        covered,
        SENT,
        {**SENT, "message_id": "m-1", "state": "DELIVERED"},
        {**SENT, "message_id": "m-8", "state": "CANCELLED"},
    )
    first = [*restored.does("new", f"{STOPPED} --evidence {file}")]
    before = everything("new", "outbox")
    restored.does("new", f"{STOPPED} --evidence {file}")

    assert "1\twaited and were sent: they will not be sent again" in first
    assert "2\twere sent and are not made yet: they will not be sent when they are" in first
    assert everything("new", "outbox") == before
    assert DynamoOutbox().message("m-1").state is MessageState.DELIVERED
    assert not recalled.leave_bare("m-7", MessageState.SENT, NOW)
    assert items.OutboxItem.Meta.table_name == "holdfast-new-outbox"
