"""Households of any size for the benchmarks.

Each child has fourteen windows, two on each day of the week's seven types; up to fifty
children, then several devices each. All are open at AFTERNOON and in bed at NIGHT.
"""

from __future__ import annotations

from typing import Any

from ..lab.guard import MACS, example

AFTERNOON = "2026-10-26T16:00"
NIGHT = "2026-10-26T23:00"
SIZES = (10, 50, 250)
CHILDREN_MAX = 50
WINDOWS = 14
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def household(devices: int) -> dict[str, Any]:
    """Return a document with that many managed devices, the tablet first.

    0: only the adults' phone and the TV.
    """
    document = example()
    adults = [p for p in document["people"] if p["role"] == "parent"]
    children = [_child(number) for number in range(min(devices, CHILDREN_MAX))]
    spared = [d for d in document["devices"] if d["id"] in ("phone", "tv")]
    document["calendar"] = {"week": dict(zip(_WEEK, _WEEK)), "days": []}
    document["people"] = adults + children
    document["devices"] = spared + [_device(number) for number in range(devices)]
    return document


def mac(number: int) -> str:
    """Return the MAC of a managed device; the first is the lab's tablet."""
    if number == 0:
        return MACS["tablet"]
    return f"02:00:5e:01:{number >> 8:02x}:{number & 255:02x}"


def _child(number: int) -> dict[str, Any]:
    windows = [
        {"id": f"{day}-{kind}", "kind": kind, "days": [day], "from": start, "to": end}
        for day in _WEEK
        for kind, start, end in (
            ("offline", "07:00", f"08:{number:02d}"),
            ("bedtime", f"20:{number:02d}", "06:30"),
        )
    ]
    return {
        "id": f"child{number}",
        "name": f"Child {number}",
        "role": "child",
        "band": "10-12",
        "windows": windows,
    }


def _device(number: int) -> dict[str, Any]:
    return {
        "id": f"device{number}",
        "name": f"Device {number}",
        "macs": [mac(number)],
        "person": f"child{number % CHILDREN_MAX}",
    }
