"""Sessions as signed cookies: they survive this process, and end when they must.

A cookie says which account, since when and last when; the signature (itsdangerous, HMAC
with SHA-256) says that we wrote it. What the account may do is never read from the
cookie but asked of the daemon, with the generation that a password change raises. Must
not touch requests or responses: `webui.security` does.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from webui.accounts import Account, Accounts
from webui.moments import Moment
from webui.secretfile import Ended

# OWASP Session Management Cheat Sheet: idle 15-30 min for low-risk applications, and an
# absolute end after hours. Over plain HTTP the cookie can be copied from the air.
IDLE_S = 30 * 60
IDLE_PLAIN_S = 15 * 60
ABSOLUTE_S = 12 * 3600
# "Stay signed in on this phone": the phone's own lock is what guards it then.
STAY_S = 30 * 86400
# A cookie for each request would be 300 bytes for nothing.
REFRESH_S = 60
# Somebody not signed in has a page with a form open for an evening.
VISIT_S = 12 * 3600
# NIST SP 800-63B 7.1: at least 64 bits; OWASP asks the same.
_NAME_BYTES = 16
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Binding:
    """The device that a session over plain HTTP belongs to."""

    address: str
    mac: str


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. name: random; bound: only over plain HTTP."""

    name: str
    account: str
    generation: int
    issued: Moment
    last: Moment
    stay: bool = False
    bound: Binding | None = None

    @property
    def lasts(self) -> int:
        """Return the longest life in seconds."""
        return STAY_S if self.stay else ABSOLUTE_S


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody not signed in who was shown a form."""

    name: str
    issued: Moment


class Sessions:
    """Opens, seals, reads and ends sessions; makes the form tokens."""

    def __init__(
        self,
        key: bytes,
        accounts: Accounts,
        ended: Ended,
        now: Callable[[], Moment],
    ) -> None:
        self._key = key
        self._accounts = accounts
        self._ended = ended
        self._now = now

    def open(
        self, account: Account, *, stay: bool = False, bound: Binding | None = None
    ) -> Session:
        """Return a new session, always under a new name (no session fixation).

        bound: the device, over plain HTTP; staying signed in is not offered there.
        """
        now = self._now()
        return Session(
            name=secrets.token_urlsafe(_NAME_BYTES),
            account=account.id,
            generation=account.generation,
            issued=now,
            last=now,
            stay=stay and bound is None,
            bound=bound,
        )

    def seal(self, session: Session) -> str:
        """Return the cookie of a session."""
        return self._signer(session.bound is not None).dumps(
            [
                session.name,
                session.account,
                session.generation,
                _packed(session.issued),
                _packed(session.last),
                session.stay,
                [session.bound.address, session.bound.mac] if session.bound else None,
            ]
        )

    def read(
        self, cookie: str, bound: Binding | None = None
    ) -> tuple[Session, Account] | None:
        """Return the session of a cookie and its account as it is now.

        bound: the device it came from, over plain HTTP. None: forged, ended, too old,
        from another device, or its account is gone or changed its password. Raises
        ControlError when the daemon has never said who may sign in.
        """
        session = self._parsed(cookie, bound is not None)
        if session is None or session.name in self._ended or session.bound != bound:
            return None
        if bound is not None and not bound.mac:
            return None
        if self.left(session) <= 0:
            return None
        account = self._accounts.book().accounts.get(session.account)
        if account is None or account.generation != session.generation:
            return None
        if account.until is not None and account.until <= self._now().wall:
            return None
        return session, account

    def left(self, session: Session) -> int:
        """Return the seconds until it ends by itself; 0 or less: it has."""
        now = self._now()
        age, idle = now.since(session.issued), now.since(session.last)
        if age is None or idle is None:
            return 0
        left = session.lasts - age
        if not session.stay:
            left = min(left, (IDLE_PLAIN_S if session.bound else IDLE_S) - idle)
        return left

    def used(self, session: Session) -> Session:
        """Return the session with its idle time begun anew."""
        return replace(session, last=self._now())

    def worth_sealing(self, session: Session) -> bool:
        """Say whether its cookie is old enough to be sent anew."""
        idle = self._now().since(session.last)
        return idle is not None and idle >= REFRESH_S

    def end(self, session: Session) -> None:
        """End it, copies of its cookie included; raises OSError."""
        self._ended.add(session.name)

    def visit(self, name: str | None = None) -> Visit:
        """Return a visit that begins now; name: of the one it goes on from."""
        return Visit(name or secrets.token_urlsafe(_NAME_BYTES), self._now())

    def seal_visit(self, visit: Visit) -> str:
        """Return the cookie of a visit."""
        return self._serializer("visit").dumps([visit.name, _packed(visit.issued)])

    def read_visit(self, cookie: str) -> Visit | None:
        """Return the visit of a cookie, None if forged or over."""
        try:
            name, issued = self._serializer("visit").loads(cookie)
            visit = Visit(str(name), Moment(*issued))
            age = self._now().since(visit.issued)
        except (BadData, ValueError, TypeError):
            return None
        return visit if age is not None and age < VISIT_S else None

    def form_token(self, name: str) -> str:
        """Return the token that forms shown under a session's or visit's name carry.

        OWASP CSRF Prevention Cheat Sheet, "HMAC based token": bound to the session by a
        key that only we have. Each time it looks different, so that the length of a
        compressed page tells nothing of it (BREACH; `webui.packing`).
        """
        mask = secrets.token_bytes(_DIGEST_BYTES)
        shown = mask + _xor(mask, self._digest(name))
        return urlsafe_b64encode(shown).rstrip(b"=").decode()

    def token_matches(self, name: str, token: str) -> bool:
        """Compare in constant time."""
        try:
            shown = urlsafe_b64decode(token.encode("ascii") + b"==")
        except ValueError:
            return False
        mask, rest = shown[:_DIGEST_BYTES], shown[_DIGEST_BYTES:]
        if len(rest) != _DIGEST_BYTES:
            return False
        return hmac.compare_digest(self._digest(name), _xor(mask, rest))

    def _digest(self, name: str) -> bytes:
        text = b"form\0" + name.encode()
        return hmac.new(self._key, text, hashlib.sha256).digest()

    def mark_known(self, account: str) -> str:
        """Return the cookie of a device that has signed in as `account`."""
        return self._serializer("known").dumps(
            [account, secrets.token_urlsafe(_NAME_BYTES)]
        )

    def read_known(self, cookie: str) -> str | None:
        """Return the name under which a known device has its own count of tries."""
        try:
            account, name = self._serializer("known").loads(cookie)
        except (BadData, ValueError, TypeError):
            return None
        return f"{account} {name}"

    def _parsed(self, cookie: str, plain: bool) -> Session | None:
        try:
            name, account, generation, issued, last, stay, bound = self._signer(
                plain
            ).loads(cookie)
            return Session(
                name=str(name),
                account=str(account),
                generation=int(generation),
                issued=Moment(*issued),
                last=Moment(*last),
                stay=bool(stay),
                bound=Binding(*bound) if bound else None,
            )
        except (BadData, ValueError, TypeError):
            return None

    def _signer(self, plain: bool) -> URLSafeSerializer:
        # Another signature for each way in: a cookie read from the air is none on TLS.
        return self._serializer("session over http" if plain else "session")

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        options: dict[str, Any] = {
            "key_derivation": "hmac",
            "digest_method": hashlib.sha256,
        }
        return URLSafeSerializer(self._key, salt=purpose, signer_kwargs=options)


def _packed(moment: Moment) -> list[Any]:
    return [moment.wall, moment.boot, moment.up]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
