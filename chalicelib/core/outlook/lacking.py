"""Records that are incomplete, and what each of them lacks: until they carry it they settle nothing."""

from collections.abc import Iterator

from chalicelib.core.case import Answer, Case, Flag
from chalicelib.core.explaining.clauses import about_clause
from chalicelib.core.explaining.facts import Explained, about_fact, said_fact
from chalicelib.core.explaining.reasons import said_missing
from chalicelib.core.history import History, could_precede, same_placement
from chalicelib.core.labels import listed
from chalicelib.core.rules import Rules

INCOMPLETE = "incomplete"
# The field that says which sort of thing a fact is about.
SORTS = ("meeting", "document", "step", "decision")


def lacking(case: Case, rules: Rules) -> list[Explained]:
    """Return every incomplete record for which no complete one has been made since."""
    history = History(case.facts)
    flags = [each for each in case.standing.flags if each.why == INCOMPLETE and each.answer is Answer.BREACH]
    incomplete = {_asked(flag, flag.fact_id) for flag in flags}
    return [_lack(flag, rules, history) for flag in flags if not any(_made_since(flag, history, incomplete))]


def _asked(flag: Flag, fact_id: str) -> tuple[str, str, str]:
    return flag.clause, flag.effect, fact_id


def _lack(flag: Flag, rules: Rules, history: History) -> Explained:
    protocol = rules.protocol(flag.protocol)
    clause = protocol.by_id[flag.clause]
    fact = history.named(flag.fact_id)
    parts = said_missing(flag.missing, protocol)
    thing = said_fact(fact, protocol)
    return {
        "id": flag.id,
        **about_clause(clause, protocol),
        "fact": about_fact(fact, protocol),
        "lacks": list(flag.missing),
        "lacks_said": parts,
        "said": f"{thing[:1].upper()}{thing[1:]} lacks {listed(parts, 'and')}, by {protocol.cited(clause)}.",
    }


def _made_since(flag: Flag, history: History, incomplete: set[tuple[str, str, str]]) -> Iterator[bool]:
    """Yield, for every fact of the kind, whether it is the same thing made again, with all of that."""
    fact = history.named(flag.fact_id)
    for other in history.of_kind(fact.kind):
        yield (
            _asked(flag, other.id) not in incomplete
            and could_precede(fact, other)
            and all(fact.words.get(sort) == other.words.get(sort) for sort in SORTS)
            and fact.meeting_id == other.meeting_id
            and same_placement(fact, other)
        )
