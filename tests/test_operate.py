"""The operator's command: what it stores, what it shows, and what it refuses in a sentence."""

import json
from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws
from standardwebhooks import Webhook

from chalicelib import credentials
from chalicelib.authority_record import record_id
from chalicelib.core.errors import NotAuthentic
from chalicelib.ports import Cover, Person
from chalicelib.signing import Signed, verify
from chalicelib.store.access import DynamoAccess
from chalicelib.store.cases import DynamoCases
from chalicelib.store.contacts import DynamoContacts
from infra.operate import main
from tests.builders import day
from tests.desk import NOW, PROTOCOL, Operator, at_the_desk


@pytest.fixture
def operator(capsys) -> Iterator[Operator]:
    """An operator of a stage that has tables and nothing in them."""
    with at_the_desk(capsys) as somebody:
        yield somebody


@pytest.fixture
def at_riverbank(operator):
    """An operator of a stage with one authority, which has two people."""
    operator.does("authority add riverbank --name Riverbank --protocol", PROTOCOL)
    operator.does("person add riverbank grace --email grace@example.org")
    operator.does("person add riverbank ada --email ada@example.org --manager grace")
    return operator


# --- authorities and people -----------------------------------------------------------------


def test_an_authority_is_added_with_its_protocols_and_closure_days(operator):
    operator.does("authority add riverbank --name Riverbank --closed 2026-12-24=Closed --protocol", PROTOCOL)

    kept = DynamoAccess().authority("riverbank")
    assert (kept.name, kept.protocols) == ("Riverbank", (PROTOCOL,))
    assert kept.closure_days == {day("Thu 24 Dec 2026"): "Closed"}
    assert operator.does("authority show riverbank")[1] == "closed Thu 2026-12-24\tClosed"


def test_an_authority_has_its_own_record_from_the_first(operator):
    said = operator.does(f"authority add riverbank --name Riverbank --protocol {PROTOCOL}")
    again = operator.does(f"authority add riverbank --name Riverbank --protocol {PROTOCOL}")

    assert said[1] == again[1] == f"Its own record is case {record_id('riverbank')}."
    assert DynamoCases().load(record_id("riverbank")).child_reference == ""


def test_a_person_is_added_and_keeps_their_cover_when_changed(at_riverbank):
    at_riverbank.does("cover add riverbank ada --by grace --from 2026-05-25 --to 2026-05-29")
    at_riverbank.does("person add riverbank ada --email ada@example.com --role iro")

    cover = Cover(person_id="grace", first_on=day("Mon 25 May 2026"), last_on=day("Fri 29 May 2026"))
    assert DynamoContacts().person("riverbank", "ada") == Person(
        authority="riverbank", id="ada", email="ada@example.com", roles=("iro",), cover=(cover,)
    )


def test_people_are_listed_a_page_at_a_time(at_riverbank):
    first, more = at_riverbank.does("person list riverbank --limit 1")
    assert first.startswith("ada\tada@example.org\tmanager grace")

    (rest,) = at_riverbank.does("person list riverbank --limit 1 --cursor", more.split()[-1])
    assert rest == "grace\tgrace@example.org"


def test_a_role_is_reached_by_a_person_a_mailbox_or_a_topic(at_riverbank):
    (topic,) = at_riverbank.does("topic add riverbank cpt")
    at_riverbank.does("role set riverbank gm_cpt --person ada")
    at_riverbank.does(
        "role set riverbank cpt --email cpt@example.org --channels now=email,topic --topic", topic
    )

    kept = DynamoContacts().role("riverbank", "cpt")
    assert (kept.email, kept.topic, kept.channels) == ("cpt@example.org", topic, {"now": ("email", "topic")})
    assert [line.split("\t")[0] for line in at_riverbank.does("role list riverbank")] == ["cpt", "gm_cpt"]


# --- tokens and webhooks --------------------------------------------------------------------


def test_a_token_opens_the_door_until_it_is_revoked(at_riverbank):
    (token,) = at_riverbank.does("token issue riverbank --subject cpt-system --scope facts:write --days 30")
    halves = credentials.Token.from_header(f"Bearer {token}")

    credential = credentials.check(halves, DynamoAccess(), NOW)
    assert (credential.authority, credential.subject) == ("riverbank", "cpt-system")
    assert credential.scopes == {"facts:write"}
    assert credential.expires_at == NOW + timedelta(days=30)

    at_riverbank.does(f"token revoke {credential.id}")
    with pytest.raises(NotAuthentic):
        credentials.check(halves, DynamoAccess(), NOW)


def test_tokens_are_listed_without_their_secrets(at_riverbank):
    (token,) = at_riverbank.does("token issue riverbank --subject cpt-system --scope facts:write")
    _, name, secret = token.split("_", 2)
    at_riverbank.does(f"token revoke {name}")

    (line,) = at_riverbank.does("token list riverbank")
    assert line.startswith(f"{name}\tcpt-system\trevoked")
    assert secret not in line


