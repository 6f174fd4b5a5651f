"""Every page in every state that a person can meet it in: name, address, what is so.

The screenshots, the accessibility check and the layout check walk the same list, so
that a page that is added here is seen, read aloud and measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from guardian.core.errors import ControlError
from tests.fakes import family, rules
from tests.fakes.daemon import FakeDaemon
from webui.daemon import Away

Turn = Callable[[FakeDaemon], None]


@dataclass(frozen=True)
class State:
    """One page in one state. who: the account, None for nobody; at: whose device."""

    name: str
    path: str
    turn: Turn = lambda daemon: None
    who: str | None = "anna"
    at: str = family.ANNA_AT
    status: int = 200


def _over(**changes: Any) -> Turn:
    """Return what changes fields of the overview."""
    return lambda daemon: daemon.answers["overview"].update(changes)


def _wrong(code: str, severity: str = "bad") -> Turn:
    entry = {"code": code, "detail": "why", "severity": severity}
    return _over(health=[entry])


def _no_rules(daemon: FakeDaemon) -> None:
    _wrong("rules-missing")(daemon)
    daemon.answers["overview"]["enforced"] = False


def _away(daemon: FakeDaemon) -> None:
    daemon.away = Away(0.0)


def _paused(daemon: FakeDaemon) -> None:
    pause = {"id": "p1", "from": family.NOW, "until": family.MORNING, "by": "tom"}
    mia = {**family.MIA, "decision": family.PAUSED, "pauses": [pause]}
    daemon.answers["overview"]["people"][0] = mia


def _granted(daemon: FakeDaemon) -> None:
    end = "2026-03-04T21:15:00+01:00"
    grant = {"id": "g1", "from": family.NOW, "until": end, "by": "anna"}
    said = family.decision("allow", "GRANT", end)
    mia = {
        **family.MIA,
        "decision": said,
        "grants": [{**grant, "why": "", "lifts": []}],
    }
    daemon.answers["overview"]["people"][0] = mia


def _refused(verb: str, code: str) -> Turn:
    def turn(daemon: FakeDaemon) -> None:
        daemon.refuses[verb] = ControlError(code)

    return turn


def _no_windows(daemon: FakeDaemon) -> None:
    daemon.answers["person"] = lambda args: {**family.of_person(args), "windows": []}


def _no_days(daemon: FakeDaemon) -> None:
    daemon.answers["calendar"] = {**rules.CALENDAR, "days": []}


def _exactly(daemon: FakeDaemon) -> None:
    daemon.answers["sites"] = rules.EXACTLY


HOME = (
    State("home", "/"),
    State("home-empty", "/", _over(people=[family.ANNA], unassigned=[], requests=0)),
    State("home-paused", "/", _paused),
    State("home-granted", "/", _granted),
    State("home-not-enforced", "/", _wrong("enforcement-refused")),
    State("home-no-rules", "/", _no_rules),
    State("home-names-down", "/", _wrong("names-unanswered")),
    State("home-clock-unset", "/", _wrong("clock-unknown")),
    State("home-failsafe", "/", _wrong("household-problems", "warn")),
    State("home-one-armed", "/", _over(mode="one-armed")),
    State(
        "home-protection-off",
        "/",
        _over(protection={"off_until": family.BEDTIME, "by": "tom"}),
    ),
    State("home-daemon-away", "/", _away),
    State("home-daemon-gone", "/", _refused("overview", "not-running"), status=503),
)


def _person(**changes: Any) -> Turn:
    """Return what changes fields of each child's own page."""

    def turn(daemon: FakeDaemon) -> None:
        whole = daemon.answers["person"]
        daemon.answers["person"] = lambda args: {**whole(args), **changes}

    return turn


def _answer(verb: str, value: Any) -> Turn:
    def turn(daemon: FakeDaemon) -> None:
        daemon.answers[verb] = value

    return turn


