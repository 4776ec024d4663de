"""Who hears that a notice did not arrive: those beside the one not reached, and whoever sees to it."""

from dataclasses import replace

import pytest

from chalicelib import outgoing
from chalicelib.core.case import Notice, Task
from chalicelib.core.explaining import explain_notice
from chalicelib.core.narrating import Narrator
from chalicelib.core.room import room_for, still_meant
from chalicelib.core.tasks import explain_task
from chalicelib.core.trace import NOTICE_UNDELIVERED, Trace
from tests.builders import clock, day, fact, moment, referral, step, withdrawn
from tests.stories import TOWER_HAMLETS, Story, rules

LOST = "undelivered-m-1"
AT = moment("Fri 9 Oct 2026 10:00")
SAID = (
    "The notice of Thursday 8 October 2026 to the Independent Reviewing Officer did not arrive: "
    "there is no such address, and it was sent back for good."
)

BESIDE = (
    "No text asks for this: the service tells the deputy of the Independent Reviewing Officer, "
    "who was not reached."
)


def undelivered(message: str = "m-1", **words: tuple[str, ...]) -> Trace:
    """An alert of TH-21 to the reviewing officer that came back."""
    known = {
        "role": ("administrator",),
        "tell": ("iro",),
        "why": ("bounce_permanent_noemail",),
        "protocol": (TOWER_HAMLETS.id,),
        "clause": ("TH-21",),
        "about": ("o-1",),
        "occasion": ("opened",),
        "notice_on": ("2026-10-08",),
        "person": ("p-iro",),
        "beside": ("deputy", "manager"),
    }
    return Trace(
        id=f"undelivered-{message}",
        kind=NOTICE_UNDELIVERED,
        on=day("Fri 9 Oct 2026"),
        learned_at=moment("Fri 9 Oct 2026 10:00"),
        for_id=message,
        words={**known, **words},
    )


def alerts(story: Story) -> list[Notice]:
    return [each for each in story.latest.notices if each.about.startswith("t-")]


def lost(**words: tuple[str, ...]) -> Story:
    return Story().told(referral(), undelivered(**words))


def the_task(story: Story) -> Task:
    (task,) = story.case.standing.tasks
    return task


def told_another_way(task: Task) -> Trace:
    return step("Mon 12 Oct 2026", "told_another_way", for_id=task.id)


def test_the_deputy_the_manager_and_the_administrator_are_told_at_once_and_once():
    story = lost()

    assert [(each.occasion, each.role, each.person_id, each.route) for each in alerts(story)] == [
        (f"undelivered:{LOST}", "iro", "p-iro", "deputy"),
        (f"undelivered:{LOST}", "iro", "p-iro", "manager"),
        (f"task:{LOST}", "administrator", None, "self"),
    ]
    assert {(each.urgency, each.clause, each.because) for each in alerts(story)} == {("now", "TH-21", SAID)}
    assert len({each.id for each in alerts(story)}) == 3
    assert alerts(story.told(clock("Fri 9 Oct 2026 18:00"))) == []


def test_the_task_says_what_the_notice_was_about_and_never_what_it_said():
    task = the_task(lost(route=("manager",)))

    assert (task.protocol, task.clause, task.occasion) == (TOWER_HAMLETS.id, "TH-21", "opened")
    assert (task.person_id, task.via_manager) == ("p-iro", True)
    assert (task.notice_on, task.beside) == (day("Thu 8 Oct 2026"), ("deputy", "manager"))


def test_whom_the_contacts_do_not_know_nobody_tells():
    assert [each.route for each in alerts(lost(beside=("manager",)))] == ["manager", "self"]
    assert [each.route for each in alerts(lost(beside=()))] == ["self"]


def test_where_a_manager_was_not_reached_those_beside_the_manager_are_told():
    made = alerts(lost(route=("manager",)))

    assert [(each.route, each.of_manager) for each in made] == [
        ("deputy", True),
        ("manager", True),
        ("self", False),
    ]
    assert "to the manager of the Independent Reviewing Officer did not arrive" in str(made[0].because)


@pytest.mark.parametrize("occasion", ["undelivered", "task", "chased"])
def test_an_alert_that_does_not_arrive_is_a_task_and_no_further_alert(occasion):
    story = lost(occasion=(occasion,))

    assert the_task(story).done_by is None
    assert alerts(story) == []
    assert story.case.standing.wakes_at is None
    assert alerts(story.told(clock("Mon 2 Nov 2026 08:00"))) == []


