"""Who may do what, and how what is remembered is kept: read out of the template that ships."""

import json
from dataclasses import fields

import pytest

from chalicelib.config import Settings
from chalicelib.reconcile import LONGEST_RUN
from infra.package import Package
from tests.template import Template, named

SENDERS = {"Dispatch", "Sweep"}
CHANGERS = {"APIHandler", "Tick", "Settle", "Calendar", "Reconcile"}
EVERYBODY = SENDERS | CHANGERS | {"Delivery"}
TABLES = {"Cases", "Outbox", "Contacts", "Access", "Calendars"}
# The only resources that end in a wildcard, each inside a name of this stage's own.
OPEN_ENDED = {
    "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:holdfast-${Stage}-notice-*",
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:holdfast/${Stage}/*",
    "${Outbox.Arn}/stream/*",
}


@pytest.fixture(scope="module")
def template(package: Package) -> Template:
    return Template.of(package)


def test_the_functions_are_the_ones_this_file_speaks_of(template: Template) -> None:
    assert set(template.functions()) == EVERYBODY


# --- sending


def test_only_dispatch_and_sweep_may_send(template: Template) -> None:
    assert template.who_may("ses") == SENDERS
    assert template.who_may("sns") == SENDERS


def test_whoever_sends_may_see_neither_cases_nor_credentials(template: Template) -> None:
    assert not template.who_touches("Cases") & (SENDERS | {"Delivery"})
    assert not template.who_touches("Access") & (SENDERS | {"Delivery"})


@pytest.mark.parametrize("function", sorted(SENDERS))
def test_notices_are_published_to_this_stages_topics_and_no_others(template: Template, function: str) -> None:
    (publishing,) = (each for each in template.may(function) if each.is_about("sns"))

    assert publishing.actions == ("sns:Publish",)
    assert publishing.resources == (
        "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:holdfast-${Stage}-notice-*",
    )


@pytest.mark.parametrize("function", sorted(SENDERS))
def test_mail_leaves_from_this_stages_address_and_is_reported_on(template: Template, function: str) -> None:
    (sending,) = (each for each in template.may(function) if each.is_about("ses"))

    assert sending.actions == ("ses:SendEmail",)
    assert {name.rpartition(":")[2] for name in sending.resources} == {
        "identity/${SenderAddress}",
        "configuration-set/${Mail}",
    }
    assert sending.condition == {"StringEquals": {"ses:FromAddress": {"Ref": "SenderAddress"}}}


# --- cases, credentials, secrets


def test_cases_are_changed_by_the_doors_the_tick_the_settling_the_calendar_and_the_reconciling(
    template: Template,
) -> None:
    assert template.who_touches("Cases") == CHANGERS


def test_the_doors_see_to_messages_and_send_none_of_them(template: Template) -> None:
    doing = {
        (name, action)
        for each in template.may("APIHandler")
        for name in each.resources
        if name.startswith(("Outbox.", "${Outbox."))
        for action in each.actions
    }

    assert doing == {
        *(("Outbox.Arn", f"dynamodb:{each}") for each in ("GetItem", "PutItem", "UpdateItem")),
        ("${Outbox.Arn}/index/by_case", "dynamodb:Query"),
        ("${Outbox.Arn}/index/undelivered", "dynamodb:Query"),
    }


def test_whoever_adds_to_the_outbox_may_read_what_is_there_already(template: Template) -> None:
    adding, reading = (
        {name for name in EVERYBODY if not template.refuses(name, f"dynamodb:{each}", "Outbox.Arn")}
        for each in ("PutItem", "GetItem")
    )
    # Delivery puts in what it knows of an address, and no message.
    assert adding == SENDERS | CHANGERS | {"Delivery"}
    assert reading == SENDERS | CHANGERS


def test_nothing_remembered_is_ever_deleted(template: Template) -> None:
    actions = {action for name in EVERYBODY for each in template.may(name) for action in each.actions}

    assert not [action for action in actions if "Delete" in action or "BatchWrite" in action]


def test_only_the_tick_and_whoever_checks_on_it_look_for_what_is_due(template: Template) -> None:
    looking = {
        function
        for function in template.functions()
        if any("${Cases.Arn}/index/due" in each.resources for each in template.may(function))
    }
    assert looking == {"Tick", "Reconcile"}


def test_a_calendar_is_read_where_cases_are_changed_and_put_in_force_by_one_function(
    template: Template,
) -> None:
    doing = {
        name: {action for each in template.may(name) if each.touches("Calendars") for action in each.actions}
        for name in EVERYBODY
    }

    assert template.who_touches("Calendars") == CHANGERS
    assert {name for name in CHANGERS if doing[name] == {"dynamodb:GetItem"}} == CHANGERS - {"Calendar"}
    assert doing["Calendar"] == {f"dynamodb:{each}" for each in ("GetItem", "BatchGetItem", "PutItem")}


def test_cases_are_listed_for_whoever_asks_and_for_telling_all_of_them(template: Template) -> None:
    listing = {
        function
        for function in EVERYBODY
        if any("${Cases.Arn}/index/lists" in each.resources for each in template.may(function))
    }
    assert listing == {"APIHandler", "Calendar", "Reconcile"}


def test_credentials_are_read_by_the_api_and_written_by_no_function(template: Template) -> None:
    reading = [each for each in template.may("APIHandler") if each.touches("Access")]

    assert template.who_touches("Access") == {"APIHandler"}
    assert {action for each in reading for action in each.actions} == {"dynamodb:GetItem"}


def test_secrets_are_read_by_the_api_and_only_this_stages(template: Template) -> None:
    (reading,) = (each for each in template.may("APIHandler") if each.is_about("secretsmanager"))

    assert template.who_may("secretsmanager") == {"APIHandler"}
    assert reading.actions == ("secretsmanager:GetSecretValue",)
    assert reading.resources[0].endswith(":secret:holdfast/${Stage}/*")


def test_contacts_are_changed_by_no_function(template: Template) -> None:
    touching = [each for name in EVERYBODY for each in template.may(name) if each.touches("Contacts")]

    assert {action for each in touching for action in each.actions} == {"dynamodb:GetItem", "dynamodb:Query"}


def test_delivery_events_reach_the_outbox_and_nothing_else(template: Template) -> None:
    touched = {name for each in template.may("Delivery") for name in each.resources}

    assert touched == {"Outbox.Arn", "NotHandled.Arn", "DeliveryLogGroup.Arn"}


# --- roles


def test_each_function_has_a_role_of_its_own_that_only_lambda_can_take(template: Template) -> None:
    roles = {function: template.role_of(function) for function in template.functions()}

    assert len(set(roles.values())) == len(roles)
    assert set(template.of_type("AWS::IAM::Role")) == set(roles.values())
    for role in roles.values():
        (trust,) = template.properties(role)["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
        assert "ManagedPolicyArns" not in template.properties(role)


def test_nothing_is_allowed_by_an_open_wildcard(template: Template) -> None:
    statements = [each for function in EVERYBODY for each in template.may(function)]

    assert [action for each in statements for action in each.actions if "*" in action] == []
    assert {name for each in statements for name in each.resources if "*" in name} == OPEN_ENDED


@pytest.mark.parametrize("function", sorted(EVERYBODY))
def test_a_function_writes_its_own_log_and_nobody_elses(template: Template, function: str) -> None:
    (logging,) = (each for each in template.may(function) if each.is_about("logs"))
    (group,) = (name.removesuffix(".Arn") for name in logging.resources)

    called = named(template.properties(function)["FunctionName"])
    assert named(template.properties(group)["LogGroupName"]) == f"/aws/lambda/{called}"


# --- how things are kept


def test_there_are_five_tables(template: Template) -> None:
    assert set(template.of_type("AWS::DynamoDB::Table")) == TABLES


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_is_encrypted_restorable_and_hard_to_delete(template: Template, table: str) -> None:
    kept = template.properties(table)

    assert kept["SSESpecification"] == {"SSEEnabled": True}
    assert kept["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert kept["DeletionProtectionEnabled"] == {"Fn::If": ["InProduction", True, False]}
    assert template.contents["Resources"][table]["DeletionPolicy"] == "Retain"


def test_being_in_production_is_a_matter_of_the_stage(template: Template) -> None:
    assert template.contents["Conditions"]["InProduction"] == {"Fn::Equals": [{"Ref": "Stage"}, "production"]}


def test_every_log_is_kept_for_a_stated_time(template: Template) -> None:
    groups = template.of_type("AWS::Logs::LogGroup")

    assert len(groups) == len(EVERYBODY)
    assert all(group["RetentionInDays"] >= 30 for group in groups.values())


def test_what_cannot_be_handled_is_kept_encrypted_for_a_fortnight(template: Template) -> None:
    queue = template.properties("NotHandled")

    assert queue["SqsManagedSseEnabled"]
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 60 * 60


def test_what_sns_cannot_hand_over_is_kept_there_too_and_nobody_else_puts_anything_in(
    template: Template,
) -> None:
    (heard,) = template.properties("Delivery")["Events"].values()
    (policy,) = template.of_type("AWS::SQS::QueuePolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]

    assert named(heard["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]) == "NotHandled.Arn"
    assert policy["Queues"] == [{"Ref": "NotHandled"}]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": "DeliveryTopic"}}}


# --- how things are joined


def test_no_record_of_the_stream_can_block_those_behind_it(template: Template) -> None:
    (event,) = template.properties("Dispatch")["Events"].values()
    stream = event["Properties"]

    assert named(stream["Stream"]) == "Outbox.StreamArn"
    assert stream["StartingPosition"] == "TRIM_HORIZON"
    assert stream["BisectBatchOnFunctionError"]
    assert 0 < stream["MaximumRetryAttempts"] <= 5
    assert 60 <= stream["MaximumRecordAgeInSeconds"] <= 3600
    assert '"INSERT"' in stream["FilterCriteria"]["Filters"][0]["Pattern"]
    assert named(stream["DestinationConfig"]["OnFailure"]["Destination"]) == "NotHandled.Arn"


def test_the_stream_carries_new_messages_and_no_old_ones(template: Template) -> None:
    assert template.properties("Outbox")["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}


def test_what_became_of_an_email_comes_back_to_delivery(template: Template) -> None:
    events = template.properties("MailEvents")["EventDestination"]
    (heard,) = template.properties("Delivery")["Events"].values()

    assert events["Enabled"]
    assert {"send", "delivery", "bounce", "complaint", "reject", "deliveryDelay"} <= set(
        events["MatchingEventTypes"]
    )
    assert named(events["SnsDestination"]["TopicARN"]) == "DeliveryTopic"
    assert heard["Properties"]["Topic"] == {"Fn::Sub": "${DeliveryTopic}"}


def test_the_api_stands_in_one_region_is_throttled_and_logs_no_body(template: Template) -> None:
    api = template.properties("RestAPI")
    (settings,) = api["MethodSettings"]

    assert api["EndpointConfiguration"] == {"Type": "REGIONAL"}
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"]
    assert settings["DataTraceEnabled"] is False


def test_what_the_gateway_answers_by_itself_is_a_problem_in_json_too(template: Template) -> None:
    body = template.properties("RestAPI")["DefinitionBody"]
    answers = body["x-amazon-apigateway-gateway-responses"]

    assert answers["MISSING_AUTHENTICATION_TOKEN"]["statusCode"] == "404"
    assert answers.keys() >= {"THROTTLED", "REQUEST_TOO_LARGE", "DEFAULT_5XX"}
    for answer in answers.values():
        assert "application/problem+json" in str(answer["responseParameters"])
        assert json.loads(answer["responseTemplates"]["application/json"])["type"] == "about:blank"


def test_the_api_has_no_second_stage_that_is_not_throttled(template: Template) -> None:
    # What SAM does with a template that doesn't say: a deployment to a stage called Stage.
    assert template.properties("RestAPI")["OpenApiVersion"] == "2.0"


def test_whoever_reconciles_reads_the_outbox_and_adds_to_it_but_changes_nothing_there(
    template: Template,
) -> None:
    doing = {each for may in template.may("Reconcile") if may.touches("Outbox") for each in may.actions}

    assert doing == {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"}


def test_what_was_received_is_never_forgotten(template: Template) -> None:
    assert "TimeToLiveSpecification" not in template.properties("Cases")
    assert "TimeToLiveSpecification" not in template.properties("Outbox")


def test_a_function_has_time_for_its_work(template: Template) -> None:
    times = {name: function["Timeout"] for name, function in template.functions().items()}

    assert times["APIHandler"] == 29
    assert times["Calendar"] == 300
    # A process may begin a day's work late and still be within what `LONGEST_RUN` allows for.
    assert times["Reconcile"] < LONGEST_RUN.total_seconds()


def test_bank_holidays_are_gov_uks_unless_a_stage_says_otherwise(template: Template) -> None:
    asked = template.contents["Parameters"]["BankHolidaysUrl"]

    assert asked["Default"] == "https://www.gov.uk/bank-holidays.json"


def test_functions_are_given_every_setting_they_read_and_no_more(template: Template) -> None:
    given = template.contents["Globals"]["Function"]["Environment"]["Variables"]

    assert given.keys() == {field.name.upper() for field in fields(Settings)}
    assert not any("Environment" in function for function in template.functions().values())
