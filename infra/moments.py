"""Moments on a command line: always with their time zone."""

from datetime import datetime

from infra.operating import CannotOperate


def parsed(text: str) -> datetime:
    """Return a moment written as 2026-11-22T06:00:00Z."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise CannotOperate(f"{text!r} is no moment: expected one like 2026-11-22T06:00:00Z.")
    return at
