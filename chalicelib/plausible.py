"""What can only be judged of a fact with its case at hand: links that lead nowhere, days crossed."""

from collections.abc import Iterator

from chalicelib.core.case import Case
from chalicelib.core.errors import InvalidInput, Problem
from chalicelib.core.history import History
from chalicelib.core.trace import (
    CALENDAR_CHANGED,
    CHILD_HISTORY_CHANGED,
    FACT_WITHDRAWN,
    NOTICE_UNDELIVERED,
    PROTOCOL_MOVED,
    RECORD_OPENED,
    TIME_REACHED,
    Trace,
)

# What the service records itself nobody corrects.
SERVICE_KINDS = frozenset(
    {
        TIME_REACHED,
        CHILD_HISTORY_CHANGED,
        NOTICE_UNDELIVERED,
        PROTOCOL_MOVED,
        RECORD_OPENED,
        CALENDAR_CHANGED,
    }
)

# What can be told on the authority's own record, which is about no child.
ON_A_RECORD = frozenset(
    {
        "document_completed",
        "document_sent",
        "step_done",
        "details_recorded",
        "exception_recorded",
        "fact_withdrawn",
    }
)


def refuse_implausible(case: Case, fact: Trace, child_reference: str | None) -> None:
    """Raise InvalidInput naming every field that cannot be so on this case.

    `child_reference` is the one a referral names, none for other facts. A fact that is late or
    out of order is not implausible.
    """
    problems = [
        *_about_another_child(case, child_reference),
        *_about_a_child(case, fact),
        *_links(case, fact),
        *_crossed_days(case, fact),
        *_other_words(case, fact),
    ]
    if problems:
        raise InvalidInput(problems)


def _about_another_child(case: Case, child_reference: str | None) -> Iterator[Problem]:
    if child_reference is not None and child_reference != case.child_reference:
        yield Problem("child_reference", "the reference of the child whose case this is")


def _about_a_child(case: Case, fact: Trace) -> Iterator[Problem]:
    """Refuse a child's facts on the authority's own record."""
    if fact.kind not in ON_A_RECORD and any(each.kind == RECORD_OPENED for each in case.facts):
        yield Problem("kind", "a fact of the authority's own record: " + ", ".join(sorted(ON_A_RECORD)))


def _links(case: Case, fact: Trace) -> Iterator[Problem]:
    if fact.replaces:
        corrected = next((each for each in case.facts if each.id == fact.replaces), None)
        if corrected is None or corrected.kind in SERVICE_KINDS:
            yield Problem("replaces", "the id of a fact that was reported on this case")
        elif fact.kind not in (FACT_WITHDRAWN, corrected.kind):
            yield Problem("replaces", "the id of a fact of the same kind")
    if fact.for_id and fact.for_id not in _ids(case):
        yield Problem("for_id", "the id of a duty, a flag or a task of this case")


def _ids(case: Case) -> set[str]:
    standing = case.standing
    duties = {duty.id for duty in standing.duties}
    flags = {flag.id for flag in standing.flags}
    return duties | flags | {task.id for task in standing.tasks}


def _crossed_days(case: Case, fact: Trace) -> Iterator[Problem]:
    """Find an end before its start, whichever of the two is being told."""
    history = History(each for each in case.facts if each.id != fact.replaces)
    for start, end, link in PAIRS:
        if fact.kind not in (start, end):
            continue
        other = end if fact.kind == start else start
        for known in history.of_kind(other):
            if getattr(known, link) != getattr(fact, link):
                continue
            began, ended = (fact, known) if fact.kind == start else (known, fact)
            if ended.on < began.on:
                yield Problem("on", f"a day that lets {end} not come before {start}")
            elif ended.on == began.on and ended.at and began.at and ended.at < began.at:
                yield Problem("at", f"a moment that lets {end} not come before {start}")


def _other_words(case: Case, fact: Trace) -> Iterator[Problem]:
    """Find one meeting or process under two names: an id is of one of them."""
    for word, link in (("meeting", "meeting_id"), ("process", "process_id")):
        if word not in fact.words or getattr(fact, link) is None:
            continue
        known = (
            each
            for each in History(case.facts).facts
            if each.id != fact.replaces and word in each.words and getattr(each, link) == getattr(fact, link)
        )
        if any(each.words[word] != fact.words[word] for each in known):
            yield Problem(word, f"the {word} that this {link} stands for on this case")


PAIRS = (
    ("meeting_convened", "meeting_held", "meeting_id"),
    ("placement_started", "placement_ended", "placement_id"),
    ("process_opened", "process_ended", "process_id"),
)
