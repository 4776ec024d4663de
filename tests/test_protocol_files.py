"""A protocol file is read whole or not at all, and says everything that is wrong with it."""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core.errors import NoProtocol, ProtocolInvalid
from chalicelib.core.patterns import After, Unit
from chalicelib.core.protocol import Protocol
from chalicelib.protocol_files import SHIPPED, Shelf
from chalicelib.protocol_reading.file import read_protocol, read_sound, read_vocabulary
from chalicelib.protocol_reading.vocabulary import Vocabulary

COMMON = Shelf().vocabulary
GOOD = """
[protocol]
id = "riverton-2026-01-01"
title = "Placement support in Riverton"
source = "Invented"
in_force_from = 2026-01-01
nation = "ENG"

[[setting]]
id = "dispute_days"
silence = 9
value = 20
why = "The text sets no limit."

[[ladder]]
for = "dated"
basis = "local_policy"
rungs = [{ at = "opened", tell = ["owner"], urgency = "today" }]

[[clause]]
id = "RV-01"
printed = "1"
force = "must"
text = "A record is sent to the reviewing officer."
[[clause.obligation]]
when = { fact = "meeting_held", meeting = "placement_support" }
owner = "social_worker"
until = { fact = "document_sent", document = "meeting_record", each = { to = ["iro", "gm_iro"] } }
due = { working_days = "$dispute_days", basis = "local_policy", source = "Ours" }

[[clause]]
id = "RV-02"
printed = "2"
force = "must"
text = "No move without a meeting."
[[clause.guard]]
before = { fact = "decision_made", decision = "move" }
needs = { fact = "meeting_held", meeting = "placement_support" }
[[clause.exception]]
name = "harm"
to = ["RV-02"]
when = { reasons = "immediate_harm" }
approver = ["team_manager"]

[[example]]
name = "It is due after twenty working days"
given = [{ on = "Wed 14 Oct 2026", fact = "meeting_held", meeting = "placement_support", chair = "iro" }]
expect = [{ clause = "RV-01", due_on = "Wed 11 Nov 2026" }]
"""

Changed = Callable[[dict[str, Any]], object]


def problems(change: Changed = lambda _: None) -> list[str]:
    raw = tomllib.loads(GOOD)
    change(raw)
    protocol, found = read_protocol(raw, COMMON)
    assert (protocol is None) == bool(found)
    return [f"{each.field}: {each.expected}" for each in found]


def clause(raw: dict[str, Any], number: int = 0) -> dict[str, Any]:
    return raw["clause"][number]  # type: ignore[no-any-return]


def obligation(raw: dict[str, Any]) -> dict[str, Any]:
    return clause(raw)["obligation"][0]  # type: ignore[no-any-return]


def exception(raw: dict[str, Any]) -> dict[str, Any]:
    return clause(raw, 1)["exception"][0]  # type: ignore[no-any-return]


def guard(raw: dict[str, Any]) -> dict[str, Any]:
    return clause(raw, 1)["guard"][0]  # type: ignore[no-any-return]


def rung(raw: dict[str, Any]) -> dict[str, Any]:
    return raw["ladder"][0]["rungs"][0]  # type: ignore[no-any-return]


def given(raw: dict[str, Any]) -> dict[str, Any]:
    return raw["example"][0]["given"][0]  # type: ignore[no-any-return]


def expected(raw: dict[str, Any]) -> dict[str, Any]:
    return raw["example"][0]["expect"][0]  # type: ignore[no-any-return]


def setting(name: str, value: object) -> Changed:
    return lambda raw: raw["setting"].append({"id": name, "value": value, "why": "Because."})


def test_a_good_file_has_nothing_wrong_and_its_settings_stand_in_their_places() -> None:
    assert problems() == []

    protocol, _ = read_protocol(tomllib.loads(GOOD), COMMON)
    assert protocol is not None
    (effect,) = protocol.by_id["RV-01"].effects
    assert effect.due == After(count=20, unit=Unit.WORKING_DAYS, basis="local_policy", source="Ours")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("chosen", "until"),
    [("end_of_day", None), ("17:00", time(17)), ("00:01", time(0, 1)), ("23:59", time(23, 59))],
)
def test_an_authority_chooses_until_when_on_its_last_day_something_is_due(chosen, until) -> None:
    raw = tomllib.loads(GOOD)
    setting("due_by", chosen)(raw)
    protocol, found = read_protocol(raw, COMMON)

    assert (protocol and protocol.cut_off, list(found)) == (until, [])


