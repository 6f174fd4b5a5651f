"""The lab proves itself, without Guardian: what it builds works and is measured."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

import pytest

from . import namespaces
from .flows import KINDS
from .home import Home, requirements
from .topology import WAN4

pytestmark = pytest.mark.lab
FAMILIES = (4, 6)
MakeHome = Callable[..., Home]
ROOT = Path(__file__).parents[2]


def block(home: Home, mac: str) -> float:
    """Have the router drop what a device sends and gets; return when that held."""
    home.router.run(
        ["nft", "-f", "-"],
        text_in=f"""
table inet block {{
    chain up {{ type filter hook ingress device "br-lan" priority 0;
        ether saddr {mac} drop; }}
}}
table netdev block {{
    chain down {{ type filter hook egress device "br-lan" priority 0;
        ether daddr {mac} drop; }}
}}
""",
    )
    return time.monotonic()


def test_every_device_browses_by_name(home: Home) -> None:
    for host in home.lan():
        for family in FAMILIES:
            got = home.fetch(host.name, "http://video.lab.test/hello", family)
            assert (got.ok, got.code, got.how) == (True, 200, "ok")
            client = WAN4 if family == 4 else host.ip6
            said = f"host=video.lab.test path=/hello client={client}\n"
            assert got.body == said


def test_https_is_trusted_and_servers_have_addresses_of_their_own(home: Home) -> None:
    seen = set()
    for name, addresses in home.names.items():
        for family, address in zip(FAMILIES, addresses):
            got = home.fetch("laptop", f"https://{name}/", family)
            assert (got.code, got.address) == (200, address)
            seen.add(got.address)
    assert len(seen) == 2 * len(home.names) >= 8


def test_given_and_added_servers(make_home: MakeHome) -> None:
    addresses = ("198.51.100.77", "2001:db8:1::77")
    home = make_home(hosts={"help.example": addresses})
    home.add_server("late.example", "198.51.100.78", "2001:db8:1::78")
    for name in ("help.example", "late.example"):
        for family in FAMILIES:
            assert home.fetch("phone", f"https://{name}/", family).code == 200


def test_further_dns_records(make_home: MakeHome) -> None:
    home = make_home(dns=["cname=www.lab.test,video.lab.test"])
    got = home.fetch("tablet", "http://www.lab.test/", 6)
    assert (got.code, got.address) == (200, "2001:db8:1::10")


def test_failures_have_names(home: Home) -> None:
    assert home.fetch("tablet", "http://unknown.lab.test/").how == "dns"
    for family in FAMILIES:
        assert home.fetch("tablet", "http://video.lab.test:81/", family).how == (
            "refused"
        )
    home.router.run("nft insert rule inet fw4 forward tcp dport 82 drop")
    got = home.fetch("tablet", "http://video.lab.test:82/", 4, timeout=0.5)
    assert (got.ok, got.code, got.how) == (False, 0, "timeout")
    assert got.seconds > 0.4, "it hung, it was not refused"
    untrusted = home["tablet"].run(
        "env -u CURL_CA_BUNDLE -u SSL_CERT_FILE curl -s https://video.lab.test/",
        check=False,
    )
    assert untrusted.returncode == 60


def test_echo_and_endless_stream(home: Home) -> None:
    asks = """
import socket, sys
for family, address in ((2, sys.argv[1]), (10, sys.argv[2])):
    udp = socket.socket(family, socket.SOCK_DGRAM); udp.settimeout(5)
    udp.connect((address, 7)); udp.send(b"ping"); assert udp.recv(99) == b"ping"
    tcp = socket.create_connection((address, 19), 5)
    assert all(tcp.recv(1000) for _ in range(5))
