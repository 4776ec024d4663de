"""What a decision sends on its way: to which person, by which channel, and what is cancelled."""

import pytest

from chalicelib.core.errors import NotClaimed
from chalicelib.core.facts import DetailsRecorded
from chalicelib.ports import Message, MessageState
from tests.builders import ALLOCATED, day, moment
from tests.council import MORNING, Council, convened, held, people, referral, role_contact, seats, step
from tests.doubles import MemoryContacts


@pytest.fixture
def council() -> Council:
    return Council()


def to(council: Council, clause: str, role: str) -> Message:
    (found,) = (each for each in council.messages(clause) if each.role == role)
    return found


def test_a_role_that_the_case_allocates_goes_to_that_person(council: Council) -> None:
    council.open()

    assert to(council, "TH-21", "iro").person_id == "p-iro"
    assert to(council, "TH-21", "gm_iro").person_id is None


def test_a_group_goes_to_its_first_member_on_the_case_and_is_called_so(council: Council) -> None:
    case_id = council.open()
    council.record(case_id, convened())
    message = to(council, "TH-18", "social_worker")

    assert (message.person_id, message.role_label) == ("p-sw", "social worker")


def test_a_message_says_when_it_is_due_and_what_it_is_about_and_nothing_of_the_child(
    council: Council,
) -> None:
    case_id = council.open()
    council.record(case_id, held(outcome="not_viable"))
    message = to(council, "TH-35", "gm_cpt")

    assert (message.printed, message.due_on, message.provisional) == ("5.14", day("Mon 19 Oct 2026"), False)
    assert (message.state, message.created_at, message.next_attempt_at) == (
        MessageState.PENDING,
        MORNING,
        MORNING,
    )
    for secret in ("TH-1042", "P-1", "not_viable", "carer_difficulty"):
        assert secret not in repr(message)


def test_a_roles_contact_says_its_channels_by_urgency_and_a_person_gets_email() -> None:
    contact = role_contact("cpt", topic="a-topic", channels={"now": ("email", "topic"), "today": ()})
    own = role_contact("iro", channels={"now": ("topic",)})
    council = Council(contacts=MemoryContacts(people=people(), roles=[contact, own]))
    council.open()

    by_role = {(each.role, each.channel) for each in council.messages("TH-21")}
    assert by_role == {("cpt", "email"), ("cpt", "topic"), ("iro", "email"), ("gm_iro", "email")}
    ids = [each.id for each in council.messages("TH-21")]
    assert len(ids) == len(set(ids))


def test_a_contact_that_names_no_channel_for_an_urgency_gets_email() -> None:
    contact = role_contact("cpt", channels={"digest": ("topic",), "now": ()})
    council = Council(contacts=MemoryContacts(people=people(), roles=[contact]))
    council.open()

    assert to(council, "TH-21", "cpt").channel == "email"


def test_an_owners_manager_is_reached_through_the_owner_and_by_email() -> None:
    contact = role_contact("cpt", channels={"now": ("topic",)})
    council = Council(contacts=MemoryContacts(people=people(), roles=[contact]))
    council.open()
    council.tick(moment("Thu 15 Oct 2026 13:30"))

    (upward,) = (each for each in council.messages("TH-21") if each.via_manager)
    assert (upward.role, upward.channel) == ("cpt", "email")


def test_whoever_holds_the_role_now_is_told(council: Council) -> None:
    case_id = council.open()
    council.record(
        case_id,
        DetailsRecorded(on=day("Thu 15 Oct 2026"), allocations={"iro": "p-next"}),  # type: ignore[dict-item]
    )
    council.record(case_id, convened())

    assert to(council, "TH-18", "iro").person_id == "p-next"


def test_reminders_are_cancelled_with_their_duty_and_word_of_a_breach_is_not(council: Council) -> None:
    case_id = council.open()
    (duty,) = council.duties(case_id, "TH-21")
    assert {each.cancelled_with for each in council.messages("TH-21")} == {duty.id}

    council.record(case_id, held(chair=seats("p-tm")[0]))
    assert {each.cancelled_with for each in council.messages("TH-20")} == {None}


def test_what_is_settled_is_named_once_and_what_stays_open_is_not(council: Council) -> None:
    case_id = council.open()
    council.record(case_id, convened())
    open_duties = {each.id for each in council.case(case_id).standing.duties}
    acknowledged = step("Thu 15 Oct 2026", "alert_acknowledged", by=seats("p-iro"))
    council.record(case_id, acknowledged)

    (alert,) = council.duties(case_id, "TH-21")
    assert council.cases.outbox.tombstones == {alert.id}
    assert open_duties - {alert.id}


def test_a_second_referral_alerts_again(council: Council) -> None:
    case_id = council.open()
    council.record(case_id, referral(on="Wed 14 Oct 2026"))

    assert len([each for each in council.messages("TH-21") if each.role == "iro"]) == 2


def test_the_seats_are_said_when_a_case_opens_and_when_somebody_takes_over(council: Council) -> None:
    case_id = council.open()
    seated = council.cases.outbox.seats[case_id]
    assert seated["iro"] == "p-iro"

    council.record(case_id, convened())
    assert council.cases.outbox.seats[case_id] is seated

    council.record(
        case_id,
        DetailsRecorded(on=day("Thu 15 Oct 2026"), allocations={"iro": "p-next"}),  # type: ignore[dict-item]
    )
    assert council.cases.outbox.seats[case_id] == {**seated, "iro": "p-next"}


def test_whoever_left_before_a_letter_did_is_not_told_and_whoever_came_is(council: Council) -> None:
    case_id = council.open()
    left = to(council, "TH-21", "iro")
    council.record(
        case_id,
        DetailsRecorded(on=day("Thu 15 Oct 2026"), allocations={"iro": "p-next"}),  # type: ignore[dict-item]
    )

    with pytest.raises(NotClaimed):
        council.cases.outbox.claim(left.id, MORNING, 300)

    heirs = [each for each in council.messages("TH-21") if each.notice_id == left.notice_id]
    assert [(each.person_id, each.state) for each in heirs] == [
        ("p-iro", MessageState.CANCELLED),
        ("p-next", MessageState.PENDING),
    ]


def test_who_was_in_a_role_by_mistake_is_not_told_and_the_roles_own_contact_is(council: Council) -> None:
    case_id = council.open()
    mistaken = to(council, "TH-21", "iro")
    (wrong,) = council.case(case_id).facts
    others = {role: who for role, who in ALLOCATED.items() if role != "iro"}
    council.record(case_id, referral(replaces=wrong.id, allocations=others))

    with pytest.raises(NotClaimed):
        council.cases.outbox.claim(mistaken.id, MORNING, 300)

    told = [each for each in council.messages("TH-21") if each.notice_id == mistaken.notice_id]
    assert [(each.role, each.person_id, each.state) for each in told] == [
        ("iro", "p-iro", MessageState.CANCELLED),
        ("iro", None, MessageState.PENDING),
    ]
