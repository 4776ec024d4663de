"""The table of every rule: its clause, its force, what it does, and the examples that show it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.core.effects import Clause, Force
from chalicelib.core.protocol import Protocol
from workbench.markdown import anchor, document, heading, table
from workbench.shown import Shown, shown
from workbench.written import KEYS

EXCEPTION = "exception"
KINDS = (*KEYS.values(), EXCEPTION)
ID = re.compile(r"(?P<document>[A-Z]+)-(?P<number>\d+)")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as one file has it. `set_aside` are effects that a setting says do not apply."""

    protocol: Protocol
    clause: Clause
    shown: Shown

    @property
    def states(self) -> bool:
        """Whether the rule only states something."""
        return self.clause.force is Force.STATES

    @property
    def effects(self) -> Counter[str]:
        """How many effects of each kind the rule has, those set aside among them."""
        kinds = Counter(KEYS[type(each)] for each in (*self.clause.effects, *self.clause.set_aside))
        kinds.update({EXCEPTION: len(self.clause.exceptions)})
        return +kinds


def rules(protocols: Iterable[Protocol]) -> tuple[Rule, ...]:
    """Return every rule of some protocols, in the order of the files."""
    return tuple(
        Rule(protocol, clause, shown(clause, protocol))
        for protocol in protocols
        for clause in protocol.clauses
    )


def missing(found: Iterable[Rule]) -> tuple[str, ...]:
    """Return the ids that are left out: each document's rules are numbered from 1 on."""
    numbers: dict[str, set[int]] = {}
    for rule in found:
        if match := ID.fullmatch(rule.clause.id):
            numbers.setdefault(match["document"], set()).add(int(match["number"]))
    return tuple(
        f"{name}-{number:02}"
        for name, there in numbers.items()
        for number in range(1, max(there))
        if number not in there
    )


def coverage(protocols: Sequence[Protocol]) -> str:
    """Return the whole document."""
    found = rules(protocols)
    return document(
        "# Every rule, and what shows it",
        "Each rule stands in one file and has one id. A rule that acts is shown by examples, which a test"
        " runs: those that it decides, and near misses, in which it only just asks nothing.",
        "\n".join(_totals(found)),
        heading(2, "What the rules do", "effects"),
        _effects(found, protocols),
        *(block for each in protocols for block in _of_protocol(each, found)),
    )


def _totals(found: Sequence[Rule]) -> Iterator[str]:
    stating = sum(rule.states for rule in found)
    absent = missing(found)
    yield f"* {len(found)} rules in {len({rule.protocol.id for rule in found})} files"
    yield f"* enforced: {len(found) - stating}"
    yield f"* stated (scope, vocabulary, version): {stating}"
    yield f"* missing: {', '.join([str(len(absent)), *absent])}"
    yield f"* examples: {len({(rule.protocol.id, each.name) for rule in found for each in rule.shown.all})}"


def _effects(found: Sequence[Rule], protocols: Sequence[Protocol]) -> str:
    """Return how many effects of each kind there are, by file and in all."""
    by_file = {each.id: _counted(rule for rule in found if rule.protocol is each) for each in protocols}
    rows = [[kind, *(_number(counts[kind]) for counts in by_file.values())] for kind in KINDS]
    return table(
        ["Kind", *(f"[{name}]({name}.md)#" for name in by_file), "all#"],
        [[*row, _number(_counted(found)[row[0]])] for row in rows] + [_sums(by_file)],
    )


def _sums(by_file: Mapping[str, Counter[str]]) -> list[str]:
    sums = [counts.total() for counts in by_file.values()]
    return ["**in all**", *(f"**{each}**" for each in (*sums, sum(sums)))]


def _counted(found: Iterable[Rule]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for rule in found:
        counts.update(rule.effects)
    return counts


def _of_protocol(protocol: Protocol, found: Sequence[Rule]) -> Iterator[str]:
    yield heading(2, protocol.title, protocol.id)
    yield f"[{protocol.id}]({protocol.id}.md)"
    yield table(
        ["Rule", "Clause", "Force", "Does", "Shown by#", "Near misses#"],
        (_row(rule) for rule in found if rule.protocol is protocol),
    )


def _row(rule: Rule) -> list[str]:
    return [
        f"[{rule.clause.id}]({rule.protocol.id}.md#{anchor(rule.clause.id)})",
        rule.clause.printed,
        str(rule.clause.force),
        "states" if rule.states else _does(rule),
        _number(len(rule.shown.decided)),
        _number(len(rule.shown.near_misses)),
    ]


def _does(rule: Rule) -> str:
    said = [f"{kind} × {count}" if count > 1 else kind for kind, count in rule.effects.items()]
    aside = len(rule.clause.set_aside)
    return ", ".join(said) + (f" ({aside} set aside by a setting)" if aside else "")


def _number(count: int) -> str:
    return str(count) if count else "–"
