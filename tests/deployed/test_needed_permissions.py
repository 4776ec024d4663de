"""Each function does its work once, and asks for nothing that AWS would refuse it."""

import base64
import json
from datetime import date, timedelta

from chalicelib import signing
from chalicelib.calendars import shipped_calendar
from chalicelib.clock import now, today
from chalicelib.core.working_days import Nation, is_working_day
from infra import papers, riverbank
from tests.deployed.deployed import EVENTS, Service, eventually
from tests.deployed.recording import Call, Recording
from tests.feed_server import FeedServer, answers
from tests.listing import Edit, proclaimed
from tests.listing import today as as_it_stands

SCHEDULED = ("sweep", "tick", "settle", "calendar", "reconcile")


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


def by_hand(service: Service, case: str) -> None:
    """Have somebody see to what bounced and what is set aside, by the doors for that."""
    found = service.get("/v1/operations/undelivered").body["items"]
    message = next(each["id"] for each in found if each["case_id"] == case)
    for path in (f"messages/{message}", "set-aside", "acts"):
        assert service.get(f"/v1/operations/{path}").status == 200
    assert service.get(f"/v1/operations/set-aside/{case}").status == 404
    for path, status in {f"messages/{message}/cancel": 201, f"set-aside/{case}/redrive": 409}.items():
        why = {"why": "Told another way."}
        answer = service.post(f"/v1/operations/{path}", why, {"Idempotency-Key": path})
        assert answer.status == status, answer.body


def proclaim(gov_uk: FeedServer, *edits: Edit) -> None:
    """Have GOV.UK publish the list with these edits."""
    gov_uk.plays = [answers(as_it_stands(*edits))]


def next_working_day() -> date:
    on = today() + timedelta(days=1)
    while not is_working_day(on, shipped_calendar(Nation.ENGLAND).closed):
        on += timedelta(days=1)
    return on


def test_every_function_can_do_its_work_with_the_role_it_has(
    service: Service, recording: Recording, gov_uk: FeedServer
) -> None:
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
    by_hand(service, case)
    recording.look()

    assert Call(function="APIHandler", action="dynamodb:UpdateItem", resource="Outbox.Arn") in recording.calls
    assert recording.refused_on_aws() == []
    assert {call.function for call in recording.calls} == set(recording.template.functions())


def test_a_proclaimed_day_is_told_within_the_calendars_role(
    service: Service, recording: Recording, gov_uk: FeedServer
) -> None:
    case = service.refer("RB-4002").body["case_id"]
    met = {"on": today().isoformat(), **papers.held("placement_support", "m-1", "not_viable")}
    answer = service.post(f"/v1/cases/{case}/facts/meeting_held", met, {"Idempotency-Key": "met-4002"})
    assert answer.status == 201, answer.body
    service.run_on_schedule("calendar")
    version = service.get(f"/v1/cases/{case}").body["version"]
    try:
        proclaim(gov_uk, proclaimed(f"{next_working_day():%a %d %b %Y}"))
        service.run_on_schedule("calendar")
        recording.look()
    finally:
        proclaim(gov_uk)
        service.run_on_schedule("calendar")

    assert service.get(f"/v1/cases/{case}").body["version"] == version + 2
    asked = {(call.action, call.resource) for call in recording.calls if call.function == "Calendar"}
    assert asked >= {
        ("dynamodb:PutItem", "Calendars.Arn"),
        ("dynamodb:BatchGetItem", "Calendars.Arn"),
        ("dynamodb:Query", "Contacts.Arn"),
        ("dynamodb:Query", "${Cases.Arn}/index/lists"),
        ("dynamodb:PutItem", "Cases.Arn"),
        ("dynamodb:PutItem", "Outbox.Arn"),
    }
