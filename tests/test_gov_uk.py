"""Asking GOV.UK, played by a server of our own with real sockets: what is learned, and what is refused."""

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from gzip import compress
from pathlib import Path

import pytest

from chalicelib.calendars import calendar_from, shipped_calendar
from chalicelib.core.working_days import Nation
from chalicelib.gov_uk import FeedRefused, Learned, Patience, learn
from chalicelib.ports import Feed, Snapshot
from tests import feed_server, listing
from tests.builders import day, moment
from tests.feed_server import FeedServer, Play, answers, redirects, serving
from tests.listing import SCOTLAND, proclaimed, without, without_year

NOW = moment("Thu 15 Oct 2026 09:12")
# Long enough for a busy machine, and for what never answers as short as can be.
QUICK = Patience(waits=(0.01, 0.01), most_bytes=128 * 1024)
SHORT = replace(QUICK, connect_seconds=0.5, read_seconds=0.2, total_seconds=0.5)
TODAY = listing.today()
ETAG = 'W/"f00-1"'
LAST_MODIFIED = "Tue, 03 Feb 2026 10:00:00 GMT"


@pytest.fixture
def gov_uk() -> Iterator[FeedServer]:
    """GOV.UK on a good day."""
    with serving(answers(TODAY, ETag=ETAG, Last_Modified=LAST_MODIFIED)) as server:
        yield server


def ask(server: FeedServer, feed: Feed = Feed(), before: Snapshot | None = None) -> Learned:  # noqa: B008
    return learn(server.address, feed, before, NOW, patience=QUICK)


def refusal(address: str, before: Snapshot | None = None, patience: Patience = QUICK) -> str:
    with pytest.raises(FeedRefused) as refused:
        learn(address, Feed(), before, NOW, patience=patience)
    return refused.value.reason


@cache
def known(body: bytes = TODAY) -> Snapshot:
    """What such a list leaves behind."""
    with serving(answers(body)) as server:
        learned = ask(server).snapshot
    assert learned
    return learned


# --- what is learned ------------------------------------------------------------------------


@pytest.mark.parametrize("nation", Nation)
def test_a_list_that_says_what_we_ship_makes_the_calendar_that_we_ship(gov_uk, nation):
    learned = ask(gov_uk)

    assert learned.snapshot
    assert learned.snapshot.learned_at == NOW
    assert calendar_from(learned.snapshot, nation) == shipped_calendar(nation)
    assert calendar_from(learned.snapshot, nation).hash == shipped_calendar(nation).hash


def test_the_packaged_list_makes_it_too_but_for_the_day_that_scotland_was_given_since():
    learned = known(listing.packaged())
    theirs = {nation: calendar_from(learned, nation).closed for nation in Nation}
    ours = {nation: shipped_calendar(nation).closed for nation in Nation}

    assert [nation for nation in Nation if theirs[nation] != ours[nation]] == [Nation.SCOTLAND]
    assert ours[Nation.SCOTLAND].items() - theirs[Nation.SCOTLAND].items() == {
        (listing.WORLD_CUP, "World Cup bank holiday")
    }
    assert theirs[Nation.SCOTLAND].items() <= ours[Nation.SCOTLAND].items()


def test_it_is_asked_for_the_list_as_it_is(gov_uk):
    ask(gov_uk)

    (asked,) = gov_uk.asked
    assert asked["Accept-Encoding"] == "identity"
    assert asked["User-Agent"] == "Holdfast"


def test_this_machine_may_be_called_by_its_name(gov_uk):
    assert learn(gov_uk.address.replace("127.0.0.1", "localhost"), Feed(), None, NOW, patience=QUICK).snapshot


def test_what_to_ask_with_next_is_what_came_with_the_list(gov_uk):
    failing = Feed(failing_since=moment("Wed 14 Oct 2026 09:12"), reason="down")

    assert ask(gov_uk, failing).feed == Feed(etag=ETAG, last_modified=LAST_MODIFIED, checked_at=NOW)


def test_it_is_asked_with_what_came_with_the_last_list_and_nothing_is_new(gov_uk):
    first = ask(gov_uk)
    failing = replace(first.feed, checked_at=None, failing_since=NOW, reason="status")

    second = ask(gov_uk, failing, first.snapshot)

    assert gov_uk.asked[0]["If-None-Match"] is gov_uk.asked[0]["If-Modified-Since"] is None
    assert gov_uk.asked[1]["If-None-Match"] == ETAG
    assert gov_uk.asked[1]["If-Modified-Since"] == LAST_MODIFIED
    assert second == Learned(snapshot=None, feed=first.feed)


def test_it_is_asked_for_all_of_it_while_no_snapshot_is_there(gov_uk):
    assert ask(gov_uk, Feed(etag=ETAG, last_modified=LAST_MODIFIED)).snapshot
    assert gov_uk.asked[0]["If-None-Match"] is None


