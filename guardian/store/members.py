"""Read the people of a document, and their windows, safely.

What cannot be read never makes a child freer: an unreadable window leaves the age
band's in force and undoes no "dropped", an unknown band is the strictest, an unknown
role is a child's, of two people with one id the more limited stays. What a person's
part says of names is read by `guardian.store.nametext`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from guardian.core.model import (
    Band,
    FailMode,
    Person,
    Role,
    Window,
    WindowKind,
    shorten,
)
from guardian.store.fields import (
    Findings,
    Item,
    Node,
    as_id,
    as_month,
    as_name,
    one_of,
)
from guardian.store.known import Known, load_known
from guardian.store.minutes import parse_clock, span
from guardian.store.nametext import FIELDS, LABELS_MAX, read_labels, read_names

PEOPLE_MAX = 64
WINDOWS_MAX = 64
DAYS_MAX = 32
_RULES = ("band", "fail_mode", "windows", "dropped", *sorted(FIELDS))
_PERSON = frozenset({"id", "name", "role", "birth", *_RULES})
_WINDOW = frozenset({"id", "kind", "days", "from", "to", "blocks"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What a person's rules are read against: the age bands, the known day types.

    names: what may be named; None for what came with the program.
    """

    bands: tuple[Band, ...]
    day_types: frozenset[str]
    names: Known | None = None

    def known(self) -> Known:
        """Return what may be named."""
        return load_known() if self.names is None else self.names

    def strictest(self) -> str | None:
        """Return the id of the strictest band, the youngest's; None without any."""
        return min(self.bands, key=lambda b: (b.ages, b.id)).id if self.bands else None

    def ages(self, band_id: str | None) -> tuple[int, int]:
        """Return the ages of a band; those of an unknown one are beyond all."""
        return next((b.ages for b in self.bands if b.id == band_id), (1000, 1000))

    def window_ids(self, band_id: str | None = None) -> frozenset[str]:
        """Return the window ids of one band, or of all."""
        return frozenset(
            window.id
            for band in self.bands
            for window in band.defaults.windows
            if band_id in (None, band.id)
        )


def read_people(root: Node, rules: Rules) -> tuple[Person, ...]:
    """Return the people of a document, in its order."""
    found: dict[str, tuple[Item, Person]] = {}
    for item in root.items("people", PEOPLE_MAX):
        person = _read_person(root.findings, item, rules)
        if person is None:
            root.findings.skipped.add(item.path)
            continue
        if person.id in found:
            first, other = found[person.id]
            root.findings.add(
                item.place, "duplicate-id", f"{person.id}, also {first.place}"
            )
            loser = item
            if _limited(person, rules) < _limited(other, rules):
                loser, found[person.id] = first, (item, person)
            root.findings.skipped.add(loser.path)
            continue
        found[person.id] = item, person
    return tuple(p for _, p in sorted(found.values(), key=lambda f: _index(f[0])))


def _index(item: Item) -> int:
    index = item.path[-1]
    assert isinstance(index, int)
    return index


def _limited(person: Person, rules: Rules) -> tuple[bool, tuple[int, int]]:
    return person.role is not Role.CHILD, rules.ages(person.band)


def _read_person(findings: Findings, item: Item, rules: Rules) -> Person | None:
    node = Node(findings, item, _PERSON)
    person_id = node.need("id", as_id) if node.readable else None
    if person_id is None:
        return None
    name = node.need("name", as_name) or person_id
    role = node.need("role", one_of(Role, "unknown-role")) or Role.CHILD
    birth = node.take("birth", as_month, None)
    if role is not Role.CHILD:
        for key in _RULES:
            if node.has(key):
                findings.add(node.at(key), "rules-are-for-children")
        return Person(id=person_id, name=name, role=role, birth=birth)
    band = node.need("band", _band_reader(rules)) or rules.strictest() or "none"
    windows = _read_windows(node, band, rules)
    dropped = tuple(_read_dropped(node, rules))
    if dropped and "windows" in node.bad:
        findings.add(node.at("dropped"), "not-dropped", "until the windows are mended")
        dropped = ()
    mode = one_of(FailMode, "unknown-fail-mode")
    return Person(
        id=person_id,
        name=name,
        role=role,
        band=band,
        birth=birth,
        overrides=replace(
            read_names(node, rules.known),
            fail_mode=node.take("fail_mode", mode, None),
            windows=windows,
            dropped=dropped,
        ),
    )


