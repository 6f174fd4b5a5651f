"""The verbs of the control socket: arguments in, JSON values out.

Each is one small function over the service; reading verbs change nothing, changing
verbs go through `Service.change`, so that each is stored, audited and enforced, in this
order. Whatever the arguments are, only GuardianError leaves `handle`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol, TypeVar

from guardian.compile.names import name_plan
from guardian.compile.plan import plan
from guardian.core import changes
from guardian.core.errors import ControlError, GuardianError
from guardian.core.events import ClockKnown, Moment, TablesLost
from guardian.core.hostnames import parse_host
from guardian.core.model import (
    LIFTS,
    Access,
    Household,
    Person,
    WindowKind,
    YouTube,
    check_name,
    parse_mac,
    shorten,
)
from guardian.core.naming import NameRules
from guardian.core.timetext import (
    morning,
    parse_clock,
    parse_duration,
    parse_instant,
    parse_until,
)
from guardian.service import Service
from guardian.store.document import parse_strict, render
from guardian.store.known import load_known
from guardian.views import (
    decision_view,
    device_view,
    exempt_name_view,
    explain_view,
    people_view,
    plan_view,
    problems_view,
    sites_view,
)

# Until five in the morning a bedtime without a date is the present night's.
NIGHT_GOES_ON = timedelta(hours=5)
Json = dict[str, Any]
T = TypeVar("T")
TRIAL_MAX_S = 3600
# What each argument must be where it is given; unknown ones are ignored, so that a
# newer client can speak to an older daemon.
_KINDS: dict[str, type] = {
    "access": str,
    "action": str,
    "at": str,
    "device": str,
    "name": str,
    "end": str,
    "exempt": bool,
    "kind": str,
    "label": str,
    "lifts": str,
    "limit": int,
    "name": str,
    "names": list,
    "off": bool,
    "on": str,
    "only": str,
    "packs": str,
    "person": str,
    "revision": int,
    "safe_search": str,
    "same_as": str,
    "span": str,
    "start": str,
    "text": str,
    "timeout": int,
    "until": str,
    "why": str,
    "youtube": str,
}
# What takes a setting back to the age band's.
DEFAULT = "default"
_SWITCH: dict[str, bool | None] = {"on": True, "off": False, DEFAULT: None}
_ACCESS: dict[str, Access | None] = {a.value: a for a in Access} | {DEFAULT: None}
_YOUTUBE: dict[str, YouTube | None] = {y.value: y for y in YouTube} | {DEFAULT: None}
# Verbs' words for the lists of names; None takes a name off all of them.
_LISTS = {"allow": "allow", "block": "block", "always": "always", "forget": None}
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


class Outside(Protocol):
    """What the verbs ask of the shell."""

    @property
    def version(self) -> str:
        """Return the program's version."""

    def health(self) -> dict[str, str]:
        """Return what is wrong now, code -> detail."""

    def seen(self, mac: str) -> Json | None:
        """Return when and where a MAC was seen, with its evidence, or None."""

    def sightings(self) -> list[Json]:
        """Return every MAC seen on the LAN."""

    def names(self) -> Json:
        """Return how children's questions are answered: counts, never a name."""

    def explain_name(self, rules: NameRules, name: str) -> Json:
        """Return what rules say of a host name, and which lists hold it."""

    def check(self, text: str) -> None:
        """Let the kernel check a ruleset; EnforcementError if it would refuse it."""

    def audit(self, limit: int) -> list[Json]:
        """Return the newest entries of the audit log."""

    def trust_clock(self) -> None:
        """Take a person's word that the clock is right."""

    def trial_ends_in(self, seconds: int) -> None:
        """Roll the trial back after this time unless it has ended."""


