"""The product's own rules and elements in the guest's home, and what is asked of them.

Rules come from guardian.compile; elements are written as the enforcement writes them:
add, delete, add of the key in both tables, in one transaction.
"""

import re
import time
from dataclasses import dataclass

from guardian.compile.ruleset import Layout, render

from .guest import Report, await_true, nft, run, wait_until
from .guest_flows import Flow, attempt
from .guest_home import (
    CHAT,
    HELP,
    LAN,
    PHONE,
    PHONE_ADDRESSES,
    PREFIXES,
    ROUTER_MAC,
    SERVER,
    TABLET,
    WEB_PORT,
    Home,
)

# From the end of a lease to the last packet, at most.
WITHIN_S = 1.0
# A thread that sends may be held up this long on a busy machine.
SLACK_S = 1.5
# Refused "at once" to a person; a hang is seconds.
AT_ONCE_S = 0.5


def load(*, ports: tuple[str, ...] = (), hooked: bool = True) -> None:
    """Load the rules of a home, hooks on the bridge and on `ports`."""
    layout = Layout(
        lan=(LAN,),
        hooked=(LAN,) if hooked else (),
        ports=ports,
        router_macs=(ROUTER_MAC,),
        prefixes=PREFIXES,
    )
    nft(render(layout))


def set_up_people() -> None:
    """Make the phone exempt and open the helpline's addresses."""
    nft(
        "".join(
            f"add element {family} guardian exempt {{ {PHONE} }}\n"
            f"add element {family} guardian managed {{ {TABLET} }}\n"
            + "".join(
                f"add element {family} guardian floor4 {{ {four} timeout 1h }}\n"
                f"add element {family} guardian floor6 {{ {six} timeout 1h }}\n"
                for four, six in (HELP, CHAT)
            )
            for family in ("inet", "netdev")
        )
    )


@dataclass(frozen=True, slots=True)
class Ending:
    """When something must end, time.monotonic: not before `after`, at the latest `by`.

    The two differ by the time that the command which set the end took.
    """

    after: float
    by: float


def lease(seconds: float, mac: str = TABLET) -> Ending:
    """Give a device a lease, whatever it had; returns when it ends."""
    began = time.monotonic()
    nft(renewal("permit", mac, seconds))
    return Ending(began + seconds, time.monotonic() + seconds)


def renewal(name: str, key: str, seconds: float) -> str:
    """Return the transaction that gives one key this much time in both tables."""
    timed = f"{{ {key} timeout {int(seconds * 1000)}ms }}"
    return "".join(
        f"add element {family} guardian {name} {timed}\n"
        f"delete element {family} guardian {name} {{ {key} }}\n"
        f"add element {family} guardian {name} {timed}\n"
        for family in ("inet", "netdev")
    )


@dataclass(frozen=True, slots=True)
class Watched:
    """Flows that must stop and flows that must go on."""

    child: list[Flow]
    others: list[Flow]


def begin(home: Home) -> Watched:
    """Begin all flows; the tablet needs a lease."""
    return Watched(home.calls(), home.others())


def running(flows: list[Flow], limit_s: float = 20.0) -> list[str]:
    """Wait until all flows deliver; returns the names of those that do not."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        since = time.monotonic() - SLACK_S
        if all(flow.runs(since) for flow in flows):
            return []
        time.sleep(0.05)
    return [f"{f.name} {f.error}".strip() for f in flows if not f.runs(since)]


def told(flows: list[Flow], text: str) -> tuple[bool, str, str]:
    """Return the step "these flows run", with those that do not."""
    silent = running(flows)
    return not silent, text, ", ".join(silent)


def stops(report: Report, watched: Watched, ends: Ending, text: str) -> None:
    """Report that the child's flows stop when they must; the rest goes on."""
    wait_until(ends.by + WITHIN_S + 0.7)
    now = time.monotonic()
    last = {flow.name: flow.ended() for flow in watched.child}
    shown = " ".join(
        f"{name} {(at - ends.by) * 1000:+.0f}" for name, at in last.items()
    )
    on_time = all(
        ends.after - SLACK_S < at <= ends.by + WITHIN_S for at in last.values()
    )
    report.step(on_time, f"{text}: both directions stop", f"ms {shown}")
    silent = [flow.name for flow in watched.others if not flow.runs(now - SLACK_S)]
    report.step(not silent, f"{text}: phone and help go on", " ".join(silent))


def offloaded(report: Report, home: Home, text: str) -> Watched:
    """Begin all flows and report that the home's flow table has them."""
    watched = begin(home)
    flows = watched.child + watched.others
    report.step(*told(flows, f"{text}: flows run"))
    await_true(lambda: _offloaded(flows) == len(flows), pause_s=0.2)
    entries = _offloaded(flows)
    report.step(
        entries == len(flows),
        f"{text}: conntrack says offloaded",
        f"{entries} of {len(flows)}",
    )
    seen, arrived = _forwarded(), _arrived(flows)
    time.sleep(1)
    seen, arrived = _forwarded() - seen, _arrived(flows) - arrived
    report.step(
        seen * 20 < arrived,
        f"{text}: the forward hook is passed by",
        f"{seen} packets there, {arrived} arrived",
    )
    return watched


def _offloaded(flows: list[Flow]) -> int:
    """Return how many of these flows conntrack says are in a flow table."""
    ports = [
        f"sport={flow.client.getsockname()[1]} dport={flow.client.getpeername()[1]} "
        for flow in flows
    ]
    with open("/proc/net/nf_conntrack") as file:
        marked = [line for line in file if "[OFFLOAD]" in line]
    return sum(any(pair in line for line in marked) for pair in ports)


def _forwarded() -> int:
    """Return how many packets the router's own forward chain has seen."""
    found = re.search(r"counter packets (\d+)", run("nft list chain inet fw forward"))
    return int(found[1]) if found else 0


def _arrived(flows: list[Flow]) -> int:
    return sum(flow.count_up + flow.count_down for flow in flows)


def refuses(report: Report, home: Home, text: str, *, helped: bool = True) -> None:
    """Report that the tablet is refused at once and what it reaches all the same.

    helped: help is among that; not while rules say that the interface has no hooks.
    """
    for kind in ("tcp", "udp"):
        for version, address in zip("46", SERVER, strict=True):
            found, took = _refusal(home, address, kind)
            shown = f"{found} {took * 1000:.0f} ms"
            what = f"{text}: {kind} over IPv{version}"
            at_once = found not in ("ok", "timeout") and took < AT_ONCE_S
            report.step(at_once, f"{what} is refused at once", shown)
    open_to = {"the LAN": PHONE_ADDRESSES} | ({"help": HELP} if helped else {})
    for what, addresses in open_to.items():
        lost = [
            f"{kind} {address}"
            for kind in ("tcp", "udp")
            for address in addresses
            if not home.reaches(home.tablet, address, kind)
        ]
        report.step(not lost, f"{text}: {what} is reached", " ".join(lost))


def _refusal(home: Home, address: str, kind: str) -> tuple[str, float]:
    """Return what the tablet is told, and after how long.

    The kernel sends one host one ICMP error a second (icmp_ratelimit, a burst of 6), so
    after a flow full of refused datagrams a single one may stay without an answer.
    """
    for _ in range(3):
        found, took = attempt(home.tablet, address, WEB_PORT, kind=kind, limit_s=1.2)
        if found != "timeout" or kind == "tcp":
            break
    return found, took
