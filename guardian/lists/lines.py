"""Bytes of a downloaded list into lines, within stated bounds.

Sans-IO: chunks in, lines out; gzip (also several members) is known by its first
octets, a byte-order mark and any line end are removed. What is no text list at all,
such as an error page sent with status 200, is refused as a whole.
"""

from __future__ import annotations

import re
import zlib

from guardian.core.errors import GuardianError

# The longest line of the public lists at hand has 221 octets; regexes may be longer.
LINE_MAX = 4096
CHUNK = 1 << 16
# UT1's adult list, the largest in use, has 4.6 million lines and 95 MB.
BYTES_MAX = 512 << 20
LINES_MAX = 20_000_000
_GZIP = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_FOREIGN = re.compile(
    rb"\s*(?:<(?:!doctype|html|head|body|\?xml)|[{]|\[\s*[{\"]|function\s+FindProxy)",
    re.IGNORECASE,
)
_ENDS = re.compile(rb"\r\n?|\n")


class ListError(GuardianError):
    """A list as a whole is unusable; the one before stays in force."""


class Lines:
    """Turns the chunks of one list into lines.

    `overlong` counts lines above LINE_MAX, which are skipped; `total` counts all.
    """

    def __init__(self, bytes_max: int = BYTES_MAX, lines_max: int = LINES_MAX) -> None:
        self.overlong = 0
        self.total = 0
        self._bytes_left = bytes_max
        self._lines_left = lines_max
        self._head = b""
        self._begun = False
        self._sniffed = False
        self._gzip: zlib._Decompress | None = None
        self._rest = b""
        self._skipping = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that `chunk` completes.

        Raises ListError: ``list-gzip-damaged``, ``list-not-text``, ``list-too-long``.
        """
        if not self._begun:
            self._head += chunk
            if len(self._head) < 512:
                return []
            return self._begin()
        return self._inflate(chunk)

    def finish(self) -> list[bytes]:
        """Return what the end of the file completes; errors as `feed`."""
        lines = [] if self._begun else self._begin()
        if self._gzip is not None:
            # What the last call of `decompress` held back, in bounded pieces.
            while not self._gzip.eof and (more := self._gzip.decompress(b"", CHUNK)):
                lines += self._split(more)
        if self._gzip is not None and not self._gzip.eof:
            raise ListError("list-gzip-damaged", "cut")
        rest, self._rest = self._rest, b""
        if rest and not self._skipping:
            lines += self._counted([rest.removesuffix(b"\r")])
        return lines

    def _begin(self) -> list[bytes]:
        self._begun = True
        head, self._head = self._head, b""
        if head.startswith(_GZIP):
            self._gzip = zlib.decompressobj(wbits=31)
        elif head.startswith(b"PK\x03\x04") or head.startswith(b"BZh"):
            raise ListError("list-not-text", "archive")
        return self._inflate(head)

    def _inflate(self, chunk: bytes) -> list[bytes]:
        if self._gzip is None:
            return self._split(chunk)
        lines: list[bytes] = []
        try:
            while chunk:
                if self._gzip.eof:
                    # Trailing zeros are padding; anything else is a further member.
                    chunk = chunk.lstrip(b"\0")
                    if not chunk:
                        break
                    self._gzip = zlib.decompressobj(wbits=31)
                # Bounded, or a few kilobytes of gzip become gigabytes at once.
                lines += self._split(self._gzip.decompress(chunk, CHUNK))
                chunk = self._gzip.unconsumed_tail or self._gzip.unused_data
        except zlib.error as error:
            raise ListError("list-gzip-damaged", str(error)[:80]) from None
        return lines

    def _split(self, text: bytes) -> list[bytes]:
        self._bytes_left -= len(text)
        if self._bytes_left < 0:
            raise ListError("list-too-long", "bytes")
        if not self._sniffed and text:
            self._sniffed = True
            check_text(text)
            text = text.removeprefix(_UTF8_BOM)
        text = self._rest + text
        # A CR at the end may be half of a CRLF.
        held = text.endswith(b"\r")
        if b"\r" in text:
            text = _ENDS.sub(b"\n", text[:-1] if held else text)
            if held:
                text += b"\r"
        *lines, self._rest = text.split(b"\n")
        if lines and self._skipping:
            self._skipping = False
            del lines[0]
        if len(self._rest) > LINE_MAX:
            if not self._skipping:
                self._counted([b""])
                self.overlong += 1
            self._skipping = True
            self._rest = b"\r" if held else b""
        return self._counted(lines)

    def _counted(self, lines: list[bytes]) -> list[bytes]:
        self.total += len(lines)
        self._lines_left -= len(lines)
        if self._lines_left < 0:
            raise ListError("list-too-long", "lines")
        if lines and max(map(len, lines)) > LINE_MAX:
            kept = [line for line in lines if len(line) <= LINE_MAX]
            self.overlong += len(lines) - len(kept)
            return kept
        return lines


def check_text(head: bytes) -> None:
    """Refuse what its first octets show to be no list; ListError ``list-not-text``."""
    tar = head[257:262] == b"ustar"
    if tar or head.startswith(_UTF16_BOMS) or _FOREIGN.match(head):
        raise ListError("list-not-text")
