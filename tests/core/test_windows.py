"""A child's schedule as a parent changes it: the difference to the band is written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.core.errors import GuardianError
from guardian.core.model import (
    Calendar,
    Household,
    Overrides,
    Person,
    Window,
    WindowKind,
)
from guardian.core.profile import effective
from guardian.core.windows import (
    day_types,
    default_window,
    drop_window,
    find_window,
    free_id,
    set_window,
)
from tests import build
from tests.build import MIA, TOM, home, window

SCHOOL = ("school",)
NIGHT = window("20:30-06:30", days=SCHOOL, name="night")
LATE = window("22:00-08:00", days=("weekend",), name="late")
HOME = home(MIA, TOM, bands=(build.band(NIGHT, LATE),))


def mia(household: Household) -> Person:
    found = household.person("mia")
    assert found is not None
    return found


def windows(household: Household) -> dict[str, Window]:
    return {w.id: w for w in effective(household, mia(household)).windows}


def put(
    household: Household, made: Window, edits: bool = False
) -> tuple[Household, tuple[str, ...]]:
    changed, as_it_stands, merged = set_window(
        household, mia(household), made, edits=edits
    )
    assert windows(changed)[as_it_stands.id] == as_it_stands
    # No sibling's rules move.
    assert changed.person("tom") == household.person("tom")
    return changed, merged


def test_one_is_added() -> None:
    lunch = window("12:00-13:00", "offline", SCHOOL, "offline-1")
    changed, merged = put(HOME, lunch)
    assert windows(changed) == {"night": NIGHT, "late": LATE, "offline-1": lunch}
    assert mia(changed).overrides == Overrides(windows=(lunch,)) and merged == ()


def test_one_of_the_band_is_changed_for_the_child_only() -> None:
    later = replace(NIGHT, start=21 * 60)
    changed, merged = put(HOME, later, edits=True)
    assert windows(changed) == {"night": later, "late": LATE} and merged == ()
    again = replace(NIGHT, start=22 * 60)
    changed, _ = put(changed, again, edits=True)
    assert mia(changed).overrides == Overrides(windows=(again,))


def test_what_equals_the_bands_own_is_not_written() -> None:
    changed, _ = put(HOME, replace(NIGHT, start=21 * 60), edits=True)
    changed, _ = put(changed, NIGHT, edits=True)
    assert changed == HOME


@pytest.mark.parametrize(
    "span, result",
    [
        ("19:00-20:30", (19 * 60, 30 * 60 + 30)),
        ("22:00-23:00", (20 * 60 + 30, 30 * 60 + 30)),
        ("20:00-07:00", (20 * 60, 31 * 60)),
        ("23:00-07:00", (20 * 60 + 30, 31 * 60)),
    ],
)
def test_what_overlaps_or_touches_one_alike_is_merged(
    span: str, result: tuple[int, int]
) -> None:
    changed, merged = put(HOME, window(span, days=SCHOOL, name="bedtime-1"))
    assert merged == ("night",)
    assert (windows(changed)["night"].start, windows(changed)["night"].end) == result
    assert set(windows(changed)) == {"night", "late"}


@pytest.mark.parametrize(
    "other",
    [
        window("19:00-20:00", days=SCHOOL, name="bedtime-1"),
        window("19:00-21:00", "offline", SCHOOL, "offline-1"),
        window("19:00-21:00", days=("holiday",), name="bedtime-1"),
        window("19:00-21:00", days=("holiday", "school"), name="bedtime-1"),
        # Of the night, by its own date; the evening's goes by the next.
        window("05:00-07:00", days=SCHOOL, name="bedtime-1"),
        window("03:00-21:00", days=SCHOOL, name="bedtime-1"),
    ],
)
def test_what_means_something_else_stays_apart(other: Window) -> None:
    household = replace(HOME, calendar=Calendar(week=("holiday", *("school",) * 6)))
    changed, merged = put(household, other)
    assert merged == () and windows(changed)["night"] == NIGHT


def test_an_edit_that_grows_over_others_keeps_its_id() -> None:
    one, two, three = (
        window(span, "offline", SCHOOL, f"offline-{n}")
        for n, span in enumerate(("10:00-11:00", "12:00-13:00", "14:00-15:00"), 1)
    )
    household = HOME
    for each in (one, two, three):
        household, _ = put(household, each)
    grown = replace(two, start=10 * 60 + 30, end=14 * 60)
    changed, merged = put(household, grown, edits=True)
    assert merged == ("offline-1", "offline-3")
    assert windows(changed)["offline-2"] == replace(two, start=600, end=900)
    assert set(windows(changed)) == {"night", "late", "offline-2"}


def test_a_merge_that_swallows_the_bands_calls_it_off() -> None:
    own = window("17:00-18:00", days=SCHOOL, name="own")
    household, _ = put(HOME, own)
    changed, merged = put(household, replace(own, end=21 * 60), edits=True)
    assert merged == ("night",)
    assert mia(changed).overrides.dropped == ("night",)
    assert set(windows(changed)) == {"late", "own"}
    back = default_window(changed, mia(changed), "night")
    assert windows(back)["night"] == NIGHT and "own" in windows(back)


def test_windows_of_sites_are_merged_only_where_they_refuse_the_same() -> None:
    games = window("15:00-16:00", "sites", SCHOOL, "sites-1")
    videos = replace(games, id="sites-2", blocks=("video",), start=900, end=1000)
    household, _ = put(HOME, games)
    household, merged = put(household, videos)
    assert merged == ()
    _, merged = put(household, replace(games, id="sites-3", end=17 * 60))
    assert merged == ("sites-1",)


def test_a_dropped_one_is_gone_and_comes_back() -> None:
    changed = drop_window(HOME, MIA, "night")
    assert set(windows(changed)) == {"late"}
    with pytest.raises(GuardianError, match="no-such-window"):
        drop_window(changed, mia(changed), "night")
    assert default_window(changed, mia(changed), "night") == HOME
    own = window("12:00-13:00", "offline", SCHOOL, "offline-1")
    changed, _ = put(HOME, own)
    assert drop_window(changed, mia(changed), "offline-1") == HOME


def test_an_own_one_in_the_bands_place_is_dropped_with_it() -> None:
    changed, _ = put(HOME, replace(NIGHT, start=21 * 60), edits=True)
    changed = drop_window(changed, mia(changed), "night")
    assert mia(changed).overrides == Overrides(dropped=("night",))


def test_what_is_not_there() -> None:
    with pytest.raises(GuardianError, match="no-such-window: nosuch"):
        put(HOME, replace(NIGHT, id="nosuch"), edits=True)
    with pytest.raises(GuardianError, match="no-such-window"):
        default_window(HOME, MIA, "own")
    with pytest.raises(GuardianError, match="no-such-window"):
        find_window(HOME, MIA, "own")
    with pytest.raises(GuardianError, match="unknown-day-type: feast"):
        put(HOME, window("10:00-11:00", "offline", ("feast", "school"), "x"))


def test_ids_are_free_of_what_any_band_has() -> None:
    other = replace(build.band(window("1:00-2:00", name="bedtime-1")), id="6-9")
    household = replace(HOME, bands=(*HOME.bands, other))
    assert free_id(household, MIA, "bedtime") == "bedtime-2"
    assert free_id(household, MIA, "offline") == "offline-1"


def test_day_types_are_the_calendars_and_the_bands() -> None:
    assert day_types(HOME) == {"school", "weekend"}
    calendar = Calendar(week=("free",) * 7)
    assert day_types(replace(HOME, calendar=calendar)) == {"free", "school", "weekend"}


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 23),
            st.integers(1, 12),
            st.sampled_from(["offline", "homework"]),
            st.sampled_from([SCHOOL, ("weekend",), ("school", "weekend")]),
        ),
        max_size=8,
    )
)
def test_whatever_is_added_holds_and_nothing_alike_overlaps(
    spans: list[tuple[int, int, str, tuple[str, ...]]],
) -> None:
    household = HOME
    covered: set[tuple[str, str, int]] = set()
    for hour, length, kind, days in spans:
        made = Window(
            id=free_id(household, mia(household), kind),
            kind=WindowKind(kind),
            days=days,
            start=hour * 60,
            end=(hour + length) * 60,
        )
        household, _ = put(household, made)
        covered |= {(kind, d, h) for d in days for h in range(hour, hour + length)}
    found = [w for w in windows(household).values() if w.kind.value != "bedtime"]
    assert {
        (w.kind.value, d, h)
        for w in found
        for d in w.days
        for h in range(w.start // 60, w.end // 60)
    } == covered
    for one in found:
        for other in found:
            if one is not other and (one.kind, one.days) == (other.kind, other.days):
                apart = one.end < other.start or other.end < one.start
                assert (
                    apart
                    or max(one.end, other.end) - min(one.start, other.start) > 1440
                )
