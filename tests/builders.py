"""Values that tests are written in."""

from datetime import date, datetime


def day(text: str) -> date:
    """Read 'Thu 2 Apr 2026', refusing a weekday that does not match the date."""
    read = datetime.strptime(text, "%a %d %b %Y").date()
    if f"{read:%a}" != text[:3]:
        raise ValueError(f"{text!r} is really a {read:%A}")
    return read
