"""The stack itself: that it answers, and that deploying it again changes nothing."""

from infra.package import Package
from tests.deployed.deployed import Service


def test_the_service_answers_over_http(service: Service) -> None:
    answer = service.get("/healthz")

    assert (answer.status, answer.body) == (200, {"status": "ok"})


def test_deploying_the_same_package_again_changes_nothing(service: Service, package: Package) -> None:
    assert not service.stack.deploy(package, {})


def test_links_in_messages_lead_to_the_api_itself(service: Service) -> None:
    functions = service.stack.clients("lambda")
    found = functions.get_function_configuration(FunctionName=f"holdfast-{service.stack.stage}-dispatch")

    assert found["Environment"]["Variables"]["LINK_BASE"] == service.stack.address()
