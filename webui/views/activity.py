"""Activity as values: a week of days, with nothing left out. Pure.

Minutes are counted where a time budget asks for it, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from webui.views.child import AT_MOST

Json = dict[str, Any]


def activity(overview: Json) -> Json:
    """Return what the page shows: for each child, the most that could ever be seen."""
    return {
        "children": [
            {**one, "at_most": AT_MOST.get(one["band"] or "", "totals")}
            for one in overview["people"]
            if one["role"] == "child"
        ]
    }


def week(minutes: Mapping[date, int], last: date) -> list[tuple[date, int]]:
    """Return the seven days that end at `last`; a day without a number counts 0."""
    days = [last - timedelta(days=ago) for ago in range(6, -1, -1)]
    return [(day, minutes.get(day, 0)) for day in days]
