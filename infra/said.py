"""What the demonstration prints of requests, answers and letters, in as few words as will do."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]

WIDTH = 100
INDENT = " " * 9


def wrapped(text: str, first: str = INDENT, then: str = INDENT) -> str:
    """Return a text in lines of one width, the first begun so and the others so."""
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=then, break_on_hyphens=False)


def in_short(kind: str, body: Json) -> str:
    """Name a fact by its kind, its word and by whom it was done."""
    names = [str(body[each]) for each in ("meeting", "document", "step", "process") if each in body]
    people = [f"by {each['person_id']}" for each in body.get("by", ()) if "person_id" in each]
    return " ".join([kind, *names, *people])


def outcome(body: Json) -> str:
    """Say in a few words what a request led to, or why it was refused."""
    if "changes" in body:
        return _followed(body)
    return "\n".join([str(body.get("title", "")), *_reasons(body.get("reasons", ()))])


def _followed(body: Json) -> str:
    clauses: dict[str, list[str]] = {}
    for each in body["changes"]:
        clauses.setdefault(each["what"], []).append(each["clause"])
    said = [f"{what} {', '.join(dict.fromkeys(named))}".strip() for what, named in clauses.items()]
    told = body["notices"]
    return "; ".join(said or ["recorded"]) + (f" ({told} notice{'' if told == 1 else 's'})" if told else "")


def _reasons(reasons: Sequence[Json]) -> Iterator[str]:
    for reason in reasons:
        said = f"{reason['clause']} ({reason['printed']}): {reason['reason']}"
        yield wrapped(said, INDENT, f"{INDENT}  ")
        for way in reason["exceptions"]:
            yield f"{INDENT}  exception {way['name']}: {', '.join(way['not_open_because'])}"


def mail(letters: Sequence[Json]) -> Iterator[str]:
    """Yield a line for each subject, with everybody who got a letter of it."""
    for subject in dict.fromkeys(each["Subject"] for each in letters):
        to = {to for each in letters if each["Subject"] == subject for to in each["To"]}
        names = ", ".join(sorted(each.partition("@")[0] for each in to))
        yield wrapped(f"{names}: {subject}", "  ✉    ")


def notices(published: Sequence[Json]) -> Iterator[str]:
    """Yield a line for each subject that topics passed on, with the topics."""
    for subject in dict.fromkeys(each["Subject"] for each in published):
        topics = {each["TopicArn"] for each in published if each["Subject"] == subject}
        names = ", ".join(sorted(each.rpartition("-notice-")[2] for each in topics))
        yield wrapped(f"topic {names}: {subject}", "  ☷    ")