MISTAKES: list[tuple[str, Changed, str]] = [
    # --- keys, facts, fields
    (
        "a misspelt key",
        lambda r: obligation(r).update(untill=1),
        "untill: 'untill' is not known here; did you mean 'until'?",
    ),
    ("a missing key", lambda r: obligation(r).pop("until"), "obligation[0].until: is missing"),
    (
        "a misspelt fact",
        lambda r: obligation(r)["when"].update(fact="meeting_hold"),
        "did you mean 'meeting_held'?",
    ),
    (
        "a fact of the service's own",
        lambda r: obligation(r)["when"].update(fact="time_reached"),
        "when.fact: 'time_reached'",
    ),
    (
        "a field its fact lacks",
        lambda r: obligation(r)["when"].update(decision="move"),
        "when.decision: 'decision' is not known",
    ),
    (
        "a field to be there that its fact lacks",
        lambda r: obligation(r)["when"].update(has="planned_for"),
        "when.has: 'planned_for'",
    ),
    (
        "an unknown section",
        lambda r: r.update(ladders=[]),
        "file.ladders: 'ladders' is not known here; did you mean 'ladder'?",
    ),
    ("closed days, which are the authority's", lambda r: r.update(closure_days={}), "file.closure_days"),
    (
        "a misspelt key of another sort of table",
        lambda r: guard(r).update(untill={"fact": "case_closed"}),
        "guard[0].untill: 'untill' is not known here; did you mean 'until', which belongs to an obligation?",
    ),
    (
        "a key of another sort of table",
        lambda r: guard(r).update(owner="iro"),
        "guard[0].owner: 'owner' is not known here; it belongs to an obligation",
    ),
    (
        "a pattern without its fact",
        lambda r: obligation(r)["when"].pop("fact"),
        "obligation[0].when.fact: is missing",
    ),
    # --- words
    (
        "a word that nobody declared",
        lambda r: obligation(r)["when"].update(meeting="placement_suport"),
        "did you mean 'placement_support'?",
    ),
    (
        "a role that nobody declared",
        lambda r: obligation(r).update(owner="social_wroker"),
        "did you mean 'social_worker'?",
    ),
    (
        "an owner where no duty has one",
        lambda r: obligation(r).update(tell=["owner"]),
        "obligation[0].tell: 'owner' is not known",
    ),
    (
        "a cell that no role covers",
        lambda r: obligation(r)["until"]["each"].update(to=["iro", "gm"]),
        "until.each.to: 'gm'",
    ),
    (
        "a column its fact lacks",
        lambda r: obligation(r)["until"].update(each={"chair": ["iro"]}),
        "until.each.chair: 'chair'",
    ),
    (
        "a meeting of a grid by its kind",
        lambda r: obligation(r)["until"].update(each={"meeting": ["disruption"]}),
        "each.meeting: 'disruption'",
    ),
    (
        "a grid outside `until`",
        lambda r: obligation(r)["when"].update(each={"present": ["iro"]}),
        "when.each: 'each' is not known",
    ),
    (
        "a detail that nobody declared",
        lambda r: obligation(r)["when"].update(case={"legal": "remand"}),
        "case.legal: 'legal'",
    ),
    (
        "a word that a detail lacks",
        lambda r: obligation(r)["when"].update(case={"entry": "sudden"}),
        "case.entry: 'sudden'",
    ),
    (
        "a word of a kind that there is not",
        lambda r: r.update(words={"meetings": {}}),
        "words.meetings: 'meetings' is not known here; did you mean 'meeting'?",
    ),
    (
        "a role without a label",
        lambda r: r.update(words={"roles": {"mediator": {}}}),
        "words.roles.mediator.label: is missing",
    ),
    (
        "a group of nobody known",
        lambda r: r.update(words={"roles": {"all": {"label": "all", "members": ["iroo"]}}}),
        "did you mean 'iro'?",
    ),
    (
        "a group within a group",
        lambda r: r.update(words={"roles": {"all": {"label": "all", "members": ["social_work_team"]}}}),
        "roles.all.members: 'social_work_team'",
    ),
    # --- types and units
    (
        "a date without unit",
        lambda r: obligation(r).update(due=3),
        'due: expected "at_once" or a number with its unit',
    ),
    (
        "an unknown unit",
        lambda r: obligation(r).update(due={"workingdays": 3}),
        "did you mean 'working_days'?",
    ),
    (
        "two units",
        lambda r: obligation(r).update(due={"days": 3, "weeks": 1}),
        "due: expected exactly one of",
    ),
    (
        "no days at all",
        lambda r: obligation(r).update(due={"days": 0}),
        "due.days: a whole number from 1 to 3660",
    ),
    *(
        (
            f"more {unit} than ten years have",
            lambda r, unit=unit, most=most: obligation(r).update(due={unit: most + 1}),
            f"due.{unit}: a whole number from 1 to {most}",
        )
        for unit, most in {"working_days": 3660, "days": 3660, "weeks": 520, "months": 120}.items()
    ),
    (
        "yes as a number",
        lambda r: obligation(r).update(due={"days": True}),
        "due.days: a whole number from 1 to 3660",
    ),
    (
        "a date that no fact carries",
        lambda r: obligation(r).update(due={"on": "held_on"}),
        "due.on: 'held_on'",
    ),
    ("a word for yes or no", lambda r: obligation(r).update(joins="no"), "joins: true or false is expected"),
    ("a force that there is not", lambda r: clause(r).update(force="shall"), "force: 'shall'"),
    ("a text that is none", lambda r: clause(r).update(text="  "), "text: a text is expected"),
    (
        "a window that is no table",
        lambda r: guard(r)["before"].update(earlier={"pattern": {"fact": "case_closed"}, "within": 12}),
        "within: a table is expected",
    ),
    (
        "a window without months",
        lambda r: guard(r)["before"].update(
            earlier={"pattern": {"fact": "case_closed"}, "within": {"inclusive": True}}
        ),
        "within.months: is missing",
    ),
    (
        "a misspelt reach",
        lambda r: guard(r)["before"].update(earlier={"pattern": {"fact": "case_closed"}, "across": "chid"}),
        "did you mean 'child'?",
    ),
    ("an empty list", lambda r: obligation(r).update(owner=[]), "owner: at least one is expected"),
    (
        "nothing to wait for",
        lambda r: obligation(r).update(until=[]),
        "until: at least one pattern is expected",
    ),
    (
        "a table that is none",
        lambda r: clause(r).update(obligation="soon"),
        "obligation: a table is expected",
    ),
    # --- clauses
    (
        "a clause that states and acts",
        lambda r: clause(r).update(force="states"),
        "clause RV-01: a clause that states has no effect",
    ),
    (
        "a clause that does nothing",
        lambda r: clause(r).pop("obligation"),
        "clause RV-01: a clause that states has no effect",
    ),
    (
        "two effects without names",
        lambda r: clause(r)["obligation"].append(obligation(r)),
        "two effects are called 'obligation'",
    ),
    (
        "an id given twice",
        lambda r: r["clause"].append(clause(r)),
        "clause RV-01 (2).id: the id is used twice",
    ),
    (
        "an exception to no clause",
        lambda r: exception(r).update(to=["RV-20"]),
        "exception[0].to: 'RV-20' is not known here; did you mean 'RV-0",
    ),
    (
        "an exception called safety",
        lambda r: exception(r).update(name="safety"),
        "exception[0].name: 'safety' is open past every clause",
    ),
    (
        "two exceptions of one name",
        lambda r: clause(r, 1)["exception"].append(exception(r)),
        "two exceptions to RV-02 have this name",
    ),
    # --- settings
    (
        "a setting that is not there",
        lambda r: obligation(r)["due"].update(working_days="$dispute_day"),
        "there is no setting 'dispute_day'; did you mean '$dispute_days'?",
    ),
    (
        "a setting given twice",
        lambda r: r["setting"].append(r["setting"][0]),
        "setting dispute_days (2).id: the id is used twice",
    ),
    (
        "a setting without a value",
        lambda r: r["setting"][0].pop("value"),
        "expected either a value, or `not_here`",
    ),
    (
        "a setting of a silence there is not",
        lambda r: r["setting"][0].update(silence=23),
        "silence: the number of a silence",
    ),
    (
        "a setting that leads back to itself",
        lambda r: r["setting"][0].update(value="$dispute_days"),
        "the setting 'dispute_days' leads back to itself",
    ),
    (
        "an approver that nobody declared",
        setting("safety_approver", ["team_manger"]),
        "did you mean 'team_manager'?",
    ),
    (
        "a choice that would change nothing",
        setting("only_one_meeting", "wait_for_three"),
        "setting only_one_meeting.value: 'wait_for_three'",
    ),
    (
        "a setting that its silence doesn't have",
        lambda r: r["setting"][0].update(id="dispute_dayz"),
        "setting dispute_dayz.id: 'dispute_dayz' is no setting of silence 9; did you mean 'dispute_days'?",
    ),
    (
        "a setting of another silence",
        lambda r: r["setting"][0].update(silence=8),
        "silence: 'dispute_days' answers silence 9; of 8 it is 'after_halt'",
    ),
    *(
        (
            f"a cut-off of {value}",
            setting("due_by", value),
            "due_by.value: expected 'end_of_day', or a time of day in London as in '17:00'",
        )
        for value in ("5pm", "25:00", "17:60", "7:00", "00:00", "17:00:00", 17)
    ),
    (
        "a release there is not",
        setting("released_when", "any_released"),
        "released_when.value: expected 'all_released', the one reading there is",
    ),
    ("a misspelt day zero", setting("day_zero", "first_workingday"), "did you mean 'first_working_day'?"),
    # --- ladders
    ("a ladder for nothing", lambda r: r["ladder"][0].update({"for": "datd"}), "did you mean 'dated'?"),
    (
        "two ladders for one thing",
        lambda r: r["ladder"].append(r["ladder"][0]),
        "two ladders are for 'dated'",
    ),
    ("a ladder of the text's", lambda r: r["ladder"][0].update(basis="clause"), "ladder[0].basis: 'clause'"),
    (
        "a rung with two moments",
        lambda r: rung(r).update(open_for={"hours": 2}),
        "rungs[0]: expected exactly one of",
    ),
    (
        "a rung in another unit",
        lambda r: rung(r).update(repeat={"days": 1}),
        "repeat: expected { working_days = … }",
    ),
    (
        "a rung that nobody hears",
        lambda r: rung(r).update(tell=[]),
        "rungs[0].tell: at least one is expected",
    ),
    ("an urgency that there is not", lambda r: rung(r).update(urgency="asap"), "urgency: 'asap'"),
    # --- the head
    (
        "no day from which it is in force",
        lambda r: r["protocol"].pop("in_force_from"),
        "protocol.in_force_from: is missing",
    ),
    (
        "an id of another day",
        lambda r: r["protocol"].update(id="riverton-2026-02-01"),
        "expected to end with -2026-01-01",
    ),
    ("no nation", lambda r: r["protocol"].update(nation="GB"), "protocol.nation: 'GB'"),
    ("an empty title", lambda r: r["protocol"].update(title=""), "protocol.title: a text is expected"),
    # --- examples
    (
        "a weekday that does not match",
        lambda r: given(r).update(on="Thu 14 Oct 2026"),
        "'Thu 14 Oct 2026' is really a Wednesday",
    ),
    (
        "a day of no calendar",
        lambda r: expected(r).update(due_on="Wed 31 Nov 2026"),
        "expect[0].due_on: expected a day such as",
    ),
    ("a misspelt state", lambda r: expected(r).update(state="opne"), "did you mean 'open'?"),
    ("a misspelt answer", lambda r: expected(r).update(answer="refuse"), "did you mean 'refused'?"),
    ("a word for nothing", lambda r: expected(r).update(none="yes"), "none: true or false is expected"),
    ("a misspelt expectation", lambda r: expected(r).update(due="Wed 11 Nov 2026"), "did you mean 'due_on'?"),
    (
        "an expectation of no clause",
        lambda r: expected(r).update(clause="RV-10"),
        "expect[0].clause: 'RV-10'",
    ),
    ("an expectation of nothing", lambda r: expected(r).pop("due_on"), "expect[0]: expected at least one of"),
    ("no expectation", lambda r: r["example"][0].update(expect=[]), "expect: at least one expectation"),
    (
        "a field that a fact of an example lacks",
        lambda r: given(r).update(manner="planned"),
        "given[0].manner: 'manner'",
    ),
    (
        "a word of an example that nobody declared",
        lambda r: given(r).update(chair="ir0"),
        "did you mean 'iro'?",
    ),
    ("two examples of one name", lambda r: r["example"].append(r["example"][0]), "the name is used twice"),
]


