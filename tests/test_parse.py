"""Parsing: every problem at once, by its path, and never what was sent."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import parse
from chalicelib.core.errors import InvalidInput
from chalicelib.core.facts import BY_KIND, MeetingHeld, Party, ReferralReceived
from chalicelib.meaning import Vocabulary
from chalicelib.parse import TooLarge, UnknownKind
from chalicelib.protocol_files import Shelf
from tests.builders import day
from tests.doors import MORNING, PROTOCOL, meeting_held, referral

WORDS = Vocabulary.of([Shelf().load(PROTOCOL)])
# Nobody we know of, and nothing that may turn up in an answer or a log.
SENTINEL = "Zebedee Quux"


def read(kind: str, sent: dict[str, Any] | bytes, now: datetime = MORNING) -> Any:
    raw = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    return parse.fact(kind, raw, now, WORDS)


def problems(kind: str, sent: dict[str, Any] | bytes, now: datetime = MORNING) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        read(kind, sent, now)
    assert SENTINEL not in str(caught.value)
    assert caught.value.__cause__ is None
    return {each.field: each.expected for each in caught.value.problems}


def test_a_referral_becomes_a_fact():
    fact = read("referral_received", referral())

    assert isinstance(fact, ReferralReceived)
    assert fact.on == day("Fri 22 May 2026")
    assert fact.allocations["iro"] == "p-iro"


def test_a_meeting_names_people_and_those_without_an_account_by_their_role():
    fact = read("meeting_held", meeting_held())

    assert isinstance(fact, MeetingHeld)
    assert fact.present == (Party(person_id="p-iro"), Party(role="carer"))


def test_every_problem_of_shape_is_named_at_once():
    sent = meeting_held(
        on="2026-02-30",
        meeting_id=None,
        nickname=SENTINEL,
        to=[{"person_id": "p-1"}, {"role": 3, SENTINEL: SENTINEL}],
        reasons="absence",
        exceptions=[{"name": "safety", "because": "", "confirmed": "yes"}],
        details={SENTINEL: [SENTINEL]},
    )

    assert problems("meeting_held", sent) == {
        "on": "a day there is, as in 2026-05-22",
        "meeting_id": "a value: it is required",
        "nickname": "nothing: there is no such field",
        "to[1].role": "text",
        "to[1].?": "nothing: there is no such field",
        "reasons": "a list",
        "exceptions[0].because": "at least 1 of length",
        "exceptions[0].confirmed": "true or false",
        "details.?": "text",
    }


def test_every_problem_of_meaning_is_named_at_once():
    sent = meeting_held(
        on="2026-05-23",
        meeting=SENTINEL,
        meeting_id=SENTINEL,
        chair={"role": "iro"},
        present=[{}, {"person_id": "p-1", "role": "iro"}, {"role": SENTINEL}],
        to=[{"person_id": SENTINEL}],
        reasons=["absence", SENTINEL],
        outcome=SENTINEL,
        details={SENTINEL: "x", "legal_status": SENTINEL},
        contents={SENTINEL: "x"},
        exceptions=[{"name": SENTINEL, "because": "b", "approver": SENTINEL}],
    )

    assert set(problems("meeting_held", sent)) == {
        "on",
        "meeting",
        "meeting_id",
        "chair",
        "present[0]",
        "present[1]",
        "present[2].role",
        "to[0].person_id",
        "reasons[1]",
        "outcome",
        "details",
        "details.legal_status",
        "contents",
        "exceptions[0].name",
        "exceptions[0].approver",
    }


def test_a_part_of_a_record_is_text_or_rows():
    sent = meeting_held(contents={"views": 1, "actions": [{"what": 2}]})

    assert problems("meeting_held", sent) == {
        "contents.views": "text or a list",
        "contents.actions": "text",
        "contents.actions[0].what": "text",
    }


# --- days and moments -----------------------------------------------------------------------


def test_today_is_londons_and_not_utcs():
    half_past_midnight = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # already Wednesday 1 July in London

    assert read("meeting_held", meeting_held(on="2026-07-01"), half_past_midnight)
    assert "on" in problems("meeting_held", meeting_held(on="2026-07-02"), half_past_midnight)


@pytest.mark.parametrize("on", ["2026-05-23", "2062-05-22", "9999-12-31", "1999-12-31", "0001-01-01"])
def test_a_fact_has_happened_and_within_living_memory(on):
    assert "on" in problems("meeting_held", meeting_held(on=on))


@pytest.mark.parametrize(
    "on", ["22/05/2026", "20260522", "1779408000", "2026-05-22T00:00:00Z", "2026-5-22", 1779408000, True, ""]
)
def test_a_day_is_written_as_a_day(on):
    assert "on" in problems("meeting_held", meeting_held(on=on))


def test_a_moment_is_one_on_the_day_of_the_fact_in_london():
    assert read("meeting_held", meeting_held(on="2026-05-22", at="2026-05-21T23:30:00Z"))
    assert "at" in problems("meeting_held", meeting_held(on="2026-05-21", at="2026-05-21T23:30:00Z"))


@pytest.mark.parametrize(
    "at",
    [
        "2026-05-22T10:12:00",
        "2026-05-22T10:15:00Z",
        "2026-05-22",
        "1779440000",
        "2026-05-22T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        1779440000,
    ],
)
def test_a_moment_that_will_not_do_is_refused(at):
    assert "at" in problems("meeting_held", meeting_held(at=at))


def test_a_senders_clock_may_be_seconds_ahead_of_ours():
    ahead = (MORNING + timedelta(seconds=30)).isoformat()

    assert read("meeting_held", meeting_held(at=ahead))


@pytest.mark.parametrize(
    ("planned_for", "possible"),
    [("2026-05-22", True), ("2026-06-02", True), ("2026-05-21", False), ("2046-05-22", False)],
)
def test_a_meeting_is_planned_ahead_and_not_for_a_day_before_it_was_convened(planned_for, possible):
    sent = {
        "on": "2026-05-22",
        "meeting": "placement_support",
        "meeting_id": "m-1",
        "planned_for": planned_for,
    }

    if possible:
        assert read("meeting_convened", sent).planned_for.isoformat() == planned_for
    else:
        assert set(problems("meeting_convened", sent)) == {"planned_for"}


# --- references and people ------------------------------------------------------------------


@pytest.mark.parametrize("reference", ["TH-1042", "1042", "a.b_c/7-x"])
def test_a_childs_reference_is_the_councils_own(reference):
    assert read("referral_received", referral(child_reference=reference))


@pytest.mark.parametrize("reference", [SENTINEL, "Zebedee", "Zébédée1", "TH 1042", "TH-1042\n", "#1042", "٣"])
def test_a_name_does_not_pass_for_a_reference(reference):
    assert set(problems("referral_received", referral(child_reference=reference))) == {"child_reference"}


@pytest.mark.parametrize("field", ["by", "signed_by", "chair"])
def test_whoever_did_something_is_named_and_not_believed_by_role(field):
    kind = {"by": "decision_made", "signed_by": "document_completed", "chair": "meeting_held"}[field]
    sent: dict[str, Any] = {
        "decision_made": {"on": "2026-05-22", "decision": "move"},
        "document_completed": {"on": "2026-05-22", "document": "support_plan"},
        "meeting_held": meeting_held(),
    }[kind]

    def claimed(party: dict[str, str]) -> dict[str, Any]:
        return {**sent, field: party if field == "chair" else [party]}

    place = "chair" if field == "chair" else f"{field}[0]"
    believed = problems(kind, claimed({"role": "team_manager"}))
    assert believed == {place: "a person_id: name the person; the role is looked up"}
    assert read(kind, claimed({"person_id": "p-tm"}))
    assert read(kind, claimed({"role": "parent"}))


def test_allocations_are_to_declared_roles():
    sent = referral(allocations={SENTINEL: "p-1", "iro": SENTINEL})

    assert set(problems("referral_received", sent)) == {"allocations", "allocations.iro"}


# --- JSON -----------------------------------------------------------------------------------


def test_broken_json_is_answered_with_the_place_and_not_the_text():
    assert problems("meeting_held", b'{"on": "2026-05-22",\n "because": Zebedee Quux}') == {
        "body": "JSON that can be read (reading stopped at line 2, column 13)"
    }


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"  \n",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"on": NaN}',
        b'{"on": 1e999}',
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b'{"on": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 5_000,
        b'{"on": ' + b"9" * 5_000 + b"}",
        b"{}{}",
        b"{'on': 1}",
        '{"on": "2026-05-22"}'.encode("utf-16"),
    ],
)
def test_what_is_no_json_object_is_refused(raw):
    assert problems("meeting_held", raw)


def test_a_key_is_given_once():
    raw = json.dumps(meeting_held()).replace("{", '{"outcome": "not_viable", ', 1).encode()

    assert problems("meeting_held", raw) == {"outcome": "a value given once"}


def test_more_than_256_kib_is_too_large_and_exactly_as_much_is_not():
    raw = json.dumps(meeting_held()).encode()
    full = raw + b" " * (parse.MOST_BYTES - len(raw))

    assert read("meeting_held", full)
    with pytest.raises(TooLarge):
        read("meeting_held", full + b" ")


def test_a_thousand_problems_are_answered_with_the_first_hundred():
    sent = meeting_held(**{f"field_{number}": 1 for number in range(5_000)})

    assert len(problems("meeting_held", sent)) == parse.MOST_PROBLEMS


def test_an_unknown_kind_is_answered_with_the_known_ones():
    with pytest.raises(UnknownKind) as caught:
        parse.require_kind(SENTINEL, parse.PROPOSED)

    assert "decision_made" in caught.value.problems[0].expected
    assert SENTINEL not in str(caught.value.problems)


def test_everything_can_be_recorded_as_having_happened_and_only_some_of_it_proposed():
    assert parse.REFERRAL in parse.RECORDED
    assert "meeting_held" not in parse.PROPOSED
    assert {"decision_made", "placement_ended"} <= parse.PROPOSED <= parse.RECORDED


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(kind=st.sampled_from(sorted(BY_KIND)), sent=st.data())
def test_nothing_that_is_sent_raises_anything_but_a_list_of_problems(kind, sent):
    names = [name for name in BY_KIND[kind].__dataclass_fields__ if name != "kind"]
    body = sent.draw(st.dictionaries(st.sampled_from(names), anything) | anything)

    with suppress(InvalidInput):
        read(kind, json.dumps(body).encode())
