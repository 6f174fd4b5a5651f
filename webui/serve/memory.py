"""Memory that was used once goes back to the system: what a small router needs.

glibc keeps what a program frees. After one password's 16 MiB (scrypt) it raises its own
threshold and would never give that back; for each thread it keeps a heap of its own.
Both are settings of mallopt(3). C libraries without it (musl) do not need it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

# malloc.h of glibc.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
# glibc's own first values, which setting them keeps for good.
_THRESHOLD = 128 * 1024


def keep_small() -> None:
    """Let large pieces go back when they are freed; call before threads start."""
    set_option = _found("mallopt")
    set_option(_M_MMAP_THRESHOLD, _THRESHOLD)
    set_option(_M_TRIM_THRESHOLD, _THRESHOLD)
    set_option(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Give whole free pages back, wherever they are; takes about a millisecond."""
    _found("malloc_trim")(0)


def _found(name: str) -> Callable[..., object]:
    """Return a function of the C library, one that does nothing where it has none."""
    try:
        return ctypes.CDLL(None)[name]
    except AttributeError:
        return lambda *_: 0
