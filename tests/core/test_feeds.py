"""The catalogue's entries, and when a list is asked for again."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from guardian.core.feeds import (
    RETRY_FIRST,
    FeedSpec,
    Use,
    Verdict,
    is_due,
    next_try,
    project_of,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
SPEC = FeedSpec(
    id="sw-adult",
    title="Adult",
    url="https://lists.example.org/adult",
    homepage="https://lists.example.org/",
    licence="MIT",
    verdict=Verdict.SHIP,
    entries=(1, 100),
    bytes_max=1000,
    every=timedelta(hours=24),
    category="adult",
    default=True,
)


def test_the_project_is_the_first_word() -> None:
    assert SPEC.project == "sw" == project_of("sw-wild-ads")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "adult"}, "bad-id"),
        ({"id": "../etc-passwd"}, "bad-id"),
        ({"url": "http://lists.example.org/adult"}, "bad-url"),
        ({"url": "https://user@lists.example.org/adult"}, "bad-url"),
        ({"url": "https://lists.example.org/a b"}, "bad-url"),
        ({"category": ""}, "bad-category"),
        ({"use": Use.POPULAR}, "bad-category"),
        ({"entries": (0, 10)}, "bad-band"),
        ({"entries": (11, 10)}, "bad-band"),
        ({"every": timedelta(minutes=5)}, "bad-limit"),
        ({"bytes_max": 0}, "bad-limit"),
        ({"verdict": Verdict.URL_ONLY}, "default-not-free"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], code: str) -> None:
    with pytest.raises(ValueError, match=code):
        replace(SPEC, **changes)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("failures", "wait"),
    [
        (0, timedelta(hours=24)),
        (1, RETRY_FIRST),
        (2, 2 * RETRY_FIRST),
        (4, 8 * RETRY_FIRST),
        (8, timedelta(hours=24)),
        (10_000, timedelta(hours=24)),
    ],
)
def test_failures_double_the_wait_up_to_the_usual(
    failures: int, wait: timedelta
) -> None:
    assert next_try(SPEC, NOW, failures=failures, chance=0.5) == NOW + wait
    early = next_try(SPEC, NOW, failures=failures, chance=0)
    late = next_try(SPEC, NOW, failures=failures, chance=1)
    assert (early, late) == (NOW + wait * 0.9, NOW + wait * 1.1)


@pytest.mark.parametrize(
    ("when", "due"),
    [
        (None, True),
        (NOW, True),
        (NOW - timedelta(days=900), True),
        (NOW + timedelta(seconds=1), False),
        (NOW + timedelta(hours=26.4), False),
        # Set by a clock that ran ahead.
        (NOW + timedelta(days=3), True),
    ],
)
def test_due(when: datetime | None, due: bool) -> None:
    assert is_due(SPEC, when, NOW) is due
