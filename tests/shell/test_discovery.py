"""What the LAN has shown: bounded, kept where it may be, silent about names."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from guardian.core.events import CandidatesFound
from guardian.core.identity import Evidence
from guardian.core.model import Household
from guardian.shell.discovery import ADDRESSES_MAX, SIGHTINGS_MAX, Discovery
from guardian.wire.dhcp_event import DhcpAction, DhcpEvent
from tests.build import TABLET, device, home, mac

PAD = Evidence(
    hostname="mias-pad", vendor_class="android-dhcp-14", option55=(1, 3, 6, 15)
)
ROTATED = mac(50)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "evidence.json"


@pytest.fixture(autouse=True)
def silence(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Hold after each test that nothing of a host's name was logged."""
    with caplog.at_level(logging.DEBUG):
        yield
    assert "mias-pad" not in caplog.text


def event(
    address: str, evidence: Evidence = PAD, action: DhcpAction = DhcpAction.ADD
) -> DhcpEvent:
    return DhcpEvent(
        action=action,
        mac=address,
        address="192.168.1.20",
        ifname="br-lan",
        evidence=evidence,
    )


def test_a_sighting_grows(path: Path) -> None:
    found = Discovery(path)
    assert found.view(mac(1)) is None and found.views() == []
    found.saw_address(mac(1), "192.168.1.20", "br-lan", 100.0)
    found.saw_address(mac(1), "fd00::20", "br-lan", 160.9)
    found.saw_dhcp(event(mac(1)), home(), 200.0)
    assert found.view(mac(1)) == {
        "mac": mac(1),
        "interface": "br-lan",
        "addresses": ["fd00::20", "192.168.1.20"],
        "hostname": "mias-pad",
        "vendor_class": "android-dhcp-14",
        "option55": [1, 3, 6, 15],
        "vendor": None,
        "randomised": True,
        "first_seen": 100,
        "last_seen": 200,
    }


def test_later_events_take_nothing_away(path: Path) -> None:
    found = Discovery(path)
    found.saw_dhcp(event(ROTATED), home(), 1.0)
    # A restarted dnsmasq tells the host name and nothing else.
    known = Evidence(hostname="mias-pad")
    found.saw_dhcp(event(ROTATED, known, DhcpAction.OLD), home(), 2.0)
    view = found.view(ROTATED)
    assert view and view["option55"] == [1, 3, 6, 15]


def test_newest_first(path: Path) -> None:
    found = Discovery(path)
    for number, now in ((1, 10.0), (2, 30.0), (3, 20.0)):
        found.saw_address(mac(number), f"192.168.1.{number}", "br-lan", now)
    assert [view["mac"] for view in found.views()] == [mac(2), mac(3), mac(1)]
    assert set(found.macs()) == {mac(1), mac(2), mac(3)}


def test_a_flood_of_addresses_and_macs_is_bounded(path: Path) -> None:
    found = Discovery(path)
    for number in range(200):
        found.saw_address(mac(1), f"fd00::{number:x}", "br-lan", float(number))
    view = found.view(mac(1))
    assert view and len(view["addresses"]) == ADDRESSES_MAX
    assert view["addresses"][0] == "fd00::c7"
    for number in range(SIGHTINGS_MAX + 100):
        found.saw_dhcp(event(mac(1000 + number)), home(), 1000.0 + number)
    assert len(found.views()) == len(found.macs()) == SIGHTINGS_MAX
    assert found.view(mac(1)) is None
    assert found.view(mac(1000 + SIGHTINGS_MAX + 99)) is not None
    assert not path.exists()


def test_only_evidence_of_assigned_devices_is_kept(path: Path) -> None:
    found = Discovery(path)
    found.saw_dhcp(event(mac(77), replace(PAD, hostname="guest")), home(), 1.0)
    assert not path.exists()
    assert found.saw_dhcp(event(mac(1)), home(), 2.0) == [CandidatesFound(mac(1), ())]
    kept = json.loads(path.read_text())
    assert kept == {
        "tablet": {
            "hostname": "mias-pad",
            "vendor_class": "android-dhcp-14",
            "option55": [1, 3, 6, 15],
        }
    }
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_same_evidence_is_not_written_twice(path: Path) -> None:
    found = Discovery(path)
    found.saw_dhcp(event(mac(1)), home(), 1.0)
    path.unlink()
    found.saw_dhcp(event(mac(1)), home(), 2.0)
    assert not path.exists()


