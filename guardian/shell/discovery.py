"""Which devices the LAN has shown: addresses, DHCP evidence, likely owners.

In memory and bounded: a child that floods MACs neither fills the flash nor grows the
daemon. Only evidence of assigned devices is kept in a file, so that a rotated address
is recognised after a restart. Names of hosts never reach the log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from guardian.core.events import CandidatesFound
from guardian.core.identity import Evidence, Sighting, candidates, is_randomised
from guardian.core.model import Household
from guardian.shell import oui
from guardian.store.atomic import write_atomic
from guardian.wire.dhcp_event import DhcpEvent

SIGHTINGS_MAX = 512
ADDRESSES_MAX = 16


class Discovery:
    """Sightings by MAC, and the evidence of assigned devices.

    path: where evidence is kept between runs.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sightings: dict[str, Sighting] = {}
        self._evidence = _read(path)
        self._vendors: dict[str, str | None] = {}

    def saw_address(self, mac: str, address: str, ifname: str, now: float) -> None:
        """Note that a MAC used an address. now: POSIX seconds."""
        known = self._sighting(mac, ifname, now)
        addresses = (address, *(a for a in known.addresses if a != address))
        self._sightings[mac] = replace(
            known, addresses=addresses[:ADDRESSES_MAX], last_seen=now
        )

    def saw_dhcp(
        self, event: DhcpEvent, household: Household, now: float
    ) -> list[CandidatesFound]:
        """Note what a device said of itself; returns whose it may be."""
        known = self._sighting(event.mac, event.ifname, now)
        self._sightings[event.mac] = replace(
            known, evidence=known.evidence.updated(event.evidence), last_seen=now
        )
        return self.match([event.mac], household)

    def match(self, macs: Iterable[str], household: Household) -> list[CandidatesFound]:
        """Return for each MAC the people whose device it may be; keeps new evidence."""
        owners = {m: d for d in household.devices for m in d.macs}
        found: list[CandidatesFound] = []
        for mac in macs:
            seen = self._sightings.get(mac)
            if seen is None:
                continue
            if mac in owners:
                self._keep(owners[mac].id, seen.evidence)
                found.append(CandidatesFound(mac, ()))
                continue
            people = {d.id: d.person for d in household.devices if d.person}
            known = {i: e for i, e in self._evidence.items() if i in people}
            likely = [people[c.device] for c in candidates(seen, known)]
            found.append(CandidatesFound(mac, tuple(sorted({p for p in likely if p}))))
        return found

    def likely(self, mac: str, household: Household) -> list[dict[str, Any]]:
        """Return whose device an unassigned MAC may be, the likeliest first.

        person, device: ids; why: in what they are equal ("hostname", "option55",
        "vendor_class"). Words of the devices themselves, so this proposes and decides
        nothing.
        """
        seen = self._sightings.get(mac)
        people = {d.id: d.person for d in household.devices if d.person}
        if seen is None or any(mac in d.macs for d in household.devices):
            return []
        known = {i: e for i, e in self._evidence.items() if i in people}
        return [
            {"person": people[c.device], "device": c.device, "why": list(c.matched)}
            for c in candidates(seen, known)
        ]

    def since(self, seconds: float) -> frozenset[str]:
        """Return the MACs seen at or after an instant, POSIX seconds."""
        return frozenset(
            mac for mac, seen in self._sightings.items() if seen.last_seen >= seconds
        )

    def views(self) -> list[dict[str, Any]]:
        """Return every sighting as plain values, newest first."""
        ordered = sorted(self._sightings.values(), key=lambda s: -s.last_seen)
        return [self._view(s) for s in ordered]

    def view(self, mac: str) -> dict[str, Any] | None:
        """Return one sighting, or None."""
        seen = self._sightings.get(mac)
        return None if seen is None else self._view(seen)

    def macs(self) -> tuple[str, ...]:
        """Return every MAC seen."""
        return tuple(self._sightings)

    def _view(self, seen: Sighting) -> dict[str, Any]:
        if seen.mac not in self._vendors:
            if len(self._vendors) > SIGHTINGS_MAX:
                self._vendors.clear()
            self._vendors[seen.mac] = oui.vendor(seen.mac)
        return {
            "mac": seen.mac,
            "interface": seen.ifname,
            "addresses": list(seen.addresses),
            "hostname": seen.evidence.hostname or None,
            "vendor_class": seen.evidence.vendor_class or None,
            "option55": list(seen.evidence.option55),
            "vendor": self._vendors[seen.mac],
            "randomised": is_randomised(seen.mac),
            "first_seen": int(seen.first_seen),
            "last_seen": int(seen.last_seen),
        }

    def _sighting(self, mac: str, ifname: str, now: float) -> Sighting:
        known = self._sightings.get(mac)
        if known is None:
            if len(self._sightings) >= SIGHTINGS_MAX:
                oldest = min(self._sightings.values(), key=lambda s: s.last_seen)
                del self._sightings[oldest.mac]
            known = Sighting(
                mac=mac,
                ifname=ifname,
                addresses=(),
                evidence=Evidence(),
                first_seen=now,
                last_seen=now,
            )
            self._sightings[mac] = known
        return known

    def _keep(self, device: str, evidence: Evidence) -> None:
        evidence = self._evidence.get(device, Evidence()).updated(evidence)
        if self._evidence.get(device, Evidence()) == evidence:
            return
        self._evidence[device] = evidence
        if len(self._evidence) > SIGHTINGS_MAX:
            del self._evidence[next(iter(self._evidence))]
        document = {
            device: {
                "hostname": e.hostname,
                "vendor_class": e.vendor_class,
                "option55": list(e.option55),
            }
            for device, e in sorted(self._evidence.items())
        }
        write_atomic(self._path, json.dumps(document).encode())


def _read(path: Path) -> dict[str, Evidence]:
    """Return kept evidence; a damaged file is none, it is gathered again."""
    try:
        document = json.loads(path.read_bytes())
        return {
            str(device): Evidence(
                hostname=e["hostname"],
                vendor_class=e["vendor_class"],
                option55=tuple(e["option55"]),
            )
            for device, e in document.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