@pytest.mark.parametrize(
    ("change", "said"), [each[1:] for each in MISTAKES], ids=[each[0] for each in MISTAKES]
)
def test_a_mistake_is_refused_where_it_stands(change: Changed, said: str) -> None:
    found = problems(change)

    assert any(said in each for each in found), found


def test_every_mistake_is_found_at_once() -> None:
    found: set[str] = set()
    together = [
        change for name, change, _ in MISTAKES if name in ("a misspelt fact", "no nation", "an empty title")
    ]

    def all_of_them(raw: dict[str, Any]) -> None:
        for change in together:
            change(raw)

    found.update(problems(all_of_them))
    assert len(found) == 3


ONE_EACH: list[tuple[str, Changed]] = [
    ("an unknown key", lambda r: obligation(r)["when"].update(colour="red")),
    ("an unknown key of `only`", lambda r: obligation(r)["when"].update(only={"colour": "red"})),
    ("an unknown column", lambda r: obligation(r)["until"].update(each={"colour": ["red"]})),
    ("an unknown detail", lambda r: obligation(r)["when"].update(case={"colour": "red"})),
    ("a setting that is not there, as a word", lambda r: obligation(r).update(owner="$nobody")),
    ("a setting that is not there, in a list", lambda r: obligation(r).update(owner=["iro", "$nobody"])),
    ("a setting that is not there, as a number", lambda r: obligation(r)["due"].update(working_days="$n")),
    ("a setting that is not there, as a pattern", lambda r: obligation(r).update(until="$nothing")),
    ("a missing pattern", lambda r: obligation(r).pop("until")),
    ("a misspelt sort of effect", lambda r: clause(r).update(obligaton=clause(r).pop("obligation"))),
    ("a misspelt unit", lambda r: obligation(r).update(due={"workingdays": 3})),
]


