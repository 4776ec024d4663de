"""From a message to the words that people read, one template for each occasion.

A letter names a case, a clause, a role and a date; one of the service's own names no clause. It says
nothing about the child.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Template
from urllib.parse import quote

from chalicelib.core.errors import NotInThisRelease
from chalicelib.core.london import day_of
from chalicelib.core.saying import said_by, said_day
from chalicelib.ports import Letter, Message

NO_WORDING = "no_wording"
MOST_SUBJECT = 100
# Printed numbers of clauses are as their documents have them: "Agenda 1–7".
TYPOGRAPHIC = str.maketrans({"–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"'})
WORDING = Path(__file__).parent / "wording"


def write(message: Message, address: str, link_base: str) -> Letter:
    """Put a message in words. Raises NotInThisRelease where a template of it is missing."""
    cited = message.cited or f"clause {message.printed}"
    words = {
        "case": message.case_id,
        "clause": cited,
        "Clause": cited[0].upper() + cited[1:],
        "role": message.role_label,
        "due": f"{said_day(message.due_on)}{said_by(message.due_by)}" if message.due_on else "",
        "was": said_day(message.was_due_on) if message.was_due_on else "",
        "because": message.because or "",
        "reference": message.about,
        "since": said_day(day_of(message.created_at)),
        "link": f"{link_base}/v1/cases/{quote(message.case_id, safe='')}",
    }
    subject, _, body = _template(template_name(message.occasion)).substitute(words).partition("\n")
    frame = [_template(name).substitute(words) for name in _phrases(message)]
    return Letter(
        message_id=message.id,
        address=address,
        subject=_as_subject(subject.removeprefix("Subject: ")),
        body="\n\n".join(part.strip() for part in (body, *frame)) + "\n",
    )


def _as_subject(text: str) -> str:
    """Return a text as every channel takes a subject: SNS wants ASCII, and fewer than 100 letters."""
    plain = text.translate(TYPOGRAPHIC).encode("ascii", "ignore").decode()
    return plain if len(plain) < MOST_SUBJECT else plain[: MOST_SUBJECT - 4] + "..."


def template_name(occasion: str) -> str:
    """Name the template of an occasion: its first word, and for a rung which kind of rung."""
    parts = re.split(r"[|:]", occasion)
    return "-".join(parts[:2]) if parts[0] == "rung" else parts[0]


@cache
def wordings() -> Mapping[str, Template]:
    """Read every template once. Those that begin with an underscore are phrases of all of them."""
    return {path.stem: Template(path.read_text(encoding="utf-8")) for path in WORDING.glob("*.txt")}


def _template(name: str) -> Template:
    found = wordings().get(name)
    if found is None:
        raise NotInThisRelease(NO_WORDING)
    return found


def _phrases(message: Message) -> list[str]:
    if not message.clause:
        return ["_role", "_own_foot"]
    names = [_told_as(message), "_foot"]
    if message.due_on:
        names.insert(0, "_due_provisional" if message.provisional else "_due")
    if message.was_due_on:
        names.insert(0, "_was")
    if message.because:
        names.insert(0, "_because")
    return names


def _told_as(message: Message) -> str:
    """Name the phrase that says as whom somebody is told: in the role, or one or two steps from it."""
    step = "_manager" if message.via_manager else "_deputy" if message.via_deputy else "_role"
    return f"{step}_of_manager" if message.of_manager else step
