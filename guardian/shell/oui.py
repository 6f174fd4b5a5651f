"""The maker of a network card, from the OUI data the system has.

The registry is 5 MB of text and is asked a few times a day: it is streamed at each
question and never kept. No data, no answer; nothing is fetched from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from guardian.core.identity import is_randomised

# Debian ieee-data and hwdata; nmap's file has its own form.
TEXT_FILES = (
    Path("/usr/share/ieee-data/oui.txt"),
    Path("/usr/share/hwdata/oui.txt"),
    Path("/usr/share/nmap/nmap-mac-prefixes"),
)
# Makers that got a part of a block only: 28 and 36 bits (MA-M, MA-S).
CSV_FILES = (
    Path("/usr/share/ieee-data/mam.csv"),
    Path("/usr/share/ieee-data/oui36.csv"),
)
# In the 24-bit registry the owner of a shared block is the registry itself.
_SHARED = "IEEE Registration Authority"
_CHUNK = 128 * 1024
_NAME_MAX = 64


def vendor(
    mac: str,
    text_files: Sequence[Path] = TEXT_FILES,
    csv_files: Sequence[Path] = CSV_FILES,
) -> str | None:
    """Return who made the card of a MAC; None if unknown, private or made up.

    mac: lower-case colon form. A shared block is "IEEE Registration Authority" only
    where the finer registries are missing; then the answer is None.
    """
    if is_randomised(mac):
        return None
    digits = mac.replace(":", "").upper()
    for path in text_files:
        for line in _lines(path, digits[:6].encode()):
            name = _text_name(line)
            if name == _SHARED:
                return _finer(digits, csv_files)
            if name:
                return None if name.casefold() == "private" else name[:_NAME_MAX]
    return None


def _finer(digits: str, files: Sequence[Path]) -> str | None:
    for path in files:
        for size in (9, 7):
            # registry,assignment,organisation,address; quoted where it holds a comma.
            key = f",{digits[:size]},".encode()
            for line in _lines(path, key, inside=True):
                rest = line.split(",", 2)[2]
                if rest.startswith('"'):
                    name = rest[1:].split('"', 1)[0]
                else:
                    name = rest.split(",", 1)[0]
                return name.strip()[:_NAME_MAX] or None
    return None


def _text_name(line: str) -> str:
    """Return the name in `001122     (base 16)\\t\\tName` or nmap's `001122 Name`."""
    rest = line[6:].strip()
    return rest.removeprefix("(base 16)").strip() if line[6:7] in " \t" else ""


def _lines(path: Path, key: bytes, *, inside: bool = False) -> Iterator[str]:
    """Yield the lines that begin with a key, or hold it anywhere; reads in pieces."""
    needle = key if inside else b"\n" + key
    with suppress(OSError), path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            # Each piece ends with a line, so that none is torn.
            chunk = b"\n" + chunk + file.readline()
            at = chunk.find(needle)
            while at >= 0:
                start = chunk.rfind(b"\n", 0, at + 1) + 1
                stop = chunk.find(b"\n", start)
                stop = stop if stop >= 0 else len(chunk)
                yield chunk[start:stop].decode("utf-8", "replace").rstrip("\r")
                at = chunk.find(needle, stop)