def _asks_while_paused(daemon: FakeDaemon) -> None:
    _paused(daemon)
    site = {**family.REQUEST, "id": "r2", "kind": "site", "site": "example.org"}
    declined = {
        **family.REQUEST,
        "id": "r3",
        "state": "declined",
        "answer": {**family.ANSWERED["answer"], "words": "After homework."},
    }
    daemon.answers["requests"] = [family.REQUEST, site, declined]


CHILD = (
    State("home-on-trial", "/", _over(trial=True)),
    State("pause-how-long", "/pause/mia"),
    State("pause-how-long-all", "/pause/all"),
    State("child-today", "/child/mia"),
    State(
        "child-paused",
        "/child/mia",
        _person(
            decision=family.PAUSED,
            pauses=[{"id": "p1", "until": family.MORNING, "by": "tom"}],
        ),
    ),
    State("child-asleep", "/child/ben"),
    State("child-no-device", "/child/mia", _person(devices=[])),
    State("child-nothing-known", "/child/mia", _person(day=[], next=None)),
    State("child-devices", "/child/mia/devices"),
    State("child-devices-none", "/child/mia/devices", _answer("devices", [])),
    State("child-privacy", "/child/mia/privacy"),
    State("child-agreement", "/child/mia/agreement"),
    State("child-daemon-away", "/child/mia", _away),
)
FAMILY = (
    State("requests", "/requests"),
    State("requests-none", "/requests", _answer("requests", [])),
    State("requests-while-paused", "/requests", _asks_while_paused),
    State("requests-daemon-away", "/requests", _away),
    State("log", "/log"),
    State("log-empty", "/log", _answer("log", [])),
    State("log-daemon-away", "/log", _away),
    State("activity", "/activity"),
    State("help", "/help"),
    State("help-child", "/help", who=None, at=family.MIA_AT),
    State("help-daemon-gone", "/help", _refused("me", "not-running"), who=None),
)
RULES = (
    State("schedule", "/child/mia/schedule"),
    State("schedule-empty", "/child/mia/schedule", _no_windows),
    State(
        "schedule-not-enforced", "/child/mia/schedule", _wrong("enforcement-refused")
    ),
    State("schedule-daemon-away", "/child/mia/schedule", _away),
    State("schedule-bedtime", "/child/mia/schedule/window?id=bedtime"),
    State("schedule-add", "/child/mia/schedule/window?kind=homework"),
    State("schedule-apps-off", "/child/mia/schedule/window?id=no-play"),
    State("calendar", "/calendar"),
    State("calendar-empty", "/calendar", _no_days),
    State("calendar-daemon-away", "/calendar", _away),
    State("sites", "/child/mia/sites"),
    State("sites-template", "/child/mia/sites", _exactly),
    State("sites-answer", "/child/mia/sites?ask=tiktok.com"),
    State("sites-answer-open", "/child/mia/sites?ask=scratch.mit.edu"),
    State("sites-error", "/child/mia/sites?ask=tiktok"),
    State("sites-found", "/child/mia/sites?q=roblox"),
    State("sites-daemon-away", "/child/mia/sites", _away),
)


def _unclaimed(daemon: FakeDaemon) -> None:
    daemon.answers["accounts"]["claimed"] = False
    home = {"claimed": False, "people": [], "clock_known": False, "zone": "UTC"}
    daemon.answers["overview"].update(home)


def _no_device(daemon: FakeDaemon) -> None:
    daemon.answers["devices"] = []
    daemon.answers["overview"]["unassigned"] = []


def _another(daemon: FakeDaemon) -> None:
    daemon.answers["overview"]["unassigned"][0]["may_belong_to"] = []


def _no_list(daemon: FakeDaemon) -> None:
    told = {"index": None, "feeds": [], "problem": "feed-unreachable"}
    daemon.answers["status"]["names"]["lists"].update(told)


def _technician(daemon: FakeDaemon) -> None:
    tina = {"id": "tina", "person": None, "name": "Tina", "role": "technician"}
    more = {"hash": "", "generation": 1, "until": family.BEDTIME}
    known = family.ACCOUNTS["accounts"]
    daemon.answers["accounts"]["accounts"] = [*known, {**tina, **more}]
    key = {"id": "k1", "name": "Lights", "scopes": ["read", "change"], "hash": ""}
    daemon.answers["accounts"]["keys"] = [key]


