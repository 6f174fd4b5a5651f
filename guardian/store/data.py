"""Load the project's own data: age bands and the floor's help, from `profiles/`.

These files are ours and tested; one that does not read is an installation gone wrong,
and refused whole: StoreError("profiles-invalid") names the place. Their schemas stand
beside them.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import guardian
from guardian.core.errors import Problem, StoreError
from guardian.core.floor import (
    Domain,
    Floor,
    Grade,
    HelpEntry,
    HelpKind,
    Phone,
    Source,
)
from guardian.core.model import Access, Band, FailMode, Overrides, Window, YouTube
from guardian.store import jsontext
from guardian.store.fields import (
    Findings,
    Item,
    Node,
    as_bool,
    as_date,
    as_id,
    as_list,
    as_name,
    as_text,
    one_of,
)
from guardian.store.members import read_window

DATA_SCHEMA = 1
# The day types every household knows; a family may add its own.
DAY_TYPES = frozenset({"school", "weekend", "holiday"})
_MOST = 1000
# Settings that every band has, each with its reason.
_SINGLE = frozenset({"fail_mode", "only", "packs", "safe_search", "youtube"})
_BAND = _SINGLE | {"id", "ages", "title", "windows", "why"}
_BLOCKED = frozenset({"id", "to", "why"})
# Category or service -> the last age at which it is refused, and the reason.
Blocked = dict[str, tuple[int, str]]
_ENTRY = frozenset(
    {
        "id",
        "cc",
        "kind",
        "name",
        "operator",
        "audience",
        "hours",
        "languages",
        "phone",
        "sms",
        "domains",
        "chat_hosts",
        "floor",
        "sources",
        "expires",
    }
)


def profiles_dir() -> Path:
    """Return where the data files lie: beside the package, installed or not.

    Not importlib.resources: with an editable install `profiles` is a namespace package
    that it cannot open.
    """
    return Path(guardian.__file__).resolve().parent.parent / "profiles"


def load_bands(folder: Path | None = None) -> tuple[Band, ...]:
    """Return the age bands, youngest first."""
    name = "bands.json"
    findings = Findings()
    fields = frozenset({"schema", "sources", "blocked", "bands"})
    root = _open(folder, name, findings, fields)
    blocked = _blocked(root)
    bands = [_band(findings, item, blocked) for item in root.items("bands", _MOST)]
    _refuse(name, findings)
    return tuple(sorted((b for b in bands if b), key=lambda b: b.ages))


def load_floor(folder: Path | None = None) -> Floor:
    """Return the help that is always reachable."""
    name = "floor.json"
    findings = Findings()
    fields = frozenset({"schema", "released", "signature", "entries"})
    root = _open(folder, name, findings, fields)
    released = root.need("released", as_date)
    entries = [_entry(findings, item) for item in root.items("entries", _MOST)]
    _refuse(name, findings)
    assert released is not None
    try:
        return Floor(released=released, entries=tuple(e for e in entries if e))
    except ValueError as error:
        findings.refused("entries", error)
        raise _invalid(name, findings) from None


def _open(
    folder: Path | None, name: str, findings: Findings, known: frozenset[str]
) -> Node:
    path = (folder or profiles_dir()) / name
    try:
        document = jsontext.loads(path.read_bytes())
    except OSError as error:
        raise StoreError("profiles-invalid", f"{path}: {error.strerror}") from None
    if isinstance(document, Problem):
        raise StoreError("profiles-invalid", name, (document,))
    root = Node(findings, Item(document, "", ()), known)
    if root.take("schema", lambda value: value == DATA_SCHEMA, False) is False:
        findings.add("schema", "bad-schema")
    return root


def _refuse(name: str, findings: Findings) -> None:
    if findings.problems:
        raise _invalid(name, findings)


def _invalid(name: str, findings: Findings) -> StoreError:
    return StoreError("profiles-invalid", name, tuple(findings.problems))


def _blocked(root: Node) -> Blocked:
    found: Blocked = {}
    for item in root.items("blocked", _MOST):
        node = Node(root.findings, item, _BLOCKED)
        label, last = node.need("id", as_id), node.need("to", _age)
        why = node.need("why", as_text)
        if label in found:
            root.findings.add(item.place, "duplicate-id", label)
        elif label is not None and last is not None:
            found[label] = last, why or ""
    return found


def _band(findings: Findings, item: Item, blocked: Blocked) -> Band | None:
    node = Node(findings, item, _BAND)
    band_id, ages = node.need("id", as_id), node.need("ages", _ages)
    title = node.need("title", as_name)
    reasons = node.node("why", _SINGLE)
    why = [(key, reasons.need(key, as_text) or "") for key in sorted(_SINGLE)]
    mode = node.need("fail_mode", one_of(FailMode, "unknown-fail-mode"))
    only, safe = node.need("only", as_bool), node.need("safe_search", as_bool)
    youtube = node.need("youtube", one_of(YouTube, "unknown-youtube-mode"))
    node.need("packs", as_list)
    packs = {pack for _, pack in node.each("packs", _MOST, as_id)}
    windows: list[Window] = []
    for entry in node.items("windows", _MOST):
        window = read_window(findings, entry, DAY_TYPES, extra=frozenset({"why"}))
        if window is not None and isinstance(entry.raw, dict):
            windows.append(window)
            reason = Node(findings, entry, frozenset(entry.raw)).need("why", as_text)
            why.append((f"window:{window.id}", reason or ""))
    if band_id is None or ages is None or title is None:
        return None
    refused = {label: said for label, said in blocked.items() if ages[1] <= said[0]}
    why += [(f"access:{label}", reason) for label, (_, reason) in refused.items()]
    return Band(
        id=band_id,
        ages=ages,
        title=title,
        defaults=Overrides(
            fail_mode=mode,
            windows=tuple(windows),
            access=tuple((label, Access.BLOCK) for label in sorted(refused)),
            only=only,
            packs=tuple(sorted(packs)),
            safe_search=safe,
            youtube=youtube,
        ),
        why=tuple(sorted(why)),
    )


def _age(value: object) -> int:
    if type(value) is not int or not 0 <= value < 18:
        raise ValueError("bad-age")
    return value


def _ages(value: object) -> tuple[int, int]:
    match value:
        case [int(low), int(high)] if 0 <= low <= high < 18:
            return low, high
    raise ValueError("bad-ages")


def _entry(findings: Findings, item: Item) -> HelpEntry | None:
    node = Node(findings, item, _ENTRY)
    before = findings.count
    node.need("floor", _hard)
    entry_id, country = node.need("id", as_id), node.need("cc", as_text)
    kind = node.need("kind", one_of(HelpKind, "unknown-kind"))
    name, expires = node.need("name", _names), node.need("expires", as_date)
    phones = tuple(p for i in node.items("phone", _MOST) if (p := _phone(findings, i)))
    domains = _domains(node, "domains")
    hosts = _domains(node, "chat_hosts")
    sources = tuple(_source(findings, i) for i in node.items("sources", _MOST))
    languages = tuple(text for _, text in node.each("languages", _MOST, as_id))
    try:
        entry = HelpEntry(
            id=entry_id or "",
            country=country or "",
            kind=kind or HelpKind.CHILD_HELPLINE,
            name=name or (),
            expires=expires or as_date("2000-01-01"),
            operator=node.take("operator", as_text, ""),
            audience=node.take("audience", as_text, ""),
            hours=node.take("hours", as_text, ""),
            languages=languages,
            phones=phones,
            sms=node.take("sms", _text_or_none, None),
            domains=domains,
            chat_hosts=hosts,
            sources=sources,
        )
    except ValueError as error:
        if findings.count == before:
            findings.refused(item.place, error)
        return None
    return entry


def _hard(value: object) -> bool:
    if value != "hard":
        raise ValueError("not-hard")
    return True


def _names(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise ValueError("not-an-object")
    return tuple(sorted((as_id(k), as_name(v)) for k, v in value.items()))


def _text_or_none(value: object) -> str | None:
    return None if value is None else as_text(value)


def _date_or_none(value: object) -> date | None:
    return None if value is None else as_date(value)


def _domains(node: Node, key: str) -> tuple[Domain, ...]:
    found: list[Domain] = []
    for item in node.items(key, _MOST):
        inner = Node(node.findings, item, frozenset({"name", "grade", "www"}))
        name = inner.need("name", as_text)
        grade = inner.need("grade", one_of(Grade, "unknown-grade"))
        www = inner.take("www", as_bool, False)
        if name is None or grade is None:
            continue
        try:
            found.append(Domain(name, grade, www))
        except ValueError as error:
            node.findings.refused(item.place, error)
    return tuple(found)


def _phone(findings: Findings, item: Item) -> Phone | None:
    known = frozenset({"display", "grade", "e164", "national_only"})
    node = Node(findings, item, known)
    display = node.need("display", as_text)
    grade = node.need("grade", one_of(Grade, "unknown-grade"))
    e164 = node.take("e164", _text_or_none, None)
    national = node.take("national_only", as_bool, True)
    if display is None or grade is None:
        return None
    try:
        return Phone(display, grade, e164, national)
    except ValueError as error:
        findings.refused(item.place, error)
        return None


def _source(findings: Findings, item: Item) -> Source:
    node = Node(findings, item, frozenset({"basis", "address", "checked", "by"}))
    checked = node.take("checked", _date_or_none, None)
    return Source(
        basis=node.need("basis", as_text) or "",
        address=node.take("address", _text_or_none, None),
        checked=checked,
        by=node.take("by", _text_or_none, None),
    )
