"""Bounded dictionaries that forget what was not asked for lately. Pure.

Two generations stand in for a list of last uses: what is found in the old one moves to
the young one, and when the young one is full the old one is dropped. That costs nothing
a lookup, and no key can hold more than its share of the bound.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Generations(Generic[K, V]):
    """At most twice `entries` entries, and about twice `size` octets.

    measure: returns the octets of a value, needed where there is a bound for them.
    young, old: for hot loops, which may read them and must not write.
    """

    __slots__ = ("_entries", "_measure", "_size", "_used", "old", "young")

    def __init__(
        self,
        entries: int,
        size: int = 0,
        measure: Callable[[V], int] | None = None,
    ) -> None:
        self._entries = entries
        self._size = size
        self._measure = measure
        self._used = 0
        self.young: dict[K, V] = {}
        self.old: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self.young) + len(self.old)

    def get(self, key: K) -> V | None:
        """Return what is kept, or None."""
        found = self.young.get(key)
        if found is None and self.old:
            found = self.old.pop(key, None)
            if found is not None:
                self.put(key, found)
        return found

    def items(self) -> list[tuple[K, V]]:
        """Return all that is kept."""
        return [*self.old.items(), *self.young.items()]

    def put(self, key: K, value: V) -> None:
        """Keep a value."""
        size = self._measure(value) if self._measure else 0
        if len(self.young) >= self._entries or self._used + size > self._size > 0:
            self.old = self.young
            self.young = {}
            self._used = 0
        self._used += size
        self.young[key] = value

    def drop(self, key: K) -> None:
        """Forget a key."""
        self.young.pop(key, None)
        self.old.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self.young = {}
        self.old = {}
        self._used = 0
