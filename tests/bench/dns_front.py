"""The front alone, as the daemon forks it, for the benchmark.

Arguments: the resolver's port, the index file, ports. Prints the front's process id and
the seconds until a policy held.
"""

from __future__ import annotations

import gc
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
    ports: list[int], upstream: int, revision: int, word: str
) -> dict[str, object]:
    """Return a policy: strict or lax without a limit of questions, or with one."""
    rules = LAX if word == "lax" else RULES
    return {
        "type": "policy",
        "revision": revision,
        "refusal": "nxdomain",
        "upstreams": [f"127.0.0.1#{upstream}"],
        "page4": "192.0.2.1",
        "page6": "100::1",
        "rules": [rules_to_json(rules)],
        "ports": [
            {"port": port, "mac": f"02:00:00:00:00:{n:02x}", "rules": 0, "record": True}
            for n, port in enumerate(ports)
        ],
        "limit": [200, 400] if word == "limited" else [0, 0],
    }


def main(upstream: int, index: Path, ports: list[int]) -> None:
    """Fork the front and steer it by words on standard input; see `policy`."""
    from guardian.store.catalogue import load_catalogue
    from guardian.store.data import load_floor

    shared = shared_names(load_catalogue(), load_floor().names())
    # As the daemon does: what lives now is looked at by no collection of the child.
    gc.freeze()
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
        begun = time.monotonic()
        channel.send(ours, policy(ports, upstream, revision, line))
        while (message := channel.receive(ours)) and message["type"] != "bound":
            continue
        print(pid, time.monotonic() - begun, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), list(map(int, sys.argv[3:])))
