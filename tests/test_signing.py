"""Webhook signatures, against the reference implementation of Standard Webhooks where it is right."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from chalicelib.core.errors import NotAuthentic
from chalicelib.signing import MOST_SIGNATURES, Signed, sign, verify

KEY = b"thirty-two bytes, more or less.."
OTHER_KEY = b"another key, also of some length"
NOW = datetime(2026, 5, 22, 9, 12, tzinfo=UTC)
BODY = b'{"type": "meeting_held"}'


def headers(**changes: str) -> dict[str, str]:
    return {**sign("msg_1", NOW, BODY, KEY), **{f"webhook-{name}": value for name, value in changes.items()}}


def accepted(sent: dict[str, str], body: bytes = BODY, *secrets: bytes, now: datetime = NOW) -> bool:
    try:
        verify(Signed.from_headers(sent), body, secrets or (KEY,), now)
    except NotAuthentic:
        return False
    return True


@given(
    message_id=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255),
    body=st.text(st.characters(codec="utf-8")),
    key=st.binary(min_size=1, max_size=64),
)
def test_the_reference_implementation_signs_as_we_do_and_we_accept_what_it_signs(message_id, body, key):
    ours = sign(message_id, NOW, body.encode(), key)
    theirs = Webhook(key).sign(message_id, NOW, body)

    assert ours["webhook-signature"] == theirs
    assert accepted({**ours, "webhook-signature": theirs}, body.encode(), key)


def test_one_good_signature_among_several_is_enough():
    good = headers()["webhook-signature"]

    assert accepted(headers(signature=f"v1a,b2xk v1,bm9wZQ== {good}"))


def test_while_a_secret_is_replaced_both_are_good():
    assert accepted(headers(), BODY, OTHER_KEY, KEY)
    assert accepted(dict(sign("msg_1", NOW, BODY, OTHER_KEY)), BODY, OTHER_KEY, KEY)


def test_no_secret_is_no_trust():
    with pytest.raises(NotAuthentic):
        verify(Signed.from_headers(headers()), BODY, (), NOW)


@pytest.mark.parametrize(("minutes", "trusted"), [(-5, True), (5, True), (-5.1, False), (5.1, False)])
def test_five_minutes_either_way_are_allowed(minutes, trusted):
    assert accepted(headers(), now=NOW + timedelta(minutes=minutes)) is trusted


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "msg_2"},
        {"timestamp": str(int(NOW.timestamp()) + 1)},
        {"signature": "v1," + base64.b64encode(b"0" * 32).decode()},
    ],
)
def test_a_signature_covers_id_timestamp_and_body(changed):
    assert not accepted(headers(**changed))
    assert not accepted(headers(), BODY + b" ")


@pytest.mark.parametrize(
    "changed",
    [
        {"id": ""},
        {"id": "with space"},
        {"id": "naïve"},
        {"id": "x" * 256},
        {"timestamp": ""},
        {"timestamp": "soon"},
        {"timestamp": "1e9"},
        {"timestamp": "-1"},
        {"timestamp": "1779441120.5"},
        {"timestamp": "١٧٧٩٤٤١١٢٠"},
        {"timestamp": "9" * 400},
        {"timestamp": "nan"},
        {"signature": ""},
        {"signature": "v1"},
        {"signature": "v1,"},
        {"signature": ","},
        {"signature": "v1,%%%%"},
        {"signature": "v1,a,b"},
        {"signature": "v1,\udcff"},
        {"signature": "v1,é"},
        {"signature": " ".join(["v1,AAAA"] * (MOST_SIGNATURES + 1))},
    ],
)
def test_a_malformed_header_is_not_trusted_and_nothing_worse(changed):
    assert not accepted(headers(**changed))


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_not_trusted(missing):
    assert not accepted({name: value for name, value in headers().items() if name != missing})


@given(st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()))
def test_no_header_at_all_raises_anything_else(sent):
    assert not accepted({**headers(), **sent, "webhook-id": "msg_other"})
