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
ERRORS = (State("error-404", "/no-such-page", status=404),)
STATES: tuple[State, ...] = (
    HOME + CHILD + RULES + FAMILY + SETUP + DEVICES + SETTINGS + ERRORS
)
