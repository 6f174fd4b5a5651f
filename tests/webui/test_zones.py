"""Zones to choose from, and the guess that saves a tap."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from webui import zones


def test_every_zone_offered_is_one_that_python_knows() -> None:
    offered = [zone for _, names in zones.zones() for zone in names]
    assert len(offered) > 300 and len(set(offered)) == len(offered)
    for zone in offered:
        assert zones.is_zone(zone)
        ZoneInfo(zone)


@pytest.mark.parametrize("text", ["", "Mars/Olympus", "../etc/passwd", "europe/berlin"])
def test_what_is_no_zone(text: str) -> None:
    assert not zones.is_zone(text)


@pytest.mark.parametrize(
    "accepted, router, wanted",
    [
        ("de,en;q=0.8", "UTC", "Europe/Berlin"),
        ("de-AT,de;q=0.9", "UTC", "Europe/Vienna"),
        ("en-GB", "UTC", "Europe/London"),
        ("de", "Europe/Zurich", "Europe/Zurich"),
        ("en", "UTC", "UTC"),
        ("", "Nowhere/Land", "UTC"),
    ],
)
def test_the_guess(accepted: str, router: str, wanted: str) -> None:
    assert zones.guess(accepted, router) == wanted


def test_the_country_of_a_zone_is_one_with_help_lines() -> None:
    assert zones.country_of("Europe/Berlin") == "DE"
    assert zones.country_of("Antarctica/Troll") is None
    assert zones.country_of("Mars/Olympus") is None
