"""Every route that stores something keeps its first answer under its key, whatever happens after."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Never

import pytest
from chalice.test import HTTPResponse

from app import app
from chalicelib.core.errors import CaseChanged
from chalicelib.patience import RESERVE_SECONDS
from chalicelib.ports import Commit, Deed, MessageState
from tests.doors import COUNCIL, PROTOCOL, Doors, front_of_house, meeting_held, referral
from tests.messages import message

# They ask and store nothing; what is posted is only too long for an address.
ASKING = {"/v1/cases/{case_id}/protocol-moves/preview", "/v1/protocols/{protocol_id}/rehearsals"}
PLANNING = "placement-planning-2026-01-01"
UNDELIVERED = message(state=MessageState.FAILED, reason="no_address")
DECISION = {"on": "2026-05-22", "decision": "move", "by": [{"person_id": "p-tm"}]}


@dataclass(frozen=True)
class Route:
    """How to knock at a route, with one body and with another, on a case that is open."""

    path: str
    body: Callable[[str], Mapping[str, Any]]
    other: Callable[[str], Mapping[str, Any]]
    signed: bool = False

    def send(self, doors: Doors, case_id: str, body: Mapping[str, Any], key: str = "the-key") -> HTTPResponse:
        if self.signed:
            return doors.send_signed(body, message_id=key, at=doors.moment)
        path = self.path.format(case_id=case_id, kind=self.kind, message_id=UNDELIVERED.id)
        return doors.post(path, body, key=key)

    @property
    def kind(self) -> str:
        return "decision_made" if "proposals" in self.path else "meeting_held"


ROUTES = [
    Route(
        path="/v1/referrals",
        body=lambda _: referral(child_reference="TH-2000"),
        other=lambda _: referral(child_reference="TH-3000"),
    ),
    Route(
        path="/v1/cases/{case_id}/facts/{kind}",
        body=lambda _: meeting_held(),
        other=lambda _: meeting_held(meeting_id="m-2"),
    ),
    Route(
        path="/v1/cases/{case_id}/proposals/{kind}",
        body=lambda _: {**DECISION, "exceptions": [safety()]},
        other=lambda _: DECISION,
    ),
    Route(
        path="/v1/cases/{case_id}/protocol-moves",
        body=lambda _: {"to": [PROTOCOL, PLANNING], "because": "It is in force here too."},
        other=lambda _: {"to": [PLANNING], "because": "It is in force here alone."},
    ),
    Route(
        path="/v1/webhooks/{integration}",
        body=lambda case_id: {"type": "meeting_held", "case_id": case_id, "data": meeting_held()},
        other=lambda case_id: {
            "type": "meeting_held",
            "case_id": case_id,
            "data": meeting_held(meeting_id="m-2"),
        },
        signed=True,
    ),
    *(
        Route(
            path=f"/v1/operations/{what}",
            body=lambda _: {"why": "It is mended."},
            other=lambda _: {"why": "It is not needed."},
        )
        for what in (
            "messages/{message_id}/again",
            "messages/{message_id}/cancel",
            "set-aside/{case_id}/redrive",
        )
    ),
]
EACH = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)


def safety() -> Mapping[str, str]:
    return {"name": "immediate_harm", "because": "An incident.", "approver": "p-tm"}


@pytest.fixture
def doors() -> Iterator[Doors]:
    with front_of_house() as opened:
        yield opened


@pytest.fixture
def case_id(doors: Doors) -> str:
    opened = doors.open_case()
    doors.access.known[COUNCIL] = replace(doors.access.known[COUNCIL], protocols=(PROTOCOL, PLANNING))
    doors.cases.outbox.messages[UNDELIVERED.id] = UNDELIVERED
    doors.cases.set_aside(opened, "raises", doors.moment)
    return opened


def stored(doors: Doors) -> object:
    cases = doors.cases
    kept = (cases.by_id, cases.children, cases.receipts, cases.outbox.messages)
    by_hand = (set(cases.set_apart), list(cases.outbox.acts))
    return [dict(each) for each in kept], {name: len(each) for name, each in cases.entries.items()}, by_hand


def test_every_route_that_stores_something_is_tried_here() -> None:
    storing = {path for path, methods in app.routes.items() if set(methods) - {"GET"}}

    assert storing - ASKING == {route.path for route in ROUTES}


@EACH
def test_a_second_copy_is_answered_as_the_first_was_weeks_later(
    doors: Doors, case_id: str, route: Route
) -> None:
    body = route.body(case_id)
    first = route.send(doors, case_id, body)
    assert first.status_code == 201, first.body
    before = stored(doors)

    doors.moment += timedelta(days=29)
    again = route.send(doors, case_id, body)

    assert (again.status_code, again.body) == (first.status_code, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert stored(doors) == before


@EACH
def test_another_body_under_the_same_key_is_refused(doors: Doors, case_id: str, route: Route) -> None:
    route.send(doors, case_id, route.body(case_id))
    before = stored(doors)

    answer = route.send(doors, case_id, route.other(case_id))

    assert (answer.status_code, answer.json_body["type"]) == (422, "urn:holdfast:problem:key-reused")
    assert stored(doors) == before


@EACH
def test_the_first_answer_stands_in_the_same_transaction_as_what_was_done(
    doors: Doors, case_id: str, route: Route
) -> None:
    commits: list[Commit | Deed] = []
    commit, together = doors.cases.commit, doors.cases.outbox.together

    def watch(stored: Commit) -> None:
        commits.append(stored)
        commit(stored)

    def watch_by_hand(deed: Deed | None, may: Callable[[], bool]) -> bool:
        commits.extend([deed] if deed else [])
        return together(deed, may)

    doors.cases.commit = watch  # type: ignore[method-assign]
    doors.cases.outbox.together = watch_by_hand  # type: ignore[method-assign]
    first = route.send(doors, case_id, route.body(case_id))

    (stored,) = [each for each in commits if each.receipt]
    assert stored.receipt is not None
    assert (stored.receipt.status, stored.receipt.answer.encode()) == (first.status_code, first.body)
    assert stored.act if isinstance(stored, Deed) else stored.entries


@EACH
def test_a_copy_that_was_taken_meanwhile_is_answered_by_it(doors: Doors, case_id: str, route: Route) -> None:
    """The rival is the very same request: it wins, and this one hears what it was told."""
    answers: list[HTTPResponse] = []
    body = route.body(case_id)
    doors.cases.before_commit.append(lambda: answers.append(route.send(doors, case_id, body)))
    mine = route.send(doors, case_id, body)

    assert (mine.status_code, mine.body) == (201, answers[0].body)
    assert mine.headers["Idempotency-Replayed"] == "true"


def test_a_key_used_for_another_request_is_said_before_any_other_refusal(doors: Doors, case_id: str) -> None:
    """The second proposal trips a clause: that it came under a used key is what the caller must hear."""
    doors.post(f"/v1/cases/{case_id}/facts/meeting_held", meeting_held(), key="k")
    later = doors.open_case(child_reference="TH-4000")

    answer = doors.post(f"/v1/cases/{later}/proposals/decision_made", DECISION, key="k")
    assert (answer.status_code, answer.json_body["type"]) == (422, "urn:holdfast:problem:key-reused")


class Hurried:
    """What Lambda says of a run that has so long to go."""

    def __init__(self, millis: int) -> None:
        self.millis = millis

    def get_remaining_time_in_millis(self) -> int:
        return self.millis


@EACH
@pytest.mark.parametrize(("left", "tries"), [(29_000, 3), (int(RESERVE_SECONDS * 1000), 1)])
def test_no_door_waits_longer_than_its_function_has(
    doors: Doors, case_id: str, route: Route, left: int, tries: int
) -> None:
    """Two rivals come first: with time they are waited out, and without it nothing is."""

    def rival() -> None:
        raise CaseChanged("somebody was faster")

    gateway = doors.client.http._local_gateway
    plain = gateway._generate_lambda_context
    doors.cases.before_commit.extend([rival, rival])
    gateway._generate_lambda_context = lambda: Hurried(left)
    answer = route.send(doors, case_id, route.body(case_id))
    gateway._generate_lambda_context = plain

    assert answer.status_code == (201 if tries == 3 else 409)
    assert len(doors.cases.before_commit) == max(0, 2 - tries)


@EACH
def test_whoever_meets_too_many_others_is_told_when_to_come_back(
    doors: Doors, case_id: str, route: Route
) -> None:
    before = stored(doors)

    def always(*_: object) -> Never:
        raise CaseChanged("again")

    plain, together = doors.cases.commit, doors.cases.outbox.together
    doors.cases.commit = always  # type: ignore[method-assign]
    doors.cases.outbox.together = always  # type: ignore[method-assign]
    answer = route.send(doors, case_id, route.body(case_id))

    assert (answer.status_code, answer.json_body["type"]) == (409, "urn:holdfast:problem:busy")
    assert int(answer.headers["Retry-After"]) >= 1
    assert stored(doors) == before

    doors.cases.commit = plain  # type: ignore[method-assign]
    doors.cases.outbox.together = together  # type: ignore[method-assign]
    assert route.send(doors, case_id, route.body(case_id)).status_code == 201
