"""The front as the daemon has it: forked, with real sockets and a resolver."""

from __future__ import annotations

import contextlib
import random
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import dns.flags
import dns.message
import pytest

from guardian.core.model import Decision, Reason, Verdict
from guardian.core.naming import Access, NameRules
from guardian.front import channel
from guardian.front.limits import Limits
from guardian.lists.build import Feed, compile_index
from guardian.lists.source import Rules, Source
from guardian.lists.suffixes import PublicSuffixes

from .kit import (
    OPEN,
    Upstream,
    addresses,
    ask,
    free_ports,
    front,
    question,
    reply,
    upstream,
)

BLOCKING = NameRules(
    state=OPEN,
    access=(("adult", Access.BLOCK),),
    block=frozenset({"theirs.test"}),
)
FREE = NameRules(state=OPEN)
BEDTIME = NameRules(state=Decision(Verdict.REFUSE, Reason.BEDTIME))
GARDEN = NameRules(state=OPEN, only=True, packs=frozenset({"school"}))


def zone(query: dns.message.Message) -> bytes | None:
    """Answer with an address; by the first label: cut, fold, silent, fail."""
    asked = query.question[0]
    wire, kind = query.to_wire(), dns.rdatatype.to_text(asked.rdtype)
    what = asked.name.labels[0].decode().lower()
    if what == "silent":
        return None
    if what == "fail":
        return reply(wire, rcode=2)
    data = {"A": "192.0.2.9", "AAAA": "2001:db8::9"}.get(kind)
    if data is None:
        return reply(wire)
    if what == "fold":
        wire = wire[:12] + wire[12:].replace(
            asked.name.to_wire(), asked.name.to_wire().lower()
        )
    octets = reply(wire, f"{asked.name} 60 IN {kind} {data}")
    return octets


@pytest.fixture
def resolver() -> Iterator[Upstream]:
    with upstream(zone) as served:
        yield served


def index(folder: Path, **listed: str) -> Path:
    """Compile an index of names -> label."""
    feeds = [
        Feed(
            Source(id=label, label=label),
            lambda text="\n".join(n for n, x in listed.items() if x == label): iter(
                [text.replace("_", ".").encode() + b"\n"]
            ),
            label.encode().ljust(32, b"."),
        )
        for label in sorted(set(listed.values()))
    ]
    rules = Rules(suffixes=PublicSuffixes([b"test"], [], []))
    compile_index(feeds, rules, folder)
    return folder / "index"


def code(message: dns.message.Message) -> tuple[int, int]:
    """Return RCODE and EDE code, -1 for none."""
    infos = [int(option.code) for option in message.options if option.otype == 15]
    return int(message.rcode()), infos[0] if infos else -1


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("tcp", [False, True])
def test_refused_allowed_and_kept(resolver: Upstream, host: str, tcp: bool) -> None:
    (port,) = free_ports(1)
    with front() as served:
        bound = served.policy([f"127.0.0.1#{resolver.port}"], [BLOCKING], [(port, 0)])
        assert bound == [port]
        for _ in range(2):
            allowed = ask(port, "www.good.test", host=host, tcp=tcp)
            assert addresses(allowed) == ["192.0.2.9"]
            refused = ask(port, "x.theirs.test", host=host, tcp=tcp, edns=0)
            assert code(refused) == (3, 15)
        assert resolver.names == ["www.good.test"]
        stats = served.stats()
    assert stats["ports"] == {str(port): [4, 2]}
    assert (stats["questions"], stats["refused"], stats["cached"]) == (4, 2, 0)
    assert served.seen[0]["name"] == "x.theirs.test"


def test_the_answer_leaves_from_the_address_that_was_asked(resolver: Upstream) -> None:
    (port,) = free_ports(1)
    with front() as served:
        served.policy([f"127.0.0.1#{resolver.port}"], [BLOCKING], [(port, 0)])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            # At once, and later: both ways of answering.
            for name in ("x.theirs.test", "www.good.test"):
                sock.sendto(question(name), ("127.0.0.77", port))
                assert sock.recvfrom(512)[1] == ("127.0.0.77", port)


def test_a_policy_holds_at_the_next_question(resolver: Upstream) -> None:
    (port,) = free_ports(1)
    servers = [f"127.0.0.1#{resolver.port}"]
    with front() as served:
        served.policy(servers, [BLOCKING], [(port, 0)])
        assert addresses(ask(port, "www.good.test")) == ["192.0.2.9"]
        served.policy(servers, [BEDTIME], [(port, 0)])
        assert code(ask(port, "www.good.test", edns=0)) == (3, 18)
        served.policy(servers, [BLOCKING], [(port, 0)])
        assert addresses(ask(port, "www.good.test")) == ["192.0.2.9"]
        served.policy(servers, [BEDTIME], [(port, 0)], refusal="sinkhole")
        assert addresses(ask(port, "www.good.test")) == ["192.0.2.1"]
    assert len(resolver.asked) == 1


