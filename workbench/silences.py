"""What may be decided where a text is silent: the choices in words, and what else could be chosen."""

import re
from collections.abc import Mapping
from datetime import date

from chalicelib.core.labels import listed
from chalicelib.core.protocol import END_OF_DAY

# Where a choice is one of the engine's own words, what it comes to: by setting, then by value.
CHOSEN: Mapping[str, Mapping[str, str]] = {
    "alongside": {"each_applies": "each protocol applies: what any of them asks is owed"},
    "ordinary_record_days": {"none": "no limit"},
    "only_one_meeting": {
        "send_one_and_say_so": "the one record is sent, and it is said that there is one",
        "wait_for_both": "the duty stays open until there are two records",
    },
    "day_zero": {
        "event": "the first working day after the event is day one, also when the event was on a closed day",
        "first_working_day": "an event on a closed day counts as if on the next working day",
    },
    "due_by": {"end_of_day": "the end of the last day, in London"},
    "after_halt": {
        "keep_remaining": "a clock goes on with the days that were left",
        "restart": "a clock starts again from the beginning",
    },
    "dispute_days": {"none": "no limit"},
    "released_when": {"all_released": "when everything that froze it has ended"},
    "disruption_latest_weeks": {"none": "no latest date"},
    "involvement": {
        "allocated": "having been allocated to it",
        "chair": "having chaired a meeting",
        "present": "having been at a meeting",
        "by": "having acted in it",
    },
    "involvement_across": {"child": "in any of the child's cases", "case": "in this case alone"},
    "cite": {
        "printed": "by the number that is printed",
        "paragraph": "by the paragraph in this version",
    },
    "convening_ends": {"none": "it does not end by itself"},
    "same_day": {
        "in_order": "they are read in the order that keeps the protocol",
        "times_needed": "without times they count as out of order",
    },
}

# What a setting is about, where its value does not say so by itself.
LABELS: Mapping[str, str] = {
    "day_zero": "from when days are counted",
    "due_by": "until when on the last day",
    "breakdown": "a breakdown",
    "second_breakdown": "a second breakdown",
    "safety_approver": "who approves a move for safety",
    "safety_tell": "who is told of it",
    "excuse_approver": "who may excuse afterwards what was not done",
    "involvement": "what counts",
    "involvement_across": "where it is looked for",
    "report_days": "the days of the report",
    "sample_days": "the days of the sample",
    "report_weeks": "how long after its day either may come",
    "means": "unclear here, and filled as the roles below say",
    "meeting_no_older_than": "counted since this happened last",
    "carer_review_instances": "those meant",
    "convening_ends": "it ends when this happens",
}
# Of these settings every value holds, not any.
ALL_HOLD = frozenset({"safety_tell", "means"})

# What else an authority may decide, by the number of the silence.
ALTERNATIVES: Mapping[int, str] = {
    1: "each applies, or this one gives way to other files, named.",
    2: "no limit, or a number of working days, said to be local policy.",
    3: "send the one record and say so, or wait until there are two.",
    4: "an event on a closed day has the next working day as day one (the earlier date), or as day nought. "
    "The end of the day in London is the only hour offered. Days on which the council is closed are given "
    "with the authority.",
    5: "foster placements, those with parents and with relatives or friends; or foster placements alone.",
    6: "no, since the two sections then say different things; or yes, and both sections are shown.",
    7: "any description of an ending: its manner, its reasons, how many, within how many months, the limit "
    "included or not, in this case or in all of the child's.",
    8: "keep the days that were left, or start again.",
    9: "no limit, or a number of working days whose source is named.",
    10: "any roles. That safety passes and is flagged is not a choice.",
    11: "nothing else: it stands here because the text does not say it.",
    12: "no latest date, or a number of weeks, said to be local policy.",
    13: "having been allocated, having chaired, having been present, having acted: any of the four, in all"
    " of the child's cases or in this one.",
    14: "every other legal status and one that is not known, or a shorter list.",
    15: "the printed number, or the paragraph in this version.",
    16: "any days of the year, and a number of weeks for the report.",
    17: "any post. A role that nobody fills becomes an administrator's task.",
    18: "any ladder, or none. A text that gives no reminder is kept without one.",
    19: "since the placement began, since another event, or of any age.",
    20: "any description of the meetings that are meant.",
    21: "when the meeting is held, or not at all.",
    22: "in the order that keeps the protocol, or only with times.",
}


# What a number counts, by the end of its setting's name.
UNITS = {"_days": "working day", "_weeks": "week"}
DAY_OF_YEAR = re.compile(r"\d\d-\d\d")


def said_choice(setting: str, value: object, otherwise: str) -> str:
    """Return what a value of a setting comes to, or what it is called where it speaks for itself."""
    if isinstance(value, int) and not isinstance(value, bool):
        unit = next((noun for end, noun in UNITS.items() if setting.endswith(end)), "")
        return f"{value} {unit}{'' if value == 1 else 's'}" if unit else str(value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        said = [_said(setting, each, "") for each in value]
        last = "and" if any(DAY_OF_YEAR.fullmatch(each) for each in value) else "or"
        return listed(said, last) if all(said) else otherwise
    return _said(setting, str(value), otherwise)


def _said(setting: str, value: str, otherwise: str) -> str:
    if DAY_OF_YEAR.fullmatch(value):
        # Any year will do: 29 February is refused by the reader.
        day = date.fromisoformat(f"2026-{value}")
        return f"{day.day} {day:%B}"
    if setting == "due_by" and value != END_OF_DAY:
        return f"{value} on the last day, in London"
    return CHOSEN.get(setting, {}).get(value, otherwise)
