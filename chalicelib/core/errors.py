"""What can go wrong.

ServiceError
├── Refused                 the caller must change something (4xx)
│   ├── InvalidInput        names every field that is wrong and what was expected
│   ├── NotAuthentic        a signature or token that we do not trust
│   ├── NotAllowed          a credential without the scope for this door
│   ├── NotFound            no such thing, or a thing of another authority
│   ├── Tripped             a proposal that a clause does not allow as it stands
│   ├── NotNow              what a person asked for by hand, and the state of the thing does not allow
│   ├── StaleVersion        If-Match names a version that is no longer the case's
│   ├── TooMuch             more than a case, or one transaction, can hold
│   ├── KeyReused           an idempotency key seen before with another request
│   └── AlreadyReceived     the same request came before; answered as it was then
├── CaseChanged             someone else got there first; reload and decide again
├── Busy                    deciding again did not help within its bound; come back
├── Unreadable              what is stored no longer parses
├── LeftUndone              part of a schedule's work could not be done; all the rest was
├── NotClaimed              a message that is not ours to send: taken, sent or cancelled
│   └── SetAside            it can no longer be read, and was taken out of the others' way just now
├── NoProtocol              this release lacks a protocol by which a case or an authority works
├── ProtocolInvalid         a protocol file that cannot be used; lists every mistake
└── DeliveryFailed
    ├── TryAgainLater       worth another attempt
    │   └── OutcomeUnknown  it may have arrived: the acknowledgement was lost
    ├── WillNeverArrive     no attempt will help; tell a person
    └── NotInThisRelease    this release has no words or no channel for it; another may
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One field that is wrong: where it is (`to[1].role`) and what was expected there."""

    field: str
    expected: str


class ServiceError(Exception):
    """The root of everything that Holdfast raises on purpose."""


class Refused(ServiceError):
    """The caller must change something before trying again."""


class InvalidInput(Refused):
    """Names every field that is wrong; never repeats what was sent."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{each.field}: {each.expected}" for each in problems))
        self.problems = tuple(problems)


class NotAuthentic(Refused):
    """A signature or a token that we do not trust."""


class NotAllowed(Refused):
    """A credential that is good, without the scope that this door asks for."""


class NotFound(Refused):
    """No such thing here; said alike of what does not exist and what is another authority's."""


class Tripped(Refused):
    """A proposal that clauses do not allow as it stands.

    `reasons` holds, for each clause, what is missing and every exception with what stands in its
    way: values that can be answered as JSON, without a word about the child.
    """

    def __init__(self, reasons: Sequence[Mapping[str, object]]) -> None:
        super().__init__(", ".join(str(each["clause"]) for each in reasons))
        self.reasons = tuple(reasons)


class NotNow(Refused):
    """What somebody wants done by hand, and the state of what it is about, `state`, does not allow."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class StaleVersion(Refused):
    """`If-Match` names a version of the case that is no longer the latest."""


class TooMuch(Refused):
    """More would be stored than one case, or one transaction, can hold; nothing was."""


class KeyReused(Refused):
    """This idempotency key came before with another request."""


class AlreadyReceived(Refused):
    """This request was stored before; its first answer stands."""


class CaseChanged(ServiceError):
    """The case moved on between loading and storing: reload and decide again."""


class Busy(ServiceError):
    """Too many writers on one case at once; nothing was stored."""


class Unreadable(ServiceError):
    """What is stored can no longer be read as what it was: trying again mends nothing."""


class LeftUndone(ServiceError):
    """Part of a schedule's work could not be done; all the rest was, and the next run tries again.

    Raised at the end, so that the function fails and its alarm is heard: a log line tells nobody.
    """

    def __init__(self, done: int, left: int) -> None:
        super().__init__(f"{left} could not be done; {done} were")
        self.done = done
        self.left = left


class NotClaimed(ServiceError):
    """The message is leased by another worker, already dealt with, or cancelled."""


class SetAside(NotClaimed):
    """The message can no longer be read: it was set aside, for an operator to look at."""


class NoProtocol(ServiceError):
    """This release has no file of a protocol that was worked by: our fault, and no caller's.

    Whoever sends something is to send it again until a release has it. What a caller names in a
    request is held against what the authority has chosen, and refused before anything is loaded.
    """


class ProtocolInvalid(ServiceError):
    """A protocol file that cannot be used.

    `problems` lists every mistake found, each with the place it stands.
    """

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        lines = "\n".join(f"  {each.field}: {each.expected}" for each in problems)
        super().__init__(f"{source} cannot be used:\n{lines}")
        self.problems = tuple(problems)


class DeliveryFailed(ServiceError):
    """A provider did not take a message."""


class TryAgainLater(DeliveryFailed):
    """Worth another attempt: throttled, timed out, unavailable."""


class OutcomeUnknown(TryAgainLater):
    """The provider may have taken it: wait longer than its delivery events take."""


class WillNeverArrive(DeliveryFailed):
    """No attempt will help: no such address, refused, no contact. A person must be told."""


class NotInThisRelease(DeliveryFailed):
    """No words for it, or no such channel, in this release: whoever runs the service must hear of it."""