def signs(secret):
    """Whether a message that the reference implementation signs with this secret is believed now."""
    access = DynamoAccess()
    headers = {
        "webhook-id": "msg-1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg-1", NOW, "{}"),
    }
    try:
        verify(Signed.from_headers(headers), b"{}", access.secrets(access.integration("lcs")), NOW)
    except NotAuthentic:
        return False
    return True


def test_a_webhook_is_signed_with_the_secret_that_was_shown_and_the_one_before_it(at_riverbank):
    (first,) = at_riverbank.does("webhook add riverbank lcs --scope facts:write")
    assert first.startswith("whsec_")
    assert signs(first)

    (second,) = at_riverbank.does("webhook rotate lcs")
    assert (signs(first), signs(second)) == (True, True)

    (third,) = at_riverbank.does("webhook rotate lcs")
    assert (signs(first), signs(second), signs(third)) == (False, True, True)


def test_webhook_secrets_are_under_the_stages_own_prefix(at_riverbank):
    (secret,) = at_riverbank.does("webhook add riverbank lcs --scope facts:write")

    client = boto3.client("secretsmanager")
    kept = client.get_secret_value(SecretId="holdfast/test/webhooks/lcs")["SecretString"]
    assert json.loads(kept) == [secret]


def test_a_removed_webhook_is_closed_and_can_be_opened_again_with_a_new_secret(at_riverbank):
    (old,) = at_riverbank.does("webhook add riverbank lcs --scope facts:write")
    at_riverbank.does("webhook remove lcs")
    assert not DynamoAccess().integration("lcs").enabled
    assert at_riverbank.does("webhook list riverbank") == ["lcs\tclosed\tfacts:write"]
    assert "no webhook" in at_riverbank.is_refused("webhook rotate lcs")

    (new,) = at_riverbank.does("webhook add riverbank lcs --scope facts:write")
    assert (signs(old), signs(new)) == (False, True)


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("authority add Riverbank --name R --protocol tower-hamlets-2026-01-01", "small letters"),
        ("authority add riverbank --name R --protocol riverbank-2026-01-01", PROTOCOL),
        (
            "authority add riverbank --name R --closed 24.12. --protocol tower-hamlets-2026-01-01",
            "2026-12-24",
        ),
        ("authority show hackney", "no authority 'hackney'"),
        ("person add hackney ada --email ada@example.org", "no authority 'hackney'"),
        ("person add riverbank ada --email ada", "not an e-mail address"),
        ("person add riverbank ada --email ada@example.org --manager mary", "no contact 'mary'"),
        ("person add riverbank ada --email ada@example.org --role wizard", "the role wizard"),
        ("cover add riverbank ada --by grace --from 2026-05-29 --to 2026-05-25", "before it begins"),
        ("cover add riverbank ada --by ada --from 2026-05-25 --to 2026-05-29", "themselves"),
        ("cover add riverbank ada --by grace --from May --to 2026-05-29", "not a date"),
        ("role set riverbank wizard --person ada", "the role wizard"),
        ("role set riverbank cpt", "Say who is reached"),
        ("role set riverbank cpt --email a@example.org --channels now=topic", "--topic"),
        ("role set riverbank cpt --email a@example.org --channels now=pigeon", "email, topic"),
        ("role set riverbank cpt --email a@example.org --channels someday=email", "an urgency"),
        ("role set riverbank cpt --topic arn:aws:sns:eu-west-2:1:other", "`topic add`"),
        ("token issue hackney --subject cpt-system --scope facts:write", "no authority 'hackney'"),
        ("token issue riverbank --subject cpt-system --scope everything", "no scope everything"),
        ("token issue riverbank --subject cpt-system --scope facts:write --days 0", "1 to 366 days"),
        ("token revoke k9", "no token 'k9'"),
        ("webhook rotate lcs", "no webhook 'lcs'"),
        ("person list riverbank --cursor x", "cursor"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(at_riverbank, words, why):
    assert why in at_riverbank.is_refused(words)


def test_a_webhook_name_is_not_taken_from_another_authority(at_riverbank):
    at_riverbank.does("authority add hackney --name Hackney --protocol", PROTOCOL)
    at_riverbank.does("webhook add riverbank lcs --scope facts:write")
    at_riverbank.does("webhook remove lcs")

    assert "is taken" in at_riverbank.is_refused("webhook add hackney lcs --scope facts:write")


def test_a_stage_that_is_not_deployed_is_named(capsys):
    with mock_aws():
        assert main(["--stage", "nowhere", "authority", "show", "riverbank"]) == 1

    assert "Stage 'nowhere'" in capsys.readouterr().err


def test_an_unknown_caller_is_told_so(monkeypatch, capsys):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")

    assert main(["--stage", "test", "authority", "show", "riverbank"]) == 1

    assert "who you are" in capsys.readouterr().err
