"""Operator commands about calendars: by which days an authority counts, and how GOV.UK is asked."""

import math
from argparse import Namespace
from datetime import datetime

from chalicelib import calendar_watch, walks
from chalicelib.core.errors import LeftUndone
from chalicelib.core.london import LONDON, day_of
from chalicelib.core.saying import said_day
from chalicelib.own_messages import REFUSED, UNFORESEEN
from chalicelib.ports import Edition, Feed, Walk
from chalicelib.rulebook import ALWAYS
from infra.deploy import Stack
from infra.operating import CannotOperate, Desk

ADDRESS = "BankHolidaysUrl"


def show(desk: Desk, asked: Namespace) -> None:
    """Write down by which days an authority counts, since when, and how far its cases know of it."""
    authority = desk.authority(asked.authority)
    ports = desk.ports()
    edition = ports.rulebook.calendar_in_force(authority.id)
    desk.say(f"{authority.name} ({authority.id}) counts by calendar {edition.hash}, {_since(edition)}.")
    horizon = said_day(edition.calendar.horizon)
    desk.say(f"Bank holidays are published up to {horizon}; every later date is provisional.")
    desk.say(_asking(ports.calendars.feed()))
    _show_year(desk, edition, asked.year or day_of(desk.now).year)
    for walk in ports.calendars.walks([authority.id]):
        desk.say(_telling(walk))


def _show_year(desk: Desk, edition: Edition, year: int) -> None:
    closed = [(on, why) for on, why in sorted(edition.calendar.closed.items()) if on.year == year]
    for on, why in closed:
        provisional = "\tprovisional" if on > edition.calendar.horizon else ""
        desk.say(f"closed {on:%a} {on.isoformat()}\t{why}{provisional}")
    if not closed:
        desk.say(f"No weekday of {year} is known to be closed.")


def check(desk: Desk, _: Namespace) -> None:
    """Ask GOV.UK now, put in force what it says, and tell the cases that it moves."""
    ports = desk.ports()
    try:
        told = calendar_watch.watch(
            now=desk.now, ports=ports, address=_address(desk), seconds_left=lambda: math.inf
        )
    except LeftUndone as error:
        raise CannotOperate(
            f"Not everything could be done ({error}). {_asking(ports.calendars.feed())}"
        ) from error
    desk.say(_asking(ports.calendars.feed()))
    desk.say(f"Cases told of another calendar: {told}.")


def put_in_force(desk: Desk, authority: str) -> None:
    """Let an authority count by what is known now; the next run of `calendar` tells its cases."""
    edition = walks.put_in_force(authority, desk.now, desk.ports())
    desk.say(f"It counts by calendar {edition.hash}, {_since(edition)}.")


def _address(desk: Desk) -> str:
    """Return where this stage asks, as its stack was told."""
    outputs = Stack(stage=desk.stage, clients=desk.clients).outputs()
    if ADDRESS not in outputs:
        raise CannotOperate(f"Stage {desk.stage!r} does not say where GOV.UK is asked: deploy it first.")
    return outputs[ADDRESS]


def _since(edition: Edition) -> str:
    if edition.since == ALWAYS:
        return "with which this release ships: no other was put in force yet"
    return f"since {_said(edition.since)}"


def _asking(feed: Feed) -> str:
    if feed.checked_at is None:
        return "GOV.UK was not asked yet."
    asked = f"GOV.UK was last asked on {_said(feed.checked_at)}."
    if feed.failing_since is None:
        return asked
    why = REFUSED.get(feed.reason or "", UNFORESEEN)
    return f"{asked} Since {_said(feed.failing_since)} its list was not taken over, because {why}."


def _telling(walk: Walk) -> str:
    if walk.done:
        return "Every case that this concerns has been told."
    days = ", ".join(f"{on:%a} {on.isoformat()}" for on in walk.changed)
    left = f" Not yet possible: {', '.join(walk.left)}." if walk.left else ""
    return f"Cases are being told of {days}.{left}"


def _said(at: datetime) -> str:
    """A moment as it is in London."""
    local = at.astimezone(LONDON)
    return f"{said_day(local.date())} at {local:%H:%M}"