def test_the_same_list_by_another_tag_is_nothing_new(gov_uk):
    learned = ask(gov_uk, Feed(etag='"older"'), known())

    assert learned.snapshot is None
    assert learned.feed.etag == ETAG


def test_what_we_do_not_count_by_is_nothing_new():
    bunting = TODAY.replace(b'"bunting": true', b'"bunting": false')

    with serving(answers(bunting + b"\n")) as server:
        assert ask(server, before=known()).snapshot is None


@pytest.mark.parametrize("tag", ["x" * 201, '"a b"', '"\xe9"', ""])
def test_a_tag_that_is_none_is_not_sent_back(tag):
    with serving(answers(TODAY, ETag=tag)) as server:
        assert ask(server).feed.etag is None


def test_a_proclaimed_day_is_learned_in_the_nation_that_has_it():
    before = known()
    with serving(answers(listing.today(proclaimed("Fri 16 Oct 2026", "Day of thanks", SCOTLAND)))) as server:
        after = ask(server, before=before).snapshot

    assert after
    assert after.hash != before.hash
    changed = {nation: after.days[nation].items() ^ before.days[nation].items() for nation in Nation}
    assert changed == {
        **{nation: set() for nation in Nation},
        Nation.SCOTLAND: {(day("Fri 16 Oct 2026"), "Day of thanks")},
    }


def test_a_withdrawn_day_is_learned():
    before = known(listing.today(proclaimed("Tue 4 May 2027")))
    with serving(answers(TODAY)) as server:
        after = ask(server, before=before).snapshot

    assert after
    assert all(day("Tue 4 May 2027") in days for days in before.days.values())
    assert all(day("Tue 4 May 2027") not in days for days in after.days.values())


def test_a_day_by_another_name_is_learned_and_no_date_changes():
    before = known()
    renamed = TODAY.replace(b"Easter Monday", b"Monday of Easter")
    with serving(answers(renamed)) as server:
        after = ask(server, before=before).snapshot

    assert after
    assert after.days[Nation.ENGLAND][day("Mon 6 Apr 2026")] == "Monday of Easter"
    assert {nation: set(days) for nation, days in after.days.items()} == {
        nation: set(days) for nation, days in before.days.items()
    }


@pytest.mark.parametrize("nation", Nation)
def test_years_that_gov_uk_has_dropped_stay_as_they_were(nation):
    before = known(listing.today(proclaimed("Tue 4 Jun 2019", "Once")))
    with serving(answers(listing.today(without(lambda on: on.year < 2022)))) as server:
        after = ask(server, before=before).snapshot

    assert after is None
    assert before.days[nation][day("Tue 4 Jun 2019")] == "Once"
    assert calendar_from(before, nation).closed[day("Tue 4 Jun 2019")] == "Once"


@pytest.mark.parametrize("nation", Nation)
def test_two_years_beyond_the_published_ones_are_reckoned(nation):
    days = known().days[nation]

    assert {on.year for on in days} == set(range(2012, 2031))
    assert days[day("Tue 25 Dec 2029")] == "Christmas Day"


def test_a_day_listed_of_a_year_that_is_only_begun_joins_what_is_reckoned():
    learned = known(listing.today(proclaimed("Tue 8 May 2029", "Jubilee")))

    assert learned.published_to[Nation.WALES] == day("Sun 31 Dec 2028")
    assert learned.days[Nation.WALES][day("Tue 8 May 2029")] == "Jubilee"
    assert learned.days[Nation.WALES][day("Tue 25 Dec 2029")] == "Christmas Day"


def test_a_list_that_stands_still_for_years_is_asked_for_again_so_that_two_years_stay_reckoned(gov_uk):
    first = ask(gov_uk)
    assert first.snapshot
    late = moment("Sun 31 Dec 2028 12:00")
    too_late = late + timedelta(days=1)

    assert learn(gov_uk.address, first.feed, first.snapshot, late, patience=QUICK).snapshot is None
    second = learn(gov_uk.address, first.feed, first.snapshot, too_late, patience=QUICK)

    assert [asked["If-None-Match"] for asked in gov_uk.asked] == [None, ETAG, None]
    assert second.snapshot
    assert second.snapshot.hash == first.snapshot.hash
    assert {max(days).year for days in second.snapshot.days.values()} == {2031}


def test_it_is_asked_for_all_of_it_while_one_nation_alone_falls_short(gov_uk):
    first = ask(gov_uk)
    assert first.snapshot
    short = {on: why for on, why in first.snapshot.days[Nation.WALES].items() if on.year < 2028}
    before = replace(first.snapshot, days={**first.snapshot.days, Nation.WALES: short})

    assert ask(gov_uk, first.feed, before).snapshot == first.snapshot


