"""Read what passes: exceptions, pauses, grants, opened sites, protection switched off.

Whatever cannot be read is left out: without an exception or a grant the profile holds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from guardian.core.model import (
    LIFTS,
    Grant,
    Opened,
    Pause,
    ProtectionOff,
    WindowException,
    WindowKind,
)
from guardian.store.fields import (
    Findings,
    Item,
    Node,
    as_bool,
    as_date,
    as_host,
    as_id,
    as_instant,
    as_text,
    one_of,
)
from guardian.store.minutes import parse_clock, span

SPELLS_MAX = 1000
_EXCEPTION = frozenset({"id", "person", "date", "kind", "from", "to", "off"})
_PAUSE = frozenset({"id", "person", "from", "until", "by"})
_OFF = frozenset({"from", "until", "by"})
_GRANT = _PAUSE | {"lifts", "why"}

_OPENED = frozenset({"id", "person", "name", "until", "by"})

S = TypeVar("S", WindowException, Pause, Grant, Opened)
_Read = Callable[[Findings, Item, frozenset[str]], S | None]


def read_exceptions(root: Node, people: frozenset[str]) -> tuple[WindowException, ...]:
    """Return the exceptions of a document; people: ids of those who exist."""
    return _read_all(root, "exceptions", _read_exception, people)


def read_pauses(root: Node, people: frozenset[str]) -> tuple[Pause, ...]:
    """Return the pauses of a document; people: ids of those who exist."""
    return _read_all(root, "pauses", _read_pause, people)


def read_grants(root: Node, people: frozenset[str]) -> tuple[Grant, ...]:
    """Return the grants of a document; people: ids of those who exist."""
    return _read_all(root, "grants", _read_grant, people)


def read_off(root: Node) -> ProtectionOff | None:
    """Return until when protection is off; None, it is on, if that cannot be read."""
    node = root.node("protection_off", _OFF)
    if not root.has("protection_off") or not node.readable:
        return None
    start, until = node.need("from", as_instant), node.need("until", as_instant)
    by = node.take("by", as_text, "")
    if start is None or until is None:
        return None
    try:
        return ProtectionOff(start=start, until=until, by=by)
    except ValueError as error:
        root.findings.refused(node.place, error)
        return None


def read_opened(root: Node, people: frozenset[str]) -> tuple[Opened, ...]:
    """Return the opened sites of a document; people: ids of those who exist."""
    return _read_all(root, "opened", _read_opened, people)


def _read_all(
    root: Node, key: str, read: _Read[S], people: frozenset[str]
) -> tuple[S, ...]:
    found: dict[str, tuple[Item, S]] = {}
    for item in root.items(key, SPELLS_MAX):
        try:
            spell = read(root.findings, item, people)
        except ValueError as error:
            root.findings.refused(item.place, error)
            spell = None
        if spell is not None and spell.id in found:
            first = found[spell.id][0].place
            root.findings.add(item.place, "duplicate-id", f"{spell.id}, also {first}")
            spell = None
        if spell is None:
            root.findings.skipped.add(item.path)
        else:
            found[spell.id] = item, spell
    return tuple(spell for _, spell in found.values())


def _person(node: Node, people: frozenset[str]) -> str | None:
    person = node.need("person", as_id)
    if person is not None and person not in people:
        node.findings.add(node.at("person"), "unknown-person", person)
        return None
    return person


def _read_exception(
    findings: Findings, item: Item, people: frozenset[str]
) -> WindowException | None:
    node = Node(findings, item, _EXCEPTION)
    if not node.readable:
        return None
    spell_id, person = node.need("id", as_id), _person(node, people)
    on = node.need("date", as_date)
    kind = node.need("kind", one_of(WindowKind, "unknown-kind"))
    start = node.take("from", parse_clock, None)
    end = node.take("to", parse_clock, None)
    off = node.take("off", as_bool, False)
    if node.bad or spell_id is None or person is None or on is None or kind is None:
        return None
    if start is not None and end is not None:
        start, end = span(start, end)
        if start == end:
            raise ValueError("window-zero-length")
    return WindowException(
        id=spell_id, person=person, on=on, kind=kind, start=start, end=end, off=off
    )


def _read_pause(findings: Findings, item: Item, people: frozenset[str]) -> Pause | None:
    node = Node(findings, item, _PAUSE)
    if not node.readable:
        return None
    everyone = node.take("person", lambda value: value is None, False)
    person = None if everyone else _person(node, people)
    spell_id = node.need("id", as_id)
    start, until = node.need("from", as_instant), node.need("until", as_instant)
    by = node.take("by", as_text, "")
    if spell_id is None or start is None or until is None:
        return None
    if person is None and not everyone:
        return None
    return Pause(id=spell_id, person=person, start=start, until=until, by=by)


def _read_grant(findings: Findings, item: Item, people: frozenset[str]) -> Grant | None:
    node = Node(findings, item, _GRANT)
    if not node.readable:
        return None
    spell_id, person = node.need("id", as_id), _person(node, people)
    start, until = node.need("from", as_instant), node.need("until", as_instant)
    why, by = node.take("why", as_text, ""), node.take("by", as_text, "")
    lifts: tuple[str, ...] = LIFTS
    if node.has("lifts"):
        lifts = tuple(sorted({kind for _, kind in node.each("lifts", 16, _lift)}))
        if not lifts:
            findings.add(node.at("lifts"), "grant-lifts-nothing")
    if spell_id is None or person is None or start is None or until is None:
        return None
    if not lifts:
        return None
    return Grant(
        id=spell_id,
        person=person,
        start=start,
        until=until,
        lifts=lifts,
        why=why,
        by=by,
    )


def _read_opened(
    findings: Findings, item: Item, people: frozenset[str]
) -> Opened | None:
    node = Node(findings, item, _OPENED)
    if not node.readable:
        return None
    spell_id, person = node.need("id", as_id), _person(node, people)
    name, until = node.need("name", as_host), node.need("until", as_instant)
    by = node.take("by", as_text, "")
    if spell_id is None or person is None or name is None or until is None:
        return None
    return Opened(id=spell_id, person=person, name=name, until=until, by=by)


def _lift(value: object) -> str:
    if not isinstance(value, str) or value not in LIFTS:
        raise ValueError(f"unknown-lift: {value!r:.60}")
    return value
