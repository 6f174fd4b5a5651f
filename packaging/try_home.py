"""The demo: a lab home, the real daemon in its router, and what a family would see.

Every step sends real traffic and says what was sent, what arrived and when. With --once
it ends after the last step, exit 1 if any failed; otherwise the home stays up so that a
person can use guardianctl against it. Everything is removed on every way out.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from tests.lab.flows import Flow
from tests.lab.guard import EXAMPLE, MACS, Guard, example
from tests.lab.home import Home
from tests.lab.relay import is_free, relay
from tests.lab.web import Web, web_user_options
from webui import passwords
from tests.lab.namespaces import wait_for

ROOT = Path(__file__).resolve().parents[1]

# The night on which Europe's clocks go back.
NIGHT = "2026-10-24"
HELP = "nummergegenkummer.de"
HELP_AT = ("198.51.100.116", "2001:db8:1::116")
VISITOR = "02:00:5e:00:10:99"
# A name of a kind that is blocked for Mia's age; in this home it leads nowhere.
CASINO = "pokerstars.com"
LIMIT_S = 1.0
FAMILIES = (4, 6)


class Story:
    """Counts and prints the steps."""

    def __init__(self) -> None:
        self.failed = 0
        self.steps = 0

    def tell(self, text: str) -> None:
        """Say what happens next."""
        print(f"\n{text}", flush=True)

    def step(self, ok: bool, text: str) -> None:
        """Print one line for one step."""
        self.steps += 1
        self.failed += not ok
        print(f"  {'ok  ' if ok else 'FAIL'} {text}", flush=True)


def main() -> int:
    """Run the demo; returns the exit code."""
    parser = argparse.ArgumentParser(prog="packaging/try", description=__doc__)
    parser.add_argument("--once", action="store_true", help="run the steps and end")
    once = parser.parse_args().once
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    story = Story()
    began = time.monotonic()
    with Home(macs=MACS, hosts={HELP: HELP_AT}) as home:
        run(home, story)
        print(
            f"\n{story.steps - story.failed} passed, {story.failed} failed "
            f"in {time.monotonic() - began:.0f} s"
        )
        if not once:
            stay(home)
    return 1 if story.failed else 0


def run(home: Home, story: Story) -> None:
    """Tell the whole story in the given home."""
    home.serve("router", http=80)
    bedtime = bedtime_of(f"{NIGHT}T19:00")
    guard = Guard(home, example(), options=web_user_options())
    evening(home, guard, story, bedtime)
    daytime(home, guard, story)
    without_daemon(home, guard, story, bedtime)


def bedtime_of(at: str) -> datetime:
    """Ask the pure core when the tablet's time ends on the evening of `at`."""
    done = subprocess.run(
        [sys.executable, "-m", "guardian.cli", "explain", "tablet", "--json"]
        + ["--household", str(EXAMPLE), "--at", at],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return datetime.fromisoformat(json.loads(done.stdout)["decision"]["until"])


def start(guard: Guard, at: datetime) -> float:
    """Start the daemon as if it were `at`; returns the monotonic second of `at`."""
    guard.start(now=at.isoformat(timespec="milliseconds"))
    before = time.monotonic()
    clock = datetime.fromisoformat(guard.call("status")["clock"]["now"])
    return before - (clock.timestamp() - at.timestamp())


def flows_of(home: Home, host: str) -> list[Flow]:
    """A download, a call and an inbound-only stream, over IPv4 and IPv6."""
    return [
        home.flow(host, kind, server, family)
        for family in FAMILIES
        for kind, server in (
            ("tcp-download", "video"),
            ("udp-call", "chat"),
            ("udp-push", "video"),
        )
    ]


def wait_all(flows: Iterable[Flow]) -> None:
    """Wait until every flow carries packets each way it should."""
    for flow in flows:
        flow.wait_running()


def evening(home: Home, guard: Guard, story: Story, bedtime: datetime) -> None:
    """Bedtime with the daemon alive, and what still works then."""
    story.tell(f"It is a quarter of a minute to bedtime, {bedtime:%d %B %Y, %H:%M}.")
    begun = start(guard, bedtime - timedelta(seconds=12))
    child, parent = flows_of(home, "tablet"), flows_of(home, "phone")
    local = [home.flow("tablet", "udp-call", "tv", f) for f in FAMILIES]
    help_ = [home.flow("tablet", "tcp-chat", HELP, f, port=443) for f in FAMILIES]
    wait_all((*child, *parent, *local, *help_))
    story.step(True, "tablet and phone: downloads, calls, streams run, IPv4 and IPv6")
    at = begun + 12
    stopped(story, "bedtime", child, at)
    goes_on(story, "the parent's", parent)
    goes_on(story, "inside the LAN: tablet to TV,", local)
    goes_on(story, f"help ({HELP}), opened before bedtime,", help_)
    end((*child, *parent, *local, *help_))
    held(home, story, "tablet", "at bedtime")
    why(guard, story, "tablet", "BEDTIME")
    for family in FAMILIES:
        page = home.fetch("tablet", f"http://{HELP}/", family)
        story.step(page.ok, f"help opened anew over IPv{family}: {page.how}")
    router_serves(home, story)
    names(home, story, "tablet", "school.lab.test", "It is bedtime.")
    unknown_device(home, guard, story)
    changed_mac(home, guard, story)
    guard.stop()


def daytime(home: Home, guard: Guard, story: Story) -> None:
    """Pause and resume on a school day's afternoon."""
    story.tell("The next Monday, 17:00: a pause, and its end.")
    start(guard, datetime.fromisoformat("2026-10-26T17:00+01:00"))
    flows = flows_of(home, "tablet")
    help_ = [home.flow("tablet", "tcp-chat", HELP, f, port=443) for f in FAMILIES]
    wait_all((*flows, *help_))
    at = time.monotonic()
    guard.call("pause", person="mia", span="30m")
    stopped(story, "pause", flows, at)
    goes_on(story, f"help ({HELP}), opened before the pause,", help_)
    end((*flows, *help_))
    held(home, story, "tablet", "while paused")
    why(guard, story, "tablet", "PAUSED")
    pages(home, guard, story)
    guard.call("resume", person="mia")
    for family in FAMILIES:
        page = home.fetch("tablet", "https://school.lab.test/", family)
        story.step(page.ok, f"resumed: a page over IPv{family}: {page.how}")
    sites(home, guard, story)
    guard.stop()


def pages(home: Home, guard: Guard, story: Story) -> None:
    """The pages answer a paused tablet, and nobody outside."""
    with Web(home, guard) as web:
        for url in (web.http, web.https, f"http://[{web.address6}]:{web.ports[0]}"):
            code = status(home, "tablet", f"{url}/healthz", web)
            story.step(code == "200", f"the pages at {url}, while paused: {code}")
        for url in (web.http, web.https):
            # By the route that the provider has to this home.
            code = status(home, "inet", f"{url}/healthz", web)
            story.step(code == "000", f"the pages from the internet: {code}")
        ended = web.stop()
        story.step(ended == 0, f"the pages end when told to: exit {ended}")


def status(home: Home, host: str, url: str, web: Web) -> str:
    """Return the HTTP status by curl, which trusts the box's authority; 000: none."""
    argv = ["curl", "-sg", "-m", "2", "-o", "/dev/null", "-w", "%{http_code}"]
    return home[host].run([*argv, "--cacert", str(web.ca), url], check=False).stdout


def without_daemon(home: Home, guard: Guard, story: Story, bedtime: datetime) -> None:
    """Bedtime with the daemon killed a minute before."""
    story.tell("A minute before bedtime the daemon is killed (kill -9).")
    begun = start(guard, bedtime - timedelta(seconds=66))
    child, parent = flows_of(home, "tablet"), flows_of(home, "phone")
    help_ = [home.flow("tablet", "tcp-chat", HELP, f, port=443) for f in FAMILIES]
    wait_all((*child, *parent, *help_))
    at = begun + 66
    guard.kill()
    killed = at - time.monotonic()
    story.step(killed > 50, f"daemon killed {killed:.0f} s before bedtime")
    stopped(story, "bedtime without a daemon", child, at)
    goes_on(story, "the parent's", parent)
    goes_on(story, f"help ({HELP}), opened before bedtime,", help_)
    held(home, story, "tablet", "without a daemon")
    page = home.fetch("tablet", f"http://{HELP}/", 4)
    story.step(page.ok, f"help opened anew without a daemon: {page.how}")
    end((*child, *parent, *help_))


def stopped(story: Story, what: str, flows: Iterable[Flow], at: float) -> None:
    """Check that each flow was alive before `at` and silent within the limit after."""
    time.sleep(max(0.0, at - time.monotonic() - 0.3))
    flows = list(flows)
    lived = {flow: flow.last_received() for flow in flows}
    time.sleep(max(0.0, at + LIMIT_S + 0.5 - time.monotonic()))
    for flow in flows:
        last = flow.last_received() - at
        ok = last <= LIMIT_S and at - lived[flow] < 1.5
        counts = " ".join(
            f"{way} {flow.sent_count(way)} sent {len(flow.arrivals(way))} arrived"
            for way in flow.directions
        )
        story.step(
            ok,
            f"{what}: tablet {flow.kind} IPv{flow.family}: {counts}; "
            f"last packet {last:+.3f} s",
        )


def goes_on(story: Story, whose: str, flows: Iterable[Flow]) -> None:
    """Check that each flow still carries packets."""
    for flow in flows:
        ok = flow.alive(1.0)
        story.step(ok, f"{whose} {flow.kind} IPv{flow.family} goes on")


def end(flows: Iterable[Flow]) -> None:
    """End the senders."""
    for flow in flows:
        flow.stop()


def held(home: Home, story: Story, host: str, when: str) -> None:
    """Check that nothing new gets out, and that the refusal comes at once."""
    for family in FAMILIES:
        page = home.fetch(host, "https://video.lab.test/", family, known=True)
        ok = not page.ok and page.seconds < 1
        story.step(
            ok, f"{host} {when}, IPv{family}: {page.how} after {page.seconds:.2f} s"
        )


def why(guard: Guard, story: Story, device: str, reason: str) -> None:
    """Check that `explain` gives the reason."""
    said = guard.ask("explain", device)["decision"]
    ok = said["reason"] == reason
    until = (said["until"] or "no end in sight")[:16].replace("T", " ")
    story.step(ok, f"explain {device}: {said['reason']}: {said['says']} until {until}")


def router_serves(home: Home, story: Story) -> None:
    """The router's own page."""
    for url in ("http://192.168.1.1/", "http://[2001:db8:100:1::1]/"):
        page = home.fetch("tablet", url)
        story.step(page.ok, f"the router's own page at {url}: {page.how}")


def names(home: Home, story: Story, who: str, name: str, expected: str) -> None:
    """Ask for a name: the router, and resolvers that a child may choose by hand."""
    for server in ("192.168.1.1", "8.8.8.8", "2001:db8:8888::8"):
        done = home[who].run([sys.executable, "-c", ASK, server, name], check=False)
        answer = done.stdout.strip()
        ok = answer.startswith(expected)
        story.step(ok, f"{who} asks {server} for {name}: {answer or 'no answer'}")


def sites(home: Home, guard: Guard, story: Story) -> None:
    """One site and one kind of site, for one child."""
    story.tell("The same afternoon: names. A parent blocks a site for Mia.")
    address = "198.51.100.20"
    names(home, story, "tablet", "school.lab.test", address)
    guard.call("site", action="block", person="mia", names=["school.lab.test"])
    names(home, story, "tablet", "school.lab.test", "A parent has blocked this site.")
    done = home["phone"].run(
        [sys.executable, "-c", ASK, "192.168.1.1", "school.lab.test"], check=False
    )
    ok = done.stdout.strip() == address
    story.step(ok, f"the parent's phone gets {done.stdout.strip() or 'no answer'}")
    guard.call("site", action="forget", person="mia", names=["school.lab.test"])
    names(home, story, "tablet", "school.lab.test", address)
    wait_for(
        lambda: guard.ask("status")["names"]["stats"].get("index_names"),
        "the lists of kinds of sites",
        60,
    )
    kind = "This kind of site is blocked in the profile."
    names(home, story, "tablet", CASINO, kind)
    said = guard.ask("explain", "tablet", "--name", CASINO)["name"]
    what = ", ".join(f"{key} {value}" for key, value in said["args"])
    story.step(bool(what), f"explain tablet --name {CASINO}: {said['says']} {what}")


# One DNS question by hand: the child may choose any server, the answer is ours. Of a
# refusal the reason (RFC 8914: option 15, a code of two octets, text) ends the message.
ASK = """
import socket, sys
name = b"".join(bytes([len(p)]) + p.encode() for p in sys.argv[2].split("."))
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET,
                  socket.SOCK_DGRAM)
s.settimeout(2)
opt = b"\\0\\0\\x29\\4\\xd0\\0\\0\\0\\0\\0\\0"
s.sendto(b"\\0\\7\\1\\0\\0\\1\\0\\0\\0\\0\\0\\1" + name
         + b"\\0\\0\\1\\0\\1" + opt, (sys.argv[1], 53))
answer = s.recv(1232)
if answer[3] & 15:
    print(answer[answer.index(b"\\0\\x0f", 12 + len(name) + 5) + 6:].decode())
else:
    data = answer.index(b"\\0\\4", 12 + len(name) + 5 + 10) + 2
    print(socket.inet_ntoa(answer[data:data + 4]))
"""


def unknown_device(home: Home, guard: Guard, story: Story) -> None:
    """A device nobody knows: held from its first packet."""
    home.add_host("guest", VISITOR, "someones-phone")
    held(home, story, "guest", "unknown, at the children's bedtime")
    found = [d for d in guard.ask("devices") if VISITOR in d["macs"]]
    ok = bool(found) and found[0]["decision"]["reason"] == "NEW_DEVICE"
    story.step(ok, "the parent sees it in `guardianctl devices`, as a new device")


def changed_mac(home: Home, guard: Guard, story: Story) -> None:
    """The tablet takes another address: it does not become free."""
    tablet = home.lan_host("tablet")
    tablet.change_mac("06:12:34:56:78:9a")
    held(home, story, "tablet", "with a changed MAC")
    tablet.change_mac(MACS["tablet"])


def stay(home: Home) -> None:
    """Leave the home up until Ctrl-C, at half past four on a Monday."""
    document = example()
    for device in document["devices"]:
        if device["id"] == "laptop":
            device.update(person="ben", name="Ben's laptop")
    guard = Guard(home, document, options=web_user_options())
    start(guard, datetime.fromisoformat("2026-10-26T16:30+01:00"))
    live(home, guard)
    ctl = f"{ROOT}/.venv/bin/guardianctl --socket {guard.socket}"
    print("\nThe home stays up; it is Monday, 16:30 there.")
    serve_pages(home, guard)
    print(f"Or by command:\n  {ctl} people\n  {ctl} pause mia --for 15m")
    print(f"  {ctl} explain tablet")
    print(f"  ip netns exec {home['tablet'].namespace} curl http://video.lab.test/")
    print("Ctrl-C ends it and removes everything.", flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        print()


def live(home: Home, guard: Guard) -> None:
    """Let the invented family have had an afternoon: wishes, an answer, a visitor."""
    tablet, laptop = (home.lan_host(name).ip4 for name in ("tablet", "laptop"))
    # A device is known by the router's neighbour table: it must have spoken lately.
    for name in ("tablet", "laptop"):
        home.fetch(name, "http://192.168.1.1/", 4)
    site = {"kind": "site", "site": "scratch.mit.edu", "text": "for school"}
    asked = guard.call("ask", address=laptop, **site)
    guard.call("answer", id=asked["id"], give="always", words="Have fun!")
    wish = {"kind": "time", "minutes": 30, "text": "homework video"}
    guard.call("ask", address=tablet, **wish)
    if "guest" not in home.hosts:
        home.add_host("guest", VISITOR, "someones-phone")
    home.fetch("guest", "http://192.168.1.1/", 4)


# The parent of the example household, in a home that is gone with Ctrl-C.
PARENT, PASSWORD = "Anna", "a lab needs no secrets"
# Who this machine's browser is in the home, by the address that it opens.
SEATS = {"127.0.0.1": "phone", "127.0.0.2": "tablet", "127.0.0.3": "laptop"}
WEB_PORTS = (8080, 8443)


def serve_pages(home: Home, guard: Guard) -> None:
    """Start the pages and lead this machine's browser to them, and say where."""
    # The port is part of the name by which a page may be called: the same here and
    # there, or another for both where a program of this machine has it.
    http, https = (
        port if all(is_free((seat, port)) for seat in SEATS) else port + 10000
        for port in WEB_PORTS
    )
    names = [word for seat in SEATS for word in ("--name", seat)]
    ports = ("--http", str(http), "--https", str(https))
    web = Web(home, guard, options=(*names, *ports)).start()
    for seat, device in SEATS.items():
        there = {(seat, port): (web.address, port) for port in (http, https)}
        relay(home[device], there)
    guard.call(
        "claim",
        code=guard.call("claim-code")["code"],
        name=PARENT,
        hash=passwords.make_hash(PASSWORD, p=1),
    )
    print("Open in a browser of this machine:")
    print(f"  https://127.0.0.1:{https}/      as the parent, on the parent's phone;")
    print(f"                               sign in as {PARENT}: {PASSWORD}")
    print(f"  http://127.0.0.2:{http}/me    as Mia, on the tablet")
    print(f"  http://127.0.0.3:{http}/me    as Ben, on the laptop")
    words = json.loads((web.state_dir / "tls" / "ca.words").read_text())["words"]
    print(
        "The browser warns: the box is its own authority. /open says what that means,"
    )
    print(f"and shows the words that `guardianctl status` says: {' '.join(words)}")


if __name__ == "__main__":
    sys.exit(main())
