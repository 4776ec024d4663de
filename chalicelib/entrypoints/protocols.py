"""The doors to an authority's protocols: rehearsing one, on facts that are never stored."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.credentials import Scope
from chalicelib.entrypoints import requests
from chalicelib.entrypoints.answers import answers_plainly, shown
from chalicelib.entrypoints.pictures import drawn, wants_picture

protocols = Blueprint(__name__)


@protocols.route("/v1/protocols/{protocol_id}/rehearsals", methods=["POST"])
@answers_plainly
def rehearse(protocol_id: str) -> Response:
    """Tell back what would follow from a story, or draw it for whoever asks for a picture."""
    # Imported here: rehearsals are rare, and everybody's cold start would pay for them.
    from chalicelib import rehearsals, retold

    request = protocols.current_request
    caller = requests.admitted(request, Scope.CASES_READ)
    raw = requests.json_body(request)
    walk = rehearsals.rehearse(caller.authority, protocol_id, raw, wiring.ports())
    return drawn(retold.draw(walk)) if wants_picture(request) else shown(retold.retell(walk))
