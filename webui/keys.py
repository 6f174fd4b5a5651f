"""App passwords of the API: ``<id>.<secret>``, sent as a bearer token (RFC 6750, 2.1).

Its hash is as slow as a person's, so one that was right is remembered for as long as
the daemon names the same hash: a program that asks every second costs one hash.
"""

import hashlib
import threading

from webui import passwords
from webui.accounts import Accounts, Key
from webui.throttle import Throttle

# Programs of one house; a remembered one is 100 bytes.
_REMEMBERED_MAX = 64


class Keys:
    """Tells whose a bearer token is."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._throttle = Throttle()
        self._right: dict[bytes, str] = {}
        self._lock = threading.Lock()

    def holder(self, token: str, device: str, now: float) -> Key | None:
        """Return the key of a token; None for a wrong one, or while it must wait.

        device: whose guesses are counted together. now: monotonic seconds. Raises
        ControlError when the daemon has never said which keys there are.
        """
        name, _, secret = token.partition(".")
        key = self._accounts.book().keys.get(name)
        if key is None:
            return None
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        if self._right.get(digest) == key.hash:
            return key
        if self._throttle.ask(device, now) or not passwords.matches(secret, key.hash):
            return None
        self._throttle.succeeded(device)
        with self._lock:
            if len(self._right) >= _REMEMBERED_MAX:
                self._right.clear()
            self._right[digest] = key.hash
        return key
