"""Days as people write them in an example: with their weekday, which is to be right."""

from datetime import date, datetime


def spoken_day(text: str) -> date:
    """Read `Thu 2 Apr 2026`. Raises ValueError where the weekday isn't that date's."""
    read = datetime.strptime(text, "%a %d %b %Y").date()  # noqa: DTZ007 (a date, not a moment)
    if f"{read:%a}" != text[:3]:
        raise ValueError(f"{text!r} is really a {read:%A}")
    return read
