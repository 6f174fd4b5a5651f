"""Load the services that children use, from `profiles/services.json`.

Our own, tested file: one that does not read is an installation gone wrong and refused
whole, StoreError("profiles-invalid"). Its schema stands beside it. What only the people
who keep the file need (names left out, tests, doubts) is read for its form and dropped.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from pathlib import Path

from guardian.core.catalogue import Ports, Service
from guardian.core.model import shorten
from guardian.store.datafile import (
    MOST,
    DataFile,
    as_exact_host,
    as_sentence,
    read_names,
    read_reasons,
)
from guardian.store.fields import (
    Findings,
    Item,
    Node,
    as_bool,
    as_date,
    as_id,
    as_name,
)

FILE = "services.json"
_ASN_MAX = (1 << 32) - 1
_FIELDS = frozenset(
    "id title group age_hint rev domains hosts suffix_ok shared requires excepts login "
    "time_counted asn cidr ports drop_flows unconfirmed left_out src note tests".split()
)


def load_services(folder: Path | None = None) -> tuple[Service, ...]:
    """Return the services, by id."""
    file = DataFile(folder, FILE, "services")
    found: dict[str, Service] = {}
    for item in file.root.items("services", MOST):
        service = _service(file.findings, item)
        if service.id in found:
            file.findings.add(item.place, "duplicate-id", service.id)
        found[service.id] = service
    if not found:
        file.findings.add("services", "missing")
    for service in found.values():
        for name in service.requires:
            if "." not in name and name not in found:
                file.findings.add(f"services / {service.id}", "unknown-service", name)
    file.close()
    return tuple(found[name] for name in sorted(found))


def _service(findings: Findings, item: Item) -> Service:
    node = Node(findings, item, _FIELDS)
    service = Service(
        id=node.need("id", as_id) or "",
        title=node.need("title", as_name) or "",
        group=node.need("group", as_id) or "",
        domains=read_names(node, "domains"),
        source=_sources(node),
        revised=str(node.need("rev", as_date) or ""),
        age_hint=node.take("age_hint", _age, None),
        hosts=read_names(node, "hosts"),
        suffix_ok=_each(node, "suffix_ok", _label_or_host),
        shared=read_reasons(node, "shared"),
        requires=_each(node, "requires", _label_or_host),
        excepts=read_reasons(node, "excepts"),
        login=read_names(node, "login"),
        time_counted=read_names(node, "time_counted"),
        asn=_systems(node),
        cidr=_each(node, "cidr", _network),
        ports=_ports(node),
        drop_flows=node.take("drop_flows", as_bool, True),
    )
    node.take("note", as_sentence, "")
    _left_out(node)
    read_names(node, "unconfirmed")
    tests = node.node("tests", frozenset({"must_block", "must_not"}))
    for key in ("must_block", "must_not"):
        read_names(tests, key)
    if not service.domains and not service.hosts and not node.bad:
        findings.add(node.at("domains"), "missing")
    return service


def _each(node: Node, key: str, read: Callable[[object], str]) -> tuple[str, ...]:
    """Return the values of a list in its own order; none may stand there twice."""
    found: dict[str, None] = {}
    for item, value in node.each(key, MOST, read):
        if value in found:
            node.findings.add(item.place, "duplicate-name", value)
        found[value] = None
    return tuple(found)


def _left_out(node: Node) -> None:
    """Read the names of a source that are not the service's, with the reason."""
    for item in node.items("left_out", MOST):
        inner = Node(node.findings, item, frozenset({"names", "why"}))
        inner.need("why", as_sentence)
        read_names(inner, "names")


def _systems(node: Node) -> tuple[int, ...]:
    """Return the autonomous systems that are the service's alone."""
    own = []
    for item in node.items("asn", MOST):
        inner = Node(node.findings, item, frozenset({"as", "shared", "why"}))
        number, shared = inner.need("as", _asn), inner.need("shared", as_bool)
        inner.need("why", as_sentence)
        if number is not None and shared is False:
            own.append(number)
    return tuple(own)


def _ports(node: Node) -> tuple[Ports, ...]:
    found = []
    for item in node.items("ports", MOST):
        inner = Node(node.findings, item, frozenset({"proto", "first", "last", "with"}))
        proto = inner.need("proto", _word("tcp", "udp"))
        first, last = inner.need("first", _port), inner.need("last", _port)
        beside = inner.need("with", _word("addresses", "alone"))
        if proto is None or first is None or last is None or beside is None:
            continue
        if first > last:
            node.findings.add(item.place, "bad-ports", f"{first} above {last}")
            continue
        found.append(
            Ports(
                proto=proto,
                first=first,
                last=last,
                with_addresses=beside == "addresses",
            )
        )
    return tuple(found)


def _sources(node: Node) -> str:
    """Return where the names come from, in one line: list@commit (licence); ..."""
    notes = []
    known = frozenset({"list", "commit", "licence", "use", "why"})
    for item in node.items("src", MOST):
        inner = Node(node.findings, item, known)
        commit = inner.need("commit", _commit)
        name = inner.need("list", as_sentence) or ""
        licence = inner.need("licence", as_sentence) or ""
        if inner.need("use", _word("whole", "part")) == "part":
            inner.need("why", as_sentence)
        if inner.has("commit") and "commit" not in inner.bad:
            notes.append(f"{name}{'@' + commit if commit else ''} ({licence})")
    if not notes and "src" not in node.bad:
        node.findings.add(node.at("src"), "missing")
    return "; ".join(notes)


def _label_or_host(value: object) -> str:
    """Return an id, a bare top label or a name."""
    if isinstance(value, str) and "." not in value:
        return as_id(value)
    return as_exact_host(value)


def _commit(value: object) -> str | None:
    return None if value is None else as_sentence(value)


def _word(*words: str) -> Callable[[object], str]:
    """Return a reader of one of a few words."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"unknown-word: {shorten(value)}")
        return value

    return read


def _number(value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"not-a-number: {shorten(value)}")
    if not least <= value <= most:
        raise ValueError(f"bad-number: {value}")
    return value


def _asn(value: object) -> int:
    return _number(value, 1, _ASN_MAX)


def _port(value: object) -> int:
    return _number(value, 1, 65535)


def _age(value: object) -> int:
    return _number(value, 0, 18)


def _network(value: object) -> str:
    """Return a network in its canonical form; one with host bits set is refused."""
    try:
        if not isinstance(value, str) or str(ipaddress.ip_network(value)) != value:
            raise ValueError
    except ValueError:
        raise ValueError(f"bad-network: {shorten(value)}") from None
    return value
