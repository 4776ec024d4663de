"""The scenes of those commands of the runbook that need more of AWS than tables: on the whole stack."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.clock import today
from infra.emulator import PROJECT
from infra.logs import FUNCTIONS, Logs
from infra.riverbank import ID, REFERRAL
from tests import runbook
from tests.deployed.deployed import EVENTS, Service, eventually
from tests.feed_server import FeedServer
from tests.runbook import DEPLOYED

Played = Iterator[Any]
Json = Mapping[str, Any]
YOU = "grace.h"
RUNG = "mail-complaints"


@dataclass
class Shell:
    """A terminal at the stack: each command is run by bash after those with which the runbook begins."""

    service: Service
    gov_uk: FeedServer
    names: frozenset[str] = field(default_factory=frozenset)

    def run(self, *lines: str) -> list[str]:
        """Run commands, and return the lines that they wrote."""
        begins = [each.filled({"STAGE": self.stage} if each.blanks else {}) for each in runbook.begins()]
        # The same Python as this one, wherever its environment is.
        script = "\n".join([*begins, *lines]).replace(".venv/bin/python", sys.executable)
        ran = subprocess.run(
            ["bash", "-euc", script],
            cwd=PROJECT,
            env={**os.environ, "AWS_ENDPOINT_URL": self.service.emulator.endpoint},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.splitlines()

    @property
    def stage(self) -> str:
        return self.service.stack.stage

    @property
    def api(self) -> str:
        return self.service.stack.address()

    def aws(self, service: str) -> Any:
        return self.service.stack.clients(service)

    def called(self, name: str) -> str:
        return f"holdfast-{self.stage}-{name}"

    def logged(self, function: str, text: str) -> int:
        """Count the lines of a function that have a text in them."""
        lines = Logs(stage=self.stage, clients=self.service.stack.clients, since_ms=0).fresh()
        return sum(line.function == function and text in line.text for line in lines)

    # --- what there is ----------------------------------------------------------------------

    def notices(self, case_id: str) -> list[Json]:
        return list(self.service.get(f"/v1/cases/{case_id}/notices?limit=100").body["items"])

    def opened(self, **changes: object) -> str:
        answer = self.service.refer(f"RB-{uuid.uuid4().int % 1_000_000:06d}", **changes)
        assert answer.status == 201, answer.body
        return str(answer.body["case_id"])

    def sent(self) -> tuple[str, str]:
        """A case, and one of its e-mails that was sent."""
        case_id = self.opened()
        self.service.sent(case_id)
        by_email = [each for each in self.notices(case_id) if each["channel"] == "email"]
        return case_id, next(str(each["id"]) for each in by_email if each["state"] == "SENT")

    def unreached(self) -> str:
        """A case whose reviewing officer the contacts do not know: nobody has been told yet."""
        case_id = self.opened(allocations={**REFERRAL["allocations"], "iro": "iro.unknown"})  # type: ignore[dict-item]
        self.service.sent(case_id)
        return case_id

    def tasks(self, case_id: str) -> list[Json]:
        """The tasks of a case that somebody still has to do."""
        found = self.service.get("/v1/tasks?limit=100").body["items"]
        return [each for each in found if each["case_id"] == case_id]

    @contextmanager
    def silent(self, *names: str) -> Iterator[None]:
        """Switch schedules off; at the end all of them are on."""
        events = self.aws("events")
        for name in names:
            events.disable_rule(Name=self.called(name))
        try:
            yield
        finally:
            for name in names:
                events.enable_rule(Name=self.called(name))

    def fires(self, name: str) -> bool:
        return bool(self.aws("events").describe_rule(Name=self.called(name))["State"] == "ENABLED")


# --- alarms ---------------------------------------------------------------------------------


@DEPLOYED.of("$operate alarm list")
def alarms(shell: Shell) -> Played:
    name = shell.called(RUNG)
    shell.aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    *said, counted = yield {}
    listed = {line.split("\t")[0]: line.split("\t")[1] for line in said}
    assert listed.keys() == shell.names
    assert listed[RUNG].startswith("raised since 20")
    raised = [name for name, state in listed.items() if state.startswith("raised")]
    assert list(listed)[: len(raised)] == raised
    assert counted == f"{len(raised)} of {len(shell.names)} are raised."


@contextmanager
def hearing(shell: Shell) -> Iterator[Any]:
    """Let a queue hear of alarms; gives what it heard since the last look."""
    sqs, sns = shell.aws("sqs"), shell.aws("sns")
    url = sqs.create_queue(QueueName=f"hears-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = next(
        each["TopicArn"] for each in sns.list_topics()["Topics"] if each["TopicArn"].endswith("-alarms")
    )
    heard = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
    yield lambda: [
        json.loads(json.loads(each["Body"])["Message"])
        for each in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", ())
    ]
    sns.unsubscribe(SubscriptionArn=heard["SubscriptionArn"])


@DEPLOYED.of("$operate alarm hearers")
def hearers(shell: Shell) -> Played:
    with hearing(shell):
        (line,) = yield {}
    protocol, _, said = line.split("\t")
    assert (protocol, said) == ("sqs", "hears")


@DEPLOYED.of("$operate alarm ring mail-complaints")
def rung(shell: Shell) -> Played:
    name = shell.called(RUNG)
    shell.aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue="OK", StateReason="a test")
    with hearing(shell) as heard:
        yield {}
        told = eventually(lambda: [each for each in heard() if each["AlarmName"] == name])
    assert told[0]["NewStateValue"] == "ALARM"
    assert "docs/runbook.md#mail-complaints" in told[0]["AlarmDescription"]


# --- looking --------------------------------------------------------------------------------


@DEPLOYED.of(
    ".venv/bin/python -m infra.logs --stage STAGE --minutes 60",
    ".venv/bin/python -m infra.logs --stage STAGE --minutes 1440",
)
def logs(shell: Shell) -> Played:
    _, message_id = shell.sent()
    eventually(lambda: shell.logged("dispatch", message_id))
    said = yield {"STAGE": shell.stage}
    assert [line for line in said if " dispatch: " in line and message_id in line]
    assert REFERRAL["child_reference"] not in " ".join(said)


@DEPLOYED.of("$backup evidence logs --since BEGAN_AT --until STOPPED_AT --to SENT")
def sent_by_logs(shell: Shell) -> Played:
    began = datetime.now(UTC) - timedelta(minutes=1)
    _, message_id = shell.sent()
    eventually(lambda: shell.logged("dispatch", message_id))
    with TemporaryDirectory() as home:
        yield {
            "BEGAN_AT": began.isoformat(),
            "STOPPED_AT": datetime.now(UTC).isoformat(),
            "SENT": f"{home}/sent",
        }
        assert message_id in Path(home, "sent").read_text()


@DEPLOYED.of("$operate account show")
def account(shell: Shell) -> Played:
    functions, name = shell.aws("lambda"), shell.called("reconcile")
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        said = yield {}
    finally:
        functions.delete_function_concurrency(FunctionName=name)
    assert "HEALTHY" in said[0]
    own = dict(line.split("\t") for line in said[3:])
    assert own.keys() == set(FUNCTIONS)
    assert {name for name, room in own.items() if room == "stopped by hand"} == {"reconcile"}


@DEPLOYED.of("curl -fsS API/healthz")
def answers(shell: Shell) -> Played:
    said = yield {"API": shell.api}
    assert json.loads(said[0]) == {"status": "ok"}


# --- schedules ------------------------------------------------------------------------------


@DEPLOYED.of("$operate schedule list")
def schedules(shell: Shell) -> Played:
    with shell.silent("calendar"):
        said = yield {}
    states = {line.split("\t")[0]: line.split("\t")[2] for line in said}
    assert states == {
        "sweep": "on",
        "tick": "on",
        "settle": "on",
        "calendar": "switched off",
        "reconcile": "on",
    }


def _switched_on(shell: Shell, name: str) -> Played:
    with shell.silent(name):
        assert not shell.fires(name)
        yield {}
        assert shell.fires(name)


@DEPLOYED.of("$operate schedule on sweep")
def sweep_on(shell: Shell) -> Played:
    yield from _switched_on(shell, "sweep")


@DEPLOYED.of("$operate schedule on tick")
def tick_on(shell: Shell) -> Played:
    yield from _switched_on(shell, "tick")


@DEPLOYED.of("$operate schedule on settle")
def settle_on(shell: Shell) -> Played:
    yield from _switched_on(shell, "settle")


@DEPLOYED.of("$operate schedule on calendar")
def calendar_on(shell: Shell) -> Played:
    yield from _switched_on(shell, "calendar")


@DEPLOYED.of("$operate schedule on reconcile")
def reconcile_on(shell: Shell) -> Played:
    yield from _switched_on(shell, "reconcile")


@DEPLOYED.of("$operate schedule run sweep")
def swept(shell: Shell) -> Played:
    with shell.silent("sweep"):
        shell.service.operate("sending", "pause", "--by", YOU, "--why", "a test")
        case_id = shell.opened()
        assert {each["state"] for each in shell.notices(case_id)} == {"PENDING"}
        shell.service.operate("sending", "resume", "--by", YOU, "--why", "a test")
        yield {}
        assert "PENDING" not in {each["state"] for each in shell.notices(case_id)}
        assert shell.service.mail_about(case_id)


@DEPLOYED.of("$operate schedule run settle")
def settled(shell: Shell) -> Played:
    with shell.silent("settle"):
        case_id = shell.unreached()
        assert shell.tasks(case_id) == []
        yield {}
        assert "iro" in {each["tell"] for each in shell.tasks(case_id)}


def _ran(shell: Shell, name: str, says: str) -> Played:
    with shell.silent(name):
        before = shell.logged(name, says)
        yield {}
        eventually(lambda: shell.logged(name, says) > before)


@DEPLOYED.of("$operate schedule run tick")
def ticked(shell: Shell) -> Played:
    yield from _ran(shell, "tick", "time recorded")


@DEPLOYED.of("$operate schedule run reconcile")
def reconciled(shell: Shell) -> Played:
    yield from _ran(shell, "reconcile", '"reconciled"')


def _asked(shell: Shell) -> Played:
    with shell.silent("calendar"):
        before = len(shell.gov_uk.asked)
        said = yield {}
        assert len(shell.gov_uk.asked) == before + 1
    assert said


@DEPLOYED.of("$operate schedule run calendar")
def calendar_ran(shell: Shell) -> Played:
    yield from _asked(shell)


@DEPLOYED.of("$operate calendar check")
def checked(shell: Shell) -> Played:
    yield from _asked(shell)


# --- what was not handled -------------------------------------------------------------------


def bounce(message_id: str) -> str:
    """What `delivery` is given where a message came back."""
    event = json.loads((EVENTS / "ses_bounce.json").read_text())
    told = json.loads(event["Records"][0]["Sns"]["Message"])
    told["mail"]["tags"]["message_id"] = [message_id]
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
    told["mail"]["timestamp"] = told["bounce"]["timestamp"] = now
    told["bounce"]["bouncedRecipients"] = []
    event["Records"][0]["Sns"]["Message"] = json.dumps(told)
    return json.dumps(event)


PLACE = json.dumps({"requestContext": {}, "DDBStreamBatchInfo": {"shardId": "shardId-1"}})


def keep(shell: Shell, *bodies: str) -> list[str]:
    """Put something where Lambda and SNS put what could not be handled."""
    sqs = shell.aws("sqs")
    url = sqs.get_queue_url(QueueName=shell.called("not-handled"))["QueueUrl"]
    sqs.purge_queue(QueueUrl=url)
    return [sqs.send_message(QueueUrl=url, MessageBody=body)["MessageId"] for body in bodies]


def kept(shell: Shell) -> set[str]:
    """The ids of what waits there."""
    sqs = shell.aws("sqs")
    url = sqs.get_queue_url(QueueName=shell.called("not-handled"))["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return {each["MessageId"] for each in found.get("Messages", ())}


@DEPLOYED.of("$operate unhandled list")
def unhandled(shell: Shell) -> Played:
    first, second = keep(shell, bounce("m-1"), PLACE)
    said = yield {}
    assert {line.split("\t")[0]: line.split("\t")[2] for line in said} == {
        first: "of SES: Bounce of m-1",
        second: "a place in the stream: the sweep sends what stood there",
    }
    keep(shell)


@DEPLOYED.of('$operate unhandled again --by YOU --why "The reading is mended."')
def handed_over(shell: Shell) -> Played:
    case_id, message_id = shell.sent()
    keep(shell, bounce(message_id), PLACE)
    said = yield {"YOU": YOU}
    assert said == ["1 handed over; 1 places in the stream let go."]
    states = {each["id"]: each["state"] for each in shell.notices(case_id)}
    assert states[message_id] == "BOUNCED"
    assert kept(shell) == set()


@DEPLOYED.of('$operate unhandled drop ID --by YOU --why "It was put there by hand."')
def dropped(shell: Shell) -> Played:
    poison, other = keep(shell, "rubbish", PLACE)
    yield {"ID": poison, "YOU": YOU}
    assert kept(shell) == {other}
    assert f"drop\t{poison}\tIt was put there by hand." in shell.service.operate("acts", "list", "--", "-")
    keep(shell)


# --- told another way -----------------------------------------------------------------------


def _not_told(shell: Shell) -> tuple[str, Json]:
    """A case, and the task that its reviewing officer is still to be told."""
    case_id = shell.unreached()
    eventually(lambda: [each for each in shell.tasks(case_id) if each["tell"] == "iro"], seconds=90)
    return case_id, next(each for each in shell.tasks(case_id) if each["tell"] == "iro")


@DEPLOYED.of('curl -fsS -H "Authorization: Bearer TOKEN" API/v1/tasks')
def tasks(shell: Shell) -> Played:
    _, task = _not_told(shell)
    said = yield {"API": shell.api, "TOKEN": shell.service.seeded.token}
    answered = json.loads(" ".join(said))
    assert answered["items"]
    assert task["task_id"] in {each["task_id"] for each in answered["items"]} or "next_cursor" in answered


DONE = (
    'curl -fsS -H "Authorization: Bearer TOKEN" -H "Content-Type: application/json" -H "Idempotency-Key: KEY"'
    " API/v1/cases/CASE/facts/step_done"
    """ -d '{"on": "TODAY", "step": "told_another_way", "for_id": "TASK"}'"""
)


@DEPLOYED.of(DONE)
def told_another_way(shell: Shell) -> Played:
    case_id, task = _not_told(shell)
    yield {
        "TOKEN": shell.service.seeded.token,
        "KEY": uuid.uuid4().hex,
        "API": shell.api,
        "CASE": case_id,
        "TODAY": today().isoformat(),
        "TASK": str(task["task_id"]),
    }
    assert task["task_id"] not in {each["task_id"] for each in shell.tasks(case_id)}


# --- webhooks -------------------------------------------------------------------------------


def _webhook(shell: Shell) -> tuple[str, str]:
    """A system's webhook, and its secret."""
    name = f"lcs-{uuid.uuid4().hex[:8]}"
    return name, shell.service.operate("webhook", "add", ID, name, "--scope", "facts:write")


def _secrets(shell: Shell, name: str) -> list[str]:
    found = shell.aws("secretsmanager").get_secret_value(SecretId=f"holdfast/{shell.stage}/webhooks/{name}")
    return list(json.loads(found["SecretString"]))


@DEPLOYED.of("$operate webhook list AUTHORITY")
def webhooks(shell: Shell) -> Played:
    name, secret = _webhook(shell)
    said = yield {"AUTHORITY": ID}
    assert f"{name}\topen\tfacts:write" in said
    assert secret not in " ".join(said)


@DEPLOYED.of("$operate webhook rotate WEBHOOK")
def rotated(shell: Shell) -> Played:
    name, leaked = _webhook(shell)
    (first,) = yield {"WEBHOOK": name}
    assert _secrets(shell, name) == [first, leaked]
    second = shell.service.operate("webhook", "rotate", name)
    assert _secrets(shell, name) == [second, first]


@DEPLOYED.of("$operate webhook remove WEBHOOK")
def removed(shell: Shell) -> Played:
    name, _ = _webhook(shell)
    yield {"WEBHOOK": name}
    assert f"{name}\tclosed\tfacts:write" in shell.service.operate("webhook", "list", ID)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        _secrets(shell, name)
