"""Stopped and started again: yesterday's data is there, and the stream still wakes dispatch."""

import time
from pathlib import Path

from infra import emulator, seeding
from infra.deploy import Stack, clients
from infra.logs import Line, Logs
from infra.package import Package
from tests.deployed.deployed import Service, eventually

REFERRALS_BEFORE = 3


def started(running: emulator.Emulator, package: Package) -> Stack:
    stack = Stack(stage="test", clients=clients(running.endpoint), endpoint=running.endpoint)
    stack.deploy(package, {"SenderAddress": "holdfast@notices.example"})
    return stack


def test_a_second_start_has_yesterdays_case_and_a_working_stream(tmp_path: Path, package: Package) -> None:
    with emulator.running(port=emulator.free_port(), home=tmp_path, say=print) as running:
        stack = started(running, package)
        seeded = seeding.seed(stack)
        before = Service(stack=stack, emulator=running, seeded=seeded)
        # As many records as would be passed over, were the stream's position kept.
        cases = [before.refer(f"RB-30{count:02}").body["case_id"] for count in range(REFERRALS_BEFORE)]
        eventually(lambda: before.mail_about(cases[-1], to="iro.okafor"))

    with emulator.running(port=emulator.free_port(), home=tmp_path, say=print) as running:
        began_ms = int(time.time() * 1000)
        after = Service(stack=started(running, package), emulator=running, seeded=seeded)
        assert after.get(f"/v1/cases/{cases[0]}").status == 200

        case = after.refer("RB-3099").body["case_id"]
        eventually(lambda: after.mail_about(case, to="iro.okafor"))
        logs = Logs(stage="test", clients=after.stack.clients, since_ms=began_ms)
        # A letter is in the mailbox before its sending is logged.
        eventually(lambda: any(_says_sent(line) for line in logs.fresh()))


def _says_sent(line: Line) -> bool:
    return line.function == "dispatch" and "message sent" in line.text
