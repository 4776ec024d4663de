"""A walk told back: what each step did, who heard of it and why, and how everything stands at the end."""

from collections.abc import Mapping

from chalicelib.core.case import Change, Duty, Flag, Hold, Notice
from chalicelib.core.explaining import explain_duty, explain_flag, explain_hold
from chalicelib.core.history import History
from chalicelib.core.narrating import About, Narrator, basis, is_news, occasion_sort, short_moment, stood
from chalicelib.core.trace import Trace
from chalicelib.core.walking import Step, Walk
from chalicelib.refusal import reasons_for
from chalicelib.timeline.lines import lines
from chalicelib.timeline.picture import picture_of

View = Mapping[str, object]


def retell(walk: Walk) -> View:
    """Return a walk as values that can be written as JSON."""
    teller = _Teller(walk)
    standing = walk.case.standing
    return {
        "protocols": [{"id": each.id, "title": each.title} for each in walk.rules.protocols],
        "began": walk.began.isoformat(),
        "until": walk.until.isoformat(),
        "complete": walk.complete,
        "steps": [teller.step(step) for step in walk.steps],
        "duties": [teller.duty(duty) for duty in standing.duties],
        "flags": [teller.flag(flag) for flag in standing.flags],
        "holds": [teller.hold(hold) for hold in standing.holds],
        "timeline": list(lines(picture_of(walk))),
    }


def draw(walk: Walk) -> str:
    """Return a walk as a timeline picture, in SVG."""
    # Imported here: few requests draw, and parsing XML is not for a cold start to load.
    from chalicelib.timeline.drawing import draw as drawn

    return drawn(picture_of(walk))


class _Teller:
    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.rules = walk.rules
        self.narrator = Narrator(protocols=walk.rules.protocols, calendar=walk.rules.calendar)
        self.history = History(walk.case.facts)
        self.numbers = {
            step.decision.fact.id: number
            for number, step in enumerate((step for step in walk.steps if step.told), start=1)
        }

    # --- steps --------------------------------------------------------------------------

    def step(self, step: Step) -> View:
        """Return one moment: what was told or that only the clock moved, and what came of it."""
        known = stood(step.before, step.decision.after.standing)
        reasons = reasons_for(step.refused, step.decision, self.rules) if step.refused else ()
        # Of what was not taken nothing followed.
        decision = None if step.refused else step.decision
        changes = decision.changes if decision else ()
        notices = decision.notices if decision else ()
        return {
            "at": step.at.isoformat(),
            "said_at": short_moment(step.at),
            **self._told(step),
            "refused_because": list(reasons),
            "changes": [
                self._change(each, known.get(each.about))
                for each in changes
                if is_news(each, known.get(each.about))
            ],
            "notices": [self._notice(each, known.get(each.about), step) for each in notices],
        }

    def _told(self, step: Step) -> View:
        if step.told is None:
            return {"number": None, "fact": None, "answer": None}
        fact = step.decision.fact
        answer = "refused" if step.refused else "accepted" if step.told.proposed else "recorded"
        return {"number": self.numbers[fact.id], "fact": self._fact(fact), "answer": answer}

    def _fact(self, fact: Trace) -> View:
        return {
            "id": fact.id,
            "kind": fact.kind,
            "on": fact.on.isoformat(),
            "sentence": f"{self.narrator.fact(fact)}.",
            "particulars": self.narrator.particulars(fact),
        }

    def _change(self, change: Change, about: About | None) -> View:
        return {
            "what": change.what,
            "about": change.about,
            "clause": change.clause,
            "was": change.was,
            "now": change.now,
            "sentence": self.narrator.change(change, about),
        }

    def _notice(self, notice: Notice, about: About | None, step: Step) -> View:
        return {
            "role": notice.role,
            "person_id": notice.person_id,
            "via_manager": notice.via_manager,
            "about": notice.about,
            "clause": notice.clause,
            "occasion": occasion_sort(notice.occasion),
            "basis": basis(notice, about),
            "urgency": notice.urgency,
            "due_on": notice.due_on.isoformat() if notice.due_on else None,
            "sentence": self.narrator.notice(notice, about, step.at),
        }

    # --- the end ------------------------------------------------------------------------

    def duty(self, duty: Duty) -> View:
        """Return a duty as it stands, explained."""
        return {
            "id": duty.id,
            "protocol": duty.protocol,
            "clause": duty.clause,
            "state": str(duty.state),
            "owner": list(duty.owner),
            "named": dict(duty.named),
            "opened_on": duty.opened_on.isoformat(),
            "due_on": duty.due_on.isoformat() if duty.due_on else None,
            "at_once": duty.at_once,
            "provisional": duty.provisional,
            "halted": duty.halted,
            "settled_by": duty.settled_by,
            "settled_on": duty.settled_on.isoformat() if duty.settled_on else None,
            "explanation": explain_duty(duty, self.rules, self.history),
        }

    def flag(self, flag: Flag) -> View:
        """Return a flag as it stands, with what it asks for and every exception."""
        return {
            "id": flag.id,
            "protocol": flag.protocol,
            "clause": flag.clause,
            "fact": flag.fact_id,
            "on": flag.on.isoformat(),
            "answer": str(flag.answer),
            "exception": flag.exception,
            "missing": list(flag.missing),
            "explanation": explain_flag(flag, self.rules, self.history),
        }

    def hold(self, hold: Hold) -> View:
        """Return a freeze or a halt as it stands."""
        return {
            "id": hold.id,
            "protocol": hold.protocol,
            "clause": hold.clause,
            "sort": hold.sort,
            "process": hold.process,
            "label": self.narrator.word("process", hold.process),
            "opened_on": hold.opened_on.isoformat(),
            "ended_on": hold.ended_on.isoformat() if hold.ended_on else None,
            "explanation": explain_hold(hold, self.rules, self.history),
        }