def test_a_rotated_address_is_a_candidate_also_after_a_restart(path: Path) -> None:
    Discovery(path).saw_dhcp(event(mac(1)), home(), 1.0)
    found = Discovery(path)
    assert found.views() == []
    assert found.saw_dhcp(event(ROTATED), home(), 2.0) == [
        CandidatesFound(ROTATED, ("mia",))
    ]
    stranger = replace(PAD, hostname="guests-pad")
    assert found.saw_dhcp(event(mac(51), stranger), home(), 3.0) == [
        CandidatesFound(mac(51), ())
    ]


def test_a_candidate_ends_with_the_assignment(path: Path) -> None:
    found = Discovery(path)
    found.saw_dhcp(event(mac(1)), home(), 1.0)
    found.saw_dhcp(event(ROTATED), home(), 2.0)
    joined = replace(TABLET, macs=(ROTATED, *TABLET.macs))
    household = home(devices=(joined,))
    assert found.match([ROTATED, mac(99)], household) == [CandidatesFound(ROTATED, ())]


def test_a_device_assigned_after_it_was_seen_is_kept_by_a_match(path: Path) -> None:
    found = Discovery(path)
    found.saw_dhcp(event(mac(60)), home(), 1.0)
    household = home(devices=(device("pad", 60, "tom"),))
    found.match(found.macs(), household)
    assert list(json.loads(path.read_text())) == ["pad"]
    assert Discovery(path).saw_dhcp(event(ROTATED), household, 2.0) == [
        CandidatesFound(ROTATED, ("tom",))
    ]


def test_evidence_of_what_is_no_longer_a_persons_names_nobody(path: Path) -> None:
    found = Discovery(path)
    found.saw_dhcp(event(mac(1)), home(), 1.0)
    exempt = replace(TABLET, person=None, exempt=True)
    for household in (home(devices=()), home(devices=(exempt,)), Household()):
        assert found.saw_dhcp(event(ROTATED), household, 2.0) == [
            CandidatesFound(ROTATED, ())
        ]


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"tablet": 7}',
        b'{"tablet": {}}',
        b'{"tablet": {"hostname": "x", "vendor_class": "y", "option55": 7}}',
        b'{"tablet": {"hostname": 1, "vendor_class": "", "option55": []}}',
        b'{"tablet": {"hostname": "a\\nb", "vendor_class": "", "option55": []}}',
        b'{"tablet": {"hostname": "", "vendor_class": "", "option55": [300]}}',
        b'{"tablet": {"hostname": "mias-pad", "vendor',
        b"[" * 100_000,
    ],
    ids=range(12),
)
def test_a_damaged_file_is_gathered_again(path: Path, damaged: bytes) -> None:
    path.write_bytes(damaged)
    found = Discovery(path)
    found.saw_dhcp(event(mac(1)), home(), 1.0)
    assert Discovery(path).saw_dhcp(event(ROTATED), home(), 2.0) == [
        CandidatesFound(ROTATED, ("mia",))
    ]


def test_the_vendor_of_a_makers_own_address(path: Path) -> None:
    found = Discovery(path)
    # RFC 7042: 00-00-5E is IANA's own block, in every copy of the registry.
    found.saw_address("00:00:5e:00:53:01", "192.168.1.7", "br-lan", 1.0)
    (view,) = found.views()
    assert view["randomised"] is False
    assert view["vendor"] is None or "ICANN" in view["vendor"].upper()


def test_a_proposal_says_in_what_it_is_equal(path: Path) -> None:
    found = Discovery(path)
    found.saw_dhcp(event(mac(1)), home(), 1.0)
    assert found.likely(mac(1), home()) == [], "it is assigned"
    found.saw_dhcp(event(ROTATED), home(), 2.0)
    assert found.likely(ROTATED, home()) == [
        {
            "person": "mia",
            "device": "tablet",
            "why": ["hostname", "option55", "vendor_class"],
        }
    ]
    assert found.likely(mac(99), home()) == []
    assert found.likely(ROTATED, home(devices=())) == []


def test_who_was_seen_lately(path: Path) -> None:
    found = Discovery(path)
    found.saw_address(mac(1), "192.168.1.20", "br-lan", 100.0)
    found.saw_address(mac(2), "192.168.1.21", "br-lan", 200.0)
    assert found.since(200.0) == {mac(2)}
    assert found.since(100.0) == {mac(1), mac(2)}
    assert found.since(200.1) == frozenset()
