"""One line of a list into names and what is claimed of them, or the reason for none.

Reads domains, hosts, wildcards, the DNS part of adblock rules, dnsmasq, unbound, RPZ
and v2fly, told apart line by line. It never widens what a line says: a rule with a
path, a modifier or a regular expression is dropped and counted, not bent into a name.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any

from guardian.lists.names import NAME_MAX, NameSyntaxError, decode, parse_name


class Claim(IntEnum):
    """What a line says of a name.

    LISTED: that it is listed; exact or with what is below, as the catalogue knows.
    EXCEPT and EXCEPT_EXACT take the name out of the same list.
    """

    LISTED = 0
    SUFFIX = 1
    EXACT = 2
    EXCEPT = 3
    EXCEPT_EXACT = 4


Entry = tuple[Claim, bytes]
# Not counted as rejected: they claim nothing.
SILENT = frozenset(("blank", "comment", "directive", "local"))

_LABEL = rb"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
# Not an address glued to a name, which `parse_name` knows as well.
_PLAIN = re.compile(
    rb"(?![0-9]+(?:\.[0-9]+){3}[a-z_-])(?:"
    + _LABEL
    + rb"\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)
_ADDRESS = rb"(?:0\.0\.0\.0|127\.0\.0\.\d{1,3}|::1?|0)"
_HOST = re.compile(_ADDRESS + rb"[ \t]+(" + _PLAIN.pattern + rb")")
_SINK = re.compile(rb"(?:" + _ADDRESS + rb"|#)?")
# From the first blank of a run only, or a run without a remark costs its square.
_REMARK = re.compile(rb"(?<![ \t])[ \t]+(?:#|//|;).*")
_NUMERIC = re.compile(rb"[0-9a-fA-F.:]+(?:%\w+)?(?:/\d{1,3})?")
_ASN = re.compile(rb"AS\d+\b", re.IGNORECASE)
_LOCAL = frozenset(
    b"localhost localhost.localdomain local broadcasthost 0.0.0.0 ip6-localhost "
    b"ip6-loopback ip6-localnet ip6-mcastprefix ip6-allnodes ip6-allrouters "
    b"ip6-allhosts".split()
)
_DNSMASQ = re.compile(rb"(server|address|local|[a-z-]+)=(.*)")
_ZONE = re.compile(rb'local-zone:\s*"?([^"\s]+)"?\s+"?(\w+)"?')
_DATA = re.compile(
    rb"""local-data:\s*["']\s*(\S+)\s+(?:IN\s+)?(?:A|AAAA)\s+(\S+)["']"""
)
# unbound.conf(5): the zone types that answer with nothing or a refusal.
_CLOSED = frozenset(
    b"always_nxdomain always_null always_refuse always_nodata always_deny "
    b"static refuse deny redirect inform_deny".split()
)
_RPZ = re.compile(
    rb"(\S+)(?:\s+\d+)?(?:\s+IN)?\s+(CNAME|A|AAAA)\s+(\S+)(?:\s*;.*)?", re.IGNORECASE
)
_ZONE_FILE = re.compile(
    rb"\$|(?:\S+)?(?:\s+\d+)?(?:\s+IN)?\s+(?:SOA|NS|TXT)\s|[\s\d]+[;)]|\)",
    re.IGNORECASE,
)
# draft-vixie-dnsop-dns-rpz section 4: triggers by address or server, not by name.
_RPZ_OTHER = (b".rpz-ip", b".rpz-client-ip", b".rpz-nsdname", b".rpz-nsip")
_RPZ_BLOCK = frozenset((b".", b"*.", b"rpz-drop.", b"rpz-tcp-only."))


