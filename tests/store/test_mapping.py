"""Whatever can be written down is read back the same, and sorts as it should."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.case import Case, Child, Duty, Flag, Hold, Standing, Task
from chalicelib.core.trace import Claim, Trace
from chalicelib.ports import Credential, MeetingRow, Message, Person, Receipt
from chalicelib.store.mapping import moment, stamp, text_of, value_of
from chalicelib.store.messages import message_of, new_item

moments = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
maybe = st.none() | moments


def some(strategy):
    return st.lists(strategy, max_size=2).map(tuple)


traces = st.builds(Trace, learned_at=moments, at=maybe, claims=some(st.builds(Claim)))
standings = st.builds(
    Standing,
    duties=some(st.builds(Duty, opened_at=moments, next_action_at=maybe)),
    flags=some(st.builds(Flag, opened_at=moments, next_action_at=maybe)),
    holds=some(st.builds(Hold)),
    tasks=some(st.builds(Task)),
)
values = st.one_of(
    st.builds(Case, facts=some(traces), standing=standings),
    st.builds(Child),
    st.builds(MeetingRow),
    st.builds(Person),
    st.builds(Receipt, received_at=moments),
    st.builds(Credential, expires_at=moments),
)


@given(values)
def test_a_value_is_read_back_as_it_was_written(value):
    assert value_of(type(value), text_of(value)) == value


@given(
    st.builds(
        Message,
        created_at=moments,
        next_attempt_at=moments,
        state=st.just("PENDING"),
        attempts=st.just(0),
        lease_until=st.none(),
        provider_reference=st.none(),
        reason=st.none(),
        changed_at=st.none(),
    )
)
def test_a_new_message_is_read_back_as_it_was_written(message):
    assert message_of(new_item(message, queues=3)) == message


zones = st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(moments, moments, zones)
def test_moments_sort_as_text_whatever_their_zone(one, other, zone):
    assert (stamp(one.astimezone(zone)) < stamp(other)) == (one < other)
    assert moment(stamp(one.astimezone(zone))) == one
    assert len(stamp(one)) == len("2026-05-22T09:12:00.000000Z")
