"""Host names and resolvers as people write them, made into the one form of the rules.

A name becomes lower-case A-labels without a final dot and stands for itself with all
below it, so that a leading `*.` says nothing more. Length and letters: RFC 1035 2.3.4,
RFC 5890; Unicode as in UTS 46, non-transitional, as far as the standard library's
tables go. Every refusal is a ValueError("code: detail"); nothing is looked up.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata

# RFC 1035 2.3.4 allows 255 octets on the wire: 253 characters of text.
LENGTH_MAX = 253
# A parent's list for one child; a filter of thousands of names is a list's work.
NAMES_MAX = 2000
DNS_PORT = 53
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
# One label alone is a whole top-level domain; a top label of digits is an address.
_NAME = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?\Z")
_ANY_DOT = re.compile("[\u3002\uff0e\uff61]")
# UTS 46 section 7: letters that casefold would lose, valid in IDNA 2008.
_KEPT = "\u00df\u03c2\u200c\u200d"
_JOINERS = "-_\u00b7\u30fb\u0375\u05f3\u05f4\u200c\u200d"
_IN_LABELS = ("Ll", "Lm", "Lo", "Mn", "Mc", "Nd")
# IFNAMSIZ is 16 with the final NUL (linux/if.h).
_RESOLVER = re.compile(
    r"(?P<address>[0-9A-Fa-f.:]{2,45})(?P<scope>%[A-Za-z0-9_.-]{1,15})?"
    r"(?:#(?P<port>[0-9]{1,5}))?\Z",
    re.ASCII,
)


def parse_host(text: str) -> str:
    """Return the name that a rule holds; ValueError("bad-hostname: ...") otherwise.

    A lone label is refused: it would be a whole top-level domain.
    """
    if not isinstance(text, str):
        raise ValueError("bad-hostname: not text")
    # Punycode makes no name shorter; what is longer is not even looked at.
    if len(text) > LENGTH_MAX + 3:
        raise ValueError(f"bad-hostname: {len(text)} characters")
    name = text.strip(" ").removesuffix(".").removeprefix("*").removeprefix(".")
    if not name.isascii():
        try:
            name = a_labels(name)
        except ValueError:
            raise _bad(text) from None
    name = name.lower()
    if len(name) > LENGTH_MAX or not _NAME.match(name):
        raise _bad(text)
    return name


def parse_resolver(text: str) -> str:
    """Return "ADDRESS#PORT" of an address with or without a port.

    Raises ValueError("bad-server: ...").
    """
    match = _RESOLVER.match(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"bad-server: {_shown(text)}")
    port = int(match["port"] or DNS_PORT)
    try:
        address = ipaddress.ip_address(match["address"] + (match["scope"] or ""))
    except ValueError:
        raise ValueError(f"bad-server: {_shown(text)}") from None
    if address.is_multicast or address.is_unspecified or not 0 < port < 1 << 16:
        raise ValueError(f"bad-server: {_shown(text)}")
    return f"{address}#{port}"


def check_hosts(names: tuple[str, ...]) -> None:
    """Raise ValueError unless these are checked names, sorted, each once."""
    if len(names) > NAMES_MAX:
        raise ValueError(f"too-many-names: {len(names)}, at most {NAMES_MAX}")
    if tuple(sorted(set(names))) != names:
        raise ValueError("names-unsorted")
    for name in names:
        if parse_host(name) != name:
            raise _bad(name)


def a_labels(text: str) -> str:
    """Return a name with its U-labels as A-labels (RFC 3492, RFC 5890 2.3.2.1).

    Raises ValueError for characters that no label may hold.
    """
    return ".".join(map(_a_label, _ANY_DOT.sub(".", text).split(".")))


def _a_label(label: str) -> str:
    if label.isascii():
        return label
    folded = "".join(c if c in _KEPT else c.casefold() for c in label)
    mapped = unicodedata.normalize("NFKC", folded)
    # Some single characters, like U+2488, hold a dot: no label does.
    if "." in mapped:
        raise ValueError("bad-label")
    if mapped.isascii():
        return mapped
    kinds = [unicodedata.category(char) for char in mapped]
    if kinds[0] in ("Mn", "Mc") or not all(
        kind in _IN_LABELS or char in _JOINERS for kind, char in zip(kinds, mapped)
    ):
        raise ValueError("bad-label")
    return "xn--" + mapped.encode("punycode").decode()


def _bad(text: str) -> ValueError:
    return ValueError(f"bad-hostname: {_shown(text)}")


def _shown(text: object) -> str:
    """Return the start of a foreign value, printable."""
    start = text[:60] if isinstance(text, str) else type(text).__name__
    return "".join(c if c.isprintable() else "?" for c in start)
