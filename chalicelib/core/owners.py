"""Who owes a duty: roles as the clause names them, and whoever its meeting names for its own."""

from collections.abc import Mapping

from chalicelib.core.matching import ABOUT_MEETINGS, BUILT_IN, seats_of
from chalicelib.core.openings import MEETINGS, Opening
from chalicelib.core.patterns import Is
from chalicelib.core.trace import Trace


def owners(opening: Opening) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Return the roles that owe a duty, and the people whom its meeting names for built-in ones.

    Until a chair is named, a chair's duty is that of the role that the word says.
    """
    roles: list[str] = []
    named: dict[str, str] = {}
    for role in opening.obligation.owner:
        if role not in BUILT_IN:
            roles.append(role)
            continue
        seat = next(iter(seats_of(_meeting(opening), role)), None)
        if seat is None:
            word = opening.view.protocol.roles[role]
            roles.append(word.until_named or role)
        elif seat.person_id is None:
            roles += seat.roles
        else:
            roles.append(role)
            named[role] = seat.person_id
    return tuple(dict.fromkeys(roles)), named


def _meeting(opening: Opening) -> Trace | None:
    """Return the meeting that a duty is about: its opening's, or the one it is met through."""
    history, fact = opening.view.history, opening.fact
    if fact.kind in (*MEETINGS, *ABOUT_MEETINGS):
        return history.meeting(history.meeting_of(fact))
    kinds = _asked_for(opening)
    for kind in MEETINGS:
        for meeting in reversed(history.of_kind(kind)):
            if meeting.on >= fact.on and not kinds.isdisjoint(meeting.words.get("meeting", ())):
                return history.meeting(meeting.meeting_id)
    return None


def _asked_for(opening: Opening) -> frozenset[str]:
    """Return the kinds of meeting that settle a duty, or that a document settling it is about."""
    tests = (test for pattern in opening.obligation.until for test in pattern.tests)
    return frozenset(
        word for test in tests if isinstance(test, Is) and test.field == "meeting" for word in test.words
    )
