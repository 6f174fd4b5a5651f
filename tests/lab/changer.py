"""A parent who never stops changing things, and remembers what was acknowledged.

For each thing that can be changed it keeps the values that the store may hold: after an
acknowledgement exactly one, after a change without an answer also the one before. Only
the control socket is used; nothing of it makes the child "mia" freer.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from guardian.core.errors import ControlError

from .guard import Guard

Document = Mapping[str, Any]
Key = tuple[str, str]
# Beyond this many the same devices change hands again.
DEVICES = 40


def value_of(document: Document, key: Key) -> object:
    """Return what a household document says of one thing."""
    what, which = key
    if what == "granted":
        return any(grant.get("why") == which for grant in document["grants"])
    if what == "paused":
        return any(p.get("person") in (None, which) for p in document["pauses"])
    if what == "owner":
        owners = [d.get("person") for d in document["devices"] if which in d["macs"]]
        return owners[0] if owners else None
    if what == "lan":
        return tuple(document["network"]["lan"])
    return document["name"]


class Changer(threading.Thread):
    """Sends one change after the other until `stop`.

    acknowledged: verb -> how many were; unanswered: how many were cut off;
    complaints: what went wrong otherwise, for the test to fail on.
    """

    def __init__(self, guard: Guard, seed: int) -> None:
        super().__init__(daemon=True)
        self._guard = guard
        self._random = random.Random(seed)
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._may_be: dict[Key, set[object]] = {}
        self._number = 0
        self.acknowledged: Counter[str] = Counter()
        self.unanswered = 0
        self.revision = 0
        self.complaints: list[str] = []

    def stop(self) -> None:
        """Finish the change at hand and end."""
        self._ended.set()
        self.join(60)
        assert not self.is_alive()

    def missing(self, document: Document) -> list[str]:
        """Return what a document lacks of all that was acknowledged."""
        with self._lock:
            expected = {key: set(values) for key, values in self._may_be.items()}
        return [
            f"{key}: {value_of(document, key)!r}, not of {sorted(map(repr, values))}"
            for key, values in sorted(expected.items())
            if value_of(document, key) not in values
        ]

    def run(self) -> None:
        """Change this and that, as fast as the daemon answers."""
        doings: tuple[Callable[[], None], ...] = (
            self._pause,
            self._resume,
            self._grant,
            self._assign,
            self._import,
            self._apply,
        )
        while not self._ended.is_set():
            try:
                self._random.choice(doings)()
            except ControlError as error:
                if error.code == "no-answer":
                    self.unanswered += 1
                elif error.code != "not-running":
                    self.complaints.append(str(error))
                self._ended.wait(0.005)

    def _send(
        self, verb: str, key: Key, before: object, value: object, **args: Any
    ) -> None:
        with self._lock:
            known = self._may_be.setdefault(key, {before})
            self._may_be[key] = known | {value}
        try:
            answer = self._guard.call(verb, **args)
        except ControlError as error:
            if error.code == "not-running":
                with self._lock:
                    self._may_be[key] = known
            raise
        with self._lock:
            self._may_be[key] = {value}
        if answer["revision"] < self.revision:
            self.complaints.append(f"revision {answer['revision']} < {self.revision}")
        self.revision = answer["revision"]
        self.acknowledged[verb] += 1

    def _pause(self) -> None:
        key = ("paused", "ben")
        person = self._random.choice(("ben", "all"))
        self._send("pause", key, False, True, person=person, span="3h")

    def _resume(self) -> None:
        self._send("resume", ("paused", "ben"), False, False, person="ben")

    def _grant(self) -> None:
        self._number += 1
        why = f"reason {self._number}"
        key = ("granted", why)
        self._send("grant", key, False, True, person="ben", span="1m", why=why)

    def _assign(self) -> None:
        mac = f"02:00:5e:00:77:{self._random.randrange(DEVICES):02x}"
        person = self._random.choice(("ben", "anna", "mia"))
        key = ("owner", mac)
        self._send("assign", key, None, person, device=mac, person=person)

    def _import(self) -> None:
        """Import a whole household: another name, or other interfaces (new rules)."""
        document = self._guard.call("household-export")
        if self._random.random() < 0.5:
            self._number += 1
            key, before, after = ("name", ""), document["name"], f"Home {self._number}"
            document["name"] = after
        else:
            key, before = ("lan", ""), tuple(document["network"]["lan"])
            after = ("br-lan",) if len(before) > 1 else ("br-lan", "lan9")
            document["network"]["lan"] = list(after)
        text = json.dumps(document)
        self._send("household-import", key, before, after, text=text)

    def _apply(self) -> None:
        self._guard.call("apply")
        self.acknowledged["apply"] += 1
