"""The data in profiles/: right by schema, falling in strictness, honest about help."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from guardian.core.calendar import day_type
from guardian.core.decide import Facts, decide
from guardian.core.floor import Grade
from guardian.core.model import DAY, Access, Band, FailMode, Verdict, YouTube
from guardian.core.timetext import parse_instant
from guardian.store.catalogue import load_catalogue
from guardian.store.data import DAY_TYPES, load_bands, load_floor, profiles_dir
from guardian.store.document import parse_strict, render
from guardian.store.known import load_known

FOLDER = profiles_dir()
BANDS = load_bands()
FLOOR = load_floor()
EXAMPLE = FOLDER / "example-household.json"
HOUSEHOLD_SCHEMA = FOLDER.parent / "guardian" / "store" / "household.schema.json"
DATA = sorted(p for p in FOLDER.glob("*.json") if not p.name.endswith(".schema.json"))
# Numbers that two independent listings, or the operator's own page, agree on.
VERIFIED = {
    ("AT", "147"),
    ("AU", "1800 55 1800"),
    ("CH", "147"),
    ("EU", "116 000"),
    ("FR", "119"),
    ("GB", "0800 1111"),
    ("IT", "19696"),
    ("NL", "0800 0432"),
    ("SE", "116 111"),
    ("US", "1-800-422-4453"),
}


def schema_of(path: Path) -> Any:
    if path == EXAMPLE:
        return json.loads(HOUSEHOLD_SCHEMA.read_text("utf-8"))
    return json.loads(path.with_name(f"{path.stem}.schema.json").read_text("utf-8"))


@pytest.mark.parametrize("path", DATA, ids=lambda p: p.name)
def test_every_data_file_is_right_by_its_schema(path: Path) -> None:
    schema = schema_of(path)
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema)
    assert list(checker.iter_errors(json.loads(path.read_text("utf-8")))) == []


def test_no_schema_without_data() -> None:
    schemas = {
        p.name.removesuffix(".schema.json") for p in FOLDER.glob("*.schema.json")
    }
    assert schemas <= {p.stem for p in DATA}


def test_profiles_is_no_package() -> None:
    assert not (FOLDER / "__init__.py").exists()


def closed(band: Band, kind_of_day: str) -> set[int]:
    """Return the minutes, of two days, that the band's windows of a date close."""
    return {
        minute
        for window in band.defaults.windows
        if kind_of_day in window.days
        for minute in range(window.start, window.end)
    }


def test_bands_cover_every_age_once() -> None:
    ages = [age for band in BANDS for age in range(band.ages[0], band.ages[1] + 1)]
    assert ages == list(range(18))
    assert [band.id for band in BANDS] == [
        f"{a}-{b}" for a, b in (b.ages for b in BANDS)
    ]


@pytest.mark.parametrize("kind_of_day", sorted(DAY_TYPES))
def test_strictness_falls_with_age(kind_of_day: str) -> None:
    nights = [closed(band, kind_of_day) for band in BANDS]
    for younger, older in zip(nights, nights[1:], strict=False):
        assert older < younger or (not older and not younger)
    counts = [len(band.defaults.windows) for band in BANDS]
    assert counts == sorted(counts, reverse=True)


def test_no_day_type_is_stricter_than_a_school_day() -> None:
    for band in BANDS:
        for kind_of_day in DAY_TYPES:
            assert closed(band, kind_of_day) <= closed(band, "school")


def test_bedtimes_begin_in_the_evening_and_end_in_the_morning() -> None:
    for band in BANDS:
        for window in band.defaults.windows:
            assert 18 * 60 <= window.start < DAY < window.end <= DAY + 7 * 60


def test_every_default_says_why_and_none_is_strict() -> None:
    for band in BANDS:
        reasons = dict(band.why)
        assert set(reasons) == {
            *("fail_mode", "only", "packs", "safe_search", "youtube"),
            *(f"access:{label}" for label, _ in band.defaults.access),
            *(f"window:{w.id}" for w in band.defaults.windows),
        }
        assert all(len(text) > 20 for text in reasons.values())
        assert band.defaults.fail_mode is FailMode.NORMAL


MODES = list(YouTube)
# What no public list holds well and parents fear most.
HARMS = {"adult", "gambling", "self_harm", "violent_hate", "drugs", "stranger_chat"}


def blocked(band: Band) -> set[str]:
    return {label for label, said in band.defaults.access if said is Access.BLOCK}


def test_what_is_refused_falls_with_age() -> None:
    for younger, older in zip(BANDS, BANDS[1:], strict=False):
        one, other = younger.defaults, older.defaults
        assert blocked(older) <= blocked(younger)
        assert (other.only, other.safe_search) <= (one.only, one.safe_search)
        assert one.packs is not None and other.packs is not None
        assert set(one.packs) <= set(other.packs)
        assert one.youtube is not None and other.youtube is not None
        assert MODES.index(other.youtube) <= MODES.index(one.youtube)
    assert blocked(BANDS[0]) > blocked(BANDS[-1]) > HARMS


