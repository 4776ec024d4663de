"""The doors for whoever operates an authority: what did not arrive, what is set aside, what was done by hand.

What concerns a whole stage (pausing, an address, what is of nobody known) is left to the command line.
"""

from collections.abc import Callable

from chalice.app import Blueprint, Response

from chalicelib import operations as corridor
from chalicelib import parse, reading, wiring
from chalicelib.credentials import Scope
from chalicelib.entrypoints import requests
from chalicelib.entrypoints.answers import accepted, answers_plainly, shown
from chalicelib.operations import Order
from chalicelib.visits import Accepted, Ports

operations = Blueprint(__name__)


# --- seeing ---------------------------------------------------------------------------------


@operations.route("/v1/operations/undelivered", methods=["GET"])
@answers_plainly
def list_undelivered() -> Response:
    """List the authority's messages that did not arrive or are set aside, latest first."""
    caller = requests.admitted(operations.current_request, Scope.OPERATIONS)
    page = requests.page(operations.current_request)
    return shown(reading.undelivered(caller.authority, page, wiring.ports()))


@operations.route("/v1/operations/messages/{message_id}", methods=["GET"])
@answers_plainly
def show_message(message_id: str) -> Response:
    """Show one message: what it is about and what became of it, never what it says."""
    caller = requests.admitted(operations.current_request, Scope.OPERATIONS)
    return shown(reading.message(caller.authority, requests.known_id(message_id), wiring.ports()))


@operations.route("/v1/operations/set-aside", methods=["GET"])
@answers_plainly
def list_set_aside() -> Response:
    """List the authority's cases that cannot be decided, longest first."""
    caller = requests.admitted(operations.current_request, Scope.OPERATIONS)
    page = requests.page(operations.current_request)
    return shown(reading.set_aside(caller.authority, page, wiring.ports()))


@operations.route("/v1/operations/set-aside/{case_id}", methods=["GET"])
@answers_plainly
def show_set_aside(case_id: str) -> Response:
    """Show one case that cannot be decided."""
    caller = requests.admitted(operations.current_request, Scope.OPERATIONS)
    return shown(reading.case_set_aside(caller.authority, requests.known_id(case_id), wiring.ports()))


@operations.route("/v1/operations/acts", methods=["GET"])
@answers_plainly
def list_acts() -> Response:
    """List what was done by hand in the authority, by whom and why, from either end."""
    caller = requests.admitted(operations.current_request, Scope.OPERATIONS)
    page = requests.page(operations.current_request, ordered=True)
    return shown(reading.acts(caller.authority, page, wiring.ports()))


# --- doing ----------------------------------------------------------------------------------


@operations.route("/v1/operations/messages/{message_id}/again", methods=["POST"])
@answers_plainly
def send_again(message_id: str) -> Response:
    """Have a message that did not arrive, or is set aside, sent anew from its first attempt on."""
    return _done(corridor.again, message_id)


@operations.route("/v1/operations/messages/{message_id}/cancel", methods=["POST"])
@answers_plainly
def cancel(message_id: str) -> Response:
    """Have a message not sent that waits, did not arrive or is set aside."""
    return _done(corridor.cancel, message_id)


@operations.route("/v1/operations/set-aside/{case_id}/redrive", methods=["POST"])
@answers_plainly
def redrive(case_id: str) -> Response:
    """Let the tick try a case again that is set aside."""
    return _done(corridor.redrive, case_id)


def _done(act: Callable[[str, Order, Ports], Accepted], about: str) -> Response:
    request = operations.current_request
    caller = requests.admitted(request, Scope.OPERATIONS)
    known = requests.known_id(about)
    reason, incoming = requests.received(request, caller, lambda raw, _: parse.shaped(corridor.Reason, raw))
    order = Order(by=caller.id, why=reason.why, at=incoming.learned_at, incoming=incoming)
    return accepted(act(known, order, wiring.ports()))
