"""A language of no country: English, 40 % longer, read from right to left.

What is cut off in it would be cut off in German or in Arabic; what stays English is no
sentence of a catalogue.
"""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

LANGUAGE = "ar-XB"
ROOT = Path(__file__).resolve().parents[2]
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trim_blocks": "1", "lstrip_blocks": "1"}}
KEYWORDS = {
    "_": None,
    "mark": None,
    "gettext": None,
    "ngettext": (1, 2),
}
# Placeholders and marks of HTML stay as they are.
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]+>)")
_LETTERS = str.maketrans("aeioucnAEIOUCN", "áéíóúçñÁÉÍÓÚÇÑ")
# U+200F RIGHT-TO-LEFT MARK (UAX #9): a sentence that begins with it reads that way.
_MARK = "\u200f"


def pseudo(text: str) -> str:
    """Return a sentence as the pseudo-language has it."""
    parts = [
        part if number % 2 else part.translate(_LETTERS)
        for number, part in enumerate(_KEPT.split(text))
    ]
    return _MARK + "".join(parts) + " " + "~" * (len(text) * 2 // 5)


def sentences() -> list[str | tuple[str, str]]:
    """Return every sentence of the pages, singular and plural where there are two."""
    found = extract_from_dir(
        ROOT / "webui", METHODS, OPTIONS, KEYWORDS, strip_comment_tags=True
    )
    return [message for _, _, message, _, _ in found]  # type: ignore[misc]


def write(folder: Path) -> None:
    """Write the catalogue below a locale folder."""
    made = Catalog(locale="en")
    for message in sentences():
        if isinstance(message, tuple):
            made.add(message, tuple(map(pseudo, message)))
        else:
            made.add(message, pseudo(message))
    path = folder / LANGUAGE.replace("-", "_") / "LC_MESSAGES" / "guardian.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        write_mo(out, made)
