"""The household: people, devices, rules, as frozen values that cannot be invalid.

Everything here is plain data with its own checks; no clock, no file, no socket.
Instants are aware datetimes, wall-clock times are minutes after local midnight.
A constructor raises ValueError("code: detail") for what cannot be; the parser of
documents (`guardian.store.document`) turns that into a `Problem` with its place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from guardian.core.hostnames import check_hosts, parse_resolver

DAY = 1440
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Ids travel in URLs, file names and set comments.
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}\Z")
_MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}\Z")
# Language, perhaps script and region (RFC 5646): what a catalogue of ours is named by.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?\Z")
# Long enough for "Grandma Elisabeth's living-room tablet", short enough for a phone.
NAME_MAX = 64
# One shared lease must never outlive the night it was made for (24 h).
LEASE_MAX_S = 24 * 3600
# What a grant can open: time, and never a kind of site.
LIFTS = ("bedtime", "budget", "homework", "offline")
RESOLVERS_MAX = 8


class Role(StrEnum):
    """Who a person is; only children have rules."""

    CHILD = "child"
    PARENT = "parent"
    ADULT = "adult"


class WindowKind(StrEnum):
    """What a window means: no internet at night, none by day, or learning sites only.

    `sites` refuses some kinds of site and leaves the device as it is.
    """

    BEDTIME = "bedtime"
    OFFLINE = "offline"
    HOMEWORK = "homework"
    SITES = "sites"


class Access(StrEnum):
    """What a profile says of a category or service; `limit` counts against a budget."""

    ALLOW = "allow"
    LIMIT = "limit"
    BLOCK = "block"


class YouTube(StrEnum):
    """YouTube's own restricted modes, set by DNS."""

    OFF = "off"
    MODERATE = "moderate"
    STRICT = "strict"


class Refusal(StrEnum):
    """How a refused name is answered: it does not exist, or it leads to our page."""

    NXDOMAIN = "nxdomain"
    SINKHOLE = "sinkhole"


class FailMode(StrEnum):
    """How far a lease reaches: `normal` to the next boundary, `strict` 90 s."""

    NORMAL = "normal"
    STRICT = "strict"


class NewDevicePolicy(StrEnum):
    """What a MAC that nobody has assigned gets."""

    ASK = "ask"
    ALLOW = "allow"
    BLOCK = "block"


class Mode(StrEnum):
    """Where the box stands in the home; decides what can be enforced."""

    ROUTER = "router"
    ONE_ARMED = "one-armed"


class DeviceKind(StrEnum):
    """What a device is. A thing (TV, alarm, doorbell) is exempt unless assigned."""

    PERSONAL = "personal"
    THING = "thing"
    ROUTER = "router"


def check_id(text: str) -> str:
    """Return `text` if it may be an id; ValueError otherwise."""
    if not isinstance(text, str) or not _ID.match(text):
        raise ValueError(f"bad-id: {shorten(text)}")
    return text


def check_name(text: str) -> str:
    """Return the name a person gave; ValueError when empty, too long or unprintable."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError("name-empty")
    if len(text) > NAME_MAX:
        raise ValueError(f"name-too-long: {len(text)} characters, at most {NAME_MAX}")
    if not text.isprintable():
        raise ValueError("name-unprintable")
    return text


def check_language(text: str) -> str:
    """Return a language's tag ("de", "pt-BR"); ValueError for anything else."""
    if not isinstance(text, str) or not _LANGUAGE.match(text):
        raise ValueError(f"bad-language: {shorten(text)}")
    return text


def parse_mac(text: str) -> str:
    """Return a unicast MAC as lower-case colon form; ValueError with the text."""
    mac = text.strip().lower().replace("-", ":") if isinstance(text, str) else ""
    if not _MAC.match(mac):
        raise ValueError(f"bad-mac: {shorten(text)}")
    # IEEE 802: bit 0 of the first octet marks a group address, never a sender.
    if int(mac[:2], 16) & 1 or mac == "00:00:00:00:00:00":
        raise ValueError(f"mac-not-unicast: {mac}")
    return mac


