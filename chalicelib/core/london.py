"""London's time zone, in which days begin and end."""

from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
