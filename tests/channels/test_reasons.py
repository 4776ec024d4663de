"""Why a notice never arrived: every reason that the code can give has words."""

import ast
import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from chalicelib.channels import delivery_events
from chalicelib.core.undelivered import UNFORESEEN, WHY, said_why
from chalicelib.ports import UNDELIVERED
from chalicelib.store import claims, outbox

RAISED = {"WillNeverArrive", "TryAgainLater", "OutcomeUnknown", "NotInThisRelease"}
# What SES documents of a bounce and of a complaint.
BOUNCES = {
    "Undetermined": ("Undetermined",),
    "Permanent": ("General", "NoEmail", "Suppressed", "OnAccountSuppressionList"),
    "Transient": (
        "General",
        "MailboxFull",
        "MessageTooLarge",
        "ContentRejected",
        "AttachmentRejected",
        "CustomTimeoutExceeded",
    ),
}
COMPLAINTS = ("abuse", "auth-failure", "fraud", "not-spam", "other", "virus")


def modules() -> Iterator[ModuleType]:
    for name in ("channels", "dispatch", "settle"):
        module = importlib.import_module(f"chalicelib.{name}")
        yield module
        for each in pkgutil.iter_modules(getattr(module, "__path__", [])):
            yield importlib.import_module(f"chalicelib.{name}.{each.name}")


def raised_in(module: ModuleType) -> Iterator[str]:
    """Yield each reason that a module gives: what it raises by name, and what its table of codes says."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    calls = [each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Call)]
    for call in calls:
        if isinstance(call.func, ast.Name) and call.func.id in RAISED and call.args:
            match call.args[0]:
                case ast.Constant(value=str(reason)):
                    yield reason
                case ast.Name(id=name) if name.isupper():
                    yield getattr(module, name)
                case ast.IfExp(body=ast.Name(id=one), orelse=ast.Name(id=other)):
                    yield from (getattr(module, one), getattr(module, other))
    yield from getattr(module, "_FINAL", {}).values()
    yield from (value for name, value in vars(module).items() if name in CONSTANTS)


# Reasons that are passed on by name rather than raised where they stand.
CONSTANTS = {
    name
    for name in vars(importlib.import_module("chalicelib.channels.addressing"))
    if name.startswith("NO_") and name.isupper()
}


def events() -> Iterator[str]:
    """Yield the reason that each delivery event gives that says of a message that it never arrives."""
    for sort, subsorts in BOUNCES.items():
        yield from (told("Bounce", {"bounceType": sort, "bounceSubType": each}) for each in subsorts)
    yield from (told("Complaint", {"complaintFeedbackType": each}) for each in COMPLAINTS)
    yield from (told(each, {}) for each in ("Complaint", "Reject", "Rendering Failure"))


def told(kind: str, part: dict[str, str]) -> str:
    mail = {"timestamp": "2026-10-15T09:00:00Z"}
    return delivery_events.read(json.dumps({"eventType": kind, "mail": mail, kind.lower(): part})).reason


REASONS = sorted(
    {reason for module in modules() for reason in raised_in(module)}
    | set(events())
    | {str(state) for state in UNDELIVERED}
    | {outbox.DELAYED, claims.CANNOT_BE_READ}
)


def test_the_reasons_are_found_where_they_are_given() -> None:
    assert {"no_contact", "no_deputy", "no_wording", "no_channel", "gave_up"} <= set(REASONS)
    assert {"rejected", "no_such_topic", "not_sendable", "throttled", "unknown_outcome"} <= set(REASONS)
    assert {"unavailable", "refused", "bounce_permanent_noemail", "complaint_abuse", "BOUNCED"} <= set(
        REASONS
    )


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_words(reason: str) -> None:
    assert said_why(reason) != UNFORESEEN


def test_a_bounce_that_nobody_has_words_for_is_said_by_its_sort() -> None:
    assert said_why("bounce_permanent_unsubscribed_recipient") == WHY["bounce_permanent"]
    assert said_why("bounce_something_else") == WHY["bounce"]
    assert said_why("") == said_why("struck_by_lightning") == UNFORESEEN


@pytest.mark.parametrize("said", [*WHY.values(), UNFORESEEN])
def test_what_is_said_can_stand_after_a_colon(said: str) -> None:
    assert ":" not in said
    assert not said.endswith(".")
    assert said[0].islower()
