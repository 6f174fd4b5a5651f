"""The front alone, as the daemon forks it, for the benchmark.

Arguments: port, resolver's port, index file. Prints what it says to the daemon.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from itertools import chain
from pathlib import Path

from guardian.compile.names import rules_to_json
from guardian.core.model import Access, Decision, Reason, Verdict
from guardian.core.naming import NameRules, shared_names
from guardian.front import channel
from guardian.front.process import run

STATE = Decision(Verdict.ALLOW, Reason.DEFAULT)
RULES = NameRules(state=STATE, access=(("adult", Access.BLOCK),))
LAX = NameRules(state=STATE)


def policy(
    port: int, upstream: int, revision: int, rules: NameRules
) -> dict[str, object]:
    """Return a policy for one port without a limit of questions."""
    return {
        "type": "policy",
        "revision": revision,
        "refusal": "nxdomain",
        "upstreams": [f"127.0.0.1#{upstream}"],
        "page4": "192.0.2.1",
        "page6": "100::1",
        "rules": [rules_to_json(rules)],
        "ports": [
            {"port": port, "mac": "02:00:00:00:00:01", "rules": 0, "record": True}
        ],
        "limit": [0, 0],
    }


def main(port: int, upstream: int, index: Path) -> None:
    """Fork the front and steer it by lines on standard input: "lax" or "strict"."""
    from guardian.store.catalogue import load_catalogue
    from guardian.store.data import load_floor

    shared = shared_names(load_catalogue(), load_floor().names())
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        run(theirs, shared, index)
        os._exit(0)
    theirs.close()
    revision = 0
    for line in chain(("strict",), map(str.strip, sys.stdin)):
        revision += 1
        rules = LAX if line == "lax" else RULES
        begun = time.monotonic()
        channel.send(ours, policy(port, upstream, revision, rules))
        while (message := channel.receive(ours)) and message["type"] != "bound":
            continue
        print(pid, time.monotonic() - begun, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
