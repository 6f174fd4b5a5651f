"""A pause, its end, and a bridge that goes and comes back, with the daemon alive.

The flow table is on the bridge, as it is on a router without switch offload.
"""

import time

from .guest import Report, await_true, ip, run as program
from .guest_daemon import AFTERNOON, Daemon
from .guest_home import HELP, LAN, SERVER, Home
from .guest_rules import Ending, Watched, begin, offloaded, refuses, stops, told


def run(report: Report) -> None:
    """Pause, resume, lose the bridge."""
    home = Home()
    report.step(home.ready(), "the home works without rules")
    home.offload((LAN,))
    with Daemon() as daemon:
        daemon.start(AFTERNOON)
        report.step(daemon.help_is_kept(), "the daemon keeps help's addresses")
        watched = offloaded(report, home, "flow table on the bridge")
        _pause(report, daemon, watched, "pause")
        home.traffic.end(watched.child)
        refuses(report, home, "while paused")
        _bridge_again(report, home)
        daemon.ctl("resume", "mia")
        opened = all(home.reaches(home.tablet, address) for address in SERVER)
        report.step(opened, "resume opens it again")
        home.traffic.end(watched.others)
        watched = begin(home)
        report.step(
            *told(watched.child + watched.others, "flows run on the new bridge")
        )
        _pause(report, daemon, watched, "pause on the new bridge")


def _pause(report: Report, daemon: Daemon, watched: Watched, text: str) -> None:
    tapped = time.monotonic()
    daemon.call("pause", person="mia", span="30m")
    answered = time.monotonic()
    report.note(f"{text}: the answer took {(answered - tapped) * 1000:.0f} ms")
    stops(report, watched, Ending(tapped, answered), text)
    reason = daemon.reason()
    report.step(reason == "PAUSED", f"{text}: explain tells the reason", reason)


def _bridge_again(report: Report, home: Home) -> None:
    ip(f"link del {LAN}")
    home.wire_bridge()
    report.step(await_true(_hooked), "the daemon hooks a bridge that came back")
    await_true(lambda: all(home.reaches(home.tablet, address) for address in HELP))
    refuses(report, home, "paused, on the new bridge")


def _hooked() -> bool:
    """Say whether chains of both directions are on the bridge."""
    listing = program("nft list chains")
    return all(
        f'hook {hook} device "{LAN}"' in listing for hook in ("ingress", "egress")
    )
