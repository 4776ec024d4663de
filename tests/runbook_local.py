"""The scenes of those commands of the runbook that change tables and nothing else: on DynamoDB Local."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import boto3

from chalicelib.ports import (
    NOBODYS,
    SENDING,
    Credential,
    Message,
    MessageState,
    RoleContact,
    fingerprint,
)
from chalicelib.store import access, contacts, items
from chalicelib.store.calendars import DynamoCalendars
from chalicelib.store.outbox import DynamoOutbox
from chalicelib.ticking import RAISES, tick
from infra import backup, operate
from infra.operating import Desk
from tests.contract.town import LATER, Town
from tests.council import PROTOCOL, TOWN
from tests.runbook import LOCAL

Played = Iterator[Any]
PROGRAMS = {"$operate": operate.main, "$backup": backup.main}
YOU = "grace.h"
EMAIL = "ada@council.example"


@dataclass
class Counter:
    """A town whose tables an operator sees to: every command is one line of the runbook."""

    town: Town
    stage: str
    now: datetime = LATER
    said: list[str] = field(default_factory=list)

    def run(self, line: str) -> list[str]:
        """Give one command as the shell would, and return what it wrote."""
        self.said = []
        program, *words = shlex.split(line)
        assert PROGRAMS[program](["--stage", self.stage, *words], sit=self._sit) == 0, line
        return self.said

    def _sit(self, stage: str, _region: str | None) -> Desk:
        shelf: Any = self.town.ports.protocols
        return Desk(stage=stage, clients=boto3.client, now=self.now, say=self.said.append, shelf=shelf)

    # --- what there is ----------------------------------------------------------------------

    @property
    def outbox(self) -> DynamoOutbox:
        return DynamoOutbox()

    def case(self) -> str:
        """A case that was opened this morning, with its alerts in the outbox."""
        return self.town.open("1")

    def waiting(self) -> Message:
        """An alert that is to be sent."""
        found = self.town.messages(self.case())[0]
        assert found.state is MessageState.PENDING
        return found

    def failed(self, why: str = "no_address") -> Message:
        """An alert that did not arrive."""
        message = self.waiting()
        self.outbox.failed(self.outbox.claim(message.id, self.now, 60), why, self.now)
        return self.outbox.message(message.id)

    def aside(self) -> str:
        """A case that no tick comes to, although its alert has been open for two hours."""
        case_id = self.case()
        assert self.town.ports.cases.set_aside(case_id, RAISES, self.now)
        assert tick(self.now, self.town.ports, lambda: 60.0) == 0
        return case_id

    def acts(self, of: str = TOWN) -> list[tuple[str, str, str]]:
        """What the audit says: what was done, to what, by whom."""
        kept = self.town.ports.cases.acts(of, None, 10, oldest_first=True).items
        return [(str(each.what), each.about, each.by) for each in kept]


# --- what did not arrive --------------------------------------------------------------------


@LOCAL.of("$operate authority list")
def authorities(counter: Counter) -> Played:
    assert (yield {}) == [TOWN]


@LOCAL.of("$operate undelivered list AUTHORITY")
def undelivered(counter: Counter) -> Played:
    message = counter.failed()
    others = {each.id for each in counter.town.messages(message.case_id)} - {message.id}
    (line,) = yield {"AUTHORITY": TOWN}
    assert line.startswith(f"{message.id}\tFAILED\t")
    assert others
    assert "no address" in line
    assert "@" not in line


@LOCAL.of("$operate undelivered list -- -")
def nobodys(counter: Counter) -> Played:
    message = counter.waiting()
    key = {"pk": {"S": f"MSG#{message.id}"}, "sk": {"S": "MSG"}}
    table = items.OutboxItem.Meta.table_name
    items.connection().client.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="REMOVE authority SET body = :b",
        ExpressionAttributeValues={":b": {"S": "not ours"}},
    )
    counter.outbox.set_aside(message.id, "unreadable", counter.now)
    (line,) = yield {}
    assert line.startswith(f"{message.id}\tSET_ASIDE\t")


@LOCAL.of("$operate undelivered show MESSAGE")
def shown(counter: Counter) -> Played:
    message = counter.failed()
    said = yield {"MESSAGE": message.id}
    assert message.case_id in said[0]
    assert message.role in said[0]
    assert said[1].startswith(f"of {TOWN}, by email, about clause ")
    assert "tried 1 times" in said[2]


def _sent_again(counter: Counter, message: Message) -> Played:
    assert message.id not in counter.outbox.ready(counter.now, 100)
    yield {"MESSAGE": message.id, "YOU": YOU}
    known = counter.outbox.message(message.id)
    assert (known.state, known.attempts, known.reason) == (MessageState.PENDING, 0, None)
    assert message.id in counter.outbox.ready(counter.now, 100)
    assert counter.acts() == [("again", message.id, YOU)]


@LOCAL.of(
    '$operate undelivered again MESSAGE --by YOU --why "The administrator has another address."',
    '$operate undelivered again MESSAGE --by YOU --why "The contact is corrected."',
    '$operate undelivered again MESSAGE --by YOU --why "Their address works again."',
)
def sent_again(counter: Counter) -> Played:
    yield from _sent_again(counter, counter.failed())


@LOCAL.of('$operate undelivered again MESSAGE --by YOU --why "The release of today reads it."')
def read_again(counter: Counter) -> Played:
    message = counter.waiting()
    counter.outbox.set_aside(message.id, "unreadable", counter.now)
    yield from _sent_again(counter, message)


def _cancelled(counter: Counter, message: Message) -> Played:
    yield {"MESSAGE": message.id, "YOU": YOU}
    known = counter.outbox.message(message.id)
    assert (known.state, known.reason) == (MessageState.CANCELLED, "cancelled_by_operator")
    assert message.id not in counter.outbox.ready(counter.now, 100)
    assert counter.acts() == [("cancel", message.id, YOU)]


@LOCAL.of('$operate undelivered cancel MESSAGE --by YOU --why "Told by telephone."')
def told_by_telephone(counter: Counter) -> Played:
    yield from _cancelled(counter, counter.failed())


@LOCAL.of('$operate undelivered cancel MESSAGE --by YOU --why "Its referral was imported twice."')
def imported_twice(counter: Counter) -> Played:
    message = counter.waiting()
    assert counter.outbox.pause("ben.t", "imported twice", counter.now)
    yield from _cancelled(counter, message)


@LOCAL.of('$operate address lift EMAIL --by YOU --why "Their mail service says that it works."')
def lifted(counter: Counter) -> Played:
    counter.outbox.suppress(EMAIL, "m-1", "bounce_permanent", counter.now - timedelta(hours=1))
    assert counter.outbox.suppressed(EMAIL)
    said = yield {"EMAIL": EMAIL, "YOU": YOU}
    assert EMAIL not in " ".join(said)
    assert not counter.outbox.suppressed(EMAIL)
    assert counter.acts(NOBODYS) == [("lift", fingerprint(EMAIL), YOU)]


# --- contacts -------------------------------------------------------------------------------


@LOCAL.of("$operate person list AUTHORITY")
def people(counter: Counter) -> Played:
    said = yield {"AUTHORITY": TOWN}
    assert {line.split("\t")[0] for line in said} == {"p-iro", "p-sw", "p-tm", "p-gm", "p-other"}


@LOCAL.of("$operate person add AUTHORITY PERSON --email EMAIL --manager MANAGER")
def corrected(counter: Counter) -> Played:
    known = counter.town.ports.contacts.person(TOWN, "p-iro")
    assert known.email != EMAIL
    yield {"AUTHORITY": TOWN, "PERSON": "p-iro", "EMAIL": EMAIL, "MANAGER": "p-gm"}
    now = counter.town.ports.contacts.person(TOWN, "p-iro")
    assert (now.email, now.manager) == (EMAIL, "p-gm")


@LOCAL.of("$operate role set AUTHORITY ROLE --person PERSON")
def reached(counter: Counter) -> Played:
    yield {"AUTHORITY": TOWN, "ROLE": "gm_cpt", "PERSON": "p-gm"}
    assert counter.town.ports.contacts.role(TOWN, "gm_cpt").person_id == "p-gm"


@LOCAL.of("$operate role set AUTHORITY administrator --email EMAIL")
def administrator(counter: Counter) -> Played:
    contacts.save_role(RoleContact(authority=TOWN, role="administrator", email="gone@council.example"))
    yield {"AUTHORITY": TOWN, "EMAIL": EMAIL}
    assert counter.town.ports.contacts.role(TOWN, "administrator").email == EMAIL


# --- what is set aside ----------------------------------------------------------------------


@LOCAL.of("$operate aside list AUTHORITY")
def aside(counter: Counter) -> Played:
    case_id = counter.aside()
    (line,) = yield {"AUTHORITY": TOWN}
    assert line.split("\t")[::2] == [case_id, RAISES]


@LOCAL.of("$operate aside list -- -")
def nobodys_cases(counter: Counter) -> Played:
    counter.aside()
    assert counter.town.ports.cases.set_aside("c-gone", "gone", counter.now)
    (line,) = yield {}
    assert line.split("\t")[::2] == ["c-gone", "gone"]


@LOCAL.of("$operate aside show CASE")
def one_aside(counter: Counter) -> Played:
    case_id = counter.aside()
    said = yield {"CASE": case_id}
    assert said[0].startswith(case_id)
    assert said[1] == f"of {TOWN}"


@LOCAL.of(
    '$operate aside redrive CASE --by YOU --why "Release 2026-11-23 reads it."',
    '$operate aside redrive CASE --by YOU --why "The release of today reads it."',
)
def redriven(counter: Counter) -> Played:
    case_id = counter.aside()
    yield {"CASE": case_id, "YOU": YOU}
    assert counter.town.ports.cases.all_aside() == frozenset()
    assert tick(counter.now, counter.town.ports, lambda: 60.0) == 1
    assert counter.acts() == [("redrive", case_id, YOU)]


# --- sending as a whole ---------------------------------------------------------------------


@LOCAL.of("$operate sending show")
def sending(counter: Counter) -> Played:
    assert counter.outbox.pause("ben.t", "The tables were restored.", counter.now)
    (line,) = yield {}
    assert "ben.t: The tables were restored." in line


@LOCAL.of(
    '$operate sending pause --by YOU --why "Referrals of Friday were imported twice."',
    '$operate sending pause --by YOU --why "Its tables are being restored."',
)
def paused(counter: Counter) -> Played:
    assert not counter.outbox.paused()
    yield {"YOU": YOU}
    assert counter.outbox.paused()
    assert counter.acts(NOBODYS) == [("pause", SENDING, YOU)]


@LOCAL.of(
    '$operate sending resume --by YOU --why "The second import is withdrawn."',
    '$operate sending resume --by YOU --why "All that waits was held against what was sent."',
)
def resumed(counter: Counter) -> Played:
    assert counter.outbox.pause("ben.t", "imported twice", counter.now)
    yield {"YOU": YOU}
    assert not counter.outbox.paused()
    assert counter.acts(NOBODYS) == [("resume", SENDING, YOU)]


def _acts(counter: Counter, words: dict[str, str]) -> Played:
    message = counter.failed()
    counter.run(f'$operate undelivered again {message.id} --by {YOU} --why "Corrected."')
    counter.run(f'$operate undelivered cancel {message.id} --by {YOU} --why "Told by telephone."')
    said = yield words
    lines = [line.split("\t")[1:] for line in said]
    assert sorted(lines) == [
        [TOWN, f"{YOU} (command)", "again", message.id, "Corrected."],
        [TOWN, f"{YOU} (command)", "cancel", message.id, "Told by telephone."],
    ]


@LOCAL.of("$operate acts list")
def acts(counter: Counter) -> Played:
    yield from _acts(counter, {})


@LOCAL.of("$operate acts list AUTHORITY --oldest-first")
def acts_of(counter: Counter) -> Played:
    yield from _acts(counter, {"AUTHORITY": TOWN})


# --- days -----------------------------------------------------------------------------------


@LOCAL.of("$operate calendar show AUTHORITY")
def calendar(counter: Counter) -> Played:
    said = yield {"AUTHORITY": TOWN}
    assert said[0].startswith(f"{TOWN} ({TOWN}) counts by calendar ")
    assert "GOV.UK was not asked yet." in said


@LOCAL.of("$operate calendar show AUTHORITY --year YEAR")
def calendar_of(counter: Counter) -> Played:
    said = yield {"AUTHORITY": TOWN, "YEAR": "2027"}
    assert "closed Fri 2027-01-01\tNew Year's Day" in said
    assert not [line for line in said if "2026-12-25" in line]


@LOCAL.of("$operate authority show AUTHORITY")
def authority(counter: Counter) -> Played:
    assert (yield {"AUTHORITY": TOWN}) == [f"{TOWN}\t{TOWN}\t{PROTOCOL}"]


@LOCAL.of(
    '$operate authority add AUTHORITY --name "NAME" --protocol PROTOCOL --closed "DATE=Day of mourning"'
)
def proclaimed(counter: Counter) -> Played:
    on = date(2026, 10, 19)  # a Monday
    yield {"AUTHORITY": TOWN, "NAME": TOWN, "PROTOCOL": PROTOCOL, "DATE": on.isoformat()}
    assert counter.town.ports.access.authority(TOWN).closure_days == {on: "Day of mourning"}
    in_force = DynamoCalendars().in_force_now(TOWN)
    assert in_force is not None
    assert in_force.calendar.closed[on] == "Day of mourning"


# --- tokens ---------------------------------------------------------------------------------


def _token(counter: Counter) -> Credential:
    counter.run(f"$operate token issue {TOWN} --subject cpt-system --scope facts:write")
    (known,) = access.credentials(TOWN, None, 10).items
    return known


@LOCAL.of("$operate token list AUTHORITY")
def tokens(counter: Counter) -> Played:
    known = _token(counter)
    (line,) = yield {"AUTHORITY": TOWN}
    assert line.startswith(f"{known.id}\tcpt-system\tgood\tuntil ")


@LOCAL.of("$operate token revoke TOKEN_ID")
def revoked(counter: Counter) -> Played:
    known = _token(counter)
    assert not known.revoked
    yield {"TOKEN_ID": known.id}
    (known,) = access.credentials(TOWN, None, 10).items
    assert known.revoked


@LOCAL.of("$operate token issue AUTHORITY --subject SUBJECT --scope facts:write --scope cases:read")
def issued(counter: Counter) -> Played:
    (token,) = yield {"AUTHORITY": TOWN, "SUBJECT": "cpt-system"}
    (known,) = access.credentials(TOWN, None, 10).items
    assert token.startswith(f"hf_{known.id}_")
    assert known.scopes == {"facts:write", "cases:read"}
