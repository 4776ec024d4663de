"""Signed webhooks from the council's other systems: the same facts, into the same corridor."""

import json
import re

from chalice.app import Blueprint, Request, Response

from chalicelib import credentials, parse, service, signing, wiring
from chalicelib.core.errors import InvalidInput, NotAuthentic, NotFound, Problem
from chalicelib.core.facts import BY_KIND, Fact, ReferralReceived
from chalicelib.credentials import Scope
from chalicelib.entrypoints import requests
from chalicelib.entrypoints.answers import accepted, answers_plainly
from chalicelib.parse import Envelope
from chalicelib.ports import Integration
from chalicelib.signing import Signed
from chalicelib.visits import Accepted, Incoming

webhooks = Blueprint(__name__)

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


@webhooks.route("/v1/webhooks/{integration}", methods=["POST"])
@answers_plainly
def receive_webhook(integration: str) -> Response:
    """Record the fact in a signed message; a message seen before gets its first answer."""
    request = webhooks.current_request
    signed = Signed.from_headers(request.headers)
    raw = _body(request)
    sender = _sender(integration)
    signing.verify(signed, raw, wiring.ports().access.secrets(sender), wiring.now())
    credentials.require(Scope.FACTS_WRITE, sender.scopes)
    key = f"webhook|{sender.name}|{signed.message_id}"
    return accepted(_recorded(parse.envelope(raw), key, requests.body_hash(request, raw), sender))


def _body(request: Request) -> bytes:
    try:
        return requests.json_body(request)
    except InvalidInput:
        raise NotAuthentic(signing.NOT_TRUSTED) from None


def _sender(name: str) -> Integration:
    """Return an integration that may send. A stranger never learns which ones there are."""
    found = wiring.ports().access.integration(name) if _NAME.fullmatch(name) else None
    if found is None or not found.enabled:
        raise NotAuthentic(signing.NOT_TRUSTED)
    return found


def _recorded(sent: Envelope, key: str, body_hash: str, sender: Integration) -> Accepted:
    fact, raw = _fact(sent, sender)
    incoming = Incoming(
        authority=sender.authority,
        subject=f"webhook:{sender.name}",
        key=key,
        body_hash=body_hash,
        fact_json=raw,
        learned_at=wiring.now(),
        seconds_left=requests.seconds_left(webhooks.current_request),
    )
    if sent.case_id is not None or not isinstance(fact, ReferralReceived):
        return service.record(requests.known_id(sent.case_id or ""), fact, incoming, wiring.ports())
    if fact.authority != sender.authority:
        raise NotFound("no such authority")
    return service.open_case(fact, incoming, wiring.ports())


def _fact(sent: Envelope, sender: Integration) -> tuple[Fact, str]:
    """Read the fact inside, and return it with its JSON text. Raises InvalidInput."""
    if sent.type not in BY_KIND:
        raise InvalidInput([Problem("type", "one of " + ", ".join(sorted(BY_KIND)))])
    if sent.type != parse.REFERRAL and sent.case_id is None:
        raise InvalidInput([Problem("case_id", "the case; only a referral may open one")])
    raw = json.dumps(sent.data, ensure_ascii=False)
    try:
        fact = parse.fact(sent.type, raw.encode(), wiring.now(), wiring.vocabulary(sender.authority))
    except InvalidInput as error:
        inside = [Problem(f"data.{each.field}", each.expected) for each in error.problems]
        raise InvalidInput(inside) from None
    return fact, raw