class Verbs:
    """All verbs; `handle` is what the control server calls.

    outside: what only the shell knows (discovery, platform), as functions.
    """

    def __init__(self, service: Service, outside: Outside) -> None:
        self._service = service
        self._outside = outside
        self._table: dict[str, Callable[[Json, str], Any]] = {
            "status": self._status,
            "devices": self._devices,
            "people": self._people,
            "assign": self._assign,
            "pause": self._pause,
            "resume": self._resume,
            "grant": self._grant,
            "exception": self._exception,
            "site": self._site,
            "access": self._access,
            "sites": self._sites,
            "sites-set": self._sites_set,
            "household-export": self._export,
            "household-import": self._import,
            "explain": self._explain,
            "plan": self._plan,
            "print": self._print,
            "check": self._check,
            "apply": self._apply,
            "try": self._try,
            "try-confirm": lambda args, by: self._end_trial(True, by),
            "try-rollback": lambda args, by: self._end_trial(False, by),
            "audit": self._audit,
            "clock": self._clock,
        }

    async def handle(self, verb: str, args: Json, peer: str) -> Any:
        """Run one verb; raises GuardianError for whatever cannot be done."""
        run = self._table.get(verb)
        if run is None:
            raise ControlError("unknown-verb", verb[:40])
        args = {key: value for key, value in args.items() if value is not None}
        for key, kind in _KINDS.items():
            if key in args and type(args[key]) is not kind:
                raise GuardianError("bad-argument", key)
        try:
            return run(args, peer)
        except KeyError as error:
            raise GuardianError("needs-arguments", str(error)[:200]) from None
        except (ValueError, OverflowError) as error:
            code, _, detail = str(error).partition(": ")
            if not _CODE.match(code):
                code, detail = "bad-argument", str(error)
            raise GuardianError(code, detail[:200]) from None

    @property
    def _household(self) -> Household:
        return self._service.trial or self._service.household

    def _at(self, args: Json) -> datetime:
        text = args.get("at") or ""
        if not text:
            return self._service.now().wall
        return parse_instant(text, self._household)

    def _status(self, args: Json, by: str) -> Json:
        service, engine = self._service, self._service.engine
        layout, moment = engine.layout, service.now()
        return {
            "version": self._outside.version,
            "household": self._household.name,
            "revision": service.revision,
            "enforced": service.enforced(),
            "failsafe": bool(service.problems) or service.store_state == "lost",
            "problems": problems_view(service.problems),
            "store": service.store_state,
            "trial": service.trial is not None,
            "mode": self._household.network.mode.value,
            "interfaces": {
                name: "hooked" if name in layout.hooked else "missing"
                for name in layout.lan
            },
            "ports": list(layout.ports),
            "hooks": {"ingress": layout.ingress, "egress": layout.egress},
            "clock": {
                "now": moment.wall.astimezone(self._household.zone).isoformat(),
                "known": engine.clock_known,
            },
            "leases": sum(
                1
                for (name, _), ends in engine.applied.items()
                if name == "permit" and ends is not None
            ),
            "floor": {"addresses": len(engine.floor)},
            "names": self._outside.names(),
            "health": [
                {"code": code, "detail": detail}
                for code, detail in sorted(self._outside.health().items())
            ],
        }

    def _people(self, args: Json, by: str) -> list[Json]:
        engine, moment = self._service.engine, self._service.now()
        return people_view(self._household, engine.facts(moment), self._at(args))

    def _devices(self, args: Json, by: str) -> list[Json]:
        engine, moment, at = self._service.engine, self._service.now(), self._at(args)
        household, facts = self._household, engine.facts(moment)
        known = [device_view(household, d, facts, at) for d in household.devices]
        assigned = {mac for d in household.devices for mac in d.macs}
        for view in known:
            seen = [self._outside.seen(mac) for mac in view["macs"]]
            view["seen"] = [s for s in seen if s is not None]
            view["enforced"] = {
                mac: self._left(mac, moment.mono) for mac in view["macs"]
            }
        for seen_view in self._outside.sightings():
            if seen_view["mac"] not in assigned:
                known.append(self._unassigned(seen_view, moment.mono))
        return known

    def _unassigned(self, seen: Json, mono: float) -> Json:
        plan = self._service.engine.plan
        assert plan is not None
        mac = seen["mac"]
        return {
            "id": None,
            "name": seen.get("hostname") or seen.get("vendor"),
            "macs": [mac],
            "kind": None,
            "person": None,
            "exempt": False,
            "decision": decision_view(
                plan.macs.get(mac, plan.unknown), self._household
            ),
            "seen": [seen],
            "may_belong_to": list(self._service.engine.candidates.get(mac, ())),
            "enforced": {mac: self._left(mac, mono)},
        }

    def _left(self, mac: str, mono: float) -> Json:
        """Return what the kernel was told of a MAC: exempt, or its lease in seconds."""
        applied = self._service.engine.applied
        if ("exempt", (mac,)) in applied:
            return {"exempt": True, "lease_s": None}
        ends = applied.get(("permit", (mac,)))
        left = max(0, int(ends - mono)) if ends is not None else 0
        return {"exempt": False, "lease_s": left}

    def _assign(self, args: Json, by: str) -> Json:
        household = self._household
        if args.get("same_as"):
            known = changes.find_device(household, args["same_as"])
            if known is None:
                raise GuardianError("no-such-device", str(args["same_as"])[:80])
            changed, device = changes.join(household, known, parse_mac(args["device"]))
        else:
            person = args.get("person")
            changed, device = changes.assign(
                household,
                args["device"],
                person=changes.find_person(household, person) if person else None,
                exempt=bool(args.get("exempt")),
                name=check_name(args["name"]) if args.get("name") else "",
            )
        return self._done(changed, args, by, "assign", {"device": device.id})

    def _pause(self, args: Json, by: str) -> Json:
        household, now = self._household, self._service.now().wall
        person = self._child_or_all(args)
        until = self._until(args, person)
        if until is None:
            until = morning(household, person, now)
        changed, item = changes.pause(household, person, until=until, by=by, now=now)
        return self._done(changed, args, by, "pause", self._span(item.id, until))

    def _resume(self, args: Json, by: str) -> Json:
        changed, ended = changes.resume(self._household, self._child_or_all(args))
        return self._done(changed, args, by, "resume", {"ended": ended})

    def _grant(self, args: Json, by: str) -> Json:
        household, now = self._household, self._service.now().wall
        person = changes.find_child(household, args["person"])
        lifts = _kinds(args["lifts"]) if args.get("lifts") else None
        if args.get("span"):
            minutes = parse_duration(args["span"])
            until = changes.grant_end(household, person, minutes, now, lifts)
        else:
            until = parse_until(args["until"], household, person, now)
        changed, item = changes.grant(
            household,
            person,
            until=until,
            lifts=lifts,
            why=check_name(args["why"]) if args.get("why") else "",
            by=by,
            now=now,
        )
        return self._done(changed, args, by, "grant", self._span(item.id, until))

    def _exception(self, args: Json, by: str) -> Json:
        household, now = self._household, self._service.now().wall
        person = changes.find_child(household, args["person"])
        local = now.astimezone(household.zone)
        kind = _kind(args.get("kind") or "bedtime")
        # At half past midnight "tonight" is the night that has begun.
        begun = local - NIGHT_GOES_ON if kind is WindowKind.BEDTIME else local
        changed, item = changes.except_day(
            household,
            person,
            on=_date(args["on"]) if args.get("on") else begun.date(),
            kind=kind,
            today=local.date(),
            start=parse_clock(args["start"]) if args.get("start") else None,
            end=parse_clock(args["end"]) if args.get("end") else None,
            off=bool(args.get("off")),
        )
        return self._done(changed, args, by, "exception", {"id": item.id})

    def _site(self, args: Json, by: str) -> Json:
        household = self._household
        person = changes.find_child(household, args["person"])
        where = _choice(args, "action", _LISTS)
        names = sorted({parse_host(name) for name in args["names"]})
        if not names:
            raise GuardianError("needs-arguments", "names")
        floor = load_known().floor if where == "block" else frozenset()
        changed = changes.list_names(household, person, names, where, floor)
        return self._done(changed, args, by, "site", {"names": names})

    def _access(self, args: Json, by: str) -> Json:
        household = self._household
        person = changes.find_child(household, args["person"])
        label, access = args["label"], _choice(args, "access", _ACCESS)
        changed = changes.set_access(
            household, person, label, access, load_known().labels
        )
        return self._done(changed, args, by, "access", {"id": label})

    def _sites(self, args: Json, by: str) -> Json:
        household = self._household
        return sites_view(household, changes.find_child(household, args["person"]))

    def _sites_set(self, args: Json, by: str) -> Json:
        household = self._household
        person = changes.find_child(household, args["person"])
        choices: dict[str, dict[str, Any]] = {
            "only": _SWITCH,
            "safe_search": _SWITCH,
            "youtube": _YOUTUBE,
        }
        settings: Json = {
            key: _choice(args, key, words)
            for key, words in choices.items()
            if key in args
        }
        if "packs" in args:
            settings["packs"] = _packs(args["packs"])
        if not settings:
            raise GuardianError("needs-arguments", "only, packs, safe_search, youtube")
        changed = changes.set_names(household, person, settings)
        return self._done(changed, args, by, "sites", {"person": person.id})

    def _export(self, args: Json, by: str) -> Json:
        return render(self._household)

    def _import(self, args: Json, by: str) -> Json:
        household = self._parse(args["text"])
        return self._done(household, args, by, "household-import", {}, whole=True)

    def _explain(self, args: Json, by: str) -> Json:
        household = self._household
        device = changes.find_device(household, args["device"])
        if device is None and self._outside.seen(args["device"].lower()) is None:
            raise GuardianError("no-such-device", args["device"][:80])
        engine, moment, at = self._service.engine, self._service.now(), self._at(args)
        view = explain_view(household, device, engine.facts(moment), at)
        if args.get("name"):
            mac = device.macs[0] if device else args["device"].lower()
            view["name"] = self._explain_name(mac, parse_host(args["name"]), at)
        return view

    def _explain_name(self, mac: str, name: str, at: datetime) -> Json:
        """Return why a device gets which answer; by the rules of that time."""
        engine, moment = self._service.engine, self._service.now()
        candidates = engine.unassigned()
        found = plan(
            self._household,
            engine.facts(moment),
            at,
            moment.mono,
            candidates=candidates,
        )
        if ("exempt", (mac,)) in found.wishes:
            return exempt_name_view(name)
        devices = name_plan(self._household, found, at, candidates=candidates).devices
        return self._outside.explain_name(devices.get(mac, devices[""]), name)

    def _plan(self, args: Json, by: str) -> Json:
        engine, moment = self._service.engine, self._service.now()
        view = plan_view(self._household, engine.facts(moment), self._at(args))
        if not args.get("at"):
            view["leases"] = [
                {
                    "set": name,
                    "key": list(key),
                    "seconds": None if ends is None else int(ends - moment.mono),
                }
                for (name, key), ends in sorted(engine.applied.items())
                # The exempt have no lease: `exempt` tells of them.
                if name != "permit" or ends is not None
            ]
        return view

    def _print(self, args: Json, by: str) -> Json:
        moment = Moment(self._at(args), self._service.now().mono)
        return {"text": self._service.engine.text(moment)}

    def _check(self, args: Json, by: str) -> Json:
        self._outside.check(self._service.engine.text(self._service.now()))
        return {"loads": True}

    def _apply(self, args: Json, by: str) -> Json:
        enforced = self._service.post(TablesLost())
        return {"enforced": enforced}

    def _try(self, args: Json, by: str) -> Json:
        seconds = args.get("timeout", 120)
        if not 1 <= seconds <= TRIAL_MAX_S:
            raise GuardianError("bad-duration", f"{seconds} s")
        wanted = self._claimed(self._parse(args["text"]))
        enforced = self._service.start_trial(wanted)
        self._outside.trial_ends_in(seconds)
        return {"enforced": enforced, "rollback_in": seconds}

    def _end_trial(self, keep: bool, by: str) -> Json:
        enforced = self._service.end_trial(keep=keep, by=by)
        return {"enforced": enforced, "kept": keep}

    def _audit(self, args: Json, by: str) -> list[Json]:
        return self._outside.audit(args.get("limit", 50))

    def _clock(self, args: Json, by: str) -> Json:
        self._outside.trust_clock()
        enforced = self._service.post(ClockKnown(True))
        return {"enforced": enforced, "known": True}

    def _claimed(self, household: Household) -> Household:
        """Return it with all that the LAN has shown exempt, if it takes the box."""
        if not household.claimed or self._household.claimed:
            return household
        seen = [
            (s["mac"], s.get("hostname") or f"Device {s['mac']}")
            for s in self._outside.sightings()
        ]
        return changes.claim(household, seen)

    def _parse(self, text: str) -> Household:
        """Return the household of a document, or refuse it with every problem."""
        return parse_strict(text, self._household.bands)

    def _child_or_all(self, args: Json) -> Person | None:
        if args["person"] == "all":
            return None
        return changes.find_child(self._household, args["person"])

    def _until(self, args: Json, person: Person | None) -> datetime | None:
        now = self._service.now().wall
        if args.get("span"):
            return now + parse_duration(args["span"])
        if args.get("until"):
            return parse_until(args["until"], self._household, person, now)
        return None

    def _span(self, item_id: str, until: datetime) -> Json:
        return {
            "id": item_id,
            "until": until.astimezone(self._household.zone).isoformat(),
        }

    def _done(
        self,
        household: Household,
        args: Json,
        by: str,
        verb: str,
        result: Json,
        *,
        whole: bool = False,
    ) -> Json:
        """Store and enforce it; with a `revision` only if that is still the present."""
        enforced = self._service.change(
            self._claimed(household),
            by=by,
            verb=verb,
            expect=args.get("revision"),
            whole=whole,
        )
        return {**result, "revision": self._service.revision, "enforced": enforced}


def _choice(args: Json, key: str, words: Mapping[str, T]) -> T:
    """Return what one of some words stands for."""
    if args[key] not in words:
        raise GuardianError("bad-argument", f"{key}: {', '.join(words)}")
    return words[args[key]]


def _packs(text: str) -> tuple[str, ...] | None:
    """Return the packs of "a,b", none of "none"; None for the age band's."""
    if text == DEFAULT:
        return None
    packs = {part.strip() for part in text.split(",") if text != "none"}
    if unknown := packs - load_known().packs:
        raise GuardianError("unknown-pack", min(unknown)[:80])
    return tuple(sorted(packs))


def _kinds(text: str) -> tuple[str, ...]:
    kinds = {part.strip() for part in text.split(",")}
    if not kinds <= {*LIFTS}:
        raise GuardianError("bad-argument", f"lifts: {', '.join(LIFTS)}")
    return tuple(sorted(kinds))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise GuardianError("bad-date", shorten(text)) from None


def _kind(text: str) -> WindowKind:
    try:
        return WindowKind(text)
    except ValueError:
        kinds = ", ".join(kind.value for kind in WindowKind)
        raise GuardianError("bad-argument", f"kind: {kinds}") from None
