"""A case keeps the versions that it started under until it is moved, with the effect shown first."""

from pathlib import Path

import pytest

from chalicelib import moves
from chalicelib.core.case import Answer, Case, State
from chalicelib.core.decision import decide
from chalicelib.core.errors import InvalidInput, KeyReused, NotFound, StaleVersion, Tripped
from chalicelib.core.facts import ConcernRaised, PlacementEnded, ProcessEnded, ProcessOpened
from chalicelib.moves import ProtocolMove
from chalicelib.protocol_files import Shelf
from chalicelib.walks import put_in_force
from tests.builders import day, moment
from tests.council import ELSEWHERE, TOWN, Council, ended, referral
from tests.snapshots import snapshot

TOWER_HAMLETS, PLANNING = "tower-hamlets-2026-01-01", "placement-planning-2026-01-01"
EARLIER, LATER = "wexcombe-2026-01-01", "wexcombe-2026-10-01"
SEPTEMBER = moment("Tue 15 Sep 2026 09:00")
OCTOBER = moment("Thu 15 Oct 2026 09:12")
TO_LATER = ProtocolMove(to=(LATER,), because="The new version suits this child better.")


@pytest.fixture
def council() -> Council:
    return Council(protocols=(EARLIER, LATER), shelf=Shelf(Path(__file__).parent / "shelf"))


@pytest.fixture
def case_id(council: Council) -> str:
    """A case of September, with a worry on a Monday in October and an ending."""
    opened = council.open_with(referral(on="Tue 15 Sep 2026"), learned_at=SEPTEMBER)
    name = str(council.answer(opened)["case_id"])
    council.record(name, ConcernRaised(on=day("Mon 12 Oct 2026"), reasons=("unsettled",)), learned_at=OCTOBER)
    council.record(name, ended("Tue 13 Oct 2026"), learned_at=OCTOBER)
    return name


def opened(on: str) -> ProcessOpened:
    return ProcessOpened(on=day(on), process="iro_challenge", process_id="ch-1")


def over(on: str) -> ProcessEnded:
    return ProcessEnded(on=day(on), process="iro_challenge", process_id="ch-1")


def preview(council: Council, case_id: str, to: ProtocolMove = TO_LATER) -> dict[str, object]:
    return dict(moves.preview(case_id, to, council.incoming(learned_at=OCTOBER), council.ports))


def test_a_new_case_starts_under_the_version_in_force_and_an_open_one_keeps_its_own(council, case_id):
    fresh = council.answer(council.open_with(referral("TH-2001"), learned_at=OCTOBER))["case_id"]

    assert council.case(case_id).protocols == (EARLIER,)
    assert council.case(fresh).protocols == (LATER,)


def test_a_preview_says_what_would_change_and_stores_nothing(council, case_id):
    before = council.snapshot()
    (worry,) = council.duties(case_id, "WX-02")

    shown = preview(council, case_id)

    assert council.snapshot() == before
    assert shown["moved"] == [worry.id]
    assert [each["clause"] for each in shown["changes"] if each["what"] == "opened"] == ["WX-06"]
    assert (shown["from"], shown["to"]) == ([EARLIER], [LATER])


def test_a_move_is_a_fact_that_keeps_duties_and_does_what_its_preview_said(council, case_id):
    (worry,) = council.duties(case_id, "WX-02")
    shown = preview(council, case_id)

    done = council.answer(moves.move(case_id, TO_LATER, council.incoming(learned_at=OCTOBER), council.ports))

    assert [each["what"] for each in done["changes"]] == [each["what"] for each in shown["changes"]]
    (moved,) = council.duties(case_id, "WX-02")
    assert (moved.id, moved.state, moved.protocol) == (worry.id, State.OPEN, LATER)
    assert (worry.due_on, moved.due_on) == (day("Mon 19 Oct 2026"), day("Thu 15 Oct 2026"))
    assert council.case(case_id).protocols == (LATER,)


def test_what_was_told_is_not_told_again_but_that_a_date_moved_is(council, case_id):
    moves.move(case_id, TO_LATER, council.incoming(learned_at=OCTOBER), council.ports)

    occasions = [each.occasion.split(":")[0].split("|")[0] for each in council.messages("WX-02")]
    assert sorted(occasions) == ["moved", "rung"]


def test_a_flag_stays_as_the_version_of_its_day_made_it(council, case_id):
    (flag,) = council.flags(case_id, "WX-05")

    moves.move(case_id, TO_LATER, council.incoming(learned_at=OCTOBER), council.ports)
    later = PlacementEnded(on=day("Wed 14 Oct 2026"), placement_id="P-2", manner="unplanned")
    council.record(case_id, later, learned_at=moment("Fri 16 Oct 2026 09:00"))

    (kept,) = council.flags(case_id, "WX-05")
    assert (kept.id, kept.answer, kept.protocol) == (flag.id, Answer.BREACH, EARLIER)


