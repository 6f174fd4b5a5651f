"""Why a new password is refused, in words that say what to do."""

from __future__ import annotations

from webui.i18n import gettext, mark

_SENTENCES = {
    "password-short": mark("Use at least 8 signs. Three words in a row are good."),
    "password-long": mark("That is too long; use up to 256 signs."),
    "password-common": mark(
        "That password is among the first that anyone tries. Three words are better."
    ),
}


def weakness(code: str) -> str:
    """Return what somebody reads of a code of `webui.passwords.weakness`."""
    return gettext(_SENTENCES[code])
