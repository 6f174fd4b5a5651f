"""Activity as values."""

from __future__ import annotations

from datetime import date

from tests.fakes.family import OVERVIEW
from webui.views import activity as view


def test_children_and_what_could_be_seen_at_most() -> None:
    found = view.activity(OVERVIEW)["children"]
    assert [(one["id"], one["at_most"]) for one in found] == [
        ("mia", "services"),
        ("ben", "names"),
    ]


def test_a_week_has_seven_days_whatever_is_known() -> None:
    last = date(2026, 3, 4)
    found = view.week({last: 30, date(2026, 2, 26): 60, date(2026, 2, 25): 9}, last)
    assert found == [
        (date(2026, 2, 26), 60),
        (date(2026, 2, 27), 0),
        (date(2026, 2, 28), 0),
        (date(2026, 3, 1), 0),
        (date(2026, 3, 2), 0),
        (date(2026, 3, 3), 0),
        (last, 30),
    ]
