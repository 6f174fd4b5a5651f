"""People as values."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.family import ACCOUNTS, OVERVIEW
from webui.views import people


def test_the_bands_are_those_of_the_profiles() -> None:
    bands = json.loads(Path("profiles/bands.json").read_text("utf-8"))["bands"]
    assert list(people.BANDS) == [band["id"] for band in bands]


@pytest.mark.parametrize("name", ["", "x" * 61, "a\nb"])
def test_names_that_are_none(name: str) -> None:
    assert people.check_name(name)


def test_a_name_may_be_written_in_any_script() -> None:
    assert people.check_name("Zoë 李") is None


@pytest.mark.parametrize("text", ["2017", "2017-13", "05/2017", "2017-05-01"])
def test_months_that_are_none(text: str) -> None:
    assert people.check_birth(text)


def test_a_month_may_be_left_out() -> None:
    assert people.check_birth("") is None and people.check_birth("2017-05") is None


def test_an_age_says_role_and_band() -> None:
    assert people.who("6-9") == {"role": "child", "band": "6-9"}
    assert people.who("adult") == {"role": "adult"}
    assert people.who("parent") is None and people.who("") is None


def test_finding() -> None:
    found = people.find(OVERVIEW, "mia")
    assert found is not None and found["name"] == "Mia"
    assert people.find(OVERVIEW, "nobody") is None
    assert people.accounts_of(ACCOUNTS)["tom"]["name"] == "Tom"
