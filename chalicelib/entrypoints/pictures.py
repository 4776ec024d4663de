"""What doors share that answer with a picture where one is asked for."""

from http import HTTPStatus

from chalice.app import Request, Response

SVG = "image/svg+xml"


def wants_picture(request: Request) -> bool:
    """Say whether SVG is what the caller would have first."""
    return (request.headers.get("accept") or "").split(",")[0].split(";")[0].strip().lower() == SVG


def drawn(picture: str) -> Response:
    """Answer with a picture."""
    # Sent as text: API Gateway passes on what is not declared binary as it is.
    headers: dict[str, str | list[str]] = {"Content-Type": SVG, "Cache-Control": "no-store"}
    return Response(body=picture, status_code=int(HTTPStatus.OK), headers=headers)
