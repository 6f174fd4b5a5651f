"""A network namespace of a test's own, for the test's thread and what it starts.

It has no name: the kernel removes it, with all that is in it, when the last socket and
process in it are gone, however the test ended.
"""

import ctypes
import functools
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.lab.namespaces import requirements

# sched.h; os.setns and os.unshare came with Python 3.12.
CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_reasons = functools.cache(requirements)


@contextmanager
def private_net() -> Iterator[None]:
    """Put the calling thread into a new network namespace, with lo up; then back."""
    if reasons := _reasons():
        said = "no lab here: " + "; ".join(reasons)
        if os.environ.get("GUARDIAN_LAB_REQUIRED"):
            pytest.fail(said, pytrace=False)
        pytest.skip(said)
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check(_libc.unshare(CLONE_NEWNET))
        try:
            sh("ip link set lo up")
            yield
        finally:
            _check(_libc.setns(home, CLONE_NEWNET))
    finally:
        os.close(home)


def sh(script: str) -> str:
    """Run a shell script here, return its output; AssertionError with its errors."""
    done = subprocess.run(
        ["sh", "-ec", script], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def nft(text: str) -> str:
    """Have nft carry out commands here; return its output."""
    done = subprocess.run(
        ["nft", "-f", "-"], input=text, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _check(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), "namespace")