_STRANGER = family.STRANGER["mac"]
SETUP = (
    State("setup-home", "/setup/home", _unclaimed, who=None),
    State("setup-parent", "/setup/parent", _unclaimed, who=None),
    State("setup-people-empty", "/setup/people", _over(people=[])),
    State("setup-people", "/setup/people"),
    State("setup-devices-empty", "/setup/devices", _no_device),
    State("setup-devices", "/setup/devices"),
    State("setup-rules", "/setup/rules"),
    State("setup-rules-clock-unset", "/setup/rules", _over(clock_known=False)),
    State("setup-rules-empty", "/setup/rules", _over(people=[])),
    State("setup-trial", "/setup/trial"),
    State("setup-trial-runs", "/setup/trial", _paused),
    State("setup-trial-empty", "/setup/trial", _over(people=[])),
    State("setup-daemon-away", "/setup/trial", _away),
)
DEVICES = (
    State("devices", "/devices"),
    State("devices-empty", "/devices", _no_device),
    State("devices-new", "/devices", _another),
    State("device-new", f"/devices/{_STRANGER}"),
    State("device-another", f"/devices/{_STRANGER}?other=1"),
    State("device", "/devices/tablet"),
    State("device-guest", "/devices/guest"),
    State("devices-daemon-away", "/devices", _away),
)
SETTINGS = (
    State("settings", "/settings"),
    State("settings-in-use", "/settings", _technician),
    State("settings-people", "/settings/people", _technician),
    State("settings-person", "/settings/people/mia"),
    State("settings-remove", "/settings/people/mia/remove"),
    State("settings-password", "/settings/password"),
    State("settings-home", "/settings/home"),
    State("settings-new-devices", "/settings/new-devices"),
    State("settings-connection", "/settings/connection"),
    State("settings-lists", "/settings/lists"),
    State("settings-no-list", "/settings/lists", _no_list),
    State("settings-backup", "/settings/backup"),
    State("settings-programs", "/settings/programs", _technician),
    State("settings-technician", "/settings/technician", _technician),
    State("settings-about", "/settings/about"),
    State("settings-protection", "/settings/protection"),
    State(
        "settings-protection-off",
        "/settings/protection",
        _over(protection={"off_until": family.BEDTIME, "by": "tom"}),
    ),
    State("settings-daemon-away", "/settings", _away),
)


def _mine(**changes: Any) -> Turn:
    """Return what changes fields of every device's own page."""
    return lambda daemon: daemon.answers.update(
        me=lambda args: {**family.me(args), **changes}
    )


def _holds(verdict: str, reason: str, **more: Any) -> Turn:
    return _mine(decision=family.decision(verdict, reason, family.MORNING), **more)


def _child(
    name: str, path: str = "/me", turn: Turn = lambda _: None, **more: Any
) -> State:
    return State(name, path, turn, **{"who": None, "at": family.MIA_AT, **more})


def _technician(*turns: Turn) -> Turn:
    """Return what lets a technician in, and turns all else."""

    def turn(daemon: FakeDaemon) -> None:
        tina = {**family.ACCOUNTS["accounts"][0], "id": "tina", "person": None}
        tina |= {"name": "Tina", "role": "technician"}
        daemon.answers["accounts"]["accounts"].append(tina)
        for one in turns:
            one(daemon)

    return turn


def _status(**changes: Any) -> Turn:
    """Return what changes fields of the daemon's status."""
    return lambda daemon: daemon.answers["status"].update(changes)


def _tech(name: str, path: str, *turns: Turn) -> State:
    return State(name, path, _technician(*turns), who="tina")


