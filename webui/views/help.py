"""Help lines as values: numbers that a phone can call, and addresses. Pure."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def lines(found: list[Json]) -> list[Json]:
    """Return help lines with numbers to call: {name, hours, url, calls}.

    calls: (number as written, number as dialled). Only https addresses are links.
    """
    return [
        {
            "name": one["name"],
            "hours": one["hours"],
            "url": one["url"] if str(one["url"]).startswith("https://") else None,
            "calls": [(number, dialled(number)) for number in one["phone"]],
        }
        for one in found
    ]


def dialled(number: str) -> str:
    """Return a number as a phone dials it (RFC 3966): digits and a leading plus."""
    plus = "+" if number.strip().startswith("+") else ""
    return plus + "".join(sign for sign in number if sign in "0123456789")