def test_days_on_which_holidays_would_have_been_wrong_are_logged_and_nothing_else(caplog):
    caplog.set_level(logging.INFO, "chalicelib")

    known(TODAY + b" ")
    assert caplog.records == []
    known(listing.packaged(proclaimed("Tue 8 Dec 2026", "Somebody's own words")))

    (record,) = caplog.records
    assert record.getMessage() == "GOV.UK and holidays differ"
    assert record.days == [
        "ENG 2026-12-08",
        "NIR 2026-12-08",
        "SCT 2026-06-15",
        "SCT 2026-12-08",
        "WLS 2026-12-08",
    ]
    assert "own words" not in str(vars(record))


# --- what is refused ------------------------------------------------------------------------


BAD: dict[str, tuple[Play, str]] = {
    "hangs up": (feed_server.hangs_up, "down"),
    "says nothing": (feed_server.stays_silent, "slow"),
    "drips headers": (feed_server.drips_headers, "slow"),
    "drips the list": (feed_server.drips_body, "slow"),
    "never ends": (feed_server.never_ends, "too_large"),
    "one byte too many": (answers(TODAY.ljust(QUICK.most_bytes + 1)), "too_large"),
    "too large, and says otherwise": (
        answers(TODAY.ljust(QUICK.most_bytes + 1), Content_Length=9),
        "malformed",
    ),
    "cut short": (feed_server.cut_short(TODAY), "truncated"),
    "cut short in a chunk": (feed_server.cut_in_a_chunk(TODAY), "truncated"),
    "cut short, and says so": (answers(TODAY[:-1]), "malformed"),
    "compressed unasked": (answers(compress(TODAY), Content_Encoding="gzip"), "malformed"),
    "a page": (answers(b"<!doctype html>"), "malformed"),
    "another schema": (answers(TODAY.replace(b'"title"', b'"name"')), "malformed"),
    "no Scotland": (answers(listing.today(lambda found: found.pop(SCOTLAND))), "malformed"),
    "no next year": (answers(listing.today(without_year(2027))), "missing_year"),
    "no next year in Scotland": (answers(listing.today(without_year(2027, SCOTLAND))), "missing_year"),
    "400 holidays": (answers(listing.today(listing.four_hundred)), "absurd"),
    "an error": (answers(TODAY, status=500), "status"),
    "too many requests": (answers(TODAY, status=429), "status"),
    "gone": (answers(TODAY, status=404), "status"),
    "a part": (answers(TODAY, status=206), "status"),
    "not changed, though not asked": (answers(b"", status=304), "status"),
    "round in circles": (redirects("/bank-holidays.json"), "redirects"),
    "elsewhere without saying where": (answers(TODAY, status=302), "status"),
    "elsewhere by another protocol": (redirects("ftp://127.0.0.1/"), "redirects"),
    "elsewhere without TLS": (redirects("http://bank-holidays.example/"), "address"),
    "nowhere": (redirects("http://[/"), "redirects"),
}


@pytest.mark.parametrize("had", [False, True], ids=["at first", "with a list before"])
@pytest.mark.parametrize("bad", BAD)
def test_an_answer_that_will_not_do_is_refused_with_its_reason(bad, had):
    play, reason = BAD[bad]
    before = known() if had else None

    with serving(play) as server:
        assert refusal(server.address, before, SHORT if reason == "slow" else QUICK) == reason


def test_nobody_there_is_down():
    assert refusal(feed_server.closed_port()) == "down"


def test_whoever_cannot_prove_to_be_gov_uk_is_down(tmp_path):
    with serving(answers(TODAY), tls=feed_server.unknown_certificate(tmp_path)) as server:
        assert server.address.startswith("https:")
        assert refusal(server.address) == "down"

        assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "www.gov.uk/bank-holidays.json",
        "http://www.gov.uk/bank-holidays.json",
        "http://127.0.0.1.example/bank-holidays.json",
        "file:///etc/passwd",
        "https://",
        "https://[::1",
        "http://localhost:99999/",
    ],
)
def test_it_is_asked_by_https_or_on_this_machine_alone(address):
    assert refusal(address) == "address"


@pytest.mark.parametrize("drip", [feed_server.drips_headers, feed_server.drips_body])
def test_however_slowly_an_answer_drips_there_is_an_end(drip):
    """Every byte comes within the time that is waited for one."""
    began = time.monotonic()
    with serving(drip) as server:
        assert refusal(server.address, patience=SHORT) == "slow"

        assert time.monotonic() - began < 10 * SHORT.total_seconds


