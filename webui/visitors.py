"""Who this request comes from: a session, a program's key, or nobody.

Also what a view may do about it: sign somebody in or out, and print the form token.
Cookies leave with the response (`send_cookies`), whatever the view returned.
"""

import functools
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from flask import Response, abort, current_app, g, request
from markupsafe import Markup

from guardian.core.errors import ControlError
from webui import passwords
from webui.access import PUBLIC, Role
from webui.accounts import ROLES, Account, Accounts, Key
from webui.cookies import ANONYMOUS, SESSION, get_cookie, hardened, put_cookie
from webui.daemon import Daemon
from webui.keys import Keys
from webui.moments import Moment
from webui.secretfile import Ended, load_key
from webui.sessions import VISIT_S, Binding, Session, Sessions, Visit
from webui.throttle import Throttle

# RFC 9110, 9.2.1.
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FIELD = "form_token"


class Policy(Protocol):
    """What of the settings the guard needs, read at every request."""

    @property
    def state_dir(self) -> Path:
        """Where the session key lives, 0700."""

    @property
    def plain_http(self) -> bool:
        """Whether a parent chose to have the parent pages over plain HTTP as well."""

    @property
    def hsts(self) -> bool:
        """Whether the certificate is of a public CA for the family's own domain."""

    def hosts(self, listener: str) -> Collection[str]:
        """Return what Host may say on "http" or "https" (`webui.links.host_values`)."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a request comes from: an account with its session, or a program's key."""

    account: Account | None = None
    session: Session | None = None
    key: Key | None = None

    @property
    def role(self) -> Role:
        """Return the account's role; PUBLIC for nobody, and for a key."""
        return self.account.role if self.account else PUBLIC

    @property
    def by(self) -> str | None:
        """Return who the family log shall name: person, else account or key."""
        if self.account:
            return self.account.person or self.account.id
        return self.key.id if self.key else None

    def shown(self) -> dict[str, str | None] | None:
        """Return who it is, for views and templates: id, person, name, role.

        None for nobody; role is the daemon's word, "program" for a key.
        """
        if self.account:
            account = self.account
            said = {row: name for name, row in ROLES.items()}[account.role]
            return {
                "id": account.id,
                "person": account.person,
                "name": account.name,
                "role": said,
            }
        if self.key:
            key = self.key
            return {"id": key.id, "person": None, "name": key.name, "role": "program"}
        return None


NOBODY = Principal()


class Gate:
    """The parts of the guard that live as long as the application.

    clock: monotonic seconds. now: the moment, for sessions.
    """

    def __init__(
        self,
        policy: Policy,
        daemon: Daemon,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], Moment] = Moment.now,
    ) -> None:
        self.policy = policy
        self.daemon = daemon
        self.clock = clock
        self.accounts = Accounts(daemon, clock)
        self.keys = Keys(self.accounts)
        self.throttle = Throttle()
        self.sessions = Sessions(
            load_key(policy.state_dir / "session.key"),
            self.accounts,
            Ended(policy.state_dir / "ended-sessions"),
            now,
        )

    def binding(self) -> Binding | None:
        """Return the device a session must belong to; None over TLS.

        Asked of the neighbour table at this moment, never remembered.
        """
        if is_secure():
            return None
        address = request.remote_addr or ""
        found = self.daemon.call("visitor", address=address)
        return Binding(address, str(found.get("mac") or ""))

    def principal(self) -> Principal:
        """Return who asks; raises ControlError if the daemon cannot tell."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer" and "Cookie" not in request.headers:
            if not self.may_sign_in():
                return NOBODY
            address = request.remote_addr or ""
            key = self.keys.holder(token.strip(), address, self.clock())
            return Principal(key=key) if key else NOBODY
        cookie = get_cookie(request, SESSION, is_secure())
        if not cookie or not self.may_sign_in():
            return NOBODY
        found = self.sessions.read(cookie, self.binding())
        return Principal(account=found[1], session=found[0]) if found else NOBODY

    def device(self) -> str:
        """Return by what the guesses of this visitor's device are counted.

        Its hardware address, which stays when it asks for another IPv6 address.
        """
        address = request.remote_addr or ""
        try:
            return str(self.daemon.call("visitor", address=address)["mac"] or address)
        except ControlError:
            return address

    @functools.cached_property
    def cost(self) -> int:
        """Return the p of password hashes on this machine; raises OSError."""
        return passwords.recorded_p(self.policy.state_dir / "scrypt-p")

    def may_sign_in(self) -> bool:
        """Say whether secrets are taken here: over TLS, or where a parent chose so."""
        return is_secure() or self.policy.plain_http


def gate() -> Gate:
    """Return the guard of the running application."""
    return cast(Gate, current_app.extensions["guardian"])


def listener() -> str:
    """Return the socket a request came in by: "https", "http" or "blocked"."""
    environ = request.environ
    return str(environ.get("guardian.listener") or environ["wsgi.url_scheme"])


def is_secure() -> bool:
    """Say whether this request came over TLS."""
    return listener() == "https"


def is_poll() -> bool:
    """Say whether our script asks by itself: that is no sign of a person."""
    return request.method in SAFE and "X-Requested-With" in request.headers


def principal() -> Principal:
    """Return who this request comes from; raises ControlError."""
    if "principal" not in g:
        _become(gate().principal())
    return cast(Principal, g.principal)


def _become(who: Principal) -> None:
    g.principal = who
    g.account = who.shown()


def signed_in() -> Principal | None:
    """Return who is signed in, None for nobody or when the daemon cannot tell."""
    try:
        found = principal()
    except ControlError:
        return None
    return found if found.account else None


def session_left() -> int | None:
    """Return the seconds until the session ends by itself; None without one.

    This very request begins the idle time anew, unless it is a poll.
    """
    found = signed_in()
    if found is None or found.session is None:
        return None
    sessions = gate().sessions
    return sessions.left(found.session if is_poll() else sessions.used(found.session))


def sign_in(account: Account, *, stay: bool = False) -> None:
    """Begin a session with the response to this request.

    403 over plain HTTP for a device whose hardware address is not to be had.
    """
    binding = gate().binding()
    if binding is not None and not binding.mac:
        abort(403, "no-device")
    session = gate().sessions.open(account, stay=stay, bound=binding)
    _become(Principal(account=account, session=session))
    g.sealed = gate().sessions.seal(session)


def extend() -> None:
    """Begin the idle time of this session anew, whatever its cookie's age."""
    found = signed_in()
    if found is not None and found.session is not None:
        sessions = gate().sessions
        g.sealed = sessions.seal(sessions.used(found.session))


