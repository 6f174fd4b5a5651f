"""The audit log: complete, bounded in entries, age and bytes."""

import json
from datetime import timedelta

from guardian.store.audit import (
    AGE_MAX,
    BYTES_MAX,
    CHANGES_MAX,
    ENTRIES_MAX,
    Entry,
    entry,
    prune,
)
from guardian.store.difference import Change

from .support import NOW


def made(days_ago: float = 0, *changes: Change, by: str = "anna") -> Entry:
    at = NOW - timedelta(days=days_ago)
    return entry(changes, by=by, verb="grant", revision=3, now=at)


def test_entry() -> None:
    change = Change("name", "changed", '"a"', '"b"')
    assert made(0, change, Change("people/mia", "added")) == {
        "at": "2026-03-02T12:00:00+00:00",
        "by": "anna",
        "verb": "grant",
        "revision": 3,
        "changes": [
            {"place": "name", "what": "changed", "before": '"a"', "after": '"b"'},
            {"place": "people/mia", "what": "added"},
        ],
    }


def test_many_changes_are_counted() -> None:
    one = made(0, *(Change(f"p{n}", "added") for n in range(CHANGES_MAX + 5)))
    assert isinstance(one["changes"], list)
    assert (len(one["changes"]), one["more"]) == (CHANGES_MAX, 5)


def test_who_is_kept_short() -> None:
    assert len(str(made(by="x" * 5000)["by"])) == 80


def test_bounded_in_entries() -> None:
    entries = [made(0, by=str(n)) for n in range(ENTRIES_MAX + 3)]
    kept = prune(entries, NOW)
    assert len(kept) == ENTRIES_MAX
    assert (kept[0]["by"], kept[-1]["by"]) == ("3", str(ENTRIES_MAX + 2))


def test_bounded_in_age() -> None:
    old = AGE_MAX / timedelta(days=1)
    kept = prune([made(old + 1), made(old - 1), made(1)], NOW)
    assert len(kept) == 2


def test_the_newest_is_always_kept() -> None:
    # A clock that was wrong when it was written, and right now.
    assert len(prune([made(1000)], NOW)) == 1


def test_bounded_in_bytes() -> None:
    fat = made(0, *(Change("p" * 80, "changed", "x" * 80, "y" * 80),) * CHANGES_MAX)
    kept = prune([fat] * 200, NOW)
    assert 10 < len(kept) < 200
    assert len(json.dumps(kept)) < BYTES_MAX + 1000