def test_the_routers_pages_are_where_the_router_is_now(resolver: Upstream) -> None:
    (port,) = free_ports(1)
    page, told = "guardian.home.arpa", ["192.168.1.1", "2001:db8::1"]
    with front() as served:
        served.policy([], [BEDTIME], [(port, 0)], addresses=told)
        assert addresses(ask(port, page)) == told[:1]
        assert addresses(ask(port, page, "AAAA")) == told[1:]
        assert code(ask(port, "www.good.test", edns=0)) == (3, 18)
        # It moved, and what was kept of the answer before is not given.
        served.policy([], [BEDTIME], [(port, 0)], addresses=["192.168.2.1"])
        assert addresses(ask(port, page)) == ["192.168.2.1"]
        assert addresses(ask(port, page, "AAAA")) == []


def test_two_children_share_no_answer(resolver: Upstream) -> None:
    one, other = free_ports(2)
    with front() as served:
        served.policy(
            [f"127.0.0.1#{resolver.port}"], [BLOCKING, FREE], [(one, 0), (other, 1)]
        )
        for _ in range(2):
            assert addresses(ask(other, "www.theirs.test")) == ["192.0.2.9"]
            assert code(ask(one, "www.theirs.test", edns=0)) == (3, 15)


def test_ports_come_and_go(resolver: Upstream) -> None:
    one, other, taken = free_ports(3)
    servers = [f"127.0.0.1#{resolver.port}"]
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as squatter, front() as at:
        squatter.bind(("", taken))
        assert at.policy(servers, [FREE], [(one, 0), (taken, 0)]) == [one]
        assert at.stats()["unbound"] == 1
        assert at.policy(servers, [FREE], [(other, 0)]) == [other]
        with pytest.raises(ConnectionError):
            ask(one, "www.good.test", timeout=1)
        assert addresses(ask(other, "www.good.test")) == ["192.0.2.9"]
        squatter.close()
        assert at.policy(servers, [FREE], [(taken, 0)]) == [taken]


def test_a_policy_of_any_size_arrives(resolver: Upstream) -> None:
    (port,) = free_ports(1)
    many = frozenset(f"site{n}.example" for n in range(30_000))
    with front() as served:
        served.policy(
            [f"127.0.0.1#{resolver.port}"],
            [NameRules(state=OPEN, block=many)],
            [(port, 0)],
        )
        assert code(ask(port, "www.site29999.example", edns=0)) == (3, 15)


def test_an_index_is_swapped_without_a_gap(resolver: Upstream, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    first = index(tmp_path / "one", bad_test="adult")
    second = index(tmp_path / "two", worse_test="adult", bad_test="zoo")
    with front(index=first) as served:
        served.policy([f"127.0.0.1#{resolver.port}"], [BLOCKING], [(port, 0)])
        assert code(ask(port, "www.bad.test", edns=0)) == (3, 17)
        assert addresses(ask(port, "www.worse.test")) == ["192.0.2.9"]
        assert served.stats()["index_names"] == 1
        channel.send(served.control, {"type": "index", "path": str(second)})
        assert served.stats()["index_names"] == 2
        assert code(ask(port, "www.worse.test", edns=0)) == (3, 17)
        assert addresses(ask(port, "www.bad.test")) == ["192.0.2.9"]
        channel.send(served.control, {"type": "index", "path": str(tmp_path / "no")})
        assert served.stats()["index_names"] == 2


def test_lost_cut_and_folded_answers(resolver: Upstream) -> None:
    (port,) = free_ports(1)
    drops = {"lost.test": 1}

    def unsteady(query: dns.message.Message) -> bytes | None:
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        if drops.get(name, 0):
            drops[name] -= 1
            return None
        answer = zone(query)
        if name.startswith("cut.") and answer and resolver.asked[-1][0] == "udp":
            cut = bytearray(reply(query.to_wire()))
            cut[2] |= 2
            return bytes(cut)
        return answer

    resolver.zone = unsteady
    with front() as served:
        served.policy([f"127.0.0.1#{resolver.port}"], [FREE], [(port, 0)])
        for name in ("lost.test", "cut.test", "fold.test"):
            assert addresses(ask(port, name)) == ["192.0.2.9"], name
        seen = [(how, name) for how, name, _ in resolver.asked]
        assert seen.count(("udp", "lost.test")) == 2
        assert seen.count(("tcp", "cut.test")) == 1
        assert seen.count(("tcp", "fold.test")) == 1
        # Known by now to change the case of letters.
        assert addresses(ask(port, "fold.again.test")) == ["192.0.2.9"]
        assert ("tcp", "fold.again.test") not in [e[:2] for e in resolver.asked]


def test_equal_questions_are_asked_once(resolver: Upstream) -> None:
    (port,) = free_ports(1)
    go = threading.Event()

    def slow(query: dns.message.Message) -> bytes | None:
        go.wait(5)
        return zone(query)

    resolver.zone = slow
    with front() as served:
        served.policy([f"127.0.0.1#{resolver.port}"], [FREE], [(port, 0)])
        socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(5)]
        for number, sock in enumerate(socks):
            sock.settimeout(5)
            sock.connect(("127.0.0.1", port))
            sock.send(question("same.test", ident=number))
        while served.stats()["ports"][str(port)][0] < 5:
            continue
        go.set()
        for number, sock in enumerate(socks):
            message = dns.message.from_wire(sock.recv(512))
            assert (message.id, addresses(message)) == (number, ["192.0.2.9"])
            sock.close()
    assert resolver.names == ["same.test"]


