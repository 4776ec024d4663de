"""Silences of the texts that a file leaves unanswered."""

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.core.labels import listed
from chalicelib.protocol_reading.settings import ANSWERED_BY
from workbench.findings import Finding
from workbench.written import Written

# What each silence is about.
ABOUT: Mapping[int, str] = {
    1: "whether another protocol applies beside this one",
    2: "when an ordinary record is due",
    3: "what is sent when only one meeting was held",
    4: "how days are counted",
    5: "which placements have seven days",
    6: "whether risk alone opens planning",
    7: "what a breakdown is",
    8: "what becomes of a clock after a halt",
    9: "how long a dispute may last",
    10: "who approves a move for safety, and who is told",
    11: "when a frozen move is free again",
    12: "the latest date of a disruption meeting",
    13: "what counts as having been involved",
    14: "which other legal statuses are treated alike",
    15: "how clauses are cited",
    16: "when reports and samples are due",
    17: "which post fills a role that is named and never defined",
    18: "how people are reminded, and who hears next",
    19: "how old a meeting may be",
    20: "which instances of a carer's review are meant",
    21: "when convening ends",
    22: "whether two facts of one day need times",
}


def unanswered(written: Written) -> Iterator[Finding]:
    """Yield every silence of which settings are missing, unless one says that it isn't met here."""
    tables = [*written.tables("setting"), *written.unread.astray.get("setting", ())]
    for silence, names in ANSWERED_BY.items():
        here = [table for table in tables if table.get("silence") == silence or _lost(table, names, written)]
        answered = {str(table.get("id")) for table in here}
        missing = [name for name in names if name not in answered and not _elsewhere(name, written)]
        if missing and not (here and all(_not_here(table, written) for table in here)):
            yield Finding("setting", f"silence {silence} is {_said(silence, missing)}, `silence = {silence}`")


def _elsewhere(name: str, written: Written) -> bool:
    """Say whether a setting is there, or may be meant to be, under a mistake."""
    return written.unread.meant(name) or written.unread.at(f"setting {name}")


def _lost(table: Mapping[str, Any], names: tuple[str, ...], written: Written) -> bool:
    """Say whether a setting of these names has a mistake where its silence should stand."""
    name = str(table.get("id"))
    return name in names and "silence" not in table and written.unread.at(f"setting {name}")


def _not_here(table: Mapping[str, Any], written: Written) -> bool:
    """Say whether a setting says that its silence isn't met, or may have been meant to."""
    return "not_here" in table or ("value" not in table and written.unread.at(f"setting {table.get('id')}"))


def _said(silence: int, missing: list[str]) -> str:
    how = "unanswered" if len(missing) == len(ANSWERED_BY[silence]) else "answered in part"
    settings = (
        f"{'a setting' if len(missing) == 1 else 'the settings'} {listed([repr(m) for m in missing], 'and')}"
    )
    return f"{how}: {ABOUT[silence]}. Add {settings}"
