"""Wall-clock times of a document: "21:00", "24:00", "24:30", and the model's minutes.

Hours run to 48:00, the end of the date after: "24:30" is half past midnight of the
night that began on the date. A "to" earlier than its "from" is on the date after.
"""

from __future__ import annotations

import re

from guardian.core.model import DAY, shorten

_CLOCK = re.compile(r"([0-9]|[0-3][0-9]|4[0-8]):([0-5][0-9])\Z")


def parse_clock(value: object) -> int:
    """Return the minutes after midnight, 0-2880, of "21:00"."""
    match = _CLOCK.match(value) if isinstance(value, str) else None
    minutes = int(match[1]) * 60 + int(match[2]) if match else 2 * DAY + 1
    if minutes > 2 * DAY:
        raise ValueError(f"bad-time: {shorten(value)}")
    return minutes


def span(start: int, end: int) -> tuple[int, int]:
    """Return (start, end) with the end after the start; an equal pair stays equal."""
    return start, end + DAY if end < start else end


def render_clock(minutes: int) -> str:
    """Return "21:00" for minutes after midnight."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def render_end(start: int, end: int) -> str:
    """Return an end so that `span` gives it back: "07:00" rather than "31:00"."""
    return render_clock(end - DAY if 0 < end - DAY < start else end)
