"""A deadline whose calendar changed: by which of them it stands, and how it moved.

A change moves what is still to come. A deadline that was met or overdue when we learned of it keeps its
date, and none moves to a day that has passed: nobody is late for a holiday that was called off.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from chalicelib.core.case import Duty
from chalicelib.core.clocks import Clocks
from chalicelib.core.dates import DueDate
from chalicelib.core.editions import Editions, Learned, changed_days
from chalicelib.core.london import closes_at
from chalicelib.core.patterns import After
from chalicelib.core.rules import Rules
from chalicelib.core.saying import said_day
from chalicelib.core.trace import CALENDAR_CHANGED, Trace
from chalicelib.core.working_days import Calendar

Because = Callable[[Duty, Duty], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A deadline that a change of the calendar moved, and the change."""

    was: date
    now: date
    learned: Learned

    def said_why(self, opened_on: date) -> str:
        """Say which days did it."""
        last = max(self.was, self.now)
        return said_change(self.learned.before, self.learned.after, opened_on, last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """When a deadline is due, the clocks by whose calendar that is so, and how others gave way to it."""

    due: DueDate
    clocks: Clocks
    moved: tuple[Moved, ...] = ()


def counted(opened: Trace, due: After, settled: Trace | None, clocks: Clocks, editions: Editions) -> Counted:
    """Return by which calendar a deadline stands that a fact opened and perhaps another settled."""
    if not editions.learned:
        return Counted(due=clocks.after(opened.on, due), clocks=clocks)
    kept = clocks.by(editions.at(opened.learned_at))
    stands: DueDate | None = None
    moved: list[Moved] = []
    for learned in editions.since(opened.learned_at):
        if settled and _was_settled(settled, learned):
            break
        then, fresh = kept.as_of(learned.on), clocks.by(learned.after)
        if stands is None or clocks.pauses:
            stands = then.after(opened.on, due)
        was = stands.on
        if then.stopped_on and was >= then.stopped_on:
            # Its clock stood still: it had no date that could move.
            stands, kept = None, fresh
            continue
        if closes_at(was, clocks.cut_off) <= learned.at:
            break
        if learned.touches(opened.on, was):
            after = fresh.as_of(learned.on).after(opened.on, due)
            if closes_at(after.on, clocks.cut_off) <= learned.at:
                continue
            moved += [Moved(was=was, now=after.on, learned=learned)] if after.on != was else []
            stands = after
        elif learned.after.horizon != learned.before.horizon:
            stands = None
        kept = fresh
    if clocks.pauses or stands is None:
        stands = kept.after(opened.on, due)
    return Counted(due=stands, clocks=kept, moved=tuple(moved))


def _was_settled(settled: Trace, learned: Learned) -> bool:
    """Say whether a deadline was settled by the time a change was learned of."""
    return settled.on < learned.on or (settled.on == learned.on and settled.moment <= learned.at)


def reason_for(old: Duty, new: Duty, fact: Trace, rules: Rules) -> str | None:
    """Say which days moved a deadline; none where the fact is no change of the calendar."""
    if fact.kind != CALENDAR_CHANGED or old.due_on is None or new.due_on is None:
        return None
    before = rules.former_calendars.get(fact.words["from"][0], rules.calendar)
    return said_change(before, rules.calendar, new.opened_on, max(old.due_on, new.due_on))


def said_change(before: Calendar, after: Calendar, first: date, last: date) -> str:
    """Say what became of the days between two, the last included, from one calendar to another."""
    said = []
    for on in changed_days(before, after):
        if not first <= on <= last:
            continue
        if on in after.closed:
            said.append(f"{said_day(on)} is not counted any more: {after.closed[on]}.")
        else:
            said.append(f"{said_day(on)} is counted again, which was: {before.closed[on]}.")
    return " ".join(said)