class Grammar:
    """Reads the lines of one list; `tally` counts them and what they gave, by reason.

    Keys of `tally`: ``lines``, ``names`` and a reason for each thing dropped. A comment
    may declare the number of entries; `declared` is that number, or None.
    """

    def __init__(self) -> None:
        self.tally: Counter[str] = Counter()
        self.declared: int | None = None
        self._origin = b""

    def read(self, lines: Iterable[bytes]) -> Iterator[Entry]:
        """Yield the entries of some lines, in order. Never raises for any bytes."""
        plain, host = _PLAIN.fullmatch, _HOST.fullmatch
        listed = Claim.LISTED
        count = names = 0
        for line in lines:
            count += 1
            if len(line) <= NAME_MAX:
                # Nine lines of ten are one of these two, and need no more than this.
                if plain(line):
                    names += 1
                    yield listed, line
                    continue
                if found := host(line):
                    names += 1
                    yield Claim.LISTED, found[1]
                    continue
            for claim, text in self._line(line.strip(b" \t\f\v\r\0")):
                try:
                    name = parse_name(text)
                except NameSyntaxError as error:
                    self.tally[error.code] += 1
                else:
                    names += 1
                    yield claim, name
        self.tally["lines"] += count
        self.tally["names"] += names

    def state(self) -> list[object]:
        """Return what `resume` needs besides the tally, as JSON values."""
        return [self.declared, self._origin.decode("latin-1")]

    def resume(self, state: list[Any] | None) -> None:
        """Go on where a grammar whose `state` this is stood."""
        if state:
            self.declared = state[0]
            self._origin = state[1].encode("latin-1")

    def _drop(self, reason: str) -> tuple[()]:
        self.tally[reason] += 1
        return ()

    def _line(self, line: bytes) -> Iterable[tuple[Claim, bytes]]:
        if not line:
            return self._drop("blank")
        if line[:1] in b"#!;[" or line.startswith(b"//"):
            self._comment(line)
            return self._drop("comment")
        if line.startswith((b"|", b"@@", b"/")) or b"##" in line or b"#@#" in line:
            return self._adblock(line)
        if line.startswith((b"local-zone:", b"local-data:")):
            return self._unbound(line)
        if found := _DNSMASQ.fullmatch(line):
            return self._dnsmasq(found[1], found[2])
        if found := _RPZ.fullmatch(line):
            return self._rpz(found[1].lower(), found[2].upper(), found[3].lower())
        if _ZONE_FILE.match(line):
            return self._zone_file(line)
        return self._words(_REMARK.sub(b"", line))

    def _comment(self, line: bytes) -> None:
        found = re.search(
            rb"(?:Domains|Number of entries|Entries)\s*:\s*([\d,.]+)", line
        )
        if found and self.declared is None:
            digits = re.sub(rb"\D", b"", found[1])
            self.declared = int(digits) if 0 < len(digits) < 12 else None

    def _adblock(self, line: bytes) -> Iterable[tuple[Claim, bytes]]:
        if b"##" in line or b"#@#" in line:
            return self._drop("cosmetic")
        rule = line.removeprefix(b"@@")
        suffix, exact = Claim.SUFFIX, Claim.EXACT
        if len(rule) < len(line):
            suffix, exact = Claim.EXCEPT, Claim.EXCEPT_EXACT
        if rule.startswith(b"/"):
            return self._drop("regex")
        if b"$" in rule:
            return self._drop("modifier")
        if b"*" in rule:
            return self._drop("wildcard")
        claim = suffix if rule.startswith(b"||") else exact
        body = rule.lstrip(b"|")
        if len(rule) == len(body):
            return self._drop("no-anchor")
        if b"/" in body:
            return self._drop("path")
        body = body.removesuffix(b"|")
        if not body.endswith(b"^"):
            # Without the separator a rule means every name that begins so.
            return self._drop("no-separator")
        return self._named(claim, body[:-1])

    def _dnsmasq(self, key: bytes, value: bytes) -> Iterable[tuple[Claim, bytes]]:
        if key not in (b"server", b"address", b"local"):
            return self._drop("directive")
        value = _REMARK.sub(b"", value)
        if not value.startswith(b"/") or value.count(b"/") < 2:
            return self._drop("directive")
        *names, target = value[1:].split(b"/")
        # server=/corp/10.0.0.1 asks another server; address=/x/192.168.1.2 is a host.
        closed = not target or (key == b"address" and _SINK.fullmatch(target))
        if not closed:
            return self._drop("not-a-block")
        return [entry for name in names for entry in self._named(Claim.SUFFIX, name)]

    def _unbound(self, line: bytes) -> Iterable[tuple[Claim, bytes]]:
        if found := _ZONE.match(line):
            if found[2] in _CLOSED:
                return self._named(Claim.SUFFIX, found[1])
            return self._drop("not-a-block")
        if (found := _DATA.match(line)) and _SINK.fullmatch(found[2]):
            return self._named(Claim.EXACT, found[1])
        return self._drop("not-a-block")

    def _rpz(
        self, owner: bytes, rtype: bytes, target: bytes
    ) -> Iterable[tuple[Claim, bytes]]:
        if owner.endswith(b"."):
            bare = owner.removesuffix(b".")
            if self._origin and not bare.endswith(b"." + self._origin):
                return self._drop("outside-zone")
            owner = bare[: -len(self._origin) - 1] if self._origin else bare
        if owner.endswith(_RPZ_OTHER):
            return self._drop("ip-address")
        claim = Claim.EXACT
        if owner.startswith(b"*."):
            # The pair `x` and `*.x` is how RPZ says "x and below".
            claim, owner = Claim.SUFFIX, owner[2:]
        if target == b"rpz-passthru.":
            claim = Claim.EXCEPT if claim is Claim.SUFFIX else Claim.EXCEPT_EXACT
        elif rtype == b"CNAME" and target not in _RPZ_BLOCK:
            return self._drop("rewrite")
        elif rtype != b"CNAME" and not _SINK.fullmatch(target):
            return self._drop("rewrite")
        return self._named(claim, owner)

    def _zone_file(self, line: bytes) -> tuple[()]:
        words = line.split()
        if words[0].upper() == b"$ORIGIN" and len(words) > 1:
            self._origin = words[1].lower().strip(b".")
        return self._drop("directive")

    def _words(self, line: bytes) -> Iterable[tuple[Claim, bytes]]:
        first, *more = line.split() or [b""]
        if _ASN.match(first):
            return self._drop("asn")
        # First: of `0.0.0.0 x` the address is no entry, alone it is one.
        if _NUMERIC.fullmatch(first) and (
            first == b"0" or _is_address(first) or _is_network(first)
        ):
            if not more or b"/" in first:
                return self._drop("ip-address")
            if all(word.lower() in _LOCAL for word in more):
                return self._drop("local")
            if not _SINK.fullmatch(first):
                # A hosts line that leads somewhere else blocks nothing.
                return self._drop("rewrite")
            return [entry for word in more for entry in self._host(word)]
        if more and all(word.startswith(b"@") for word in more):
            if b"@ads" in more or b"@cn" in more:
                return self._drop("attribute")
            more = []
        if more:
            return self._drop("words")
        return self._domain(first)

    def _host(self, word: bytes) -> Iterable[tuple[Claim, bytes]]:
        if word.lower() in _LOCAL:
            return self._drop("local")
        if b"/" in word:
            return self._drop("path")
        return self._named(Claim.LISTED, word)

    def _domain(self, word: bytes) -> Iterable[tuple[Claim, bytes]]:
        kind, colon, rest = word.partition(b":")
        if colon:
            if kind in (b"domain", b"full"):
                claim = Claim.EXACT if kind == b"full" else Claim.SUFFIX
                return self._named(claim, rest)
            if kind in (b"regexp", b"keyword", b"include"):
                return self._drop("regex" if kind == b"regexp" else kind.decode())
            return self._drop("url" if rest.startswith(b"//") else "bad-name")
        if b"/" in word:
            return self._drop("path")
        if word.startswith((b"*.", b".")):
            return self._named(Claim.SUFFIX, word[2:] if word[:1] == b"*" else word[1:])
        if word.lower() in _LOCAL:
            return self._drop("local")
        return self._named(Claim.LISTED, word)

    def _named(self, claim: Claim, name: bytes) -> Iterable[tuple[Claim, bytes]]:
        if b"*" in name:
            return self._drop("wildcard")
        if _NUMERIC.fullmatch(name) and _is_address(name):
            return self._drop("ip-address")
        return ((claim, name),)


def _is_address(text: bytes) -> bool:
    try:
        ipaddress.ip_address(decode(text))
    except ValueError:
        return False
    return True


def _is_network(text: bytes) -> bool:
    try:
        ipaddress.ip_network(decode(text), strict=False)
    except ValueError:
        return False
    return True