def test_folding_the_journal_over_a_move_gives_the_stored_case(council, case_id):
    moves.move(case_id, TO_LATER, council.incoming(learned_at=OCTOBER), council.ports)
    council.record(case_id, ConcernRaised(on=day("Thu 15 Oct 2026"), reasons=("unsettled",)))
    stored = council.case(case_id)

    folded = Case(id=case_id, authority=TOWN, child_reference="TH-1042", protocols=(EARLIER,))
    for entry in council.cases.entries[case_id]:
        fact = entry.decision.fact
        folded = decide(folded, fact, council.ports.rulebook.for_case(folded, fact)).after

    assert folded == stored


def test_a_move_asked_for_twice_is_made_once(council, case_id):
    incoming = council.incoming(learned_at=OCTOBER)
    first = moves.move(case_id, TO_LATER, incoming, council.ports)
    again = moves.move(case_id, TO_LATER, incoming, council.ports)

    assert (again.answer, again.replayed) == (first.answer, True)
    with pytest.raises(KeyReused):
        moves.move(
            case_id,
            TO_LATER,
            council.incoming(learned_at=OCTOBER, key=incoming.key, body_hash="b" * 64),
            council.ports,
        )


def test_a_move_goes_by_the_version_that_was_seen(council, case_id):
    with pytest.raises(StaleVersion):
        moves.move(case_id, TO_LATER, council.incoming(learned_at=OCTOBER, if_match=1), council.ports)


def test_a_case_of_another_authority_is_not_there(council, case_id):
    with pytest.raises(NotFound):
        moves.move(case_id, TO_LATER, council.incoming(authority=ELSEWHERE), council.ports)


@pytest.mark.parametrize(
    ("to", "learned", "fields"),
    [
        (("nowhere-2026-01-01", "none-2026-01-01"), OCTOBER, ["to[0]", "to[1]"]),
        ((EARLIER,), OCTOBER, ["to"]),
        ((EARLIER, LATER), OCTOBER, ["to"]),
        ((LATER,), SEPTEMBER, ["to[0]"]),
    ],
)
def test_where_a_case_cannot_be_moved_every_reason_is_given(council, case_id, to, learned, fields):
    asked = ProtocolMove(to=to, because="Why not.")

    with pytest.raises(InvalidInput) as refused:
        moves.preview(case_id, asked, council.incoming(learned_at=learned), council.ports)

    assert [each.field for each in refused.value.problems] == fields


def test_moving_a_case_is_no_way_out_of_a_freeze():
    both = Council(protocols=(TOWER_HAMLETS, PLANNING), shelf=Shelf())
    case_id = both.open()
    both.record(case_id, opened("Mon 12 Oct 2026"))
    away = ProtocolMove(to=(PLANNING,), because="It suits this child better.")
    moves.move(case_id, away, both.incoming(learned_at=OCTOBER), both.ports)
    later = moment("Fri 16 Oct 2026 09:00")

    (freeze,) = both.case(case_id).standing.holds
    assert (freeze.clause, freeze.ended_by) == ("TH-39", None)
    with pytest.raises(Tripped) as tripped:
        both.propose(case_id, ended("Fri 16 Oct 2026"), learned_at=later)
    assert "TH-39" in {each["clause"] for each in tripped.value.reasons}

    both.record(case_id, over("Fri 16 Oct 2026"), learned_at=later)
    after = moment("Mon 19 Oct 2026 09:00")
    assert both.propose(case_id, ended("Mon 19 Oct 2026"), learned_at=after).status == 201


def test_a_preview_counts_by_the_calendar_in_force_as_the_move_will(council, case_id):
    council.ports.calendars.keep(snapshot("Thu 15 Oct 2026", "Fri 16 Oct 2026", "Mon 19 Oct 2026"))
    put_in_force(TOWN, OCTOBER, council.ports)
    stored = council.snapshot()
    shown = preview(council, case_id)
    assert council.snapshot() == stored
    assert shown["version"] == council.case(case_id).version

    moves.move(case_id, TO_LATER, council.incoming(learned_at=OCTOBER), council.ports)

    *_, recount, moved = council.cases.entries[case_id]
    assert [each.what for each in recount.decision.changes if each.what == "moved"]
    said = [(each.about, each.what, each.was, each.now) for each in moved.decision.changes]
    assert [(each["about"], each["what"], each["was"], each["now"]) for each in shown["changes"]] == said
