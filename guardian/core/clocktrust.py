"""How long an open state may last while nobody knows what time it is. Pure.

A box without a clock chip boots with a wrong time until it reaches a time server. Then
the state of before goes on for at most the time it had left: pulling WAN and power must
buy nothing. The record on flash always says what will be left at the END of the time
until the next write, so a power cut may cost up to one interval and gains none.

Whoever uses it: write before opening anything after a start, and whenever `overstates`
says so; then everything granted under an unknown clock, over any number of power cuts,
is at most what was left at the first.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from guardian.core.model import LEASE_MAX_S

# Between two writes: flash wear against what a power cut may cost.
INTERVAL_S = 300.0
KEYS_MAX = 256
KEY_MAX = 64
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Carry:
    """What is left for whom, as a record holds it.

    left_s: (person or device id, whole seconds left when the interval ends), sorted.
    written: ISO 8601, what the clock said; boot: the kernel's boot id; for people, "".
    """

    left_s: tuple[tuple[str, int], ...] = ()
    written: str = ""
    boot: str = ""

    def __post_init__(self) -> None:
        if len(self.left_s) > KEYS_MAX:
            raise ValueError("carry-too-many-keys")
        for key, left in self.left_s:
            if not isinstance(key, str) or not 0 < len(key) <= KEY_MAX:
                raise ValueError("carry-bad-key")
            if type(left) is not int or not 0 < left <= LEASE_MAX_S:
                raise ValueError("carry-bad-seconds")
        keys = [key for key, _ in self.left_s]
        if sorted(set(keys)) != keys:
            raise ValueError("carry-keys-unsorted")
        if not isinstance(self.written, str) or not isinstance(self.boot, str):
            raise ValueError("carry-bad-text")
        if len(self.written) > KEY_MAX or len(self.boot) > KEY_MAX:
            raise ValueError("carry-bad-text")


def precharge(
    open_until: Mapping[str, float],
    interval_s: float = INTERVAL_S,
    *,
    written: str = "",
    boot: str = "",
) -> Carry:
    """Return what will be left when the interval ends; whoever has nothing is left out.

    open_until: key -> seconds left now, capped at a day. Keys past the 256th (sorted)
    are dropped: they are closed after a power cut.
    """
    left: list[tuple[str, int]] = []
    for key, seconds in sorted(open_until.items()):
        # Rounded down: a fraction gained at each power cut would add up.
        rest = int(max(min(seconds, LEASE_MAX_S) - interval_s, 0.0))
        if rest > 0:
            left.append((key, rest))
    return Carry(left_s=tuple(left[:KEYS_MAX]), written=written, boot=boot)


def write_record(
    open_until: Mapping[str, float],
    interval_s: float = INTERVAL_S,
    *,
    written: str = "",
    boot: str = "",
) -> dict[str, object]:
    """Return the JSON-able record to write now; arguments as for `precharge`."""
    return to_record(precharge(open_until, interval_s, written=written, boot=boot))


def read_record(record: object) -> Mapping[str, float]:
    """Return key -> seconds that may still be granted; empty for a damaged record."""
    return {key: float(left) for key, left in from_record(record).left_s}


def to_record(carry: Carry) -> dict[str, object]:
    """Return the JSON-able form, with its checksum."""
    body: dict[str, object] = {
        "version": VERSION,
        "left_s": dict(carry.left_s),
        "written": carry.written,
        "boot": carry.boot,
    }
    return {**body, "crc32": _checksum(body)}


def from_record(record: object) -> Carry:
    """Read a record; whatever is not exactly one of ours leaves nothing to anybody.

    The checksum is against worn flash, which turns 300 seconds into 33,068 by one bit;
    it is no signature.
    """
    if not isinstance(record, dict):
        return Carry()
    body = {key: value for key, value in record.items() if key != "crc32"}
    left = body.get("left_s")
    if set(body) != {"version", "left_s", "written", "boot"}:
        return Carry()
    if body["version"] != VERSION or not isinstance(left, dict):
        return Carry()
    try:
        carry = Carry(
            left_s=tuple(sorted(left.items())),
            written=body["written"],
            boot=body["boot"],
        )
        return carry if record.get("crc32") == _checksum(body) else Carry()
    except (TypeError, ValueError):
        return Carry()


def overstates(
    recorded: Mapping[str, float],
    open_until: Mapping[str, float],
    interval_s: float = INTERVAL_S,
) -> bool:
    """Return whether the record on flash must be written anew.

    recorded: `read_record` of it. open_until: as for `precharge`, now.
    True when it promises anybody more than is left (the interval is over, a parent
    closed early), or would cost anybody over two intervals (a grant, someone new).
    """
    if any(left > open_until.get(key, 0.0) for key, left in recorded.items()):
        return True
    return any(
        min(left, LEASE_MAX_S) - recorded.get(key, 0.0) > 2 * interval_s + 1
        for key, left in open_until.items()
    )


def plausible(wall: datetime, not_before: datetime) -> bool:
    """Return whether a clock may be right: not before a moment known to be past.

    wall, not_before: aware. A wrong clock stands at 1970 or 2000, or at the last time a
    file was written; after 2100 it was set by nonsense.
    """
    return not_before <= wall < datetime(2100, 1, 1, tzinfo=timezone.utc)


def _checksum(body: Mapping[str, object]) -> int:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))
