"""The household's JSON document, schema 1: parse it safely, render it exactly.

`parse` collects every problem, each with its place in the document's own words, and
returns a household of what is safe: no fault makes a child freer than the age band's
defaults. `parse_strict` is for an import, which is refused on any problem.
`household.schema.json` describes the same form for other programs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from guardian.core.calendar import DAYS_MAX
from guardian.core.errors import Problem, StoreError
from guardian.core.hostnames import parse_resolver
from guardian.core.model import (
    RESOLVERS_MAX,
    WEEKDAYS,
    Band,
    Calendar,
    CalendarDay,
    Household,
    Mode,
    Network,
    NameSettings,
    NewDevicePolicy,
    NewDevices,
    Refusal,
    shorten,
)
from guardian.store import jsontext, migrate
from guardian.store.fields import (
    Findings,
    Item,
    Node,
    Path,
    as_bool,
    as_country,
    as_date,
    as_day_change,
    as_id,
    as_language,
    as_name,
    as_text,
    as_timezone,
    one_of,
)
from guardian.store.known import Known
from guardian.store.members import Rules, read_people
from guardian.store.render import SCHEMA, render
from guardian.store.spells import (
    read_exceptions,
    read_grants,
    read_off,
    read_opened,
    read_pauses,
)
from guardian.store.things import read_devices

__all__ = ["SCHEMA", "Reading", "parse", "parse_strict", "parse_text", "render"]

LAN_MAX = 32
_ROOT = frozenset(
    {
        "schema",
        "name",
        "timezone",
        "country",
        "language",
        "clock24",
        "day_change",
        "claimed",
        "protection_off",
        "network",
        "new_devices",
        "names",
        "calendar",
        "people",
        "devices",
        "exceptions",
        "pauses",
        "grants",
        "opened",
    }
)
_DAY = frozenset({"from", "to", "type", "name"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What was made of a document.

    skipped: paths of the list entries that were left out.
    """

    household: Household
    problems: tuple[Problem, ...]
    skipped: frozenset[Path]


def parse(
    document: object, bands: tuple[Band, ...], known: Known | None = None
) -> tuple[Household, tuple[Problem, ...]]:
    """Return the safe household of a document and all its problems; never raises.

    known: what it may name, None for what came with the program. Only where that is
    damaged StoreError("profiles-invalid") comes out.
    """
    reading = read(document, bands, known)
    return reading.household, reading.problems


def parse_text(
    text: bytes | str, bands: tuple[Band, ...], known: Known | None = None
) -> tuple[Household, tuple[Problem, ...]]:
    """Return the same for JSON text; one that is no JSON gives an empty household."""
    document = jsontext.loads(text)
    if isinstance(document, Problem):
        return Household(bands=bands), (document,)
    return parse(document, bands, known)


def parse_strict(
    text: bytes | str, bands: tuple[Band, ...], known: Known | None = None
) -> Household:
    """Return the household of a text without fault.

    Raises StoreError("schema-newer"), or StoreError("household-invalid") with all
    problems.
    """
    household, problems = parse_text(text, bands, known)
    if problems:
        newer = any(p.code == "schema-newer" for p in problems)
        code = "schema-newer" if newer else "household-invalid"
        raise StoreError(code, "", problems)
    return household


def read(
    document: object, bands: tuple[Band, ...], known: Known | None = None
) -> Reading:
    """Return household, problems and what was left out of a document's lists."""
    findings = Findings()
    schema = document.get("schema") if isinstance(document, dict) else None
    if type(schema) is int and schema > SCHEMA:
        detail = f"{schema}, this program knows {SCHEMA}"
        findings.add("schema", "schema-newer", shorten(detail))
        return _reading(Household(bands=bands), findings)
    try:
        document = upgrade(document)
    except StoreError as error:
        findings.add("schema", error.code, error.detail)
        return _reading(Household(bands=bands), findings)
    return _reading(_read_household(findings, document, bands, known), findings)


def upgrade(document: object) -> object:
    """Return a document of an older schema in the present one; any other as it is.

    Raises StoreError as `guardian.store.migrate.migrate` does.
    """
    if isinstance(document, dict):
        schema = document.get("schema")
        if type(schema) is int and 0 <= schema < SCHEMA:
            return migrate.migrate(document, schema, SCHEMA, migrate.steps())
    return document


def _reading(household: Household, findings: Findings) -> Reading:
    return Reading(household, tuple(findings.problems), frozenset(findings.skipped))


