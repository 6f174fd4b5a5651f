"""Evidence, randomised MACs, and the rule by which a device is proposed."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.core.identity import (
    CANDIDATES_MAX,
    HOSTNAME_MAX,
    OPTION55_MAX,
    VENDOR_CLASS_MAX,
    Evidence,
    Sighting,
    candidates,
    is_generic,
    is_randomised,
)

ROTATED = "da:a1:19:00:00:01"
BURNED_IN = "00:22:72:00:00:01"
MIA = Evidence(
    hostname="Mias-iPad", vendor_class="apple", option55=(1, 121, 3, 6, 15, 119, 252)
)


def seen(evidence: Evidence, mac: str = ROTATED) -> Sighting:
    return Sighting(mac=mac, evidence=evidence)


@pytest.mark.parametrize("first", range(0, 256, 2))
def test_randomised_is_the_local_bit(first: int) -> None:
    # IEEE 802: the second hex digit of a made-up unicast address is 2, 6, A or E.
    mac = f"{first:02x}:00:00:00:00:01"
    assert is_randomised(mac) == (mac[1] in "26ae")


@pytest.mark.parametrize(
    "fields", [c for n in range(4) for c in combinations("hvo", n)]
)
@pytest.mark.parametrize("mac", [ROTATED, BURNED_IN])
def test_which_combinations_propose(fields: tuple[str, ...], mac: str) -> None:
    evidence = Evidence(
        hostname=MIA.hostname if "h" in fields else "other-tablet",
        vendor_class=MIA.vendor_class if "v" in fields else "other",
        option55=MIA.option55 if "o" in fields else (1, 3, 6),
    )
    proposed = candidates(seen(evidence, mac), {"ipad": MIA})
    enough = {"h", "v", "o"} if mac == BURNED_IN else None
    wanted = set(fields) == enough if enough else "h" in fields and len(fields) > 1
    assert bool(proposed) == wanted
    if proposed:
        names = {"h": "hostname", "o": "option55", "v": "vendor_class"}
        assert proposed[0].matched == tuple(sorted(names[f] for f in fields))


def test_the_same_in_everything_comes_first_then_the_id_decides() -> None:
    other = Evidence(hostname=MIA.hostname, option55=MIA.option55)
    known = {"b": other, "a": other, "z": MIA, "none": Evidence()}
    assert [c.device for c in candidates(seen(MIA), known)] == ["z", "a", "b"]


def test_nothing_said_matches_nothing_said_of_nobody() -> None:
    assert candidates(seen(Evidence()), {"quiet": Evidence()}) == ()


def test_host_names_are_compared_whatever_their_case() -> None:
    loud = Evidence(hostname="MIAS-IPAD", option55=MIA.option55)
    assert candidates(seen(loud), {"ipad": MIA})[0].device == "ipad"


@pytest.mark.parametrize(
    "name",
    ["", "android", "Android", "localhost", "localhost.localdomain", "iPhone", "iPad-2"]
    + ["iPhone.lan", "MacBook-Pro", "unknown", "galaxy 7", "123", "-"],
)
def test_generic_names_do_not_count(name: str) -> None:
    evidence = Evidence(hostname=name, vendor_class="x", option55=(1, 3))
    assert is_generic(name)
    assert candidates(seen(evidence), {"d": evidence}) == ()


@pytest.mark.parametrize(
    "name",
    [
        "Mias-iPad",
        "DESKTOP-8KQ2J1T",
        "android-0123456789abcdef",
        "android-12345678901234",
    ]
    + ["Pixel-7-von-Ben", "iphone-of-ben"],
)
def test_names_of_one_device_count(name: str) -> None:
    assert not is_generic(name)


def test_proposals_are_bounded() -> None:
    known = {f"d{n}": MIA for n in range(100)}
    assert len(candidates(seen(MIA), known)) == CANDIDATES_MAX


@pytest.mark.parametrize(
    "fields",
    [
        {"hostname": "x" * (HOSTNAME_MAX + 1)},
        {"hostname": "a\nb"},
        {"hostname": 7},
        {"vendor_class": "x" * (VENDOR_CLASS_MAX + 1)},
        {"vendor_class": "\x1b[2J"},
        {"option55": (1,) * (OPTION55_MAX + 1)},
        {"option55": (0,)},
        {"option55": (255,)},
        {"option55": (True,)},
        {"option55": ("1",)},
        {"option55": 7},
    ],
)
def test_invalid_evidence_cannot_be_made(fields: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        Evidence(**fields)  # type: ignore[arg-type]


@given(
    st.text(max_size=400), st.text(max_size=400), st.lists(st.integers(), max_size=90)
)
def test_foreign_values_always_become_evidence(
    hostname: str, vendor_class: str, codes: list[int]
) -> None:
    made = Evidence.clean(hostname, vendor_class, codes)
    assert len(made.hostname) == min(len(hostname), HOSTNAME_MAX)
    assert made == Evidence.clean(made.hostname, made.vendor_class, made.option55)


def test_an_empty_field_does_not_wipe_what_was_known() -> None:
    later = Evidence(hostname="Bens-iPad")
    assert MIA.updated(Evidence()) == MIA
    assert MIA.updated(later) == Evidence(
        hostname="Bens-iPad", vendor_class="apple", option55=MIA.option55
    )