def test_what_is_about_no_clause_is_a_task_alone():
    story = lost(clause=(), protocol=(), beside=())

    assert the_task(story).done_by is None
    assert alerts(story) == []


def test_one_recorded_before_facts_said_so_much_stands_and_is_explained():
    old = replace(undelivered(), words={"role": ("administrator",), "tell": ("iro",), "why": ("no_contact",)})
    story = Story().told(referral(), old)
    task = the_task(story)

    assert alerts(story) == []
    assert explain_task(task, rules()) == (
        "The notice to the Independent Reviewing Officer did not arrive: the contacts name nobody for that "
        "role, or do not know the person who fills it."
    )
    assert the_task(story.told(told_another_way(task))).done_by


@pytest.mark.parametrize(
    "words", [{"protocol": ("gone-2020-01-01",)}, {"clause": ("TH-2!",)}, {"tell": ("ir",)}, {"tell": ("",)}]
)
def test_a_notice_that_could_no_longer_be_read_whole_is_a_task_alone(words):
    story = lost(**words)

    assert alerts(story) == []
    assert "did not arrive" in explain_task(the_task(story), rules())


def test_under_a_protocol_that_nobody_knows_any_more_the_task_is_explained():
    story = lost(protocol=("gone-2020-01-01",))

    assert explain_task(the_task(story), rules()) == SAID


# --- and when somebody was told another way --------------------------------------------------


def test_a_task_that_is_done_makes_its_alerts_pointless():
    story = lost()
    task = the_task(story)
    assert {each.cancelled_with for each in alerts(story)} == {task.id}

    before = story.case.standing
    story.told(told_another_way(task))
    assert outgoing.settled(before, story.case) == (task.id,)
    assert alerts(story) == []


def test_told_another_way_before_the_notice_is_known_to_be_lost_alerts_nobody():
    task = the_task(lost())
    story = Story().told(referral(), told_another_way(task), undelivered())

    assert the_task(story).done_by
    assert alerts(story) == []


def test_a_task_whose_step_was_taken_back_is_open_again_and_seen_to_again():
    story = lost()
    task = the_task(story)
    done = told_another_way(task)
    taken_back = withdrawn(done, "Tue 13 Oct 2026 09:00")
    story.told(done, taken_back)

    assert [each.what for each in story.latest.changes] == ["task_reopened"]
    assert outgoing.reopened(story.latest) == (task.id,)
    assert [(each.occasion, each.role) for each in alerts(story)] == [
        (f"task:{taken_back.id}", "administrator"),
    ]


def test_what_waits_to_be_said_of_a_task_is_said_while_it_is_open():
    story = lost()
    waiting = alerts(story)
    assert tuple(still_meant(waiting, story.case.standing)) == tuple(waiting)

    story.told(told_another_way(the_task(story)))
    assert tuple(still_meant(waiting, story.case.standing)) == ()


def test_what_says_that_alerts_are_pointless_takes_room():
    story = lost()
    standing, task = story.case.standing, the_task(story)
    two = replace(standing, tasks=(task, replace(task, id="t-2")))
    done = replace(two, tasks=tuple(replace(each, done_by="f-1") for each in two.tasks))

    fact = told_another_way(task)
    assert room_for(fact, two, done, 0).notices == room_for(fact, two, two, 0).notices - 1


# --- and when nobody does it ------------------------------------------------------------------


def chases(story: Story) -> list[tuple[str, bool]]:
    return [(each.role, each.via_manager) for each in alerts(story) if each.occasion.startswith("chased|")]


def test_a_task_that_nobody_does_is_reminded_of_after_one_working_day_and_its_manager_after_three():
    story = lost()
    assert story.case.standing.wakes_at == moment("Mon 12 Oct 2026 08:00")

    assert chases(story.told(clock("Mon 12 Oct 2026 07:59"))) == []
    assert chases(story.told(clock("Mon 12 Oct 2026 08:00"))) == [("administrator", False)]
    assert story.case.standing.wakes_at == moment("Wed 14 Oct 2026 08:00")
    assert chases(story.told(clock("Wed 14 Oct 2026 08:00"))) == [("administrator", True)]
    assert story.case.standing.wakes_at is None
    assert chases(story.told(clock("Mon 2 Nov 2026 08:00"))) == []


