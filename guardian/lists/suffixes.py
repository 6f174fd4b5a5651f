"""The Public Suffix List: which names belong to nobody in particular.

A list entry that is a public suffix must never block what lies below it; one below no
known top label is a typing error of the list. The rules are data of others (MPL-2.0),
never part of this package: the system's package publicsuffix, or a downloaded file.

Format: https://publicsuffix.org/list/ (rules, `*.` wildcards, `!` exceptions).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from guardian.core.errors import GuardianError
from guardian.lists.names import NameSyntaxError, parse_name

SYSTEM_FILES = (
    Path("/usr/share/publicsuffix/public_suffix_list.dat"),
    Path("/usr/share/publicsuffix/effective_tld_names.dat"),
)
# The list has about 1,400 top labels; far fewer means a cut or foreign file.
TOPS_MIN = 500


class PublicSuffixes:
    """The rules, as sets; about 2 MB.

    tops: every known top label. A rule is an A-label name without its `*.` or `!`.
    """

    __slots__ = ("exceptions", "plain", "tops", "wild")

    def __init__(
        self, plain: Iterable[bytes], wild: Iterable[bytes], exceptions: Iterable[bytes]
    ) -> None:
        self.plain = frozenset(plain)
        self.wild = frozenset(wild)
        self.exceptions = frozenset(exceptions)
        self.tops = frozenset(
            rule.rpartition(b".")[2] for rule in self.plain | self.wild
        )

    def is_suffix(self, name: bytes) -> bool:
        """Say whether a name is itself a public suffix, by a rule of the list.

        name: as `parse_name` returns. An unknown top label is no suffix here.
        """
        # The list's own default rule: a top label is a suffix, whatever stands below.
        if name in self.plain or name in self.tops:
            return True
        parent = name.partition(b".")[2]
        return parent in self.wild and name not in self.exceptions

    def registrable(self, name: bytes) -> bytes | None:
        """Return the name one label below its public suffix; None for a suffix."""
        if self.is_suffix(name):
            return None
        while True:
            parent = name.partition(b".")[2]
            if not parent or self.is_suffix(parent):
                return name
            name = parent


def parse_suffixes(text: str) -> PublicSuffixes:
    """Return the rules of a list's text.

    Raises GuardianError ``suffix-list-invalid`` where it is cut or something else.
    """
    plain: set[bytes] = set()
    wild: set[bytes] = set()
    exceptions: set[bytes] = set()
    for line in text.splitlines():
        words = line.split(None, 1)
        if not words or words[0].startswith("//"):
            continue
        rule, into = words[0], plain
        if rule.startswith("!"):
            rule, into = rule[1:], exceptions
        elif rule.startswith("*."):
            rule, into = rule[2:], wild
        try:
            into.add(parse_name(rule.encode()))
        except NameSyntaxError:
            raise GuardianError("suffix-list-invalid", rule[:80]) from None
    suffixes = PublicSuffixes(plain, wild, exceptions)
    if len(suffixes.tops) < TOPS_MIN:
        raise GuardianError("suffix-list-invalid", f"{len(suffixes.tops)} top labels")
    return suffixes


def load_suffixes(path: Path | None = None) -> PublicSuffixes:
    """Return the rules of `path`, or of the system's list.

    Raises GuardianError: ``suffix-list-missing``, ``suffix-list-invalid``.
    """
    for candidate in (path,) if path else SYSTEM_FILES:
        try:
            text = candidate.read_text(encoding="utf-8")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise GuardianError("suffix-list-invalid", str(error)[:80]) from None
        return parse_suffixes(text)
    raise GuardianError("suffix-list-missing", str(path or SYSTEM_FILES[0]))
