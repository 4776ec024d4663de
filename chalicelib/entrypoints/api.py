"""The JSON doors: facts and proposals in, cases out."""

from collections.abc import Callable
from datetime import datetime

from chalice.app import Blueprint, Response

from chalicelib import parse, reading, service, wiring
from chalicelib.core.errors import NotFound
from chalicelib.core.facts import Fact, ReferralReceived
from chalicelib.credentials import Scope
from chalicelib.entrypoints import requests
from chalicelib.entrypoints.answers import accepted, answers_plainly, shown
from chalicelib.ports import Credential
from chalicelib.visits import Accepted, Incoming, Ports

api = Blueprint(__name__)


@api.route("/healthz", methods=["GET"])
def healthz() -> dict[str, str]:
    """Say that the service answers; touches nothing and needs no credential."""
    return {"status": "ok"}


# --- in -------------------------------------------------------------------------------------


@api.route("/v1/referrals", methods=["POST"])
@answers_plainly
def receive_referral() -> Response:
    """Open a case with a referral."""
    caller = requests.admitted(api.current_request, Scope.FACTS_WRITE)
    fact, incoming = _received(parse.REFERRAL, caller)
    if not isinstance(fact, ReferralReceived) or fact.authority != caller.authority:
        raise NotFound("no such authority")
    return accepted(service.open_case(fact, incoming, wiring.ports()))


@api.route("/v1/cases/{case_id}/facts/{kind}", methods=["POST"])
@answers_plainly
def receive_fact(case_id: str, kind: str) -> Response:
    """Record something that has happened: always stored, and flagged if a clause trips."""
    caller = requests.admitted(api.current_request, Scope.FACTS_WRITE)
    parse.require_kind(kind, parse.RECORDED)
    return _taken(service.record, case_id, kind, caller)


@api.route("/v1/cases/{case_id}/proposals/{kind}", methods=["POST"])
@answers_plainly
def receive_proposal(case_id: str, kind: str) -> Response:
    """Record something that somebody means to do, unless a clause trips."""
    caller = requests.admitted(api.current_request, Scope.PROPOSALS_WRITE)
    parse.require_kind(kind, parse.PROPOSED)
    return _taken(service.propose, case_id, kind, caller)


def _taken(
    corridor: Callable[[str, Fact, Incoming, Ports], Accepted], case_id: str, kind: str, caller: Credential
) -> Response:
    known = requests.known_id(case_id)
    fact, incoming = _received(kind, caller)
    return accepted(corridor(known, fact, incoming, wiring.ports()))


def _received(kind: str, caller: Credential) -> tuple[Fact, Incoming]:
    def read(raw: bytes, now: datetime) -> Fact:
        return parse.fact(kind, raw, now, wiring.vocabulary(caller.authority))

    return requests.received(api.current_request, caller, read)


# --- out ------------------------------------------------------------------------------------


@api.route("/v1/cases", methods=["GET"])
@answers_plainly
def list_cases() -> Response:
    """List the authority's cases, latest change first."""
    caller = requests.admitted(api.current_request, Scope.CASES_READ)
    return shown(reading.cases(caller.authority, requests.page(api.current_request), wiring.ports()))


@api.route("/v1/cases/{case_id}", methods=["GET"])
@answers_plainly
def show_case(case_id: str) -> Response:
    """Show one case as it stands."""
    caller = requests.admitted(api.current_request, Scope.CASES_READ)
    return shown(reading.case(caller.authority, requests.known_id(case_id), wiring.ports()))


@api.route("/v1/cases/{case_id}/obligations", methods=["GET"])
@answers_plainly
def show_obligations(case_id: str) -> Response:
    """Show what is owed on one case, each deadline with its explanation."""
    caller = requests.admitted(api.current_request, Scope.CASES_READ)
    return shown(reading.obligations(caller.authority, requests.known_id(case_id), wiring.ports()))


@api.route("/v1/cases/{case_id}/next", methods=["GET"])
@answers_plainly
def show_next(case_id: str) -> Response:
    """Show what is owed on one case, what would be refused now, and what stands still."""
    caller = requests.admitted(api.current_request, Scope.CASES_READ)
    known = requests.known_id(case_id)
    return shown(reading.outlook(caller.authority, known, wiring.now(), wiring.ports()))


@api.route("/v1/cases/{case_id}/notices", methods=["GET"])
@answers_plainly
def list_notices(case_id: str) -> Response:
    """List who was told what on one case, and what became of each message."""
    caller = requests.admitted(api.current_request, Scope.CASES_READ)
    page = requests.page(api.current_request)
    return shown(reading.notices(caller.authority, requests.known_id(case_id), page, wiring.ports()))


@api.route("/v1/cases/{case_id}/journal", methods=["GET"])
@answers_plainly
def list_journal(case_id: str) -> Response:
    """List every fact of one case with what it decided: people's own words are among them."""
    caller = requests.admitted(api.current_request, Scope.JOURNAL_READ)
    page = requests.page(api.current_request)
    return shown(reading.journal(caller.authority, requests.known_id(case_id), page, wiring.ports()))


@api.route("/v1/meetings", methods=["GET"])
@answers_plainly
def list_meetings() -> Response:
    """List the authority's log of meetings, latest first."""
    caller = requests.admitted(api.current_request, Scope.CASES_READ)
    return shown(reading.meetings(caller.authority, requests.page(api.current_request), wiring.ports()))


@api.route("/v1/tasks", methods=["GET"])
@answers_plainly
def list_tasks() -> Response:
    """List the authority's open tasks, oldest first."""
    caller = requests.admitted(api.current_request, Scope.CASES_READ)
    return shown(reading.tasks(caller.authority, requests.page(api.current_request), wiring.ports()))
