"""How long a device must wait before its next guess, and never longer than 30 s.

Slowing down guesses must not become a way to keep a parent out. So a device that has
signed in before has a count of its own (OWASP, "Slow Down Online Guessing Attacks with
Device Cookies"), all others share one beside their own, waits end at CAP_S, and whom
the shared count sends away is promised a turn that nobody else can take. Pure: the time
is an argument (monotonic seconds). Must be asked before a password is hashed.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

# A parent who mistypes meets no wait. Five is a common number for lock-outs; ours.
FREE = 5
# A household has a handful of devices that never signed in; beyond it, guessing.
FREE_ALL = 20
# A wait that a tired person still waits. It leaves 2,880 guesses a day.
CAP_S = 30.0
# Fifteen quiet minutes: whoever guessed has gone.
FORGET_S = 900.0
# A child can make up MAC addresses, so neither table may grow with them.
DEVICES_MAX = 256
PROMISES_MAX = 4


@dataclass(slots=True)
class _Count:
    """Tries of one device, or of many. next: when the next may be."""

    tries: int = 0
    last: float = 0.0
    next: float = 0.0

    def add(self, now: float, free: int) -> None:
        self.tries += 1
        self.last = now
        self.next = now + wait_after(self.tries, free)


def wait_after(tries: int, free: int = FREE) -> float:
    """Return the seconds to wait after so many failed tries: 0, then 1, 2, 4 ... 30."""
    return 0.0 if tries <= free else min(CAP_S, 2.0 ** min(tries - free - 1, 10))


class Throttle:
    """Counts tries; one that is let through counts until `succeeded` forgets it."""

    def __init__(self) -> None:
        self._own: dict[str, _Count] = {}
        self._all = _Count()
        self._promises: dict[str, float] = {}
        self._lock = threading.Lock()

    def ask(self, device: str, now: float, known: str | None = None) -> float:
        """Return 0 if a try may be made now, which counts it, else the seconds to wait.

        device: its MAC or address. known: the name of a device that has signed in
        before; its tries are counted under that name only.
        """
        name = f"known {known}" if known else f"device {device}"
        with self._lock:
            self._forget(now)
            own = self._own.get(name, _Count())
            if now < own.next:
                return own.next - now
            if not known:
                if wait := self._shared(name, now):
                    return wait
                self._all.add(now, FREE_ALL)
            own.add(now, FREE)
            self._own[name] = own
            return 0.0

    def succeeded(self, device: str, known: str | None = None) -> None:
        """Forget the tries of a device: the last one was right."""
        with self._lock:
            self._own.pop(f"known {known}" if known else f"device {device}", None)

    def _shared(self, name: str, now: float) -> float:
        promised = self._promises.get(name)
        if now >= self._all.next or promised is not None and now >= promised:
            self._promises.pop(name, None)
            return 0.0
        if promised is None:
            promised = self._all.next
            if len(self._promises) < PROMISES_MAX:
                self._promises[name] = promised
        return promised - now

    def _forget(self, now: float) -> None:
        if now - self._all.last > FORGET_S:
            self._all = _Count()
        self._own = _newest(self._own, lambda c: now - c.last <= FORGET_S)
        # Whoever does not come for the promised turn makes room for another.
        self._promises = {
            name: at for name, at in self._promises.items() if now < at + CAP_S
        }


def _newest(
    counts: dict[str, _Count], fresh: Callable[[_Count], bool]
) -> dict[str, _Count]:
    kept = {name: count for name, count in counts.items() if fresh(count)}
    if len(kept) < DEVICES_MAX:
        return kept
    # Known devices cannot be made up: they stay.
    ranked = sorted(
        kept,
        key=lambda name: (name.startswith("known "), kept[name].last),
        reverse=True,
    )
    return {name: kept[name] for name in ranked[: DEVICES_MAX - 1]}