@pytest.mark.parametrize("drip", [feed_server.drips_headers, feed_server.drips_body])
def test_an_answer_that_drips_for_ever_keeps_no_process_from_its_end(drip):
    asking = (
        "import sys; from datetime import UTC, datetime; from chalicelib.gov_uk import *;"
        "from chalicelib.ports import Feed;"
        "patience = Patience(read_seconds=60, total_seconds=0.5);"
        "learn(sys.argv[1], Feed(), None, datetime.now(UTC), patience=patience)"
    )
    with serving(drip) as server:
        asked = subprocess.run(
            [sys.executable, "-c", asking, server.address],
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )

        assert asked.returncode == 1
        assert "FeedRefused: slow" in asked.stderr
        assert len(server.asked) == 1


def test_what_is_silent_for_long_is_not_waited_for_to_the_end():
    patience = replace(SHORT, total_seconds=QUICK.total_seconds)
    began = time.monotonic()
    with serving(feed_server.stays_silent) as server:
        assert refusal(server.address, patience=patience) == "slow"

        assert time.monotonic() - began < QUICK.total_seconds / 2


def test_a_connection_that_is_not_made_is_not_waited_for_to_the_end():
    patience = replace(SHORT, connect_seconds=0.1, total_seconds=QUICK.total_seconds)

    with feed_server.nobody_answers() as address:
        assert refusal(address, patience=patience) == "down"


def test_a_list_that_drips_is_left_to_itself():
    with serving(feed_server.drips_body) as server:
        refusal(server.address, patience=SHORT)

        assert server.hung_up.wait(QUICK.total_seconds)


def test_no_more_is_read_than_a_list_can_have():
    with serving(feed_server.never_ends) as server:
        refusal(server.address)

        # What both ends of a socket keep for one another.
        assert server.written < 64 * QUICK.most_bytes


@pytest.mark.parametrize(
    "passing",
    [answers(b"", status=503), answers(b"", status=429), feed_server.hangs_up, feed_server.cut_short(TODAY)],
)
def test_what_may_be_over_in_a_moment_is_tried_again(passing):
    with serving(passing, passing, answers(TODAY)) as server:
        assert ask(server).snapshot
        assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("bad", "attempts"),
    [("an error", 3), ("cut short", 3), ("gone", 1), ("says nothing", 1), ("400 holidays", 1)],
)
def test_attempts_are_bounded_and_what_will_not_pass_is_not_tried_again(bad, attempts):
    play, reason = BAD[bad]
    with serving(play) as server:
        assert refusal(server.address, patience=SHORT if reason == "slow" else QUICK) == reason

        assert len(server.asked) == attempts


def test_there_is_a_wait_between_attempts():
    began = time.monotonic()
    with serving(answers(b"", status=503), answers(TODAY)) as server:
        learn(server.address, Feed(), None, NOW, patience=replace(QUICK, waits=(0.3,)))

    assert time.monotonic() - began >= 0.3


def test_no_attempt_begins_that_would_end_too_late():
    patience = replace(QUICK, waits=(QUICK.total_seconds,))

    with serving(answers(b"", status=500), answers(TODAY)) as server:
        with pytest.raises(FeedRefused, match="status"):
            learn(server.address, Feed(), None, NOW, patience=patience)

        assert len(server.asked) == 1


def test_a_redirect_is_followed_and_asks_the_same():
    before = known()
    with serving(redirects("/elsewhere.json"), answers(TODAY, ETag=ETAG)) as server:
        learned = ask(server, Feed(etag=ETAG), before)

    assert learned == Learned(snapshot=None, feed=Feed(etag=ETAG, checked_at=NOW))
    assert [asked["If-None-Match"] for asked in server.asked] == [ETAG, ETAG]


def test_after_a_list_that_was_refused_the_next_is_asked_for_as_if_it_had_not_come(gov_uk):
    first = ask(gov_uk)
    gov_uk.plays = [answers(listing.today(listing.four_hundred), ETag='"absurd"')]
    with pytest.raises(FeedRefused, match="absurd"):
        ask(gov_uk, first.feed, first.snapshot)
    gov_uk.plays = [answers(TODAY, ETag=ETAG)]

    assert ask(gov_uk, first.feed, first.snapshot).snapshot is None
    assert [asked["If-None-Match"] for asked in gov_uk.asked] == [None, ETAG, ETAG]


def test_a_refusal_says_one_of_a_few_fixed_words_and_nothing_that_came():
    refused = FeedRefused("missing_year")

    assert str(refused) == refused.reason == "missing_year"


def test_no_door_or_schedule_imports_what_reckons_until_it_is_needed():
    loading = (
        "import sys, app, chalicelib.calendar_watch;"
        "print(*{name.partition('.')[0] for name in sys.modules} & {'holidays'})"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", loading],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )

    assert loaded.stdout.split() == []