@pytest.mark.parametrize("change", [each[1] for each in ONE_EACH], ids=[each[0] for each in ONE_EACH])
def test_one_mistake_is_reported_once(change: Changed) -> None:
    assert len(problems(change)) == 1, problems(change)


def test_a_setting_that_is_not_there_is_named_as_a_setting() -> None:
    (said,) = problems(lambda r: obligation(r).update(owner="$nobody"))

    assert said == "clause RV-01.obligation[0].owner: there is no setting 'nobody'"


def sound(change: Changed) -> Protocol:
    raw = tomllib.loads(GOOD)
    change(raw)
    return read_sound(raw, COMMON)[0]


def test_an_effect_with_a_mistake_is_left_out_and_the_rest_of_the_file_is_read() -> None:
    read = sound(lambda r: obligation(r).update(owner="social_wroker"))

    assert [(each.id, len(each.effects)) for each in read.clauses] == [("RV-01", 0), ("RV-02", 1)]
    assert (len(read.ladders), len(read.examples), len(read.settings)) == (1, 1, 1)


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda r: exception(r).update(to=["RV-20"]), (2, 0, 1, 1, 1)),
        (lambda r: clause(r).update(id="RV-02"), (1, 0, 1, 0, 1)),
        (lambda r: rung(r).update(urgency="asap"), (2, 1, 0, 1, 1)),
        (lambda r: given(r).update(on="Thu 14 Oct 2026"), (2, 1, 1, 0, 1)),
        (lambda r: r["setting"][0].update(id="dispute_dayz"), (2, 1, 1, 1, 0)),
    ],
    ids=["an exception", "a clause of another's id", "a ladder", "an example", "a setting"],
)
def test_what_has_a_mistake_is_left_out(change: Changed, left: tuple[int, ...]) -> None:
    read = sound(change)

    ways = sum(len(each.exceptions) for each in read.clauses)
    found = (len(read.clauses), ways, len(read.ladders), len(read.examples), len(read.settings))
    assert found == left


