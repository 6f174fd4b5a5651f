"""What cannot be is not made: each constructor refuses with its own code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.core import model
from guardian.core.model import (
    Access,
    Calendar,
    CalendarDay,
    Decision,
    Device,
    DeviceKind,
    Grant,
    LIFTS,
    Household,
    NameSettings,
    Network,
    Overrides,
    Pause,
    Person,
    Reason,
    Refusal,
    Role,
    Verdict,
    Window,
    WindowException,
    WindowKind,
    check_id,
    check_name,
    parse_mac,
    shorten,
)
from tests import build

NOW = datetime(2026, 3, 28, 20, 0, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


def window(**fields: Any) -> Window:
    given = {"id": "w", "kind": WindowKind.BEDTIME, "days": ("school",)}
    return Window(**(given | {"start": 1260, "end": 1860} | fields))


def exception(**fields: Any) -> WindowException:
    given = {"id": "e", "person": "mia", "on": date(2026, 3, 28)}
    return WindowException(**(given | {"kind": WindowKind.BEDTIME} | fields))


def device(**fields: Any) -> Device:
    return Device(**({"id": "d", "name": "D", "macs": (build.mac(1),)} | fields))


def grant(**fields: Any) -> Grant:
    given = {"id": "g", "person": "mia", "start": NOW, "until": NOW + HOUR}
    return Grant(**(given | fields))


def pause(**fields: Any) -> Pause:
    given = {"id": "p", "person": None, "start": NOW, "until": NOW + HOUR}
    return Pause(**(given | fields))


@pytest.mark.parametrize(
    "make, code",
    [
        (lambda: window(id="Not An Id"), "bad-id"),
        (lambda: window(days=()), "window-without-days"),
        (lambda: window(days=("weekend", "school")), "window-days-unsorted"),
        (lambda: window(days=("school", "school")), "window-days-unsorted"),
        (lambda: window(start=600, end=600), "window-zero-length"),
        (lambda: window(start=-1), "window-out-of-range"),
        (lambda: window(start=700, end=600), "window-out-of-range"),
        (lambda: window(start=0, end=1441), "window-out-of-range"),
        (lambda: window(start=2000, end=2881), "window-out-of-range"),
        (lambda: window(blocks=("games",)), "blocks-are-for-sites"),
        (lambda: window(kind=WindowKind.SITES), "blocks-are-for-sites"),
        (
            lambda: window(kind=WindowKind.SITES, blocks=("social", "games")),
            "ids-unsorted",
        ),
        (lambda: window(kind=WindowKind.SITES, blocks=("No!",)), "bad-id"),
        (lambda: Overrides(access=(("No!", Access.BLOCK),)), "bad-id"),
        (lambda: Overrides(access=(("b", Access.BLOCK),) * 2), "ids-unsorted"),
        (lambda: Overrides(packs=("b", "a")), "ids-unsorted"),
        (lambda: Overrides(allow=("Example.org",)), "bad-hostname"),
        (lambda: Overrides(block=("org",)), "bad-hostname"),
        (lambda: Overrides(always=("b.org", "a.org")), "names-unsorted"),
        (
            lambda: Overrides(allow=("a.org", "b.org"), block=("b.org",)),
            "name-in-two-lists: b.org",
        ),
        (
            lambda: Overrides(always=("a.org",), block=("a.org",)),
            "name-in-two-lists: a.org",
        ),
        (lambda: NameSettings(resolvers=("192.0.2.1",)), "bad-server"),
        (lambda: NameSettings(resolvers=("192.0.2.1#53",) * 9), "too-many-resolvers"),
        (
            lambda: CalendarDay(first=date(2026, 4, 2), last=date(2026, 4, 1), **DAY),
            "calendar-ends-before-start",
        ),
        (lambda: Calendar(week=("school",) * 6), "calendar-week-not-seven"),
        (lambda: exception(), "exception-needs-times-or-off"),
        (lambda: exception(off=True, end=1400), "exception-needs-times-or-off"),
        (lambda: exception(id="", off=True), "bad-id"),
        (lambda: pause(until=NOW), "ends-before-start"),
        (lambda: pause(start=NOW.replace(tzinfo=None)), "instant-without-zone"),
        (lambda: pause(id="a b"), "bad-id"),
        (lambda: grant(until=NOW - HOUR), "ends-before-start"),
        (lambda: grant(until=NOW.replace(tzinfo=None)), "instant-without-zone"),
        (lambda: grant(id="-"), "bad-id"),
        (
            lambda: Person(id="mia", name="Mia", role=Role.CHILD),
            "band-is-for-children",
        ),
        (
            lambda: Person(id="eva", name="Eva", role=Role.PARENT, band="10-12"),
            "band-is-for-children",
        ),
        (lambda: Person(id="eva", name="", role=Role.ADULT), "name-empty"),
        (lambda: device(macs=()), "device-without-mac"),
        (lambda: device(macs=("02-00-5E-00-00-01",)), "bad-mac"),
        (lambda: device(exempt=True, person="mia"), "exempt-device-has-person"),
        (lambda: Network(lan=()), "network-without-lan"),
        (lambda: Network(lan=("br-lan", "a b")), "bad-interface-name"),
        (lambda: Network(lan=("sixteen-long-nam",)), "bad-interface-name"),
        (lambda: Network(lan=("veth0@if3",)), "bad-interface-name"),
        (lambda: Network(lan=('"; drop',)), "bad-interface-name"),
        (lambda: Household(name="\n"), "name-empty"),
        (lambda: build.home(build.MIA, build.MIA), "duplicate-id: people"),
        (lambda: build.home(devices=(device(), device())), "duplicate-id: devices"),
        (lambda: build.home(grants=(grant(), grant())), "duplicate-id: grants"),
        (lambda: build.home(pauses=(pause(), pause())), "duplicate-id: pauses"),
        (
            lambda: build.home(exceptions=(exception(off=True), exception(off=True))),
            "duplicate-id: exceptions",
        ),
        (
            lambda: build.home(devices=(device(), device(id="other"))),
            "duplicate-mac",
        ),
    ],
)
def test_what_cannot_be_is_refused(make: Callable[[], object], code: str) -> None:
    with pytest.raises(ValueError) as refused:
        make()
    assert str(refused.value).startswith(code)


DAY = {"day_type": "holiday"}


def test_what_can_be() -> None:
    assert window(start=0, end=1440).end == 1440
    assert window(start=1440, end=2880).start == 1440
    sites = window(kind=WindowKind.SITES, blocks=("games", "social"))
    assert sites.blocks == ("games", "social")
    assert Overrides(allow=("a.org",), always=("a.org",), packs=()).packs == ()
    assert NameSettings(resolvers=("192.0.2.1#53",)).refusal is Refusal.NXDOMAIN
    assert exception(start=1320).off is False
    assert exception(off=True).start is None
    assert CalendarDay(first=date(2026, 4, 1), last=date(2026, 4, 1), **DAY)
    assert Network(lan=("eth0.5", "br-lan", "5g_lan")).lan[0] == "eth0.5"


def test_values_are_frozen() -> None:
    values: list[Any] = [build.MIA, build.TABLET, window(), grant(), pause()]
    for value in values:
        with pytest.raises(FrozenInstanceError):
            value.id = "other"


@pytest.mark.parametrize("text", ["a", "0", "mia-2", "w_1", "x" * 48])
def test_ids(text: str) -> None:
    assert check_id(text) == text


@pytest.mark.parametrize("text", ["", "-a", "_a", "Mia", "a b", "x" * 49, "a\n", 7])
def test_no_ids(text: Any) -> None:
    with pytest.raises(ValueError, match="bad-id"):
        check_id(text)


def test_names() -> None:
    assert check_name("Grandma Elisabeth’s tablet") == "Grandma Elisabeth’s tablet"
    assert check_name("x" * model.NAME_MAX)
    for text, code in [
        ("x" * (model.NAME_MAX + 1), "name-too-long: 65 characters, at most 64"),
        ("   ", "name-empty"),
        ("a\x1b[31m", "name-unprintable"),
        ("a\nb", "name-unprintable"),
        (None, "name-empty"),
    ]:
        with pytest.raises(ValueError, match=code):
            check_name(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text, code",
    [
        ("02:00:5e:00:10", "bad-mac"),
        ("02:00:5e:00:10:0g", "bad-mac"),
        ("02:00:5e:00:10:01:02", "bad-mac"),
        ("02005e001001", "bad-mac"),
        (None, "bad-mac"),
        ("01:00:5e:00:00:01", "mac-not-unicast"),
        ("ff:ff:ff:ff:ff:ff", "mac-not-unicast"),
        ("00:00:00:00:00:00", "mac-not-unicast"),
    ],
)
def test_no_macs(text: Any, code: str) -> None:
    with pytest.raises(ValueError, match=code):
        parse_mac(text)


@pytest.mark.parametrize("text", ["02:00:5E:00:10:01", " 02-00-5e-00-10-01 "])
def test_macs_have_one_form(text: str) -> None:
    assert parse_mac(text) == "02:00:5e:00:10:01"


@given(st.text() | st.binary() | st.integers() | st.none())
def test_a_foreign_value_is_a_mac_or_refused(value: Any) -> None:
    try:
        found = parse_mac(value)
    except ValueError as error:
        assert len(str(error)) < 120
    else:
        assert parse_mac(found) == found


@given(st.text() | st.binary())
def test_shortened_values_are_short_and_printable(value: str | bytes) -> None:
    found = shorten(value)
    assert len(found) <= 80
    assert found.isprintable()


def test_shorten_keeps_what_fits() -> None:
    assert shorten("x" * 80) == "x" * 80
    assert shorten("x" * 81) == "x" * 79 + "…"
    assert shorten("a\tb") == "a?b"
    assert shorten(17) == "17"


def test_day_types_of_a_calendar() -> None:
    trip = CalendarDay(first=date(2026, 5, 1), last=date(2026, 5, 3), day_type="trip")
    assert Calendar().types() == {"school", "weekend"}
    assert Calendar(days=(trip,)).types() == {"school", "weekend", "trip"}


def test_things_are_found_by_id() -> None:
    household = build.home()
    assert household.person("tom") is build.TOM
    assert household.device("tv") is build.TV
    assert household.band("10-12") is household.bands[0]
    assert household.zone.key == "Europe/Berlin"
    assert household.person("tablet") is None
    assert household.device("mia") is None
    assert household.band("0-3") is None


def test_defaults_are_the_safe_ones() -> None:
    household = Household()
    assert household.claimed
    assert household.new_devices.policy is model.NewDevicePolicy.ASK
    assert device().kind is DeviceKind.PERSONAL
    assert replace(device(), exempt=True).person is None


def test_frozen_names_of_the_interface() -> None:
    # Other programs read these from --json; a renamed one breaks them.
    assert [v.value for v in Verdict] == ["allow", "limit", "refuse"]
    assert all(reason.name == reason.value for reason in Reason)
    assert Decision(Verdict.ALLOW, Reason.DEFAULT).until is None


def test_a_span_in_the_doubled_hour_is_measured_in_instants() -> None:
    zone = build.home().zone
    first = datetime(2026, 10, 25, 2, 50, tzinfo=zone)
    second = datetime(2026, 10, 25, 2, 10, tzinfo=zone, fold=1)
    assert grant(start=first, until=second).until is second
    with pytest.raises(ValueError, match="ends-before-start"):
        grant(start=second, until=first)


def test_a_grant_opens_time_and_no_kind_of_site() -> None:
    assert set(LIFTS) == {k.value for k in WindowKind} - {"sites"} | {"budget"}
    assert grant().lifts == LIFTS


@pytest.mark.parametrize("text", ["de", "pt-BR", "zh-Hant", "sr-Latn-RS", "ast"])
def test_languages(text: str) -> None:
    assert Household(language=text).language == text


@pytest.mark.parametrize("text", ["", "DE", "de_DE", "de-de", "x" * 99, "d", "../en"])
def test_no_languages(text: str) -> None:
    with pytest.raises(ValueError, match="bad-language"):
        Household(language=text)


def test_the_day_changes_within_the_day() -> None:
    assert Household().day_change == 240
    assert Household(day_change=0).day_change == 0
    for minutes in (-1, 1440):
        with pytest.raises(ValueError, match="bad-day-change"):
            Household(day_change=minutes)
