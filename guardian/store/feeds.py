"""Load the catalogue of lists, `profiles/feeds.json`.

Our own, tested file: one that does not read is an installation gone wrong and refused
whole, StoreError("profiles-invalid"). Its schema stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from guardian.core.errors import Problem, StoreError
from guardian.core.feeds import FeedSpec, Use, Verdict
from guardian.core.model import shorten
from guardian.store import jsontext
from guardian.store.data import DATA_SCHEMA, profiles_dir
from guardian.store.fields import Findings, Item, Node, as_bool, as_text, one_of

FILE = "feeds.json"
_MOST = 500
# Far above any list in use, and still a check on a slip of the pen.
_NUMBER_MAX = 1 << 30
_FIELDS = frozenset(
    "id title category use url homepage licence verdict format polarity match "
    "suffix_ok entries_min entries_max bytes_max hours default file attribution "
    "note".split()
)


def load_feeds(folder: Path | None = None) -> tuple[FeedSpec, ...]:
    """Return the lists of the catalogue, by id."""
    path = (folder or profiles_dir()) / FILE
    try:
        document = jsontext.loads(path.read_bytes())
    except OSError as error:
        raise StoreError("profiles-invalid", f"{path}: {error.strerror}") from None
    if isinstance(document, Problem):
        raise StoreError("profiles-invalid", FILE, (document,))
    findings = Findings()
    known = frozenset({"schema", "checked", "note", "feeds"})
    root = Node(findings, Item(document, "", ()), known)
    if root.take("schema", lambda value: value == DATA_SCHEMA, False) is False:
        findings.add("schema", "bad-schema")
    specs: dict[str, FeedSpec] = {}
    for item in root.items("feeds", _MOST):
        spec = _spec(findings, item)
        if spec is not None:
            if spec.id in specs:
                findings.add(item.place, "duplicate-id", spec.id)
            specs[spec.id] = spec
    if findings.problems:
        raise StoreError("profiles-invalid", FILE, tuple(findings.problems))
    return tuple(specs[name] for name in sorted(specs))


def _spec(findings: Findings, item: Item) -> FeedSpec | None:
    node = Node(findings, item, _FIELDS)
    before = findings.count
    verdict = node.need("verdict", one_of(Verdict, "unknown-verdict"))
    numbers = {
        key: node.need(key, _number) or 0
        for key in ("entries_min", "entries_max", "bytes_max", "hours")
    }
    try:
        spec = FeedSpec(
            id=node.need("id", as_text) or "",
            title=node.need("title", as_text) or "",
            url=node.need("url", as_text) or "",
            homepage=node.need("homepage", as_text) or "",
            licence=node.need("licence", as_text) or "",
            verdict=verdict or Verdict.URL_ONLY,
            entries=(numbers["entries_min"], numbers["entries_max"]),
            bytes_max=numbers["bytes_max"],
            every=timedelta(hours=numbers["hours"]),
            category=node.take("category", as_text, ""),
            use=node.take("use", one_of(Use, "unknown-use"), Use.LABEL),
            format=node.take("format", as_text, "domains"),
            allow=bool(node.need("polarity", _either("block", "allow"))),
            suffix=bool(node.need("match", _either("exact", "suffix"))),
            suffix_ok=node.take("suffix_ok", as_bool, False),
            default=node.take("default", as_bool, False),
            attribution=node.take("attribution", as_text, ""),
            note=node.take("note", as_text, ""),
            file=node.take("file", as_text, ""),
        )
    except ValueError as error:
        if findings.count == before:
            findings.refused(item.place, error)
        return None
    return spec if findings.count == before else None


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"not-a-number: {shorten(value)}")
    if not 0 < value <= _NUMBER_MAX:
        raise ValueError(f"bad-number: {value}")
    return value


def _either(first: str, second: str) -> Callable[[object], bool]:
    """Return a reader of one of two words; true for the second."""

    def read(value: object) -> bool:
        if value not in (first, second):
            raise ValueError(f"unknown-word: {shorten(value)}")
        return value == second

    return read