def test_of_the_reminders_that_were_skipped_the_last_is_sent():
    assert chases(lost().told(clock("Thu 15 Oct 2026 08:00"))) == [("administrator", True)]


def test_nobody_is_reminded_of_a_task_that_is_done():
    story = lost()
    story.told(told_another_way(the_task(story)))

    assert story.case.standing.wakes_at is None
    assert chases(story.told(clock("Thu 15 Oct 2026 08:00"))) == []


def test_a_reminder_is_pointless_once_the_task_is_done():
    story = lost().told(clock("Mon 12 Oct 2026 08:00"))

    assert {each.cancelled_with for each in alerts(story)} == {the_task(story).id}


def test_a_halt_of_the_protocol_holds_up_no_reminder():
    halted = fact("process_opened", "Thu 8 Oct 2026", process="iro_challenge", process_id="ch-1")
    story = Story().told(referral(), halted, undelivered(), clock("Mon 12 Oct 2026 08:00"))

    assert chases(story) == [("administrator", False)]


def test_a_protocol_without_a_ladder_for_tasks_reminds_nobody():
    bare = replace(
        TOWER_HAMLETS, ladders=tuple(each for each in TOWER_HAMLETS.ladders if "task" not in each.serves)
    )
    story = Story(rules=rules(bare)).told(referral(), undelivered(), clock("Mon 12 Oct 2026 08:00"))

    assert chases(story) == []


def test_a_reminder_says_which_rung_it_is():
    story = lost().told(clock("Mon 12 Oct 2026 08:00"))
    (given,) = alerts(story)

    told = explain_notice(given, story.case, story.rules)
    assert (told["occasion"], told["rung"]["after_due_days"], told["still_stands"]) == ("chased", 1, True)
    occasion, said, rung, whom = told["sentences"][1:]
    assert occasion.startswith(
        "Told because a notice under this clause did not arrive, and nobody has recorded"
    )
    assert said == SAID
    assert rung.startswith("The ladder tells 1 working day after the task was opened. This is local policy")
    assert whom.startswith("The ladder names the administrator, who sees to it. The case allocates nobody")

    (later,) = alerts(story.told(clock("Wed 14 Oct 2026 08:00")))
    whom = explain_notice(later, story.case, story.rules)["sentences"][-1]
    assert whom.startswith("The ladder names the manager of the administrator, who sees to it.")
    assert whom.endswith("it went to their manager, looked up when it was sent.")


# --- in words --------------------------------------------------------------------------------


def test_an_alert_says_why_it_was_given_and_that_no_text_asks_for_it():
    story = lost()
    deputy, _, administrator = (explain_notice(each, story.case, story.rules) for each in alerts(story))

    assert (deputy["occasion"], deputy["cause"], deputy["basis"]) == ("undelivered", LOST, "local_policy")
    assert (deputy["via_deputy"], deputy["still_stands"]) == (True, True)
    assert deputy["sentences"][1:] == [
        "Told because a notice under this clause did not reach whom it was for.",
        SAID,
        f"{BESIDE} The case allocates p-iro to it; it went to their deputy, looked up when it was sent.",
    ]
    assert administrator["sentences"][1].endswith("somebody is to be told another way.")
    assert administrator["sentences"][3].startswith(
        "No text asks for this: the service has whoever keeps the contacts see to it, the administrator."
    )


def test_of_a_task_that_is_done_an_alert_no_longer_stands():
    story = lost()
    given = alerts(story)[0]
    story.told(told_another_way(the_task(story)))

    assert explain_notice(given, story.case, story.rules)["still_stands"] is False


def test_a_narrator_says_who_hears_of_it():
    story = lost(route=("manager",))
    narrator = Narrator(protocols=(TOWER_HAMLETS,), calendar=story.rules.calendar)

    iro = "manager of Independent Reviewing Officer (p-iro)"
    assert [narrator.notice(each, None, AT) for each in alerts(story)] == [
        f"Deputy of {iro}: a notice did not reach whom it was for.",
        f"Manager of {iro}: a notice did not reach whom it was for.",
        "Administrator: a notice did not arrive, and somebody has to be told another way.",
    ]