def sign_out() -> None:
    """End the session of this request, and copies of its cookie; raises OSError."""
    found = signed_in()
    if found is not None and found.session is not None:
        gate().sessions.end(found.session)
    _become(NOBODY)
    g.sealed = ""


def token() -> str:
    """Return the form token for this visitor; begins a visit when there is none.

    The same all over one response, which compresses well, and another on the next.
    """
    found = signed_in()
    session = found.session if found is not None else None
    name = session.name if session is not None else _visit().name
    if g.get("form_token", ("", ""))[0] != name:
        g.form_token = name, gate().sessions.form_token(name)
    return str(g.form_token[1])


def form_field() -> Markup:
    """Return the hidden field that every form of ours carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token())


def token_is_right(sent: str) -> bool:
    """Say whether a form token belongs to this browser's session or visit."""
    sessions = gate().sessions
    found = signed_in()
    names = [found.session.name] if found and found.session else []
    # A form opened before signing in, sent after it from another tab, is the browser's.
    visit = sessions.read_visit(get_cookie(request, ANONYMOUS, is_secure()))
    names += [visit.name] if visit else []
    return any([sessions.token_matches(name, sent) for name in names])


def _visit() -> Visit:
    """Return the visit of somebody not signed in, renewed while it is used."""
    if "visit" not in g:
        sessions = gate().sessions
        old = sessions.read_visit(get_cookie(request, ANONYMOUS, is_secure()))
        g.visit = sessions.visit(old.name if old else None)
    return cast(Visit, g.visit)


def send_cookies(response: Response) -> None:
    """Put the cookies that this request brought about on its response."""
    secure = is_secure()
    sessions = gate().sessions
    session = g.get("principal", NOBODY).session
    if g.get("sealed"):
        age = sessions.left(session) if session.stay else None
        put_cookie(response, SESSION, g.sealed, secure, age)
        put_cookie(response, ANONYMOUS, "", secure, 0)
    elif "sealed" in g:
        put_cookie(response, SESSION, "", secure, 0)
    elif session and not is_poll() and sessions.worth_sealing(session):
        sealed = sessions.seal(sessions.used(session))
        age = sessions.left(session) if session.stay else None
        put_cookie(response, SESSION, sealed, secure, age)
    elif "visit" in g:
        put_cookie(response, ANONYMOUS, sessions.seal_visit(g.visit), secure, VISIT_S)
    cookies = response.headers.getlist("Set-Cookie")
    response.headers.setlist("Set-Cookie", [hardened(c, secure) for c in cookies])
