"""The doors to an authority's protocols: rehearsing one, on facts that are never stored."""

from http import HTTPStatus

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.credentials import Scope
from chalicelib.entrypoints import requests
from chalicelib.entrypoints.answers import answers_plainly, shown

SVG = "image/svg+xml"

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
    return _drawn(retold.draw(walk)) if _wants_picture(request) else shown(retold.retell(walk))


def _wants_picture(request: Request) -> bool:
    """Say whether SVG is what the caller would have first."""
    return (request.headers.get("accept") or "").split(",")[0].split(";")[0].strip().lower() == SVG


def _drawn(picture: str) -> Response:
    # Sent as text: API Gateway passes on what is not declared binary as it is.
    headers: dict[str, str | list[str]] = {"Content-Type": SVG, "Cache-Control": "no-store"}
    return Response(body=picture, status_code=int(HTTPStatus.OK), headers=headers)
