"""Read the devices of a document safely: what is unclear becomes unassigned.

An unassigned device gets the policy for new devices, the strictest of what any child
may do; it is never exempt by accident. An address that two devices claim belongs to
neither.
"""

from __future__ import annotations

from dataclasses import replace

from guardian.core.model import (
    Device,
    DeviceKind,
    parse_mac,
)
from guardian.store.fields import (
    Findings,
    Item,
    Node,
    as_bool,
    as_id,
    as_name,
    one_of,
)

DEVICES_MAX = 1000
# A phone that draws a new address each day for two months.
MACS_MAX = 64
_DEVICE = frozenset({"id", "name", "macs", "mac", "person", "exempt", "kind"})
Claims = list[tuple[Item, str]]


def read_devices(root: Node, people: frozenset[str]) -> tuple[tuple[Device, ...], bool]:
    """Return the devices, and whether one lost its owner or was left out.

    people: ids of those who can own one.
    """
    found: dict[str, tuple[Item, Device, Claims]] = {}
    loose = False
    for item in root.items("devices", DEVICES_MAX):
        device, claims, lost = _read_device(root.findings, item, people)
        loose = loose or lost
        if device is not None and device.id in found:
            first = found[device.id][0].place
            root.findings.add(item.place, "duplicate-id", f"{device.id}, also {first}")
            device = None
        if device is None:
            root.findings.skipped.add(item.path)
            loose = True
        else:
            found[device.id] = item, device, claims
    loose = loose or "devices" in root.bad
    contested = _contested(root.findings, [c for _, _, c in found.values()])
    devices: list[Device] = []
    for item, device, _ in found.values():
        macs = tuple(mac for mac in device.macs if mac not in contested)
        loose = loose or macs != device.macs
        if macs:
            devices.append(replace(device, macs=macs))
        else:
            root.findings.skipped.add(item.path)
    return tuple(devices), loose


def _read_device(
    findings: Findings, item: Item, people: frozenset[str]
) -> tuple[Device | None, Claims, bool]:
    node = Node(findings, item, _DEVICE)
    device_id = node.need("id", as_id) if node.readable else None
    claims = _read_macs(node) if node.readable else []
    if device_id is None or not claims:
        return None, [], True
    person = node.take("person", _owner, None)
    lost = "person" in node.bad
    if person is not None and person not in people:
        findings.add(node.at("person"), "unknown-person", person)
        person, lost = None, True
    exempt = node.take("exempt", as_bool, False)
    if exempt and node.has("person") and (person is not None or lost):
        findings.add(node.at("exempt"), "exempt-device-has-person")
        exempt = False
    kind = one_of(DeviceKind, "unknown-kind")
    device = Device(
        id=device_id,
        name=node.need("name", as_name) or device_id,
        macs=tuple(mac for _, mac in claims),
        person=person,
        exempt=exempt,
        kind=node.take("kind", kind, DeviceKind.PERSONAL),
    )
    return device, claims, lost


def _owner(value: object) -> str | None:
    return None if value is None else as_id(value)


def _read_macs(node: Node) -> Claims:
    claims: Claims = []
    if node.has("macs"):
        claims += node.each("macs", MACS_MAX, _mac)
    if node.has("mac"):
        mac = node.take("mac", _mac, None)
        if mac is not None:
            claims.append((Item(mac, node.at("mac"), (*node.path, "mac")), mac))
    if not claims and not node.bad & {"mac", "macs"}:
        node.findings.add(node.place, "device-without-mac")
    unique: dict[str, Item] = {}
    for item, mac in claims:
        if mac in unique:
            place = unique[mac].place
            node.findings.add(item.place, "duplicate-mac", f"{mac}, also {place}")
            node.findings.skipped.add(item.path)
        else:
            unique[mac] = item
    return [(item, mac) for mac, item in unique.items()]


def _mac(value: object) -> str:
    # The reader of the model takes text only.
    if not isinstance(value, str):
        raise ValueError("bad-mac: not text")
    return parse_mac(value)


def _contested(findings: Findings, devices: list[Claims]) -> set[str]:
    first: dict[str, Item] = {}
    contested: set[str] = set()
    for claims in devices:
        for item, mac in claims:
            if mac in first:
                place = first[mac].place
                findings.add(item.place, "duplicate-mac", f"{mac}, also {place}")
                findings.skipped |= {item.path, first[mac].path}
                contested.add(mac)
            else:
                first[mac] = item
    return contested
