"""Each function does its work once, and asks for nothing that AWS would refuse it."""

import base64
import json

from chalicelib import signing
from chalicelib.clock import now, today
from infra import riverbank
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


def acknowledge(service: Service, case: str) -> None:
    """Have another system say, by a signed webhook, that the reviewing officer has acknowledged."""
    secret = service.operate("webhook", "add", riverbank.ID, "lcs-riverbank", "--scope", "facts:write")
    fact = {"on": today().isoformat(), "step": "alert_acknowledged", "by": [{"person_id": "iro.okafor"}]}
    raw = json.dumps({"type": "step_done", "case_id": case, "data": fact}).encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    answer = service.post("/v1/webhooks/lcs-riverbank", raw, signing.sign("msg_4001", now(), raw, key))
    assert answer.status == 201, answer.body


def test_every_function_can_do_its_work_with_the_role_it_has(service: Service, recording: Recording) -> None:
    case = service.refer("RB-4001").body["case_id"]
    eventually(lambda: service.mail_about(case))
    recording.look()
    for path in (f"cases/{case}{part}" for part in ("", "/obligations", "/notices", "/journal")):
        assert service.get(f"/v1/{path}").status == 200
    for path in ("cases", "meetings", "tasks"):
        assert service.get(f"/v1/{path}").status == 200
    recording.look()
    acknowledge(service, case)
    bounce(service, case)
    for function in SCHEDULED:
        service.run_on_schedule(function)
        recording.look()

    assert recording.refused_on_aws() == []
    assert {call.function for call in recording.calls} == set(recording.template.functions())
