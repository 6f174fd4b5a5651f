"""Languages: gettext catalogues, and which language a request gets.

Every sentence is looked up whole, with named placeholders; nothing is glued together.
"""

from __future__ import annotations

import gettext as stdlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import g, has_request_context

LOCALES = Path(__file__).with_name("locale")
SOURCE = "en"
# Written from right to left (Unicode CLDR, layout orientation).
RTL = frozenset({"ar", "fa", "he", "ur", "ar-XB"})


@lru_cache(maxsize=16)
def catalogue(language: str) -> stdlib.NullTranslations:
    """Return a language's catalogue; the source language for one that is not there."""
    return stdlib.translation(
        "guardian", LOCALES, [language.replace("-", "_")], fallback=True
    )


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Return the languages there are, the source language first."""
    found = sorted(
        path.parent.parent.name.replace("_", "-")
        for path in LOCALES.glob("*/LC_MESSAGES/guardian.mo")
    )
    return (SOURCE, *found)


# Each language by its own name, as somebody looks for it who reads no other.
_ENDONYMS = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}


def endonym(tag: str) -> str:
    """Return a language's own name, its tag for one without."""
    return _ENDONYMS.get(tag, tag)


def language() -> str:
    """Return the language of this request."""
    if has_request_context():
        return str(getattr(g, "language", SOURCE))
    return SOURCE


def choose(wanted: str, accepted: str = "") -> str:
    """Return the household's language where it is shipped, else the browser's.

    accepted: an Accept-Language header (RFC 9110 12.5.4); weights are taken in the
    order in which they stand, as browsers send them sorted.
    """
    known = languages()
    if wanted in known:
        return wanted
    for part in accepted[:200].split(","):
        tag = part.partition(";")[0].strip()
        for candidate in (tag, tag.partition("-")[0]):
            if candidate in known:
                return candidate
    return SOURCE


def gettext(message: str, /, **values: Any) -> str:
    """Return a sentence in the request's language, with its values filled in."""
    text = catalogue(language()).gettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, n: int, /, **values: Any) -> str:
    """Return the sentence for a number in the request's language."""
    text = catalogue(language()).ngettext(one, many, n)
    return text % {"num": n, **values}


def mark(message: str) -> str:
    """Return the sentence unchanged, for a table whose entries are looked up later."""
    return message


def direction() -> str:
    """Return "rtl" or "ltr" for the request's language."""
    return "rtl" if language() in RTL else "ltr"
