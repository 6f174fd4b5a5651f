"""People and devices come, change and go; nobody becomes freer by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from guardian.core import changes, family
from guardian.core.decide import Facts, decide
from guardian.core.errors import GuardianError
from guardian.core.model import (
    DeviceKind,
    Household,
    Overrides,
    Reason,
    Role,
    WindowException,
    WindowKind,
)
from tests import build
from tests.build import ANNA, MIA, PHONE, TABLET, TOM, at, home

NOW = at("2026-03-27 16:00")
BANDS = tuple(
    replace(build.band(name=name), ages=ages)
    for name, ages in (("6-9", (6, 9)), ("10-12", (10, 12)))
)


@pytest.mark.parametrize(
    "name, wanted",
    [
        ("Mia", "mia-2"),
        ("Zoë Ann", "zoe-ann"),
        ("  O'Neil 3rd ", "o-neil-3rd"),
        ("Łukasz", "ukasz"),
        ("李", "person"),
        ("---", "person"),
        ("ß", "ss"),
        ("x" * 64, "x" * 40),
    ],
)
def test_an_id_is_made_from_the_name(name: str, wanted: str) -> None:
    changed, made = family.add_person(home(), name, Role.CHILD, "10-12")
    assert (made.id, made.name) == (wanted, name)
    assert changed.people[-1] == made and len(changed.people) == 4


def test_two_of_one_name_are_two() -> None:
    household = home()
    for wanted in ("mia-2", "mia-3"):
        household, made = family.add_person(household, "MIA", Role.ADULT)
        assert made.id == wanted and made.band is None


def test_a_child_needs_a_band_and_an_adult_has_none() -> None:
    for band, code in ((None, "needs-arguments"), ("golden", "unknown-band")):
        with pytest.raises(GuardianError, match=code):
            family.add_person(home(), "Ben", Role.CHILD, band)
    _, made = family.add_person(home(), "Ben", Role.ADULT, "golden", (1980, 1))
    assert (made.band, made.birth) == (None, (1980, 1))
    with pytest.raises(ValueError, match="name-empty"):
        family.add_person(home(), " ", Role.ADULT)


@pytest.mark.parametrize(
    "birth, band",
    [
        ((2016, 3), "10-12"),
        ((2016, 4), "6-9"),
        ((2020, 1), "6-9"),
        ((2024, 1), "6-9"),
        ((1999, 1), "10-12"),
        ((2099, 1), "6-9"),
    ],
)
def test_the_band_of_an_age(birth: tuple[int, int], band: str) -> None:
    household = home(bands=BANDS)
    assert family.band_of_age(household, birth, date(2026, 3, 27)) == band
    with pytest.raises(GuardianError, match="unknown-band"):
        family.band_of_age(home(bands=()), birth, date(2026, 3, 27))


def changed_mia(household: Household, **fields: object) -> Household:
    mia = household.person("mia")
    assert mia is not None
    return family.set_person(  # type: ignore[arg-type]
        household, mia, **{"birth": mia.birth, **fields}
    )[0]


def test_a_new_name_and_birth_keep_id_and_rules() -> None:
    ruled = replace(MIA, overrides=Overrides(block=("example.org",)))
    found = changed_mia(home(ruled, TOM, ANNA), name="Maria", birth=(2015, 5))
    assert found.people[0] == replace(ruled, name="Maria", birth=(2015, 5))
    assert changed_mia(found, birth=None).people[0].birth is None


def test_another_band_keeps_what_is_the_childs_own() -> None:
    ruled = replace(MIA, overrides=Overrides(block=("example.org",)))
    household = home(ruled, TOM, ANNA, bands=BANDS)
    found = changed_mia(household, band="6-9")
    assert found.people[0] == replace(ruled, band="6-9")
    with pytest.raises(GuardianError, match="unknown-band"):
        changed_mia(household, band="golden")


def busy() -> Household:
    """Return a home where everything for a while is Mia's and Tom's."""
    hour = timedelta(hours=1)
    household = home()
    for person in ("mia", "tom"):
        child = household.person(person)
        assert child is not None
        household, _ = changes.pause(
            household, child, until=NOW + hour, by="anna", now=NOW
        )
        household, _ = changes.grant(
            household, child, until=NOW + hour, by="anna", now=NOW
        )
        household, _ = changes.open_site(
            household, child, "example.org", until=NOW + hour, by="anna", now=NOW
        )
        item = WindowException(
            id=person, person=person, on=NOW.date(), kind=WindowKind.BEDTIME, off=True
        )
        household = replace(household, exceptions=(*household.exceptions, item))
    return household


def test_a_child_grown_up_has_no_rules_left() -> None:
    found = changed_mia(busy(), role=Role.ADULT)
    grown = found.person("mia")
    assert grown and (grown.role, grown.band) == (Role.ADULT, None)
    assert grown.overrides == Overrides()
    for kind in ("exceptions", "pauses", "grants", "opened"):
        assert [item.person for item in getattr(found, kind)] == ["tom"], kind
    assert decide(found, TABLET, Facts(), NOW).reason is Reason.EXEMPT


def test_the_last_parent_stays_a_parent() -> None:
    with pytest.raises(GuardianError, match="last-parent: anna"):
        family.set_person(home(), ANNA, role=Role.ADULT, birth=None)
    with pytest.raises(GuardianError, match="last-parent: anna"):
        family.drop_person(home(), ANNA)
    household, _ = family.add_person(home(), "Ben", Role.PARENT)
    assert family.drop_person(household, ANNA).person("anna") is None
    # A household that has none is not held up.
    assert family.drop_person(home(MIA, TOM), MIA).people == (TOM,)


def test_who_goes_leaves_devices_that_are_new_ones() -> None:
    mia = busy().person("mia")
    assert mia is not None
    found = family.drop_person(busy(), mia)
    tablet = found.device("tablet")
    assert tablet and tablet.person is None and not tablet.exempt
    assert decide(found, tablet, Facts(), NOW).reason is Reason.NEW_DEVICE
    assert [p.id for p in found.people] == ["tom", "anna"]
    for kind in ("exceptions", "pauses", "grants", "opened"):
        assert [item.person for item in getattr(found, kind)] == ["tom"], kind


def test_a_pause_for_all_outlives_whoever_goes() -> None:
    household, _ = changes.pause(
        home(), None, until=NOW + timedelta(hours=1), by="anna", now=NOW
    )
    assert family.drop_person(household, MIA).pauses == household.pauses


def test_devices_are_renamed_and_forgotten() -> None:
    found, made = family.set_device(home(), PHONE, name="Anna's", kind=DeviceKind.THING)
    assert (made.name, made.kind, made.person) == ("Anna's", DeviceKind.THING, "anna")
    assert [d.id for d in found.devices] == [d.id for d in home().devices]
    same, made = family.set_device(home(), PHONE)
    assert same == home() and made == PHONE
    with pytest.raises(ValueError, match="name-empty"):
        family.set_device(home(), PHONE, name="")
    assert family.drop_device(home(), PHONE).device("phone") is None
