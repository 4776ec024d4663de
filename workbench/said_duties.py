"""A duty in sentences: when it opens, whose it is, what meets it, and by when."""

from collections.abc import Iterator
from datetime import date

from chalicelib.core.effects import Obligation
from chalicelib.core.labels import listed, said_roles
from chalicelib.core.patterns import After, AtOnce, By, Due, On, Unit
from chalicelib.core.protocol import Protocol
from chalicelib.core.saying import said_events
from workbench.said import Said, sentence

UNITS = {Unit.WORKING_DAYS: "working day", Unit.DAYS: "day", Unit.WEEKS: "week", Unit.MONTHS: "month"}


def said_obligation(duty: Obligation, protocol: Protocol) -> Iterator[Said]:
    """Yield what a duty says."""
    yield Said("when", sentence(f"it opens {_opens(duty, protocol)}"))
    yield Said("owner", sentence(f"it is owed by {said_roles(duty.owner, protocol)}"))
    yield Said("until", sentence(f"it is met when {said_events(duty.until, protocol)}"))
    yield Said("due", said_due(duty.due, protocol))
    if duty.not_before:
        yield Said(
            "not_before",
            f"Not before {said_after(duty.not_before)} have passed: what comes earlier is flagged, and does"
            f" not meet it.{_figure(duty.not_before)}",
        )
    if duty.lapses:
        yield Said("lapses", sentence(f"it ends unmet when {said_events(duty.lapses, protocol)}"))
    if duty.joins:
        yield Said("joins", "While it is open, whatever would open it again joins it.")
    if duty.tell:
        yield Said("tell", sentence(f"told when it opens: {said_roles(duty.tell, protocol, 'and')}"))


def said_due(due: Due | None, protocol: Protocol) -> str:
    """Return by when something is due, and whose the figure is."""
    match due:
        case None:
            return "No time limit is given."
        case AtOnce():
            return "It is due at once, on the same day."
        case On():
            return "It is due on the day that was planned."
        case By():
            return sentence(f"it is due before {said_events(due.patterns, protocol)}")
        case After():
            return f"It is due within {said_after(due)}.{_figure(due)}"


def said_after(due: After) -> str:
    """Return a number with its unit: `3 working days`."""
    return f"{due.count} {UNITS[due.unit]}{'' if due.count == 1 else 's'}"


def _figure(due: After) -> str:
    """Say of a figure that the text doesn't give it."""
    if due.basis == "clause":
        return ""
    return f" The figure is local policy{f' ({due.source})' if due.source else ''}; the text gives none."


def _opens(duty: Obligation, protocol: Protocol) -> str:
    if not duty.each_year_on:
        return f"when {said_events(duty.when, protocol)}"
    # Any year will do: 29 February is refused by the reader.
    days = [date(2026, month, day) for month, day in duty.each_year_on]
    said = listed([f"{day.day} {day:%B}" for day in days], "and")
    return f"every year on {said}, on the authority's own record"