def test_bands_say_what_was_agreed_on_for_each_age() -> None:
    said = [
        (b.id, b.defaults.only, b.defaults.safe_search, b.defaults.youtube)
        for b in BANDS
    ]
    assert said == [
        ("0-5", True, True, YouTube.STRICT),
        ("6-9", False, True, YouTube.STRICT),
        ("10-12", False, True, YouTube.STRICT),
        ("13-15", False, True, YouTube.MODERATE),
        ("16-17", False, False, YouTube.OFF),
    ]


def test_bands_name_what_the_catalogue_has() -> None:
    known = load_known()
    for band in BANDS:
        says = band.defaults
        assert {label for label, _ in says.access} <= known.labels
        assert set(says.packs or ()) <= known.packs
        assert not (says.allow or says.block or says.always)


def test_bands_leave_to_parents_what_is_no_harm_or_talk() -> None:
    # Advertising is no matter of a child's safety; messages are cut by time only.
    for band in BANDS:
        assert not blocked(band) & {"ads", "games", "messenger", "shortener", "video"}
        assert {said for _, said in band.defaults.access} == {Access.BLOCK}


def test_engines_without_a_safe_mode_go_with_safe_search() -> None:
    for band in BANDS:
        assert ("unsafe_search" in blocked(band)) == band.defaults.safe_search


def test_no_name_of_the_soft_floor_is_refused_by_a_default() -> None:
    # Whatever the lists hold, `guardian.core.naming` asks this tier before them.
    catalogue = load_catalogue()
    kinds = {c.id: c for c in catalogue.categories}
    curated = {name for label in blocked(BANDS[0]) for name in kinds[label].names}
    floor = {*catalogue.tiers.soft, *FLOOR.names()}
    assert curated and floor and not curated & floor


def test_shown_numbers_are_the_verified_ones() -> None:
    shown = {
        (entry.country, phone.display)
        for entry in FLOOR.entries
        for phone in entry.phones_on(FLOOR.released)
    }
    assert shown == VERIFIED
    assert {p.grade for e in FLOOR.entries for p in e.phones} == {Grade.A}


def test_help_expires_within_six_months() -> None:
    for entry in FLOOR.entries:
        assert FLOOR.released < entry.expires <= FLOOR.released + timedelta(days=184)


def test_every_entry_says_where_it_comes_from() -> None:
    for entry in FLOOR.entries:
        grades = {domain.grade.value for domain in entry.domains}
        told = " ".join(source.basis for source in entry.sources)
        assert all(f"grade {grade}" in told for grade in grades)
        # Nobody may be said to have looked who has not.
        assert all((s.checked is None) == (s.by is None) for s in entry.sources)


def test_floor_names_are_exact_and_no_shared_provider() -> None:
    names = FLOOR.names()
    assert list(names) == sorted(set(names))
    assert not any("*" in name for name in names)
    assert {"nummergegenkummer.de", "www.nummergegenkummer.de"} <= set(names)


@pytest.mark.parametrize("country", ["DE", "FR", "NO", ""])
def test_every_country_finds_help_and_a_hotline(country: str) -> None:
    kinds = {entry.kind.value for entry in FLOOR.for_country(country)}
    assert {"csam_hotline", "missing_child"} <= kinds


def test_example_is_without_fault_and_renders_as_it_stands() -> None:
    text = EXAMPLE.read_text("utf-8")
    assert render(parse_strict(text, BANDS)) == json.loads(text)


@pytest.mark.parametrize(
    ("when", "device", "verdict"),
    [
        ("2026-03-02T20:59:59", "tablet", Verdict.ALLOW),
        ("2026-03-02T21:00", "tablet", Verdict.REFUSE),
        ("2026-03-07T21:30", "laptop", Verdict.ALLOW),
        ("2026-12-24T21:30", "tablet", Verdict.ALLOW),
        ("2026-12-24T22:00", "tablet", Verdict.REFUSE),
        ("2026-03-02T23:00", "phone", Verdict.ALLOW),
        ("2026-03-02T23:00", "tv", Verdict.ALLOW),
    ],
)
def test_example_decides_as_a_family_expects(
    when: str, device: str, verdict: Verdict
) -> None:
    home = parse_strict(EXAMPLE.read_text("utf-8"), BANDS)
    found = home.device(device)
    now = parse_instant(when, home)
    assert decide(home, found, Facts(), now).verdict is verdict


def test_example_has_a_holiday() -> None:
    home = parse_strict(EXAMPLE.read_text("utf-8"), BANDS)
    assert day_type(home.calendar, date(2026, 12, 24)) == "holiday"
