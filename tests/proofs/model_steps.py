"""The steps of a story: what people tell, what AWS brings, what operators do, and how time goes by."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from chalicelib.store import contacts
from tests.proofs.model import UNDELIVERED, Answer, Request
from tests.proofs.model_beside import Beside, Sent, pick
from tests.proofs.model_case import Case, Told
from tests.proofs.model_service import OAKHAVEN, person
from tests.proofs.model_town import PEOPLE, WORKERS
from tests.proofs.slow_ladder import DAY, wall_day

number = st.integers(0, 999)
meeting = st.sampled_from(("m-1", "m-2"))
worker = st.sampled_from(WORKERS)
days_ago = st.sampled_from((0, 0, 0, 0, 1, 2, 6))
# The version that somebody goes by: whichever it is, the latest, or the one before.
going_by = st.sampled_from((None, None, None, 0, -1))
mood = st.sampled_from(("takes", "takes", "overtaken", "lost", "unheard", "busy", "never"))
deadly = st.sampled_from(("dies", "dies_after"))

IRO, MANAGER = {"person_id": "p-iro"}, {"person_id": "p-tm"}
ALLOCATED = {"iro": "p-iro", "team_manager": "p-tm"}
REFERRAL = {
    "authority": OAKHAVEN,
    "placement_id": "P-1",
    "placement_type": "foster",
    "legal_status": "care_order",
    "change": "unplanned",
    "reasons": ["unsettled"],
}
RECORD = {"document": "meeting_record", "to": [{"role": "panel"}]}
HARM = {"name": "immediate_harm", "because": "An incident.", "approver": "p-tm"}
MOVE = {"decision": "move", "by": [MANAGER]}
HELD = {"meeting": "placement_support", "chair": IRO, "present": [IRO]}
WORDS = {"SENT": "Send", "DELIVERED": "Delivery", "COMPLAINED": "Complaint", "DELAYED": "DeliveryDelay"}
WHY = {"why": "It has to be."}
OFTEN = tuple(f"whatever_{count}" for count in range(8))
MOST_CASES, MOST_MEETINGS, MOST_TASKS = 3, 4, 9


class Telling(Beside):
    """What people tell, once or again."""

    @initialize(who=worker)
    def a_first_referral(self, who: str) -> None:
        self._refers(who, 0, "OK-0")

    @precondition(lambda self: len(self.model.cases) < MOST_CASES)
    @rule(who=worker, ago=days_ago, child=st.sampled_from(("OK-0", "OK-1")))
    def a_referral(self, who: str, ago: int, child: str) -> None:
        self.step("a referral")
        self._refers(who, ago, child)

    def _refers(self, who: str, ago: int, child: str) -> None:
        allocations = {**ALLOCATED, "social_worker": who}
        body = {**REFERRAL, "child_reference": child, "allocations": allocations}
        self._tells("referral_received", body, None, ago=ago, who=who)

    @rule(n=number, at=meeting, outcome=st.sampled_from(("not_viable", "viable")), ago=days_ago, by=going_by)
    def a_meeting_held(self, n: int, at: str, outcome: str, ago: int, by: int | None) -> None:
        self.step("a meeting held")
        case = self.case(n)
        if sum(each.kind == "meeting_held" for each in case.told) < MOST_MEETINGS:
            body = {**HELD, "meeting_id": at, "outcome": outcome}
            self._tells("meeting_held", body, case, ago=ago, by=by, meeting=at, outcome=outcome)

    @rule(n=number, of=meeting, ago=days_ago, by=going_by)
    def a_record_sent(self, n: int, of: str, ago: int, by: int | None) -> None:
        self.step("a record sent")
        body = {**RECORD, "meeting_id": of}
        self._tells("document_sent", body, self.case(n), ago=ago, by=by, meeting=of)

    @rule(n=number, who=st.sampled_from(("p-iro", "p-sw")), ago=days_ago, by=going_by)
    def an_acknowledgement(self, n: int, who: str, ago: int, by: int | None) -> None:
        self.step("an alert acknowledged")
        body = {"step": "alert_acknowledged", "by": [{"person_id": who}]}
        self._tells("step_done", body, self.case(n), ago=ago, by=by, who=who)

    @rule(n=number, harm=st.booleans(), proposed=st.booleans(), ago=days_ago, by=going_by)
    def a_decision(self, n: int, harm: bool, proposed: bool, ago: int, by: int | None) -> None:
        self.step("a proposal" if proposed else "a decision")
        body = {**MOVE, "exceptions": [HARM] * harm}
        self._tells("decision_made", body, self.case(n), ago=ago, by=by, harm=harm, proposed=proposed)

    @rule(n=number, who=worker, by=going_by)
    def another_worker(self, n: int, who: str, by: int | None) -> None:
        self.step("an allocation")
        body = {"allocations": {"social_worker": who}}
        self._tells("details_recorded", body, self.case(n), by=by, who=who)

    @rule(n=number, which=number, other=number, ago=days_ago, by=going_by)
    def a_correction(self, n: int, which: int, other: int, ago: int, by: int | None) -> None:
        self.step("a correction")
        case = self.case(n)
        wrong = pick([each for each in case.told if each.kind in CORRECTED], which)
        body, said = CORRECTED[wrong.kind](wrong, other)
        if wrong.kind == "referral_received":
            body["child_reference"] = self._opening(case)["child_reference"]
        body["replaces"] = wrong.id
        self._tells(wrong.kind, body, case, ago=ago, by=by, replaces=wrong.id, **said)

    def _opening(self, case: Case) -> dict[str, Any]:
        return next(each.body for each in self.sent if each.case_id == case.id)

    @rule(n=number, which=number, by=going_by)
    def a_withdrawal(self, n: int, which: int, by: int | None) -> None:
        self.step("a withdrawal")
        case = self.case(n)
        wrong = pick([each.id for each in case.told] + ["f-nobody-knows"], which)
        body = {"replaces": wrong, "because": "It was not so."}
        self._tells("fact_withdrawn", body, case, by=by, replaces=wrong)

    @precondition(lambda self: self.tasks)
    @rule(n=number, by=going_by)
    def told_another_way(self, n: int, by: int | None) -> None:
        self.step("a task done")
        case, lost = pick([(case, each) for case in self.model.cases.values() for each in case.lost], n)
        (task_id,) = [name for name, key in self.looker.called.items() if key == lost.task]
        body = {"step": "told_another_way", "for_id": task_id}
        self._tells("step_done", body, case, by=by, task=lost.task)

    @rule(n=number, back=st.sampled_from((1, 1, 2, 0)))
    def a_request_again(self, n: int, back: int) -> None:
        self.step("a request again")
        self.sends(self._earlier(n, back))

    @rule(n=number, back=st.sampled_from((1, 1, 2, 0)), why=st.sampled_from(("body", "path")))
    def a_key_again(self, n: int, back: int, why: str) -> None:
        self.step("a key again, with another request")
        sent, elsewhere = self._earlier(n, back), self.case(n)
        if why == "path" and f"/cases/{sent.case_id}/facts/" in sent.path:
            path = sent.path.replace(sent.case_id, elsewhere.id)
            self.sends(replace(sent, path=path, case_id=elsewhere.id))
        else:
            word = "why" if "why" in sent.body else "because"
            self.sends(replace(sent, body={**sent.body, word: "For another reason."}))

    def _earlier(self, n: int, back: int) -> Sent:
        return self.sent[-min(back, len(self.sent))] if back else pick(self.sent, n)

    def _tells(
        self,
        kind: str,
        body: dict[str, Any],
        case: Case | None,
        *,
        ago: int = 0,
        by: int | None = None,
        proposed: bool = False,
        **said: Any,
    ) -> None:
        on = wall_day(self.model.now) - ago * DAY
        door = f"/v1/cases/{case.id}/{'proposals' if proposed else 'facts'}/{kind}" if case else ""

        def predict(sent: Sent, answer: dict[str, Any]) -> Answer:
            sent.case_id = sent.case_id or answer.get("case_id", "")
            told = Told(id=answer.get("fact_id", "refused"), kind=kind, on=on, at=self.model.now, **said)
            return self.model.asked(
                Request(
                    key=sent.key,
                    path=sent.path,
                    body=sent.body,
                    case_id=sent.case_id,
                    told=told,
                    proposed=proposed,
                    if_match=sent.if_match,
                )
            )

        self.sent.append(
            Sent(
                path=door or "/v1/referrals",
                body={"on": on.isoformat(), **body},
                key=f"key-{len(self.sent)}",
                if_match=None if by is None or case is None else case.version + by,
                case_id=case.id if case else "",
                predict=predict,
            )
        )
        self.sends(self.sent[-1])


class GoingOn(Beside):
    """What AWS brings, and how time goes by."""

    @rule(n=number, how=mood)
    def the_stream(self, n: int, how: str) -> None:
        self.step(f"the stream, to a provider that {how}")
        self._brings(self._waiting(n), how)

    @rule(n=number, how=deadly)
    def the_stream_and_a_death(self, n: int, how: str) -> None:
        self.step(f"the stream, to a process that {how}")
        self._brings(self._waiting(n), how)

    @rule(n=number)
    def the_stream_once_more(self, n: int) -> None:
        self.step("the stream, with whatever it brought before")
        self._brings(pick(list(self.letters), n), "takes")

    def _waiting(self, n: int) -> str:
        waiting = [name for name, each in self.letters.items() if each.state in ("PENDING", "SENDING")]
        return pick(waiting or list(self.letters), n)

    def _brings(self, message_id: str, how: str) -> None:
        self.service.delivers(message_id, how)
        self.model.delivers(self.letters[message_id], how)

    @rule(how=mood)
    def a_sweep(self, how: str) -> None:
        self.step(f"a sweep, with a provider that {how}")
        assert self.service.sweeps(how) == self.model.sweeps(how)

    @precondition(lambda self: self.mail)
    @rule(n=number, word=st.sampled_from((*WORDS, "DELIVERED")), early=st.booleans(), twice=st.booleans())
    def an_event(self, n: int, word: str, early: bool, twice: bool) -> None:
        if word == "COMPLAINED" and self.tasks >= MOST_TASKS:
            word = "DELIVERED"
        self.step(f"SES says {word}" + " twice" * twice)
        told = {"complainedRecipients": self._recipients(n)} if word == "COMPLAINED" else {}
        for _ in range(1 + twice):
            self._is_told(n, word, WORDS[word], early, told)

    @precondition(lambda self: self.mail and self.tasks < MOST_TASKS)
    @rule(
        n=number, sort=st.sampled_from(("Permanent", "Transient")), early=st.booleans(), twice=st.booleans()
    )
    def a_bounce(self, n: int, sort: str, early: bool, twice: bool) -> None:
        self.step(f"SES says BOUNCED, {sort.lower()}" + " twice" * twice)
        told = {"bounceType": sort, "bouncedRecipients": self._recipients(n)}
        for _ in range(1 + twice):
            self._is_told(n, "BOUNCED", "Bounce", early, told)

    @precondition(lambda self: self.mail and self.tasks < MOST_TASKS)
    @rule(n=number, words=st.lists(st.sampled_from(("SENT", "DELIVERED", "DELAYED", "BOUNCED")), min_size=2))
    def several_events(self, n: int, words: list[str]) -> None:
        self.step("SES says all sorts of one letter")
        for word in words:
            self._is_told(n, word, WORDS.get(word, "Bounce"), False, {})
            self.they_are_alike()

    def _recipients(self, n: int) -> list[dict[str, str]]:
        return [{"emailAddress": pick(self.mail, n)[0].address}]

    def _is_told(self, n: int, word: str, kind: str, early: bool, told: dict[str, Any]) -> None:
        letter, posted_at = pick(self.mail, n)
        at = posted_at if early else self.model.now
        for_good = word == "COMPLAINED" or told.get("bounceType") == "Permanent"
        self.service.hears(letter, kind, at, posted_at, **told)
        refuses = letter.address if for_good else ""
        self.model.is_told(self.letters[letter.message_id], word, at, posted_at, refuses=refuses)

    @rule()
    def a_tick(self) -> None:
        self.step("a tick")
        assert not self.service.fires("tick")
        self.followed(self.model.ticks)

    @rule()
    def settling(self) -> None:
        self.step("settling")
        assert self.service.fires("settle") == self.followed(self.model.settles)

    @rule(minutes=st.sampled_from((1, 2, 6, 6, 40)), anew=st.booleans())
    def minutes_go_by(self, minutes: int, anew: bool) -> None:
        self.step("minutes go by")
        self.later(timedelta(minutes=minutes))
        if anew:
            self.service.restart()

    @rule(hours=st.sampled_from((1, 4, 9, 16, 26, 74)))
    def hours_go_by(self, hours: int) -> None:
        self.step("hours go by")
        self.later(timedelta(hours=hours))

    @rule(hours=st.sampled_from((1, 4, 16, 26, 74)))
    def all_is_well(self, hours: int) -> None:
        self.step("hours go by, and every schedule fires")
        self.later(timedelta(hours=hours))
        assert not self.service.fires("tick")
        self.followed(self.model.ticks)
        for _ in range(2):
            self.they_are_alike()
            assert self.followed(self.model.settles) == self.service.fires("settle")
            self.they_are_alike()
            assert self.model.sweeps("takes") == self.service.sweeps("takes")


class Operating(Beside):
    """What operators do, by request and by command."""

    @rule(n=number, what=st.sampled_from(("again", "again", "cancel")))
    def an_order(self, n: int, what: str) -> None:
        self.step(f"an operator: {what}")
        lost = [name for name, letter in self.letters.items() if letter.state in UNDELIVERED]
        message_id = pick(lost if lost and n % 4 else list(self.letters), n)
        letter = self.letters[message_id]

        def act() -> bool:
            return self.model.again(letter) if what == "again" else self.model.puts_away(letter, "CANCELLED")

        self._orders(f"/v1/operations/messages/{message_id}/{what}", act)

    @rule(n=number)
    def a_message_set_aside(self, n: int) -> None:
        self.step("a message set aside")
        message_id = self._some_message(n)
        letter = self.letters[message_id]
        if letter.state in ("PENDING", *UNDELIVERED):
            self.service.ports.outbox.set_aside(message_id, "to_be_looked_at", self.model.now)
            assert self.model.puts_away(letter, "SET_ASIDE")

    def _some_message(self, n: int) -> str:
        return pick(list(self.letters), n)

    @rule(n=number)
    def a_case_set_aside(self, n: int) -> None:
        self.step("a case set aside")
        case = self.case(n)
        self.service.ports.cases.set_aside(case.id, "does_not_parse", self.model.now)
        self.model.aside.add(case.id)

    @rule(n=number)
    def a_case_redriven(self, n: int) -> None:
        self.step("an operator: redrive")
        case = self.case(n)
        path = f"/v1/operations/set-aside/{case.id}/redrive"
        self._orders(path, lambda: self.model.redrives(case))

    def _orders(self, path: str, act: Any) -> None:
        def predict(sent: Sent, _: dict[str, Any]) -> Answer:
            return self.model.acted(sent.key, (sent.path, sent.body), act)

        self.sent.append(Sent(path=path, body=dict(WHY), key=f"key-{len(self.sent)}", predict=predict))
        self.sends(self.sent[-1])

    @rule(on=st.booleans())
    def a_pause(self, on: bool) -> None:
        self.step("an operator: pause" if on else "an operator: resume")
        self._commands(self.service.pauses(on=on), self.model.pauses(on=on))

    @precondition(lambda self: self.model.paused)
    @rule()
    def a_resumption(self) -> None:
        self.a_pause(False)

    @precondition(lambda self: self.model.refusing)
    @rule(n=number)
    def an_address_lifted(self, n: int) -> None:
        self.step("an operator: lift")
        address = pick(sorted(self.model.refusing), n)
        self._commands(self.service.lifts(address), self.model.lifts(address))

    def _commands(self, done: bool, predicted: bool) -> None:
        assert done == predicted
        self.model.acts += done

    @rule(n=number, what=st.sampled_from(("another", "another", "the first", "none")))
    def a_contact_corrected(self, n: int, what: str) -> None:
        self.step("a contact corrected")
        name = pick(list(PEOPLE), n)
        addresses = {
            "another": f"{name}.{self.steps}@oakhaven.example",
            "the first": f"{name}@oakhaven.example",
        }
        self.model.addresses[name] = addresses.get(what, "")
        contacts.save_person(person(name, self.model.addresses[name]))

    @rule(n=number)
    def a_look(self, n: int) -> None:
        self.step("somebody looks at the lists")
        case = self.case(n)
        told = self.service.lists(f"/v1/cases/{case.id}/notices")
        mine = [letter for letter in self.model.letters if letter.case is case]
        assert {each["id"]: each["state"] for each in told} == {each.id: each.state for each in mine}
        open_tasks = {
            thing.about
            for each in self.model.cases.values()
            for thing in each.things.values()
            if _is_task(thing)
        }
        listed = self.service.lists("/v1/tasks")
        assert {self.looker.called[each["task_id"]] for each in listed} == open_tasks
        undelivered = {each["id"] for each in self.service.lists("/v1/operations/undelivered")}
        assert undelivered == {each.id for each in self.model.letters if each.state in UNDELIVERED}
        aside = {each["case_id"] for each in self.service.lists("/v1/operations/set-aside")}
        assert aside == self.model.aside


def _is_task(thing: Any) -> bool:
    return bool(thing.sort == "task" and thing.open)


class Everything(Telling, GoingOn, Operating):
    """All that may happen."""


STEPS = tuple(Everything.setup_state().rules)


def _whatever(name: str) -> Any:
    """Make a step that is any of the others. Hypothesis leaves some out of each story; so they come back."""

    def step(self: Beside, data: st.DataObject) -> None:
        possible = [each for each in STEPS if all(holds(self) for holds in each.preconditions)]
        drawn = data.draw(st.sampled_from(possible))
        asked = {name: data.draw(each) for name, each in drawn.arguments_strategies.items()}
        drawn.function(self, **asked)

    step.__name__ = name
    return rule(data=st.data())(step)


SideBySide = type("SideBySide", (Everything,), {name: _whatever(name) for name in OFTEN})


def _other_worker(n: int) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"social_worker": pick(WORKERS, n)}, {"who": pick(WORKERS, n)}


def _another_allocation(_: Told, n: int) -> tuple[dict[str, Any], dict[str, Any]]:
    allocations, said = _other_worker(n)
    return {"allocations": allocations}, said


def _another_referral(_: Told, n: int) -> tuple[dict[str, Any], dict[str, Any]]:
    allocations, said = _other_worker(n)
    return {**REFERRAL, "allocations": {**ALLOCATED, **allocations}}, said


def _another_meeting(wrong: Told, n: int) -> tuple[dict[str, Any], dict[str, Any]]:
    outcome = pick(("viable", "not_viable", "not_viable"), n)
    body = {**HELD, "meeting_id": wrong.meeting, "outcome": outcome}
    return body, {"meeting": wrong.meeting, "outcome": outcome}


def _another_decision(_: Told, n: int) -> tuple[dict[str, Any], dict[str, Any]]:
    harm = bool(n % 2)
    return {**MOVE, "exceptions": [HARM] * harm}, {"harm": harm}


# How each kind of fact is corrected.
CORRECTED = {
    "referral_received": _another_referral,
    "meeting_held": _another_meeting,
    "decision_made": _another_decision,
    "details_recorded": _another_allocation,
}
