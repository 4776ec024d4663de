"""Silences of the texts that a file leaves unanswered."""

from collections.abc import Iterator, Mapping

from chalicelib.protocol_reading.settings import SILENCES
from workbench.findings import Finding
from workbench.written import Written

# What each silence is about, and the settings that answer it.
ABOUT: Mapping[int, tuple[str, str]] = {
    1: ("whether another protocol applies beside this one", "alongside"),
    2: ("when an ordinary record is due", "ordinary_record_days"),
    3: ("what is sent when only one meeting was held", "only_one_meeting"),
    4: ("how days are counted", "day_zero"),
    5: ("which placements have seven days", "seven_day_types"),
    6: ("whether risk alone opens planning", "risk_opens_planning"),
    7: ("what a breakdown is", "breakdown"),
    8: ("what becomes of a clock after a halt", "after_halt"),
    9: ("how long a dispute may last", "dispute_days"),
    10: ("who approves a move for safety, and who is told", "safety_approver"),
    11: ("when a frozen move is free again", "released_when"),
    12: ("the latest date of a disruption meeting", "disruption_latest_weeks"),
    13: ("what counts as having been involved", "involvement"),
    14: ("which other legal statuses are treated alike", "other_legal_statuses"),
    15: ("how clauses are cited", "cite"),
    16: ("when reports and samples are due", "report_days"),
    17: ("which post fills a role that is named and never defined", "means"),
    18: ("how people are reminded, and who hears next", "ladder"),
    19: ("how old a meeting may be", "meeting_no_older_than"),
    20: ("which instances of a carer's review are meant", "carer_review_instances"),
    21: ("when convening ends", "convening_ends"),
    22: ("whether two facts of one day need times", "same_day"),
}


def unanswered(written: Written) -> Iterator[Finding]:
    """Yield every silence that no setting answers, nor says that it isn't met here."""
    answered = {setting.silence for setting in written.protocol.settings.values()}
    for silence in SILENCES:
        if silence not in answered:
            about, setting = ABOUT[silence]
            yield Finding(
                "setting",
                f"silence {silence} is unanswered: {about}. Add a setting {setting!r}, `silence = {silence}`",
            )