def _read_household(
    findings: Findings, document: object, bands: tuple[Band, ...], known: Known | None
) -> Household:
    root = Node(findings, Item(document, "", ()), _ROOT)
    if not root.readable:
        return Household(bands=bands)
    root.need("schema", _schema)
    zone = root.take("timezone", as_timezone, "UTC")
    calendar = _read_calendar(root)
    used = {d for b in bands for w in b.defaults.windows for d in w.days}
    rules = Rules(bands, calendar.types() | used, known)
    people = read_people(root, rules)
    ids = frozenset(person.id for person in people)
    devices, loose = read_devices(root, ids)
    new_devices = _read_new_devices(root, rules)
    if loose and new_devices.policy is NewDevicePolicy.ALLOW:
        # Or a child's device whose owner cannot be read would be free.
        findings.add("new_devices / policy", "held", "until the devices are mended")
        new_devices = replace(new_devices, policy=NewDevicePolicy.ASK)
    usual = Household()
    return Household(
        name=root.take("name", as_name, "Home"),
        timezone=zone,
        country=root.take("country", as_country, ""),
        language=root.take("language", as_language, usual.language),
        clock24=root.take("clock24", as_bool, usual.clock24),
        day_change=root.take("day_change", as_day_change, usual.day_change),
        claimed=root.take("claimed", as_bool, True),
        off=read_off(root),
        network=_read_network(root),
        new_devices=new_devices,
        names=_read_names(root),
        calendar=calendar,
        people=people,
        devices=devices,
        exceptions=read_exceptions(root, ids),
        pauses=read_pauses(root, ids),
        grants=read_grants(root, ids),
        opened=read_opened(root, ids),
        bands=bands,
    )


def _schema(value: object) -> int:
    if type(value) is not int or value != SCHEMA:
        raise ValueError(f"bad-schema: {shorten(value)}")
    return value


def _read_network(root: Node) -> Network:
    node = root.node("network", frozenset({"lan", "mode"}))
    default = Network()
    lan = default.lan
    if node.has("lan"):
        names = [name for _, name in node.each("lan", LAN_MAX, _interface)]
        if not names and "lan" not in node.bad:
            node.findings.add(node.at("lan"), "network-without-lan")
        lan = tuple(dict.fromkeys(names)) or lan
    mode = node.take("mode", one_of(Mode, "unknown-mode"), default.mode)
    return Network(lan=lan, mode=mode)


def _interface(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"bad-interface-name: {shorten(value)}")
    return Network(lan=(value,)).lan[0]


def _read_new_devices(root: Node, rules: Rules) -> NewDevices:
    node = root.node("new_devices", frozenset({"policy", "band"}))
    policy = node.take(
        "policy", one_of(NewDevicePolicy, "unknown-policy"), NewDevicePolicy.ASK
    )
    known = {band.id for band in rules.bands}
    default = NewDevices().band
    strictest = rules.strictest() or default
    if not node.has("band") and "new_devices" not in root.bad and node.readable:
        return NewDevices(
            policy=policy, band=default if default in known else strictest
        )
    band = node.take("band", as_id, strictest)
    if band not in known and known:
        node.findings.add(node.at("band"), "unknown-band", band)
        band = strictest
    return NewDevices(policy=policy, band=band)


def _read_names(root: Node) -> NameSettings:
    node = root.node("names", frozenset({"refusal", "resolvers"}))
    refusal = one_of(Refusal, "unknown-refusal")
    servers = [s for _, s in node.each("resolvers", RESOLVERS_MAX, _resolver)]
    return NameSettings(
        refusal=node.take("refusal", refusal, Refusal.NXDOMAIN),
        resolvers=tuple(dict.fromkeys(servers)),
    )


def _resolver(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"bad-server: {shorten(value)}")
    return parse_resolver(value)


def _read_calendar(root: Node) -> Calendar:
    node = root.node("calendar", frozenset({"week", "days"}))
    week = node.node("week", frozenset(WEEKDAYS))
    usual = Calendar().week
    days: list[CalendarDay] = []
    for item in node.items("days", DAYS_MAX):
        day = _read_day(node.findings, item)
        if day is None:
            node.findings.skipped.add(item.path)
        else:
            days.append(day)
    return Calendar(
        week=tuple(week.take(name, as_id, usual[i]) for i, name in enumerate(WEEKDAYS)),
        days=tuple(days),
    )


def _read_day(findings: Findings, item: Item) -> CalendarDay | None:
    node = Node(findings, item, _DAY)
    if not node.readable:
        return None
    first, day_type = node.need("from", as_date), node.need("type", as_id)
    last = node.take("to", as_date, first)
    name = node.take("name", as_text, "")
    if first is None or last is None or day_type is None or "to" in node.bad:
        return None
    try:
        return CalendarDay(first=first, last=last, day_type=day_type, name=name)
    except ValueError as error:
        findings.refused(item.place, error)
        return None
