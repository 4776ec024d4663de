"""The whole service, lost after a copy and restored into new tables of the same stage, over real HTTP."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from infra import emulator, seeding
from infra.deploy import Stack, clients
from infra.package import Package
from tests.deployed.deployed import Service, eventually

IRO = "iro.okafor"
TABLES = ("cases", "outbox", "calendars", "contacts", "access")


def deployed(running: emulator.Emulator, package: Package) -> Stack:
    stack = Stack(stage="test", clients=clients(running.endpoint), endpoint=running.endpoint)
    stack.deploy(package, {"SenderAddress": "holdfast@notices.example"})
    return stack


def backup(service: Service, *words: str) -> str:
    """Give the operator's command for copies and return what it wrote down."""
    ran = subprocess.run(
        [sys.executable, "-m", "infra.backup", "--stage", service.stack.stage, *words],
        env={**os.environ, "AWS_ENDPOINT_URL": service.emulator.endpoint},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def pause(service: Service) -> None:
    service.operate("sending", "pause", "--by", "ada.l", "--why", "A copy is made, or restored.")


def resume(service: Service) -> None:
    service.operate("sending", "resume", "--by", "ada.l", "--why", "It is done.")


def lose_everything(service: Service) -> None:
    """Delete the stack, and the tables that it leaves behind."""
    name = service.stack.name
    formation, tables = service.stack.clients("cloudformation"), service.stack.clients("dynamodb")
    formation.delete_stack(StackName=name)
    formation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    for each in TABLES:
        if f"{name}-{each}" in tables.list_tables()["TableNames"]:
            tables.delete_table(TableName=f"{name}-{each}")


def now() -> str:
    return datetime.now(UTC).isoformat()


def told(service: Service, case_id: str) -> int:
    return len(service.mail_about(case_id, to=IRO))


def test_a_stage_that_was_lost_is_restored_and_tells_nobody_twice(tmp_path: Path, package: Package) -> None:
    with emulator.running(port=emulator.free_port(), home=tmp_path / "emulator", say=print) as running:
        stack = deployed(running, package)
        before = Service(stack=stack, emulator=running, seeded=seeding.seed(stack))
        first = before.refer("RB-4001", key="first")
        eventually(lambda: told(before, first.body["case_id"]))
        pause(before)
        waiting = before.refer("RB-4002", key="waiting").body["case_id"]
        began = now()
        backup(before, "export", "--to", f"{tmp_path}/copy")
        resume(before)
        lost = before.refer("RB-4003", key="lost").body["case_id"]
        before.run_on_schedule("sweep")
        eventually(lambda: told(before, waiting) and told(before, lost))
        before.sent(waiting)
        before.sent(lost)
        pause(before)
        stopped = now()
        time_covered = ("--since", began, "--until", stopped)
        eventually(lambda: _saved(before, tmp_path, *time_covered) >= {waiting, lost}, seconds=60)
        lose_everything(before)

        after = Service(stack=deployed(running, package), emulator=running, seeded=before.seeded)
        backup(after, "restore", f"{tmp_path}/copy", "--by", "ada.l")
        again = after.refer("RB-4003", key="lost")
        assert (again.status, again.body["case_id"]) == (201, lost)
        for function in ("sweep", "tick", "settle"):
            after.run_on_schedule(function, fails=function == "sweep")
        said = backup(after, "reconcile", "--evidence", f"{tmp_path}/sent", "--stopped", stopped)
        assert "waited and were sent" in said
        resume(after)
        after.run_on_schedule("sweep")
        after.sent(lost)

        assert [told(after, each) for each in (first.body["case_id"], waiting, lost)] == [1, 1, 1]
        assert after.refer("RB-4001", key="first").body == first.body
        fresh = after.refer("RB-4004").body["case_id"]
        assert eventually(lambda: told(after, fresh)) == 1


def _saved(service: Service, folder: Path, *time_covered: str) -> set[str]:
    """Save what the logs say, which may come late; return the cases of which they say it."""
    (folder / "sent").unlink(missing_ok=True)
    backup(service, "evidence", "logs", *time_covered, "--to", f"{folder}/sent")
    known = (folder / "sent").read_text()
    cases = [each["case_id"] for each in service.get("/v1/cases").body["items"]]
    found = {each: service.get(f"/v1/cases/{each}/notices?limit=100").body["items"] for each in cases}
    return {
        case
        for case, notices in found.items()
        if all(each["id"] in known for each in notices if each["state"] == "SENT")
    }
