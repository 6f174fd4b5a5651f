"""Read one of the project's own data files in `profiles/`, whole or not at all.

These files are ours and tested; one that does not read is an installation gone wrong:
StoreError("profiles-invalid") with every fault found.
"""

from __future__ import annotations

from pathlib import Path

from guardian.core.errors import Problem, StoreError
from guardian.core.hostnames import parse_host
from guardian.core.model import shorten
from guardian.store import jsontext
from guardian.store.data import DATA_SCHEMA, profiles_dir
from guardian.store.fields import Findings, Item, Node

# Far above any file's number of entries or names, and still a check on a slip.
MOST = 3000
SENTENCE_MAX = 400


class DataFile:
    """A file being read: `root` is its object, `findings` what was wrong so far."""

    def __init__(self, folder: Path | None, name: str, fields: str) -> None:
        """Open `name`. fields: the known ones beside `schema` and `sources`.

        Raises StoreError where it cannot be read or is no JSON.
        """
        path = (folder or profiles_dir()) / name
        try:
            document = jsontext.loads(path.read_bytes())
        except OSError as error:
            raise StoreError("profiles-invalid", f"{path}: {error.strerror}") from None
        if isinstance(document, Problem):
            raise StoreError("profiles-invalid", name, (document,))
        self.name = name
        self.findings = Findings()
        known = frozenset({"schema", "sources", *fields.split()})
        self.root = Node(self.findings, Item(document, "", ()), known)
        if self.root.need("schema", lambda value: value == DATA_SCHEMA) is False:
            self.findings.add("schema", "bad-schema")
        if not list(self.root.each("sources", MOST, as_sentence)):
            self.findings.add("sources", "missing")

    def close(self) -> None:
        """Raise StoreError("profiles-invalid") if anything was wrong."""
        if self.findings.problems:
            problems = tuple(self.findings.problems)
            raise StoreError("profiles-invalid", self.name, problems)


def as_sentence(value: object) -> str:
    """Return a reason in words; not empty, at most `SENTENCE_MAX` characters."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"not-text: {shorten(value)}")
    if len(value) > SENTENCE_MAX:
        raise ValueError(f"text-too-long: {len(value)}, at most {SENTENCE_MAX}")
    if not value.isprintable():
        raise ValueError("text-unprintable")
    return value


def as_exact_host(value: object) -> str:
    """Return a name that is written as it is used: lower case, A-labels, no `*.`."""
    if not isinstance(value, str) or parse_host(value) != value:
        raise ValueError(f"bad-hostname: {shorten(value)}")
    return value


def read_names(node: Node, key: str) -> tuple[str, ...]:
    """Return the names of a list in its own order, each once; absent is empty."""
    found: dict[str, None] = {}
    for item, name in node.each(key, MOST, as_exact_host):
        if name in found:
            node.findings.add(item.place, "duplicate-name", name)
        found[name] = None
    return tuple(found)


def read_reasons(node: Node, key: str) -> tuple[str, ...]:
    """Return the names of a list of {name, why}, each once."""
    found: dict[str, None] = {}
    for item in node.items(key, MOST):
        inner = Node(node.findings, item, frozenset({"name", "why"}))
        inner.need("why", as_sentence)
        name = inner.need("name", as_exact_host) or ""
        if name in found:
            node.findings.add(item.place, "duplicate-name", name)
        found[name] = None
    return tuple(found)