class _band_reader:
    """Reads the id of an age band that exists."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def __call__(self, value: object) -> str:
        if value not in [band.id for band in self._rules.bands]:
            raise ValueError(f"unknown-band: {shorten(value)}")
        return str(value)


def _read_dropped(node: Node, rules: Rules) -> list[str]:
    dropped: list[str] = []
    for item, window_id in node.each("dropped", WINDOWS_MAX, as_id):
        # Bands differ in their windows: any band's will do, a mistyped one will not.
        if window_id not in rules.window_ids():
            node.findings.add(item.place, "unknown-window", window_id)
            node.findings.skipped.add(item.path)
        elif window_id not in dropped:
            dropped.append(window_id)
    return dropped


def _read_windows(node: Node, band: str, rules: Rules) -> tuple[Window, ...]:
    found: dict[str, tuple[Item, Window]] = {}
    replaced = rules.window_ids(band)
    for item in node.items("windows", WINDOWS_MAX):
        before = node.findings.count
        window = read_window(
            node.findings, item, rules.day_types, replaced, known=rules.known
        )
        if window is not None and window.id in found:
            first = found[window.id][0].place
            node.findings.add(item.place, "duplicate-id", f"{window.id}, also {first}")
            window = None
        if window is None:
            node.findings.skipped.add(item.path)
        else:
            found[window.id] = item, window
        if node.findings.count > before:
            node.bad.add("windows")
    return tuple(window for _, window in found.values())


def read_window(
    findings: Findings,
    item: Item,
    day_types: frozenset[str],
    replaced: frozenset[str] = frozenset(),
    extra: frozenset[str] = frozenset(),
    known: Callable[[], Known] | None = None,
) -> Window | None:
    """Return a window, or None when it cannot be trusted.

    replaced: ids of the windows below; one that takes such a place must be whole, an
    added one may lose the day types that no date has and what nobody knows of the
    things it blocks. extra: further fields to ignore. known: None to take every id.
    """
    node = Node(findings, item, _WINDOW | extra)
    if not node.readable:
        return None
    window_id = node.need("id", as_id)
    kind = node.need("kind", one_of(WindowKind, "unknown-kind"))
    start, end = node.need("from", parse_clock), node.need("to", parse_clock)
    days = read_days(node, day_types)
    blocks = _read_blocks(node, known)
    if window_id is None or kind is None or start is None or end is None or not days:
        return None
    partly = node.bad & {"days", "blocks"}
    if node.bad - partly or (partly and window_id in replaced):
        return None
    if kind is WindowKind.SITES and not blocks and "blocks" in node.bad:
        return None
    start, end = span(start, end)
    try:
        return Window(
            id=window_id, kind=kind, days=days, start=start, end=end, blocks=blocks
        )
    except ValueError as error:
        findings.refused(item.place, error)
        return None


def _read_blocks(node: Node, known: Callable[[], Known] | None) -> tuple[str, ...]:
    if known is not None:
        return read_labels(node, "blocks", known)
    return tuple(sorted({label for _, label in node.each("blocks", LABELS_MAX, as_id)}))


def read_days(node: Node, day_types: frozenset[str]) -> tuple[str, ...]:
    """Return the known day types of a window, sorted."""
    if not node.has("days"):
        node.findings.add(node.at("days"), "missing")
        return ()
    days: set[str] = set()
    count = 0
    for item, day in node.each("days", DAYS_MAX, as_id):
        count += 1
        if day in day_types:
            days.add(day)
        else:
            node.findings.add(item.place, "unknown-day-type", day)
            node.findings.skipped.add(item.path)
            node.bad.add("days")
    if not count and "days" not in node.bad:
        node.findings.add(node.at("days"), "window-without-days")
    return tuple(sorted(days))