"""
    argv = [sys.executable, "-c", asks, *home.names["game.lab.test"]]
    home["laptop"].run(argv)
    stream = home["laptop"].run(
        "curl -s --max-time 0.3 http://video.lab.test/stream | wc -c"
    )
    assert int(stream.stdout) > 1400


def test_leases_carry_names_and_the_script_hears_of_them(
    make_home: MakeHome, tmp_path: Path
) -> None:
    script, heard = tmp_path / "hook", tmp_path / "heard"
    script.write_text(
        "#!/bin/sh\n"
        f'echo "$1 $2 $3 $4 class=$DNSMASQ_VENDOR_CLASS'
        f' asked=$DNSMASQ_REQUESTED_OPTIONS" >>{heard}\n'
    )
    script.chmod(0o755)
    home = make_home(dhcp_script=script)
    laptop = home.lan_host("laptop")
    leases = [line.split() for line in home.leases.read_text().splitlines()]
    assert {(w[1], w[2], w[3]) for w in leases} == {
        (host.mac, host.ip4, host.device.hostname) for host in home.lan()
    }
    line = f"add {laptop.mac} {laptop.ip4} mia-laptop class=MSFT 5.0 asked=1,3,6,12"
    home.wait(lambda: heard.exists() and line in heard.read_text(), "the script")
    asked = home["phone"].run(
        ["curl", "-s", "--connect-timeout", "1", "http://mia-laptop.lan:1/"],
        check=False,
    )
    assert asked.returncode == 7, "the name resolves; nothing listens there"


def test_script_can_be_set_later(home: Home, tmp_path: Path) -> None:
    script, heard = tmp_path / "hook", tmp_path / "heard"
    script.write_text(f'#!/bin/sh\necho "$1 $2" >>{heard}\n')
    script.chmod(0o755)
    home.set_dhcp_script(script)
    guest = home.add_host("guest", "02:00:00:00:00:99")
    home.wait(
        lambda: heard.exists() and f"add {guest.mac}" in heard.read_text(),
        "the script",
    )


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_runs_and_its_stop_is_measured(
    make_home: MakeHome, kind: str, family: int
) -> None:
    home = make_home()
    flow = home.flow("tablet", kind, family=family).wait_running()
    other = home.flow("phone", kind, family=family).wait_running()
    assert flow.alive() and other.alive()
    assert not flow.silent(0.1)
    before = flow.last_received()
    blocked = block(home, home.lan_host("tablet").mac)
    assert flow.stopped_within(blocked, 0.2)
    stopped = flow.wait_stopped()
    assert set(stopped) == set(flow.directions)
    assert before <= max(stopped.values()) <= blocked + 0.2
    assert flow.silent(0.2) and not flow.alive(0.1)
    assert other.alive()
    if flow.kind.startswith("udp"):
        assert any(flow.sent_count(way, blocked) for way in flow.directions)


@pytest.mark.parametrize("family", FAMILIES)
def test_refusal_of_a_stream_is_seen(home: Home, family: int) -> None:
    flow = home.flow("tablet", "tcp-chat", family=family).wait_running()
    refused = time.monotonic()
    home.router.run(
        "nft insert rule inet fw4 forward iifname br-lan meta l4proto tcp"
        " reject with tcp reset"
    )
    home.wait(flow.errors, "a reset")
    assert flow.errors()["client"] == "ECONNRESET"
    assert refused < flow.error_time()
    assert flow.received["down"].ended > refused


def test_times_are_exact_while_the_reader_sleeps(home: Home) -> None:
    flow = home.flow("tablet", "udp-call", rate=500).wait_running()
    reader = next(pid for pid in home["tablet"].pids() if _is_traffic(pid))
    os.kill(reader, signal.SIGSTOP)
    blocked = block(home, home.lan_host("tablet").mac)
    time.sleep(0.5)
    os.kill(reader, signal.SIGCONT)
    assert flow.stopped_within(blocked, 0.1)
    assert flow.last_received("down") > blocked - 0.1


def _is_traffic(pid: int) -> bool:
    return b"traffic.py" in Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.mark.parametrize("family", FAMILIES)
def test_local_flows_do_not_need_the_internet(home: Home, family: int) -> None:
    flows = [
        home.flow("tablet", kind, server="tv", family=family).wait_running()
        for kind in sorted(KINDS)
    ]
    home.router.ip("link set wan0 down")
    for flow in flows:
        assert flow.alive(), flow
    assert home.fetch("tablet", "http://198.51.100.10/", timeout=1).how != "ok"


def test_tls_flow_beside_the_web_server(home: Home) -> None:
    for family in FAMILIES:
        flow = home.flow(
            "tablet", "tcp-chat", "helpline", family=family, port=443, tls=True
        )
        flow.wait_running()
        assert home.fetch("tablet", "https://helpline.lab.test/", family).code == 200
        assert flow.alive()


def test_probe_counts_every_packet(home: Home) -> None:
    probe = home.probe("tablet").wait_running()
    begin = time.monotonic()
    time.sleep(1)
    end = time.monotonic()
    sent, arrived = probe.sent(begin, end), probe.arrived(begin, end)
    assert set(sent) == {"up4", "down4", "up6", "down6"}
    for stream in probe.streams:
        # Sent and arrived differ by what is on the way at the two edges.
        assert abs(sent[stream] - arrived[stream]) <= sent[stream] / 10
        flow, way = probe.flows[int(stream[-1])], stream[:-1]
        numbers = flow.received[way].numbers()
        assert numbers == sorted(set(numbers))
    blocked = block(home, home.lan_host("tablet").mac)
    home.wait(lambda: all(f.silent(0.2) for f in probe.flows.values()), "silence")
    until = time.monotonic()
    assert sum(probe.arrived(blocked + 0.1, until).values()) == 0
    assert all(probe.sent(blocked + 0.1, until).values())
    for gap, start in probe.largest_gaps(begin, until).values():
        assert gap >= 0.1 and start <= blocked + 0.1


def test_wan_is_closed_or_open(make_home: MakeHome) -> None:
    closed, opened = make_home(), make_home(wan_open=True)
    for home, expected in ((closed, "refused"), (opened, "ok")):
        home.serve("tablet", http=80)
        target = home.lan_host("tablet").ip6
        assert home.fetch("inet", f"http://[{target}]/").how == expected


def test_router_serves_pages_and_dns(home: Home) -> None:
    home.serve("router", http=80)
    assert home.fetch("tablet", "http://192.168.1.1/").code == 200
    assert home.fetch("tablet", "http://[2001:db8:100:1::1]/").code == 200
    assert home.fetch("inet", f"http://{WAN4}/").how == "refused"
    process = home.exec_in_router(
        ["curl", "-s", "http://school.lab.test/"], stdout=subprocess.PIPE
    )
    assert b"host=school.lab.test" in process.communicate(timeout=10)[0]
    assert process.returncode == 0


def test_changed_mac_gets_other_addresses(home: Home) -> None:
    tablet = home.lan_host("tablet")
    before = (tablet.ip4, tablet.ip6)
    tablet.change_mac("DA:00:00:00:00:77")
    assert tablet.mac == "da:00:00:00:00:77"
    assert not {tablet.ip4, tablet.ip6} & set(before)
    assert f"{tablet.mac} {tablet.ip4} " in home.leases.read_text()
    for family in FAMILIES:
        assert home.fetch("tablet", "http://video.lab.test/", family).ok


def test_added_host(home: Home) -> None:
    guest = home.add_host("guest", "02:00:00:00:00:99", "Friends-Phone", up=False)
    assert guest.ip4 == ""
    guest.up()
    guest.wait_addresses()
    assert "Friends-Phone" in home.leases.read_text()
    for family in FAMILIES:
        assert home.fetch("guest", "http://video.lab.test/", family).ok


def test_bridge_deleted_and_made_again(home: Home) -> None:
    shown = home.router.ip("-o link show br-lan").split("link/ether")[1].split()[0]
    flows = [home.flow("tablet", "udp-call", family=f).wait_running() for f in FAMILIES]
    home.delete_bridge()
    home.wait(lambda: all(flow.silent(0.2) for flow in flows), "silence")
    home.recreate_bridge()
    assert home.router.ip("-o link show br-lan").count(shown) == 1
    for flow in flows:
        assert flow.alive(5)
    for family in FAMILIES:
        assert home.fetch("tablet", "http://video.lab.test/", family).ok
    assert home.add_host("guest", "02:00:00:00:00:99").ip4


def test_firewall_reload_and_flush(home: Home) -> None:
    home.router.run(["nft", "add", "table", "inet", "other"])
    home.router.run("nft add chain inet fw4 foreign")
    flow = home.flow("laptop", "tcp-download").wait_running()
    home.firewall_reload()
    assert flow.alive(2)
    tables = home.router.run(["nft", "list", "tables"]).stdout.split("\n")
    assert "table inet other" in tables
    home.nft_flush_ruleset()
    assert home.router.run(["nft", "list", "ruleset"]).stdout == ""
    # Without NAT nothing finds its way back to a private address.
    assert not home.fetch("tablet", "http://video.lab.test/", 4, timeout=0.5).ok
    assert home.fetch("tablet", "http://video.lab.test/", 6).ok
    home.firewall_load()
    assert home.fetch("tablet", "http://video.lab.test/", 4).ok
    home.firewall_unload()
    assert "fw4" not in home.router.run(["nft", "list", "tables"]).stdout


def test_two_homes_do_not_meet(make_home: MakeHome) -> None:
    one, two = make_home(), make_home("try")
    assert one.prefix != two.prefix and two.prefix.endswith("try")
    flows = [h.flow("tablet", "udp-call").wait_running() for h in (one, two)]
    blocked = block(one, one.lan_host("tablet").mac)
    assert flows[0].stopped_within(blocked, 0.3)
    assert flows[1].alive()
    one.stop()
    assert namespaces.namespaces_of(one.prefix) == []
    assert flows[1].alive()
    assert two.fetch("tablet", "http://video.lab.test/").ok


def test_nothing_is_left(lab_ready: None) -> None:
    with Home() as home:
        processes = [pid for host in home.hosts.values() for pid in host.pids()]
        prefix, janitor = home.prefix, home._janitor.pid
        assert len(processes) >= 6
    home.stop()
    assert_gone(prefix, [*processes, janitor])


def test_error_inside_removes_everything(lab_ready: None) -> None:
    with pytest.raises(RuntimeError, match="exit 3: nope"):
        with Home() as home:
            prefix = home.prefix
            home["tablet"].run("echo nope >&2; exit 3")
    assert_gone(prefix, [])


# A shell that starts its tests in the background lets them ignore Ctrl-C.
OWNER = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[1])
from tests.lab.home import Home
home = Home(); home.start()
flow = home.flow("tablet", "udp-call").wait_running()
print(home.prefix, home._janitor.pid, flush=True)
time.sleep(600)
"""


