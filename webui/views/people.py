"""People as values: age bands, roles, and what stands beside each name. Pure."""

from __future__ import annotations

import re
from typing import Any

from webui.i18n import mark

Json = dict[str, Any]
# Ids as in profiles/bands.json.
BANDS = {
    "0-5": mark("Up to 5 years"),
    "6-9": mark("6 to 9 years"),
    "10-12": mark("10 to 12 years"),
    "13-15": mark("13 to 15 years"),
    "16-17": mark("16 or 17 years"),
}
ADULT = "adult"
ROLES = {
    "parent": mark("Parent"),
    "adult": mark("Adult, no limits"),
    "carer": mark("Carer"),
    "technician": mark("Technician"),
}
NAME_MAX = 60
_MONTH = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])\Z")


def check_name(text: str) -> str | None:
    """Return what is wrong with a person's name, as a sentence to look up, or None."""
    if not text:
        return mark("Write a name.")
    if len(text) > NAME_MAX:
        return mark("That name is too long; use up to 60 letters.")
    if not text.isprintable():
        return mark("That name has signs that can't be shown.")
    return None


def check_birth(text: str) -> str | None:
    """Return what is wrong with a month of birth, as a sentence to look up, or None."""
    if text and not _MONTH.match(text):
        return mark("Write the month like 2017-05, or leave it empty.")
    return None


def who(text: str) -> Json | None:
    """Return role and band of a form's choice ("6-9", "adult"); None if neither."""
    if text in BANDS:
        return {"role": "child", "band": text}
    return {"role": "adult"} if text == ADULT else None


def find(overview: Json, key: str) -> Json | None:
    """Return a person of the overview, or None."""
    return next((p for p in overview["people"] if p["id"] == key), None)


def accounts_of(accounts: Json) -> dict[str, Json]:
    """Return the account of each person who has one."""
    return {a["person"]: a for a in accounts["accounts"] if a["person"]}
