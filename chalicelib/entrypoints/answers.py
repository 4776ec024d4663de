"""What a door says: JSON where all went well, and a problem in plain words where it did not.

A log line says what happened, in fixed words and ids: neither an error's own text nor the path
that was asked for reaches it, since a name might be in them.
"""

import json
import logging
import traceback
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from typing import ParamSpec

from chalice.app import Request, Response

from chalicelib import wiring
from chalicelib.core.errors import ServiceError
from chalicelib.entrypoints import problems
from chalicelib.entrypoints.problems import Problem
from chalicelib.visits import Accepted

Asked = ParamSpec("Asked")

log = logging.getLogger(__name__)


def answers_plainly(view: Callable[Asked, Response]) -> Callable[Asked, Response]:
    """Turn whatever a door raises into an answer.

    Chalice's middleware cannot do it: an exception is a 500 before middleware sees it.
    """

    @wraps(view)
    def answered(*args: Asked.args, **kwargs: Asked.kwargs) -> Response:
        try:
            return view(*args, **kwargs)
        except ServiceError as error:
            return _refused(error)
        except Exception as error:  # noqa: BLE001 - the last door before the caller
            return _failed(error)

    return answered


def accepted(done: Accepted) -> Response:
    """Answer a write: now, or again as it was answered the first time."""
    headers = {"Idempotency-Replayed": "true"} if done.replayed else {}
    return _json(done.answer, done.status, {**headers, **_tag(done.version)})


def shown(view: Mapping[str, object]) -> Response:
    """Answer a read; a view that carries a version is tagged with it."""
    return _json(json.dumps(view, ensure_ascii=False), HTTPStatus.OK, _tag(view.get("version")))


def in_plain_words(request: Request, respond: Callable[[Request], Response]) -> Response:
    """Say as a problem what Chalice refuses before a route runs, and log every answer.

    The route is logged as it is declared (`/v1/cases/{case_id}`), not as it was asked for.
    """
    wiring.configure_logging()
    response = respond(request)
    if response.status_code >= HTTPStatus.BAD_REQUEST and not _is_problem(response):
        allowed = {name: str(value) for name, value in response.headers.items() if name == "Allow"}
        response = _problem(Problem(status=HTTPStatus(response.status_code), headers=allowed))
    log.info(
        "request answered",
        extra={
            "method": request.method,
            "route": request.path,
            "status": response.status_code,
            "request_id": request.context.get("requestId"),
        },
    )
    return response


def _refused(error: ServiceError) -> Response:
    said = problems.plainly(error)
    return _problem(said, problems.particulars(error)) if said else _failed(error)


def _failed(error: Exception) -> Response:
    """Tell the caller only that we failed, and the log what and where: never the error's text."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    trouble = {"error": type(error).__name__, "file": Path(where.filename).name, "line": where.lineno}
    log.error("request failed", extra=trouble)
    return _problem(Problem(status=HTTPStatus.INTERNAL_SERVER_ERROR))


def _problem(said: Problem, particulars: Mapping[str, object] | None = None) -> Response:
    return _json(said.body(particulars), said.status, said.headers, problems.MEDIA_TYPE)


def _is_problem(response: Response) -> bool:
    return response.headers.get("Content-Type") == problems.MEDIA_TYPE


def _tag(version: object) -> Mapping[str, str]:
    return {"ETag": f'"{version}"'} if isinstance(version, int) else {}


def _json(
    body: str, status: int, headers: Mapping[str, str], media_type: str = "application/json"
) -> Response:
    # Nothing of a case may lie in a cache on the way.
    sent: dict[str, str | list[str]] = {"Content-Type": media_type, "Cache-Control": "no-store", **headers}
    return Response(body=body, status_code=int(status), headers=sent)
