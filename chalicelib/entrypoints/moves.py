"""The doors at which a case is moved to other versions of its protocols, and first shown the effect."""

from chalice.app import Blueprint, Response

from chalicelib import moves as corridor
from chalicelib import parse, wiring
from chalicelib.credentials import Scope
from chalicelib.entrypoints import requests
from chalicelib.entrypoints.answers import accepted, answers_plainly, shown
from chalicelib.visits import Incoming

moves = Blueprint(__name__)


@moves.route("/v1/cases/{case_id}/protocol-moves", methods=["POST"])
@answers_plainly
def move_case(case_id: str) -> Response:
    """Move a case to other protocols: journalled, and told where something changed for somebody."""
    asked, incoming = _received(keyed=True)
    return accepted(corridor.move(requests.known_id(case_id), asked, incoming, wiring.ports()))


@moves.route("/v1/cases/{case_id}/protocol-moves/preview", methods=["POST"])
@answers_plainly
def preview_move(case_id: str) -> Response:
    """Show what a move would change; nothing is stored."""
    asked, incoming = _received(keyed=False)
    return shown(corridor.preview(requests.known_id(case_id), asked, incoming, wiring.ports()))


def _received(*, keyed: bool) -> tuple[corridor.ProtocolMove, Incoming]:
    request = moves.current_request
    caller = requests.admitted(request, Scope.PROTOCOLS_MOVE)
    return requests.received(
        request,
        caller,
        lambda raw, _: parse.shaped(corridor.ProtocolMove, raw),
        key=None if keyed else corridor.PREVIEW,
    )