def test_nothing_in_a_file_can_break_its_reader() -> None:
    """Every value, in turn, replaced by something of another type."""
    places = list(_places(tomllib.loads(GOOD)))
    assert len(places) > 60
    for path in places:
        for odd in (7, "odd", [], {}, [7], ["odd"], {"odd": 1}, True):
            raw = tomllib.loads(GOOD)
            at: Any = raw
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = odd
            read_protocol(raw, COMMON)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [each for key, below in inner for each in _places(below, (*path, key))]


def test_a_file_may_bring_words_of_its_own() -> None:
    def mediation(raw: dict[str, Any]) -> None:
        raw["words"] = {
            "step": {"mediation_offered": "mediation offered"},
            "roles": {"mediator": {"label": "mediator"}},
        }
        obligation(raw)["until"] = {"fact": "step_done", "step": "mediation_offered", "by": "mediator"}

    assert problems(mediation) == []


def test_a_files_words_for_a_detail_come_on_top_of_the_common_ones() -> None:
    def another(raw: dict[str, Any]) -> None:
        raw["words"] = {"details": {"entry": {"returned": "a return"}}}
        obligation(raw)["when"]["case"] = {"entry": ["returned", "unplanned"]}

    assert problems(another) == []


# --- the shelf ------------------------------------------------------------------------------


