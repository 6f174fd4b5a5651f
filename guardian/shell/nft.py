"""Load rules through the `nft` program: its errors name the line.

One call, one transaction: a bad ruleset leaves the old one in force. Elements that
change often go by netlink instead (`guardian.shell.netlink`): `nft` costs 16-20 ms as a
process, more when any table holds large interval sets.
"""

import json
import os
import subprocess
from collections import deque
from typing import Any

from guardian.compile.ruleset import remove
from guardian.compile.sets import INET, NETDEV, TABLE
from guardian.core.errors import EnforcementError, PlatformError

NFT = "nft"
TIMEOUT_S = 20.0
# Whose transactions are ours: the kernel's events name the process.
own_pids: deque[int] = deque((os.getpid(),), maxlen=64)


def run(text: str, *, check_only: bool = False) -> None:
    """Apply `text` in one transaction, or only let the kernel check it.

    Raises EnforcementError with nft's own message; the old rules are in force then.
    Raises PlatformError when nft cannot be run.
    """
    argv = [NFT, "-c", "-f", "-"] if check_only else [NFT, "-f", "-"]
    _call(argv, text)


def flowtable_devices() -> frozenset[str]:
    """Return the devices that any flow table of this machine names."""
    found: set[str] = set()
    for item in _listing("flowtables"):
        devices = item.get("flowtable", {}).get("dev", ())
        found.update([devices] if isinstance(devices, str) else devices)
    return frozenset(found)


def lift() -> None:
    """Remove both tables, whether present or not: nothing is enforced any more.

    Each in a transaction of its own: a kernel without the netdev family (none to lift
    there) must not keep the other. Raises EnforcementError if one of them is still
    there, after trying both.
    """
    refused: list[EnforcementError] = []
    for family in (INET, NETDEV):
        try:
            run(remove(family))
        except EnforcementError as error:
            refused.append(error)
    if refused and _present():
        raise refused[0]


def _present() -> bool:
    return any(
        item.get("table", {}).get("name") == TABLE for item in _listing("tables")
    )


def probe_hooks() -> tuple[bool, bool]:
    """Return whether this kernel has inet ingress with reject, and netdev egress.

    Asked of the kernel by a check of both on the loopback device, which loads nothing.
    """
    table = "guardian_probe"
    ingress = (
        f"add table inet {table}\n"
        f'add chain inet {table} c {{ type filter hook ingress device "lo" '
        "priority -100; policy accept; }\n"
        f"add rule inet {table} c meta l4proto tcp reject with tcp reset\n"
    )
    egress = (
        f"add table netdev {table}\n"
        f'add chain netdev {table} c {{ type filter hook egress device "lo" '
        "priority 0; policy accept; }\n"
    )
    return _loads(ingress), _loads(egress)


def _loads(text: str) -> bool:
    try:
        run(text, check_only=True)
    except EnforcementError:
        return False
    return True


def _listing(what: str) -> list[dict[str, Any]]:
    """Return what nft lists, of every table; libnftables-json(5) has the form."""
    text = _call([NFT, "-j", "list", what], "")
    try:
        listing: list[dict[str, Any]] = json.loads(text)["nftables"] if text else []
    except (ValueError, TypeError, KeyError):
        raise PlatformError("nft-unreadable", what) from None
    return listing


def _call(argv: list[str], text: str) -> str:
    try:
        with subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        ) as process:
            own_pids.append(process.pid)
            try:
                said, complaint = process.communicate(text, timeout=TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    except FileNotFoundError:
        raise PlatformError("nft-missing", "install the nftables package") from None
    except OSError as error:
        raise PlatformError("nft-not-run", error.strerror or "") from None
    except subprocess.TimeoutExpired:
        raise EnforcementError(
            "nft-timeout", f"no answer in {TIMEOUT_S:.0f} s"
        ) from None
    if process.returncode != 0:
        raise EnforcementError("nft-refused", complaint.strip()[:2000])
    return said
