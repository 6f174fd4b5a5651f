"""Network namespaces that always go away again.

Every namespace is named after the process that owns it (gl<pid>x<n>-<host>) and
every lab keeps its files in STATE/<prefix>.  A lab is removed by its owner, by a
small janitor process when the owner dies of anything (a pipe closes), and by the
next lab that starts.  Only processes inside a lab's own namespaces are ever killed.

Also a script: `namespaces.py remove PREFIX`.  Standard library only.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Sequence

STATE = Path("/run/guardian-lab")
NETNS = Path("/run/netns")
ETC_NETNS = Path("/etc/netns")
PROGRAMS = ("ip", "nft", "dnsmasq", "udhcpc", "openssl", "curl", "sysctl")
# Debian keeps these programs in sbin, which an unprivileged shell's PATH lacks.
SBIN = ":/usr/sbin:/sbin"

_counter = itertools.count(1)
_PREFIX = re.compile(r"gl(\d+)x\d+[a-z]*")


def run(
    argv: Sequence[str],
    *,
    check: bool = True,
    timeout: float = 30,
    text_in: str | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program and return its result, output as text.

    timeout: seconds, then subprocess.TimeoutExpired.  With check a non-zero exit
    raises RuntimeError that carries the program's error text.
    """
    result = subprocess.run(
        list(argv),
        input=text_in,
        stdin=subprocess.DEVNULL if text_in is None else None,
        capture_output=True,
        text=True,
        timeout=timeout,
        env=env,
    )
    if check and result.returncode:
        said = (result.stderr or result.stdout).strip()
        raise RuntimeError(f"{' '.join(argv)}: exit {result.returncode}: {said}")
    return result


def wait_for(test: Callable[[], Any], what: str, timeout: float = 10) -> Any:
    """Return the first true answer of `test`; TimeoutError naming `what` if none."""
    end = time.monotonic() + timeout
    while not (answer := test()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout:g} s for {what}")
        time.sleep(0.005)
    return answer


def requirements() -> list[str]:
    """Return why a lab cannot run here, one reason a line; empty if it can."""
    if os.geteuid() != 0:
        return ["not root: network namespaces need CAP_NET_ADMIN and CAP_SYS_ADMIN"]
    path = os.environ.get("PATH", "") + SBIN
    missing = [name for name in PROGRAMS if not shutil.which(name, path=path)]
    reasons = [f"program missing: {name}" for name in missing]
    if missing:
        return reasons
    trial = "ip link add v0 type veth peer name v1 && nft add table inet t"
    result = run(["unshare", "-n", "sh", "-c", trial], check=False)
    if result.returncode:
        said = result.stderr.strip() or f"exit {result.returncode}"
        reasons.append(f"no namespace with veth and nftables: {said}")
    return reasons


def start_time(pid: int) -> str:
    """Return the kernel's start time of a process in clock ticks; "" if it is gone.

    With the pid it names a process for good: pids are used again.  A zombie counts
    as gone.  Source: proc(5), fields 3 and 22 of stat, after the last ')'.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def claim(label: str = "") -> str:
    """Reserve a prefix of our own for a lab, with its state directory; return it."""
    if not re.fullmatch(r"[a-z]*", label):
        raise ValueError(f"lab name {label!r}: lower-case letters only")
    prefix = f"gl{os.getpid()}x{next(_counter)}{label}"
    STATE.mkdir(mode=0o700, exist_ok=True)
    # Programs without rights pass through to what is theirs, and cannot list it.
    STATE.chmod(0o711)
    directory = STATE / prefix
    shutil.rmtree(directory, ignore_errors=True)
    # The owner's mark is there before the directory has its name, so that nobody
    # who sweeps at this moment takes it for a leftover.
    draft = STATE / f".{prefix}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    (draft / "owner").write_text(start_time(os.getpid()))
    draft.rename(directory)
    return prefix


def janitor(prefix: str) -> subprocess.Popen[bytes]:
    """Start the process that removes the lab when we die, however we die.

    It waits on a pipe that only we hold open; it has a session of its own, so that
    Ctrl-C in our terminal does not end it.
    """
    script = 'trap "" INT TERM HUP; read -r x; exec "$0" -I -S "$1" remove "$2"'
    return subprocess.Popen(
        ["sh", "-c", script, sys.executable, str(Path(__file__).resolve()), prefix],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )


def create(names: Sequence[str]) -> None:
    """Create namespaces; each gets its directory for resolv.conf below /etc/netns."""
    run(["ip", "-batch", "-"], text_in="".join(f"netns add {n}\n" for n in names))
    for name in names:
        directory = ETC_NETNS / name
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "resolv.conf").write_text("")


def namespaces_of(prefix: str) -> list[str]:
    """Return the names of the namespaces of one lab, sorted."""
    try:
        found = os.listdir(NETNS)
    except FileNotFoundError:
        return []
    return sorted(name for name in found if name.startswith(prefix + "-"))


def remove(prefix: str) -> None:
    """Remove a lab: its processes (by pid), namespaces and files.  Never raises.

    Two may do this at once (owner, janitor, a sweep): each step bears that.
    """
    if not _PREFIX.fullmatch(prefix):
        return
    names = namespaces_of(prefix)
    for _ in range(3):
        pids = [pid for name in names for pid in _pids(name)]
        for pid in pids:
            _kill(pid)
        if not pids:
            break
    for name in names:
        run(["ip", "netns", "del", name], check=False)
    for directory in ETC_NETNS.glob(f"{prefix}-*"):
        shutil.rmtree(directory, ignore_errors=True)
    shutil.rmtree(STATE / prefix, ignore_errors=True)


def remove_leftovers() -> list[str]:
    """Remove the labs whose owner is gone; return their prefixes."""
    found = set(os.listdir(STATE)) if STATE.is_dir() else set()
    for directory in (NETNS, ETC_NETNS):
        if directory.is_dir():
            found |= {name.rpartition("-")[0] for name in os.listdir(directory)}
    removed = []
    for prefix in sorted(found):
        match = _PREFIX.fullmatch(prefix)
        if match and not _owned(prefix, int(match[1])):
            remove(prefix)
            removed.append(prefix)
    return removed


def _owned(prefix: str, pid: int) -> bool:
    started = start_time(pid)
    if not started:
        return False
    try:
        return (STATE / prefix / "owner").read_text() == started
    except OSError:
        # No mark and a living process of that pid: rather leave it alone.
        return True


def _pids(name: str) -> list[int]:
    listed = run(["ip", "netns", "pids", name], check=False).stdout.split()
    return [int(pid) for pid in listed if int(pid) != os.getpid()]


def _kill(pid: int) -> None:
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except OSError:
        pass
    finally:
        os.close(handle)


if __name__ == "__main__" and sys.argv[1:2] == ["remove"]:
    os.environ["PATH"] = os.environ.get("PATH", "/usr/bin:/bin") + SBIN
    remove(sys.argv[2])
