"""What comes of a worked example, in plain words: what is owed, refused, flagged, and who hears."""

from collections.abc import Iterator, Mapping

from chalicelib.core.labels import listed, said_part, said_roles
from chalicelib.core.people import WHY_NOT
from chalicelib.core.protocol import Protocol

Table = Mapping[str, object]

STATES = {
    "open": "it is owed",
    "met": "it is met",
    "missed": "it is missed, and can no longer be done in time",
    "lapsed": "it lapses, and is no longer owed",
    "excused": "it is excused",
    "withdrawn": "it is withdrawn: it never applied",
}
ANSWERS = {
    "refused": "it is refused",
    "breach": "it is recorded and flagged as a breach",
    "excepted": "it passes by what was claimed",
    "safety": "it goes through for the child's safety, and is flagged",
    "excused": "the breach is excused afterwards",
    "none": "nothing stands in its way",
}


def said_outcome(wanted: Table, protocol: Protocol) -> str:
    """Return one expectation in sentences: `It is owed, due on Wed 28 Oct 2026. Told: the carer.`"""
    if wanted.get("none"):
        return "Nothing is owed and nothing is flagged."
    owed = ", ".join(_owed(wanted))
    said = [*_answered(wanted, protocol), *([owed] if owed else [])]
    if wanted.get("told"):
        said.append(f"told: {said_roles(_list(wanted['told']), protocol, 'and')}")
    return " ".join(f"{each[:1].upper()}{each[1:]}." for each in said)


def _answered(wanted: Table, protocol: Protocol) -> Iterator[str]:
    if "answer" in wanted:
        yield ANSWERS[str(wanted["answer"])]
    if wanted.get("missing"):
        yield f"missing: {listed([_missing(name, protocol) for name in _list(wanted['missing'])], 'and')}"
    if wanted.get("offers"):
        names = [f"“{name.replace('_', ' ')}”" for name in _list(wanted["offers"])]
        noun = "exception" if len(names) == 1 else "exceptions"
        yield f"open to it: the {noun} {listed(names, 'and')}"


def _missing(name: str, protocol: Protocol) -> str:
    if name.startswith(WHY_NOT):
        name = name.removeprefix(WHY_NOT)
    return protocol.roles[name].label if name in protocol.roles else f"“{said_part(name, protocol)}”"


def _owed(wanted: Table) -> Iterator[str]:
    if "state" in wanted:
        yield STATES[str(wanted["state"])]
    if "due_on" in wanted:
        yield f"{'due' if wanted.get('state') == 'open' else 'it was due'} on {wanted['due_on']}"
    if "left" in wanted:
        yield f"with {wanted['left']} still to do" if wanted["left"] else "with nothing left to do"
    if "halted" in wanted:
        yield "its clock stands still" if wanted["halted"] else "its clock runs"


def _list(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
