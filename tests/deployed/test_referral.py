"""From a referral to an e-mail, over real HTTP, with nothing mocked in the path."""

import json

from tests.deployed.deployed import EVENTS, Service, eventually

IRO = "iro.okafor"


def test_the_reviewing_officer_has_an_email_within_seconds_of_a_referral(service: Service) -> None:
    answer = service.refer("RB-2001")

    assert answer.status == 201
    case = answer.body["case_id"]
    (letter,) = eventually(lambda: service.mail_about(case, to=IRO))
    assert letter["Source"] == "holdfast@notices.example"
    assert f"{service.stack.address()}/v1/cases/{case}" in letter["BodyText"]


def test_the_councils_topics_hear_of_a_referral(service: Service) -> None:
    case = service.refer("RB-2002").body["case_id"]

    def heard() -> set[str]:
        return {notice["TopicArn"] for notice in service.notices() if case in notice["Message"]}

    assert eventually(lambda: heard() == set(service.seeded.topics.values()))


def test_a_second_copy_of_a_referral_gets_the_first_answer_and_tells_nobody_twice(service: Service) -> None:
    first = service.refer("RB-2003", key="once")
    case = first.body["case_id"]
    eventually(lambda: service.mail_about(case, to=IRO))

    again = service.refer("RB-2003", key="once")
    service.run_on_schedule("sweep")

    assert (again.status, again.body) == (first.status, first.body)
    assert len(service.mail_about(case, to=IRO)) == 1


def test_no_message_says_anything_of_the_child(service: Service) -> None:
    case = service.refer("RB-2004").body["case_id"]
    letters = eventually(lambda: service.mail_about(case))

    said = json.dumps([letters, service.notices()])
    assert not [word for word in ("RB-2004", "RB-P-77", "section_20", "foster") if word in said]


def test_the_sweep_sends_what_the_stream_did_not(service: Service) -> None:
    mappings = service.stack.clients("lambda")
    (stream,) = mappings.list_event_source_mappings(FunctionName=f"holdfast-{service.stack.stage}-dispatch")[
        "EventSourceMappings"
    ]
    mappings.update_event_source_mapping(UUID=stream["UUID"], Enabled=False)
    try:
        case = service.refer("RB-2005").body["case_id"]
        service.run_on_schedule("sweep")
        assert len(service.mail_about(case, to=IRO)) == 1
    finally:
        mappings.update_event_source_mapping(UUID=stream["UUID"], Enabled=True)


def test_what_ses_says_of_an_email_is_known_of_its_notice(service: Service) -> None:
    case = service.refer("RB-2006").body["case_id"]
    eventually(lambda: service.mail_about(case, to=IRO))

    def states() -> dict[str, str]:
        notices = service.get(f"/v1/cases/{case}/notices").body["items"]
        return {notice["id"]: notice["state"] for notice in notices if notice["channel"] == "email"}

    message = next(iter(eventually(lambda: {key for key, state in states().items() if state == "SENT"})))
    delivered = json.loads((EVENTS / "ses_delivery.json").read_text())["Records"][0]["Sns"]["Message"]
    # The emulator publishes no events of its own: this is SES's shape, on SES's topic. It also leaves
    # the subject and the attributes out of an event where there are none, and AWS never does.
    service.stack.clients("sns").publish(
        TopicArn=service.stack.outputs()["DeliveryTopic"],
        Subject="Amazon SES Email Event Notification",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "Delivery"}},
        Message=delivered.replace('"m-1"', f'"{message}"'),
    )
    assert eventually(lambda: states()[message] == "DELIVERED")
