"""What was freed goes back to the system."""

import ctypes
import subprocess
import sys

import pytest

from webui.serve.memory import give_back, keep_small

# As a sign-in does: a large piece, then another; what stays is printed in MB.
CHILD = """
import hashlib, sys
from webui.serve.memory import give_back, keep_small
if sys.argv[1] == "small":
    keep_small()
def resident():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(l.split()[1]) for l in lines if l.startswith("VmRSS")) / 1024
before = resident()
for salt in (b"1", b"2", b"3"):
    hashlib.scrypt(b"x", salt=salt, n=2**14, r=8, p=1, maxmem=2**26)
after = resident()
kept = [bytes(9000) for _ in range(2000)]
kept = kept[-1:]
between = resident()
give_back()
print(after - before, resident() - before)
"""


def grown(how: str) -> tuple[float, float]:
    """Return by how many MB the child grew: after hashing, and at its end."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, how], capture_output=True, text=True, check=True
    )
    first, last = map(float, done.stdout.split())
    return first, last


def test_a_passwords_memory_goes_back() -> None:
    after, end = grown("small")
    assert after < 4
    assert end < 4


def test_where_the_library_has_no_such_function_nothing_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Bare:
        def __init__(self, name: None) -> None:
            assert name is None

        def __getitem__(self, name: str) -> None:
            raise AttributeError(name)

    monkeypatch.setattr(ctypes, "CDLL", Bare)
    keep_small()
    give_back()
