"""What a device shows of itself, and whose it may be when its address is new.

A device is its MAC; a randomised MAC rotates. Evidence (DHCP host name, vendor class,
parameter list) only ever *proposes* "this looks like Mia's tablet": nothing here links
an address to a device. Evidence is the device's own word and can be forged, so whoever
acts on a proposal must never give more than a new device would get.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# RFC 1035 2.3.4: a label has at most 63 octets; DHCP names are one label, cut there.
HOSTNAME_MAX = 63
# RFC 2132 9.13 allows 255; real ones ("android-dhcp-14", "MSFT 5.0") have under 40.
VENDOR_CLASS_MAX = 64
# RFC 2132 9.8: codes 1..254, one octet each; no client asks for more than about 50.
OPTION55_MAX = 64
CANDIDATES_MAX = 8

# Names that many devices share: what systems send when nobody named the device, or
# (iOS since 16, Android since 10) instead of the name its owner gave it.
_GENERIC = frozenset(
    "amazon android chromebook computer debian desktop device esp esp32 fedora galaxy"
    " generic host ipad iphone ipod kali laptop linux localhost mac macbook macbookair"
    " macbookpro notebook openwrt pc phone raspberrypi samsung smartphone tablet ubuntu"
    " udhcp unknown user watch windows xiaomi".split()
)
# A host name alone never counts, so its weight only orders proposals.
_WEIGHTS = {"hostname": 4, "option55": 2, "vendor_class": 1}


def is_randomised(mac: str) -> bool:
    """Return whether a MAC was made up by its device, not given by a maker.

    mac: lower-case colon form. Source: IEEE 802-2014 8.2.2, the U/L bit is bit 1 of the
    first octet; phones and virtual machines set it.
    """
    return bool(int(mac[:2], 16) & 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a device said of itself by DHCP; empty where it said nothing.

    hostname: option 12; vendor_class: option 60; option55: the codes it asked for, in
    its order. Printable, bounded; ValueError or TypeError otherwise.
    """

    hostname: str = ""
    vendor_class: str = ""
    option55: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _check_text("hostname", self.hostname, HOSTNAME_MAX)
        _check_text("vendor-class", self.vendor_class, VENDOR_CLASS_MAX)
        if len(self.option55) > OPTION55_MAX:
            raise ValueError("option55-too-long")
        for code in self.option55:
            if type(code) is not int or not 0 < code < 255:
                raise ValueError("option55-bad-code")

    @classmethod
    def clean(
        cls, hostname: str = "", vendor_class: str = "", option55: Iterable[int] = ()
    ) -> Evidence:
        """Make evidence of foreign values: cut, made printable, bad codes left out."""
        codes = [code for code in option55 if 0 < code < 255]
        return cls(
            hostname=_printable(hostname, HOSTNAME_MAX),
            vendor_class=_printable(vendor_class, VENDOR_CLASS_MAX),
            option55=tuple(codes[:OPTION55_MAX]),
        )

    def updated(self, newer: Evidence) -> Evidence:
        """Return `newer`, with its empty fields as they were here.

        dnsmasq's "old" events after a restart carry the host name and nothing else.
        """
        return Evidence(
            hostname=newer.hostname or self.hostname,
            vendor_class=newer.vendor_class or self.vendor_class,
            option55=newer.option55 or self.option55,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One MAC as the LAN has shown it.

    addresses: newest first. first_seen, last_seen: POSIX seconds.
    """

    mac: str
    ifname: str = ""
    addresses: tuple[str, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    first_seen: float = 0.0
    last_seen: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A device that a sighting may be.

    score: 5 to 7, for order only. matched: names of equal `Evidence` fields, sorted.
    """

    device: str
    score: int
    matched: tuple[str, ...]


def candidates(seen: Sighting, known: Mapping[str, Evidence]) -> tuple[Candidate, ...]:
    """Return the devices that `seen` may be, likeliest first; at most eight.

    known: device id -> the evidence kept of it.
    The rule: the host names are equal (whatever the case) and not generic, and at least
    one of parameter list and vendor class is equal too. If the MAC is a maker's own,
    which does not rotate, all three must be equal (a dock, a cloned address).
    """
    found: list[Candidate] = []
    for device, evidence in known.items():
        matched = _matched(seen.evidence, evidence)
        needed = 2 if is_randomised(seen.mac) else 3
        if "hostname" in matched and len(matched) >= needed:
            score = sum(_WEIGHTS[name] for name in matched)
            found.append(Candidate(device, score, matched))
    found.sort(key=lambda c: (-c.score, c.device))
    return tuple(found[:CANDIDATES_MAX])


def is_generic(hostname: str) -> bool:
    """Return whether a host name says nothing about which device it is.

    Numbers behind a generic word ("iphone-2", "Galaxy 7") are the router's or the
    model's, not a person's; the 16 digits of "android-0123456789abcdef" are the
    device's own and do count.
    """
    label = hostname.split(".", 1)[0].casefold()
    word = re.sub(r"[-_ ]?\d{0,4}\Z", "", label)
    return not word or word.replace("-", "").replace("_", "") in _GENERIC


def _matched(one: Evidence, other: Evidence) -> tuple[str, ...]:
    same: list[str] = []
    if one.hostname.casefold() == other.hostname.casefold():
        if not is_generic(one.hostname):
            same.append("hostname")
    if one.option55 and one.option55 == other.option55:
        same.append("option55")
    if one.vendor_class and one.vendor_class == other.vendor_class:
        same.append("vendor_class")
    return tuple(same)


def _check_text(code: str, text: str, limit: int) -> None:
    if not isinstance(text, str):
        raise TypeError(f"{code}-not-text")
    if len(text) > limit:
        raise ValueError(f"{code}-too-long")
    if not text.isprintable():
        raise ValueError(f"{code}-unprintable")


def _printable(text: str, limit: int) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:limit])