def shelf(folder: Path, files: dict[str, str]) -> Shelf:
    for name, text in {"words": (SHIPPED / "words.toml").read_text(encoding="utf-8"), **files}.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return Shelf(folder)


def test_every_shipped_file_can_be_used() -> None:
    shipped = Shelf()

    assert [shipped.whole(name).id for name in shipped.ids()] == list(shipped.ids())
    assert "words" not in shipped.ids()


@pytest.mark.parametrize("name", Shelf().ids())
def test_without_its_examples_a_file_says_all_else_that_it_says(name: str) -> None:
    whole = Shelf().whole(name)

    assert whole.examples
    assert Shelf().load(name) == replace(whole, examples=())


def test_a_clause_that_stands_among_examples_is_not_left_out(tmp_path: Path) -> None:
    extra = GOOD[GOOD.index("[[clause]]") :].split("[[clause]]")[1].replace("RV-01", "RV-03")
    text = GOOD + f"\n[[clause]]{extra}" + GOOD[GOOD.index("[[example]]") :].replace("It is", "Again it is")
    riverton = shelf(tmp_path, {"riverton-2026-01-01": text})

    assert "RV-03" in riverton.load("riverton-2026-01-01").by_id
    assert len(riverton.whole("riverton-2026-01-01").examples) == 2


def test_a_file_is_read_once(tmp_path: Path) -> None:
    riverton = shelf(tmp_path, {"riverton-2026-01-01": GOOD})

    assert riverton.load("riverton-2026-01-01") is riverton.load("riverton-2026-01-01")


@pytest.mark.parametrize("name", ["nowhere-2026-01-01", "words", "../words", ""])
def test_a_protocol_that_is_not_on_the_shelf_is_not_found(name: str) -> None:
    with pytest.raises(NoProtocol):
        Shelf().load(name)


def test_a_file_of_another_name_than_its_protocol_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolInvalid, match="expected 'elsewhere-2026-01-01'"):
        shelf(tmp_path, {"elsewhere-2026-01-01": GOOD}).load("elsewhere-2026-01-01")


def test_a_file_that_is_not_toml_says_where(tmp_path: Path) -> None:
    with pytest.raises(ProtocolInvalid, match="line 2"):
        shelf(tmp_path, {"broken-2026-01-01": "[protocol]\nid =\n"}).load("broken-2026-01-01")


def test_mistakes_in_the_common_words_are_found_as_well(tmp_path: Path) -> None:
    with pytest.raises(ProtocolInvalid, match="label: is missing"):
        shelf(tmp_path, {"words": "[roles]\niro = {}", "riverton-2026-01-01": GOOD}).load(
            "riverton-2026-01-01"
        )

    vocabulary, found = read_vocabulary({"roles": {"iro": {"label": "officer", "outside": "no"}}})
    assert isinstance(vocabulary, Vocabulary)
    assert [each.expected for each in found] == ["true or false is expected"]