def start_owner() -> tuple[subprocess.Popen[str], str, int]:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(ROOT)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    prefix, janitor = owner.stdout.readline().split()
    assert len(namespaces.namespaces_of(prefix)) == 6
    return owner, prefix, int(janitor)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_janitor_cleans_up_after_a_killed_owner(
    lab_ready: None, number: signal.Signals
) -> None:
    owner, prefix, _ = start_owner()
    processes = [pid for n in namespaces.namespaces_of(prefix) for pid in pids_in(n)]
    owner.send_signal(number)
    owner.communicate()
    assert_gone(prefix, processes)


def test_next_lab_removes_what_a_dead_owner_left(lab_ready: None) -> None:
    owner, prefix, janitor = start_owner()
    living, other, _ = start_owner()
    os.kill(janitor, signal.SIGKILL)
    owner.kill()
    owner.communicate()
    assert namespaces.namespaces_of(prefix), "nobody was left to remove it"
    with Home():
        assert_gone(prefix, [])
        assert len(namespaces.namespaces_of(other)) == 6, "its owner lives"
    living.terminate()
    living.communicate()
    assert_gone(other, [])


def pids_in(namespace: str) -> list[int]:
    listed = namespaces.run(["ip", "netns", "pids", namespace]).stdout
    return [int(pid) for pid in listed.split()]


def assert_gone(prefix: str, processes: list[int]) -> None:
    def gone() -> bool:
        return (
            not namespaces.namespaces_of(prefix)
            and not (namespaces.STATE / prefix).exists()
            and not list(namespaces.ETC_NETNS.glob(f"{prefix}-*"))
            and not any(namespaces.start_time(pid) for pid in processes)
        )

    namespaces.wait_for(gone, f"{prefix} to be gone")


def test_requirements_name_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ip").symlink_to(shutil.which("ip") or "/usr/sbin/ip")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(namespaces, "SBIN", "")
    assert "program missing: dnsmasq" in requirements()
    assert "program missing: ip" not in requirements()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert requirements()[0].startswith("not root")