def shorten(value: object) -> str:
    """Return at most 80 printable characters of a foreign value, for a message."""
    text = value if isinstance(value, str) else repr(value)
    clean = "".join(c if c.isprintable() else "?" for c in text[:81])
    return clean if len(clean) <= 80 else clean[:79] + "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of wall-clock time on days of some types.

    days: day types on whose date the window *starts*; of a bedtime that starts after
    noon the next date's ("school": the night before a school day). Sorted, never empty.
    start, end: minutes after that date's midnight, [start, end); `end` may pass 1440
    (the next morning) by up to a day; 0 <= start < end <= 2880, at most a day long.
    blocks: of kind `sites` only, and never empty then: ids of the categories and
    services that are refused meanwhile, sorted.
    """

    id: str
    kind: WindowKind
    days: tuple[str, ...]
    start: int
    end: int
    blocks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_id(self.id)
        if not self.days:
            raise ValueError("window-without-days")
        if tuple(sorted(set(self.days))) != self.days:
            raise ValueError("window-days-unsorted")
        if self.start == self.end:
            raise ValueError("window-zero-length")
        if not 0 <= self.start < self.end <= 2 * DAY or self.end - self.start > DAY:
            raise ValueError(f"window-out-of-range: {self.start}-{self.end}")
        if bool(self.blocks) != (self.kind is WindowKind.SITES):
            raise ValueError("blocks-are-for-sites")
        _check_ids(self.blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """A run of dates (both ends included) that has a day type of its own."""

    first: date
    last: date
    day_type: str
    name: str = ""

    def __post_init__(self) -> None:
        check_id(self.day_type)
        if self.last < self.first:
            raise ValueError(f"calendar-ends-before-start: {self.first} {self.last}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Which day type a date has: the shortest run that holds it, else the weekday's.

    week: seven day types, Monday first.
    """

    week: tuple[str, ...] = ("school",) * 5 + ("weekend",) * 2
    days: tuple[CalendarDay, ...] = ()

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("calendar-week-not-seven")

    def types(self) -> frozenset[str]:
        """Return every day type that some date can have."""
        return frozenset(self.week) | {d.day_type for d in self.days}


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowException:
    """One person's windows of one kind, on one date, changed or called off.

    on: the date on which the window starts.
    start, end: minutes as in `Window`, None keeps the profile's; `off` drops them.
    """

    id: str
    person: str
    on: date
    kind: WindowKind
    start: int | None = None
    end: int | None = None
    off: bool = False

    def __post_init__(self) -> None:
        check_id(self.id)
        if self.off == (self.start is not None or self.end is not None):
            raise ValueError("exception-needs-times-or-off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A parent's stop, with an end, for a person or (person None) for all children."""

    id: str
    person: str | None
    start: datetime
    until: datetime
    by: str = ""

    def __post_init__(self) -> None:
        check_id(self.id)
        _check_span(self.start, self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Time given on top of the rules; ends by itself; never lifts a pause.

    lifts: of `LIFTS`, the window kinds it opens and "budget".
    """

    id: str
    person: str
    start: datetime
    until: datetime
    lifts: tuple[str, ...] = LIFTS
    why: str = ""
    by: str = ""

    def __post_init__(self) -> None:
        check_id(self.id)
        _check_span(self.start, self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionOff:
    """A parent has switched the whole system off; it comes back by itself."""

    start: datetime
    until: datetime
    by: str = ""

    def __post_init__(self) -> None:
        _check_span(self.start, self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A site that a parent has opened for a child until an end.

    name: a host name with all below it, as in `Overrides.allow`, whose word it has as
    long as it lasts.
    """

    id: str
    person: str
    name: str
    until: datetime
    by: str = ""

    def __post_init__(self) -> None:
        check_id(self.id)
        check_hosts((self.name,))
        if self.until.tzinfo is None:
            raise ValueError("instant-without-zone")


def _check_span(start: datetime, until: datetime) -> None:
    if start.tzinfo is None or until.tzinfo is None:
        raise ValueError("instant-without-zone")
    # Two datetimes of one ZoneInfo compare by their wall readings (PEP 495).
    if until.timestamp() <= start.timestamp():
        raise ValueError(f"ends-before-start: {until.isoformat()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What one layer (band, person) says; None or empty means "as the layer below".

    windows: replace those of the same id, or add; dropped: ids called off.
    access: (category or service, what holds); allow, block, always: host names, each
    with all below; `always` passes all but a pause. only: allow-list mode, of `packs`
    (starter packs; () is none of them) and `allow`. Lists are sorted, each entry once.
    """

    fail_mode: FailMode | None = None
    windows: tuple[Window, ...] = ()
    dropped: tuple[str, ...] = ()
    access: tuple[tuple[str, Access], ...] = ()
    allow: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    only: bool | None = None
    packs: tuple[str, ...] | None = None
    safe_search: bool | None = None
    youtube: YouTube | None = None

    def __post_init__(self) -> None:
        _check_ids(tuple(label for label, _ in self.access))
        _check_ids(self.packs or ())
        for names in (self.allow, self.block, self.always):
            check_hosts(names)
        if both := {*self.block} & {*self.allow, *self.always}:
            raise ValueError(f"name-in-two-lists: {min(both)}")


def _check_ids(ids: tuple[str, ...]) -> None:
    for one in ids:
        check_id(one)
    if tuple(sorted(set(ids))) != ids:
        raise ValueError("ids-unsorted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """An age band of `profiles/bands.json`: defaults, each with its reason in words."""

    id: str
    ages: tuple[int, int]
    title: str
    defaults: Overrides
    why: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of the household. Adults have no rules and cannot be observed.

    birth: (year, month), optional; band: id of a `Band`, children only.
    """

    id: str
    name: str
    role: Role
    band: str | None = None
    birth: tuple[int, int] | None = None
    overrides: Overrides = field(default_factory=Overrides)

    def __post_init__(self) -> None:
        check_id(self.id)
        check_name(self.name)
        if (self.role is Role.CHILD) != (self.band is not None):
            raise ValueError("band-is-for-children")


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device is its MACs, newest first. Addresses are never trusted.

    person None and not exempt: unassigned, the new-device policy applies.
    exempt: never judged (a thing, another router, seen before the box was claimed).
    """

    id: str
    name: str
    macs: tuple[str, ...]
    person: str | None = None
    exempt: bool = False
    kind: DeviceKind = DeviceKind.PERSONAL

    def __post_init__(self) -> None:
        check_id(self.id)
        check_name(self.name)
        if not self.macs:
            raise ValueError("device-without-mac")
        for mac in self.macs:
            if parse_mac(mac) != mac:
                raise ValueError(f"bad-mac: {shorten(mac)}")
        if self.exempt and self.person is not None:
            raise ValueError("exempt-device-has-person")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDevices:
    """What a MAC nobody has assigned gets; `band` is the profile under `ask`."""

    policy: NewDevicePolicy = NewDevicePolicy.ASK
    band: str = "10-12"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Where the home is: names of LAN-side layer-3 interfaces, and the mode."""

    lan: tuple[str, ...] = ("br-lan",)
    mode: Mode = Mode.ROUTER

    def __post_init__(self) -> None:
        if not self.lan:
            raise ValueError("network-without-lan")
        for name in self.lan:
            # IFNAMSIZ is 16 with the final NUL (linux/if.h). Chains are named after
            # interfaces, and nft's grammar has no other character in a name.
            if not re.match(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}\Z", name):
                raise ValueError(f"bad-interface-name: {shorten(name)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSettings:
    """How names are answered for the whole home.

    resolvers: "ADDRESS#PORT" to ask, the first first; () those that are found.
    """

    refusal: Refusal = Refusal.NXDOMAIN
    resolvers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.resolvers) > RESOLVERS_MAX:
            raise ValueError(f"too-many-resolvers: at most {RESOLVERS_MAX}")
        for server in self.resolvers:
            if parse_resolver(server) != server:
                raise ValueError(f"bad-server: {shorten(server)}")


_KINDS_WITH_IDS = ("people", "devices", "exceptions", "pauses", "grants", "opened")


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """Everything a family has decided. Ids are unique within their kind.

    bands: the age bands it was read with (data of `profiles/`, not of the family).
    claimed: False until a parent has taken the box; before, nothing is stopped that
    is not assigned. off: while set and not over, nothing is stopped at all.
    day_change: minutes after midnight at which the household's day begins: a late
    evening belongs to the day before. language, clock24: how pages speak to it.
    """

    name: str = "Home"
    timezone: str = "UTC"
    country: str = ""
    language: str = "en"
    clock24: bool = True
    day_change: int = 4 * 60
    claimed: bool = True
    off: ProtectionOff | None = None
    network: Network = field(default_factory=Network)
    new_devices: NewDevices = field(default_factory=NewDevices)
    names: NameSettings = field(default_factory=NameSettings)
    calendar: Calendar = field(default_factory=Calendar)
    people: tuple[Person, ...] = ()
    devices: tuple[Device, ...] = ()
    exceptions: tuple[WindowException, ...] = ()
    pauses: tuple[Pause, ...] = ()
    grants: tuple[Grant, ...] = ()
    opened: tuple[Opened, ...] = ()
    bands: tuple[Band, ...] = ()

    def __post_init__(self) -> None:
        check_name(self.name)
        check_language(self.language)
        if not 0 <= self.day_change < DAY:
            raise ValueError(f"bad-day-change: {self.day_change}")
        for kind in _KINDS_WITH_IDS:
            ids = [item.id for item in getattr(self, kind)]
            if len(set(ids)) != len(ids):
                raise ValueError(f"duplicate-id: {kind}")
        macs = [mac for device in self.devices for mac in device.macs]
        if len(set(macs)) != len(macs):
            raise ValueError("duplicate-mac")

    @property
    def zone(self) -> ZoneInfo:
        """Return the household's zone; ZoneInfo caches by name."""
        return ZoneInfo(self.timezone)

    def person(self, person_id: str) -> Person | None:
        """Return the person with that id, or None."""
        return next((p for p in self.people if p.id == person_id), None)

    def device(self, device_id: str) -> Device | None:
        """Return the device with that id, or None."""
        return next((d for d in self.devices if d.id == device_id), None)

    def band(self, band_id: str) -> Band | None:
        """Return the age band with that id, or None."""
        return next((b for b in self.bands if b.id == band_id), None)


class Verdict(StrEnum):
    """allow: routed; limit: only `reach` and the floor; refuse: only the floor."""

    ALLOW = "allow"
    LIMIT = "limit"
    REFUSE = "refuse"


class Reason(StrEnum):
    """Why; frozen names, part of every interface."""

    FLOOR = "FLOOR"
    SAFETY_LIST = "SAFETY_LIST"
    PROTECTION_OFF = "PROTECTION_OFF"
    PAUSED = "PAUSED"
    GRANT = "GRANT"
    ALWAYS_WORKS = "ALWAYS_WORKS"
    BEDTIME = "BEDTIME"
    OFFLINE = "OFFLINE"
    HOMEWORK = "HOMEWORK"
    BUDGET_USED = "BUDGET_USED"
    BLOCKED_SITE = "BLOCKED_SITE"
    ALLOWED_SITE = "ALLOWED_SITE"
    NOT_ON_ALLOWLIST = "NOT_ON_ALLOWLIST"
    SOFT_FLOOR = "SOFT_FLOOR"
    BLOCKED_CATEGORY = "BLOCKED_CATEGORY"
    DEFAULT = "DEFAULT"
    EXEMPT = "EXEMPT"
    NEW_DEVICE = "NEW_DEVICE"
    CLOCK_UNKNOWN = "CLOCK_UNKNOWN"


Args = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with its reason.

    until: the first instant at which the verdict turns (for allow: to "no"); None if
    nothing in sight turns it.
    args: sorted pairs for the sentence, e.g. (("window", "bedtime"),).
    """

    verdict: Verdict
    reason: Reason
    until: datetime | None = None
    args: Args = ()
