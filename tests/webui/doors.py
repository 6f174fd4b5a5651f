"""A small application behind the guard, and a household's accounts to sign in with."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, g, request
from flask.testing import FlaskClient

from guardian.core.errors import ControlError
from webui import passwords
from webui.access import CARER, CHILD, PARENT, PUBLIC, TECH, role
from webui.daemon import Away
from webui.links import host_values
from webui.moments import Moment
from webui.security import install
from webui.visitors import Gate, gate, sign_in, token

NAMES = ("guardian.home.arpa", "192.168.77.1", "fd00::1")
HTTPS = "https://guardian.home.arpa:8443"
HTTP = "http://guardian.home.arpa:8080"
ANNA_S = "correct horse battery"
HASH = passwords.make_hash(ANNA_S, p=1)
KEY = "k1.a-long-random-secret"
KEY_HASH = passwords.make_hash("a-long-random-secret", p=1)


def account(id_: str, role_: str, **changes: Any) -> dict[str, Any]:
    """Return a row of the `accounts` verb."""
    row = {"id": id_, "person": id_, "name": id_.title(), "role": role_, "hash": HASH}
    return {**row, "generation": 1, "until": None, **changes}


@dataclass
class Accounts:
    """Answers what the guard asks; any other verb fails the test."""

    rows: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            "anna": account("anna", "parent"),
            "gran": account("gran", "carer"),
            "tina": account("tina", "technician", person=None),
        }
    )
    keys: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"id": "k1", "name": "HA", "scopes": ["read"], "hash": KEY_HASH}
        ]
    )
    macs: dict[str, str] = field(
        default_factory=lambda: {"192.168.77.20": "02:00:00:00:00:20"}
    )
    claimed: bool = True
    down: bool = False
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def away(self) -> Away | None:
        """Return since when it is down."""
        return Away(0.0) if self.down else None

    def read(self, verb: str, /, **args: Any) -> Any:
        """Answer nothing from memory."""
        raise AssertionError(f"read from memory: {verb} {args}")

    def change(self, verb: str, /, *, by: str, **args: Any) -> Any:
        """Take no change."""
        raise AssertionError(f"not announced: {verb} {args} by {by}")

    def call(self, verb: str, /, **args: Any) -> Any:
        """Answer a verb."""
        self.calls.append((verb, args))
        if self.down:
            raise ControlError("not-running")
        if verb == "accounts":
            rows = list(self.rows.values())
            return {"claimed": self.claimed, "accounts": rows, "keys": self.keys}
        if verb == "visitor":
            return {"mac": self.macs.get(args["address"])}
        raise AssertionError(f"not announced: {verb} {args}")


@dataclass
class House:
    """The settings, as the guard sees them."""

    state_dir: Path
    plain_http: bool = False
    hsts: bool = False

    def hosts(self, listener: str) -> Collection[str]:
        """Return what Host may say."""
        return host_values(NAMES, {"http": 8080, "https": 8443}[listener], listener)


@dataclass
class Clock:
    """Both clocks of the application, moved by hand."""

    wall: int = 1_800_000_000
    up: int = 1000
    boot: str = "b1"

    def __call__(self) -> float:
        """Return monotonic seconds."""
        return float(self.up)

    def now(self) -> Moment:
        """Return the moment."""
        return Moment(self.wall, self.boot, self.up)

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.wall += seconds
        self.up += seconds


@dataclass
class Doors:
    """The application with all that a test wants to turn."""

    app: Flask
    gate: Gate
    daemon: Accounts
    house: House
    clock: Clock

    def browser(self, address: str = "192.168.77.20") -> FlaskClient:
        """Return a browser at an address of the home."""
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        return client

    def bare(self, address: str = "192.168.77.20") -> FlaskClient:
        """Return a program that sends the Cookie header it is told to."""
        client = self.app.test_client(use_cookies=False)
        client.environ_base["REMOTE_ADDR"] = address
        return client


def open_doors(state_dir: Path) -> Doors:
    """Return a small application: a page for each role, forms, and an API route."""
    app = Flask(__name__, static_folder=None)
    app.testing = True
    daemon, house, clock = Accounts(), House(state_dir), Clock()
    app.errorhandler(ControlError)(lambda error: (error.code, 503))
    app.register_blueprint(_pages())
    app.register_blueprint(_entry())
    made = install(app, house, daemon, clock=clock, now=clock.now)
    app.add_url_rule("/bare", view_func=lambda: "nobody said who may see this")
    return Doors(app, made, daemon, house, clock)


def _pages() -> Blueprint:
    pages = Blueprint("pages", __name__)
    for path, who in {
        "/parent": PARENT,
        "/parents": PARENT | CARER,
        "/tech": TECH,
        "/me": CHILD,
        "/healthz": PUBLIC,
    }.items():

        @pages.route(path, methods=["GET", "POST"], endpoint=path.strip("/"))
        @role(who)
        def page() -> str:
            return f"{request.method} by {(g.account or {}).get('id')}"

    @pages.get("/backup")
    @role(PARENT, secure=True)
    def backup() -> str:
        return "everything"

    @pages.post("/restore")
    @role(PARENT, body=200_000)
    def restore() -> str:
        return "restored"

    @pages.route("/api/v1/people", methods=["GET", "POST"])
    @role(PARENT, scope="read")
    def people() -> str:
        return f"people for {g.account['id']}"

    @pages.get("/open")
    @role(PUBLIC, cache=True)
    def open_() -> str:
        return "open"

    return pages


def _entry() -> Blueprint:
    entry = Blueprint("entry", __name__)

    @entry.get("/login")
    @role(PUBLIC)
    def login() -> str:
        return token()

    @entry.post("/login/<name>")
    @role(PUBLIC)
    def enter(name: str) -> str:
        sign_in(gate().accounts.book().accounts[name], stay="stay" in request.form)
        return token()

    return entry
