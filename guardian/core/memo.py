"""A bounded cache of what is made from immutable keys, found by identity.

Compiled windows and merged profiles are asked for on each decision; hashing their keys
would cost more than the answer.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memo(Generic[K, V]):
    """A bounded cache of what is made from immutable keys, found by identity.

    Hashing 14 windows costs more than the answer; identity is exact because the entry
    keeps its key alive. Two equal keys that are not the same object are made twice.
    """

    def __init__(self, make: Callable[[K], V], size: int) -> None:
        self._make = make
        self._size = size
        self._entries: dict[int, tuple[K, V]] = {}

    def __call__(self, key: K) -> V:
        entry = self._entries.get(id(key))
        if entry is None:
            if len(self._entries) >= self._size:
                self._entries.clear()
            entry = self._entries[id(key)] = key, self._make(key)
        return entry[1]