_REFUSED = {
    "code": "enforcement-refused",
    "detail": "nft-refused: /dev/stdin:214:1-40: Error: Could not process rule",
}
_NOT_ENFORCED = (
    _status(
        enforced=False,
        failsafe=True,
        health=[_REFUSED, {"code": "flows-not-cut", "detail": "EPERM"}],
        problems=[{"place": "people[0] (Mia) / band", "code": "bad", "detail": ""}],
    ),
    _over(health=[{**_REFUSED, "severity": "bad"}]),
)
_ONE_ARMED = _status(
    mode="one-armed",
    interfaces={"br-lan": "hooked", "wlan9": "missing"},
    ports=["lan1", "lan2"],
    hooks={"ingress": False, "egress": False},
)
TECHNICIAN = (
    _tech("tech", "/tech"),
    _tech("tech-not-enforced", "/tech", *_NOT_ENFORCED),
    _tech("tech-daemon-away", "/tech", _away),
    _tech("tech-topology", "/tech/topology"),
    _tech("tech-topology-one-armed", "/tech/topology", _ONE_ARMED),
    _tech("tech-enforced", "/tech/enforced"),
    _tech("tech-rules", "/tech/rules"),
    _tech("tech-explain", "/tech/explain"),
    _tech("tech-lists", "/tech/lists"),
    _tech("tech-names", "/tech/names"),
    _tech("tech-clock", "/tech/clock"),
    _tech(
        "tech-clock-unset",
        "/tech/clock",
        _status(clock={"now": "1970-01-01T00:04:10+01:00", "known": False}),
    ),
    _tech("tech-try", "/tech/try"),
    _tech("tech-on-trial", "/tech/try", _status(trial=True)),
    _tech("tech-try-daemon-away", "/tech/try", _away),
    _tech("tech-versions", "/tech/versions"),
)
OWN = (
    _child("me"),
    _child("me-bedtime", turn=_holds("refuse", "BEDTIME")),
    _child("me-paused", turn=_holds("refuse", "PAUSED")),
    _child("me-homework", turn=_holds("limit", "HOMEWORK")),
    _child("me-granted", turn=_holds("allow", "GRANT")),
    _child("me-budget", turn=_holds("refuse", "BUDGET_USED")),
    _child("me-clock-unset", turn=_holds("refuse", "CLOCK_UNKNOWN")),
    _child("me-protection-off", turn=_holds("allow", "PROTECTION_OFF")),
    _child("me-teen", turn=_holds("refuse", "PAUSED", band="13-15")),
    _child("me-observed", turn=_mine(sees=[{"who": "parents", "what": "new"}])),
    _child("me-names-down", turn=_wrong("resolver-unknown")),
    _child("me-young", at=family.BEN_AT),
    _child("me-young-paused", turn=_holds("refuse", "PAUSED"), at=family.BEN_AT),
    _child("me-unassigned", at=family.STRANGER_AT),
    _child("me-adult", at=family.ANNA_AT),
    _child("me-nobody", at="203.0.113.9"),
    _child("me-daemon-away", turn=_away, status=503),
    _child("me-daemon-gone", turn=_refused("me", "not-running"), status=503),
    _child("me-how", "/me/how"),
    _child("me-how-short", "/me/how?for=0"),
    _child("me-how-all", "/me/how?for=2"),
    _child("me-help", "/me/help"),
    _child("me-help-gone", "/me/help", _refused("me", "not-running")),
    _child("me-away", "/me/away"),
    _child("blocked", "/blocked?site=pokerstars.com"),
    _child("blocked-young", "/blocked?site=pokerstars.com", at=family.BEN_AT),
    _child("blocked-time", "/blocked?site=example.org", _holds("refuse", "PAUSED")),
    _child("blocked-open", "/blocked?site=example.org"),
    _child("blocked-nameless", "/blocked"),
    _child("blocked-unknown", "/blocked?site=a.example", _refused("why", "no-answer")),
    _child("blocked-daemon-away", "/blocked?site=a.example", _away, status=503),
    _child("offline", "/offline"),
)
ERRORS = (State("error-404", "/no-such-page", status=404),)
STATES: tuple[State, ...] = (
    HOME
    + CHILD
    + RULES
    + FAMILY
    + SETUP
    + DEVICES
    + SETTINGS
    + TECHNICIAN
    + OWN
    + ERRORS
)
