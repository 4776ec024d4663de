"""Each function does its work once, and asks for nothing that AWS would refuse it."""

import json

from tests.deployed.deployed import EVENTS, Service, eventually
from tests.deployed.recording import Recording

SCHEDULED = ("sweep", "tick", "settle")


def bounce(service: Service, case: str) -> None:
    """Have SES report one of the case's letters as bounced, so that there is something to settle."""
    notices = service.get(f"/v1/cases/{case}/notices").body["items"]
    message = next(notice["id"] for notice in notices if notice["channel"] == "email")
    event = (EVENTS / "ses_bounce.json").read_text()
    tagged = json.loads(json.loads(event)["Records"][0]["Sns"]["Message"])["mail"]["tags"]["message_id"][0]
    service.invoke("delivery", json.loads(event.replace(tagged, message)))


def test_every_function_can_do_its_work_with_the_role_it_has(service: Service, recording: Recording) -> None:
    case = service.refer("RB-4001").body["case_id"]
    eventually(lambda: service.mail_about(case))
    recording.look()
    for path in (f"cases/{case}{part}" for part in ("", "/obligations", "/notices", "/journal")):
        assert service.get(f"/v1/{path}").status == 200
    for path in ("cases", "meetings", "tasks"):
        assert service.get(f"/v1/{path}").status == 200
    recording.look()
    bounce(service, case)
    for function in SCHEDULED:
        service.run_on_schedule(function)
        recording.look()

    assert recording.refused_on_aws() == []
    assert {call.function for call in recording.calls} == set(recording.template.functions())