def test_guesses_are_not_believed() -> None:
    """A resolver's port that also sends what an attacker would."""
    (port,) = free_ports(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, front() as served:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        served.policy([f"127.0.0.1#{server.getsockname()[1]}"], [FREE], [(port, 0)])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(5)
            client.connect(("127.0.0.1", port))
            client.send(question("www.good.test"))
            query, name = server.recvfrom(512)
            asked = dns.message.from_wire(query).question[0].name
            forged = reply(query, f"{asked} 60 IN A 192.0.2.66")
            for guess in range(50):
                wrong = (int.from_bytes(query[:2], "big") + 1 + guess) & 0xFFFF
                server.sendto(wrong.to_bytes(2, "big") + forged[2:], name)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                # The right answer from another port is not heard at all.
                other.sendto(forged, name)
            server.sendto(reply(query, f"{asked} 60 IN A 192.0.2.9"), name)
            assert addresses(dns.message.from_wire(client.recv(512))) == ["192.0.2.9"]
        assert served.stats()["upstream"]["ignored"] == 50


def test_ports_and_ids_are_not_foreseeable(resolver: Upstream) -> None:
    (port,) = free_ports(1)
    with front() as served:
        served.policy([f"127.0.0.1#{resolver.port}"], [FREE], [(port, 0)])
        for number in range(60):
            ask(port, f"n{number}.example.test")
    idents = {packet[:2] for _, _, packet in resolver.asked}
    cases = {packet[12:-15].split(b"\7", 1)[-1] for _, _, packet in resolver.asked}
    assert len(idents) > 50 and len(cases) > 50


def test_a_dead_resolver_is_said_in_time_and_its_return_noticed() -> None:
    (port,) = free_ports(1)
    served_by = Upstream(zone)
    served_by.start()
    with front() as served:
        servers = [f"127.0.0.1#{served_by.port}"]
        served.policy(servers, [FREE], [(port, 0)])
        assert ask(port, "one.test").rcode() == 0
        served_by.stop()
        begun = time.monotonic()
        assert code(ask(port, "two.test", edns=0)) in ((2, 22), (2, 23))
        assert time.monotonic() - begun < 5
        # What is kept is still answered, what is refused still refused.
        assert addresses(ask(port, "one.test")) == ["192.0.2.9"]
        assert served.stats()["upstream"]["failing"] == 1
        served_by.start()
        try:
            assert addresses(ask(port, "three.test")) == ["192.0.2.9"]
            assert served.stats()["upstream"] == {"ok": 1, "failing": 0, "ignored": 0}
        finally:
            served_by.stop()


def test_the_second_resolver_stands_in(resolver: Upstream) -> None:
    port, dead = free_ports(2)
    with front() as served:
        servers = [f"127.0.0.1#{dead}", f"127.0.0.1#{resolver.port}"]
        served.policy(servers, [FREE], [(port, 0)])
        assert addresses(ask(port, "www.good.test")) == ["192.0.2.9"]
        assert ask(port, "fail.test", edns=0).rcode() == 2


def test_a_flood_is_cut_and_the_others_are_served(resolver: Upstream) -> None:
    one, other = free_ports(2)
    with front(limits=Limits(rate=50, burst=50)) as served:
        served.policy(
            [f"127.0.0.1#{resolver.port}"], [BLOCKING], [(one, 0), (other, 0)]
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
            flood.connect(("127.0.0.1", one))
            for number in range(3000):
                flood.send(question(f"n{number}.theirs.test"))
                if number % 300 == 0:
                    assert code(ask(other, "www.theirs.test", edns=0)) == (3, 15)
        stats = served.stats()
        asked, _ = stats["ports"][str(one)]
        assert asked <= 50 + 50 * 10 and stats["dropped"] > 0
        assert stats["ports"][str(other)] == [10, 10]


def test_reach_is_called_before_the_answer_leaves(
    resolver: Upstream, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    told = tmp_path / "told"

    class Reach:
        def open(self, mac, addresses, ttl, name, ends):  # type: ignore[no-untyped-def]
            with told.open("a") as file:
                file.write(f"{mac} {addresses[0].hex()} {ttl} {ends}\n")

        def rejudge(self, mac, allows):  # type: ignore[no-untyped-def]
            with told.open("a") as file:
                file.write(f"rejudge {mac}\n")

    with front(reach=Reach()) as served:
        servers = [f"127.0.0.1#{resolver.port}"]
        served.policy(servers, [GARDEN], [(port, 0)])
        assert addresses(ask(port, "www.learn.test")) == ["192.0.2.9"]
        assert told.read_text() == "02:00:00:00:00:00 c0000209 60 None\n"
        served.policy(servers, [BEDTIME], [(port, 0)])
        assert told.read_text().endswith("rejudge 02:00:00:00:00:00\n")


def test_the_end_of_the_daemon_lets_the_redirects_lapse(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    told = tmp_path / "told"
    with front(lapse=lambda: told.write_text("lapsed")) as served:
        served.policy([], [BLOCKING], [(port, 0)])
        assert code(ask(port, "x.theirs.test", edns=0)) == (3, 15)
        assert served.end() == 0
    assert told.read_text() == "lapsed"
    with pytest.raises(ConnectionError):
        ask(port, "x.theirs.test", timeout=1)


def test_what_is_no_message_ends_it(resolver: Upstream) -> None:
    with front() as served:
        served.control.send(b"{")
        assert served.control.recv(100) == b""


def test_an_unknown_message_is_no_reason_to_end(resolver: Upstream) -> None:
    with front() as served:
        channel.send(served.control, {"type": "from-the-future"})
        assert served.stats()["questions"] == 0


def test_what_the_daemon_waits_for_comes_when_its_queue_was_full() -> None:
    (port,) = free_ports(1)
    with front(queue=4608) as served:
        served.policy([], [BLOCKING], [(port, 0)])
        for number in range(12):
            channel.send(served.control, {"type": "ping", "id": number})
        # Served on, whether the daemon reads or not.
        assert code(ask(port, "x.theirs.test", edns=0)) == (3, 15)
        assert [served.wait("pong")["id"] for _ in range(12)] == list(range(12))


def test_a_new_limit_holds_for_ports_that_are_open(resolver: Upstream) -> None:
    (port,) = free_ports(1)
    servers = [f"127.0.0.1#{resolver.port}"]
    with front() as served:
        for limit, answered in (([0, 0], 9), ([1, 2], 2)):
            served.policy(servers, [BLOCKING], [(port, 0)], limit=limit)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.settimeout(0.5)
                sock.connect(("127.0.0.1", port))
                for _ in range(9):
                    sock.send(question("x.theirs.test"))
                got = 0
                with contextlib.suppress(TimeoutError):
                    while sock.recv(512):
                        got += 1
                assert got in (answered, answered + 1)


def test_hostile_packets_on_real_sockets(resolver: Upstream) -> None:
    (port,) = free_ports(1)
    chance = random.Random(4)
    with front(limits=Limits(rate=0)) as served:
        served.policy([f"127.0.0.1#{resolver.port}"], [BLOCKING], [(port, 0)])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(("127.0.0.1", port))
            for _ in range(500):
                packet = bytearray(question("www.theirs.test", edns=0))
                for _ in range(3):
                    packet[chance.randrange(len(packet))] = chance.randrange(256)
                sock.send(packet[: chance.randrange(len(packet) + 1)])
            sock.send(bytes(3000))
        for octets in (b"\0\0", b"\xff\xff" + bytes(50), b"\0\x05hello"):
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
                stream.connect(("127.0.0.1", port))
                stream.send(octets)
        assert code(ask(port, "www.theirs.test", edns=0)) == (3, 15)
        assert served.stats()["pending"] <= 500


@pytest.mark.skipif(shutil.which("dig") is None, reason="dig is not installed")
def test_dig(resolver: Upstream) -> None:
    (port,) = free_ports(1)
    with front() as served:
        served.policy([f"127.0.0.1#{resolver.port}"], [BLOCKING], [(port, 0)])
        for options in ([], ["+tcp"], ["-6"], ["+noedns"], ["+dnssec", "+cd"]):
            host = "::1" if "-6" in options else "127.0.0.1"
            argv = ["dig", f"@{host}", "-p", str(port), *options, "www.good.test"]
            done = subprocess.run(argv, capture_output=True, text=True, check=True)
            assert "192.0.2.9" in done.stdout, done.stdout
            argv[-1] = "www.theirs.test"
            done = subprocess.run(argv, capture_output=True, text=True, check=True)
            assert "NXDOMAIN" in done.stdout
            if "+noedns" not in options:
                assert "A parent has blocked this site" in done.stdout
            assert "WARNING" not in done.stdout
