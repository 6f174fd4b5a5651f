"""A home in network namespaces: internet, router, LAN and the devices on it.

`with Home() as home:` builds it in about a second and removes it on every way out.
Real programs do the work (nft, dnsmasq, udhcpc, curl, openssl); nothing here knows
Guardian.  Standard library only; needs root (see requirements()).

    internet 198.51.100.0/24, 2001:db8:1::/64 -- 203.0.113.1 isp0 | wan0 203.0.113.2
    router br-lan 192.168.1.1, 2001:db8:100:1::1/64 (routed, no NAT) | lan1.. eth0
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from . import certificates, dnsmasq, firewall, namespaces
from . import topology as net
from .flows import KINDS, Fetch, Flow, Probe, fetch
from .host import SYSCTLS, Device, Events, Host, LanHost, ready
from .namespaces import requirements, wait_for
from .topology import DEVICES, HOSTS, LAN, WAN

__all__ = ["DEVICES", "HOSTS", "Device", "Home", "LabUnavailable", "requirements"]

SERVERS = Path(__file__).with_name("servers.py")


class LabUnavailable(RuntimeError):
    """A lab cannot run here; the text says why, one reason a line."""


class Home:
    """A household's network.  A context manager; or start() and stop().

    name: lower-case letters added to the namespaces' names (gl<pid>x<n><name>-...).
    hosts: further servers, {"name": (IPv4, IPv6)}; documentation addresses.
    devices: the LAN hosts; macs: {"tablet": "..."} replaces some of their MACs.
    dhcp_script: a dhcp-script for the router's dnsmasq.
    firewall_loaded, wan_open: see firewall.ruleset().
    dns: further options for the internet's dnsmasq; router_dns: for the router's.
    Raises LabUnavailable where requirements() names a reason.
    """

    def __init__(
        self,
        name: str | None = None,
        *,
        hosts: Mapping[str, tuple[str, str]] | None = None,
        devices: Sequence[Device] = DEVICES,
        macs: Mapping[str, str] | None = None,
        dhcp_script: str | Path | None = None,
        firewall_loaded: bool = True,
        wan_open: bool = False,
        dns: Iterable[str] = (),
        router_dns: Iterable[str] = (),
    ) -> None:
        self.label = name or ""
        self.names = {**HOSTS, **(hosts or {})}
        self.wan_open = wan_open
        self.dhcp_script = str(dhcp_script) if dhcp_script else None
        self.events: Events | None = None
        self.hosts: dict[str, Host] = {}
        self.flows: list[Flow] = []
        self._first = tuple(
            replace(d, mac=(macs or {}).get(d.name, d.mac).lower()) for d in devices
        )
        self._load_firewall = firewall_loaded
        self._dns, self._router_dns = tuple(dns), tuple(router_dns)
        self._openings: tuple[firewall.Opening, ...] = ()
        self._ports, self._numbers = itertools.count(1), itertools.count(1)
        self._services: dict[str, subprocess.Popen[Any]] = {}
        self._owner = 0

    def __enter__(self) -> Home:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Build the home; when it returns every device has its addresses."""
        if reasons := requirements():
            raise LabUnavailable("no lab here:\n" + "\n".join(reasons))
        namespaces.remove_leftovers()
        self.prefix = namespaces.claim(self.label)
        self.directory = namespaces.STATE / self.prefix
        self._janitor = namespaces.janitor(self.prefix)
        self._owner = os.getpid()
        atexit.register(self.stop)
        try:
            self._build()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Remove everything: processes, namespaces, files.  May be called twice."""
        # A forked child inherits the object, not the home.
        if self._owner != os.getpid():
            return
        self._owner = 0
        atexit.unregister(self.stop)
        for flow in self.flows:
            with contextlib.suppress(BufferError):
                flow.close()
        namespaces.remove(self.prefix)
        for service in self._services.values():
            service.communicate()
        if self.events is not None:
            self.events.close()
        for host in self.hosts.values():
            if isinstance(host, LanHost):
                host.reap()
        self._janitor.communicate()

    def _build(self) -> None:
        (self.directory / "flows").mkdir()
        made = certificates.create(self.directory, self._certified())
        self.certificates = made
        self.ca = made.ca
        env = {"CURL_CA_BUNDLE": str(self.ca), "SSL_CERT_FILE": str(self.ca)}
        path = os.environ.get("PATH", "/usr/bin:/bin")
        self._env = {**env, "PATH": path + namespaces.SBIN}
        self.events = Events(self.directory / "events")
        self.inet = Host("inet", self.prefix, self._env)
        self.router = Host("router", self.prefix, self._env)
        self.hosts.update(inet=self.inet, router=self.router)
        namespaces.create([self.inet.namespace, self.router.namespace])
        for host in (self.inet, self.router):
            host.sysctl(SYSCTLS)
        self.router.run(["nft", "-f", "-"], text_in=net.CONNTRACK)
        self.router.sysctl(net.ROUTER_SYSCTLS)
        self._link(WAN, self.router, "isp0", self.inet)
        self._build_inet()
        self._build_router()
        added = [self._add(device) for device in self._first]
        for host in added:
            host.up()
        for host in added:
            host.wait_addresses()

    def _build_inet(self) -> None:
        for line in (
            "link set lo up",
            "link set isp0 up",
            f"addr add {net.ISP4}/24 dev isp0",
            f"addr add {net.ISP6}/64 dev isp0 nodad",
            f"route add {net.LAN6.network.supernet(new_prefix=56)} via {net.WAN6}",
            f"addr add {net.DNS4}/32 dev lo",
            f"addr add {net.DNS6}/128 dev lo nodad",
        ):
            self.inet.ip(line)
        self.inet.resolver(net.DNS4)
        self._name_server = dnsmasq.Dnsmasq(self.inet, self.directory, "internet")
        self._write_names()
        self._name_server.start(
            dnsmasq.internet(self._names_file, (net.DNS4, net.DNS6), self._dns)
        )
        self.serve("inet", http=80, https=443, echo=7, stream=19)

    def _build_router(self) -> None:
        for line in (
            "link set lo up",
            f"link set {WAN} up",
            f"addr add {net.WAN4}/24 dev {WAN}",
            f"addr add {net.WAN6}/64 dev {WAN} nodad",
            f"route add default via {net.ISP4}",
            f"-6 route add default via {net.ISP6}",
        ):
            self.router.ip(line)
        self.router.resolver("127.0.0.1")
        self._add_bridge()
        if self._load_firewall:
            self.firewall_load()
        self.leases = self.directory / "dhcp.leases"
        self._dhcp = dnsmasq.Dnsmasq(self.router, self.directory, "router")
        self._start_dhcp()

    def _start_dhcp(self) -> None:
        self._dhcp.start(
            dnsmasq.router(
                lan=LAN,
                leases=self.leases,
                first=str(net.LAN4.network[100]),
                last=str(net.LAN4.network[249]),
                upstream=(net.DNS4, net.DNS6),
                script=self.dhcp_script,
                extra=self._router_dns,
            )
        )

    def _link(self, name: str, host: Host, peer: str, other: Host) -> None:
        line = (
            f"ip link add {name} netns {host.namespace} type veth"
            f" peer name {peer} netns {other.namespace}"
        )
        namespaces.run(line.split())

    @property
    def _names_file(self) -> Path:
        return self.directory / "names"

    def _certified(self) -> list[str]:
        return [*self.names, "*.lab.test", "router.lan"]

    def _write_names(self) -> None:
        """Give the servers their addresses and the name server its names."""
        lines = [f"{address} {n}" for n, pair in self.names.items() for address in pair]
        self._names_file.write_text("\n".join(lines) + "\n")
        for four, six in self.names.values():
            self.inet.ip(f"addr replace {four}/32 dev lo")
            self.inet.ip(f"addr replace {six}/128 dev lo nodad")

    def add_server(self, name: str, ip4: str, ip6: str) -> None:
        """Add a name with addresses of its own to the internet, served like all."""
        self.names[name] = (ip4, ip6)
        self._write_names()
        self._name_server.reread()
        certificates.issue(self.directory, self._certified())
        os.kill(self._services["inet"].pid, 1)

    def serve(self, host: str, **ports: int) -> subprocess.Popen[Any]:
        """Start the lab's servers on any host; ports: http, https, echo, stream.

        serve("router", http=80) stands for the router's own pages.
        """
        files = {"certificate": self.certificates.certificate}
        files["key"] = self.certificates.key
        wanted = {**ports, **{name: str(path) for name, path in files.items()}}
        service = self[host].python(SERVERS, wanted, stdout=subprocess.PIPE)
        self._services[host] = service
        if not ready(service):
            raise RuntimeError(f"the servers on {host} did not start")
        return service

    def address(self, name: str, family: int) -> tuple[Host, str]:
        """Return the host and address behind a name.

        name: a LAN host, a server ("chat" or in full), "router", or an address.
        Raises KeyError for what the lab does not know.
        """
        host = self.hosts.get(name)
        if isinstance(host, LanHost):
            return host, host.ip4 if family == 4 else host.ip6
        if host is self.router:
            return host, str(net.LAN4.ip if family == 4 else net.LAN6.ip)
        for full in (name, f"{name}.lab.test"):
            if full in self.names:
                return self.inet, self.names[full][0 if family == 4 else 1]
        for other in self.hosts.values():
            if isinstance(other, LanHost) and name in (other.ip4, other.ip6):
                return other, name
        if re.fullmatch(r"[0-9a-f:.]*[.:][0-9a-f:.]*", name):
            return self.inet, name
        raise KeyError(f"no host or server {name!r} in this lab")

    def _add_bridge(self) -> None:
        for line in (
            f"link add {LAN} address {net.ROUTER_MAC} type bridge"
            " stp_state 0 forward_delay 0 mcast_snooping 0",
            f"link set {LAN} up",
            f"addr add {net.LAN4} dev {LAN}",
            f"addr add {net.LAN6} dev {LAN} nodad",
        ):
            self.router.ip(line)

    def delete_bridge(self) -> None:
        """Delete br-lan; its ports stay, without a bridge."""
        self.router.ip(f"link del {LAN}")

    def recreate_bridge(self) -> None:
        """Make br-lan again: same MAC, addresses and ports; dnsmasq starts anew."""
        self._add_bridge()
        for host in self.lan():
            self.router.ip(f"link set {host.port} master {LAN}")
        self.restart_dnsmasq()

    def restart_dnsmasq(self) -> None:
        """Restart the router's dnsmasq; leases stay."""
        self._dhcp.stop()
        self._start_dhcp()

    def set_dhcp_script(self, path: str | Path | None) -> None:
        """Give the router's dnsmasq a dhcp-script, and restart it."""
        self.dhcp_script = str(path) if path else None
        self.restart_dnsmasq()

    def exec_in_router(
        self, argv: Sequence[str], **options: Any
    ) -> subprocess.Popen[Any]:
        """Start a program in the router; options as for subprocess.Popen."""
        return self.router.popen(argv, **options)

    def ruleset(self) -> str:
        """Return the router's firewall as nft text."""
        return firewall.ruleset(
            lan=LAN, wan=WAN, wan_open=self.wan_open, openings=self._openings
        )

    def firewall_load(self) -> None:
        """Load the router's firewall, table inet fw4; nothing else is touched."""
        self.router.run(["nft", "-f", "-"], text_in=self.ruleset())

    def firewall_reload(self) -> None:
        """Reload as fw4 does: the same rules again, in one transaction."""
        self.firewall_load()

    def firewall_unload(self) -> None:
        """Delete the router's firewall table, as `fw4 stop` does."""
        self.router.run(["nft", "delete", "table", "inet", "fw4"])

    def nft_flush_ruleset(self) -> None:
        """Remove every table of the router, ours and others', as a clumsy tool does."""
        self.router.run(["nft", "flush", "ruleset"])

    def open_port(
        self, host: str, family: int, port: int, protocol: str = "udp"
    ) -> tuple[str, int]:
        """Let WAN in to a port of a LAN host, and reload; return where WAN sends to."""
        target = self.lan_host(host)
        inside = target.ip4 if family == 4 else target.ip6
        opening = firewall.Opening(family, protocol, inside, port, port)
        self._openings = (*self._openings, opening)
        tables = self.router.run(["nft", "list", "tables"]).stdout
        if "table inet fw4" in tables:
            self.firewall_reload()
        return (net.WAN4, port) if family == 4 else (inside, port)

    def __getitem__(self, name: str) -> Host:
        return self.hosts[name]

    def lan(self) -> list[LanHost]:
        """Return the devices of the household, in order of arrival."""
        return [host for host in self.hosts.values() if isinstance(host, LanHost)]

    def lan_host(self, name: str) -> LanHost:
        """Return one device; KeyError for anything else."""
        host = self.hosts[name]
        if not isinstance(host, LanHost):
            raise KeyError(f"{name} is no device of the LAN")
        return host

    def _add(self, device: Device) -> LanHost:
        assert self.events is not None
        if device.name in self.hosts:
            raise ValueError(f"there is a host {device.name!r} already")
        host = LanHost(
            device,
            self.prefix,
            self._env,
            port=f"lan{next(self._ports)}",
            network=net.LAN6.network,
            events=self.events,
        )
        namespaces.create([host.namespace])
        self.hosts[device.name] = host
        host.sysctl(SYSCTLS)
        self._link(host.port, self.router, "eth0", host)
        host.ip("link set lo up")
        host.ip(f"link set eth0 address {device.mac}")
        self.router.ip(f"link set {host.port} master {LAN} up")
        return host

    def add_host(
        self,
        name: str,
        mac: str,
        hostname: str | None = None,
        *,
        vendor_class: str = "android-dhcp-14",
        wait: bool = True,
        up: bool = True,
    ) -> LanHost:
        """Bring a new device into the house.

        wait: until it has its addresses; up=False: cabled, but silent until up().
        """
        host = self._add(Device(name, mac.lower(), hostname or name, vendor_class))
        if up:
            host.up()
            if wait:
                host.wait_addresses()
        return host

    def flow(
        self,
        client: str,
        kind: str,
        server: str = "video",
        family: int = 4,
        *,
        rate: float | None = None,
        size: int | None = None,
        port: int | None = None,
        local_port: int = 0,
        tls: bool = False,
        connect_timeout: float = 10,
    ) -> Flow:
        """Start a measured flow; see flows.KINDS for the kinds.

        rate: packets or chunks a second, each way (0: a stream as fast as it goes);
        size: bytes of one.  port: the server's; else one no other flow has.
        tls: for streams, with the server's name as SNI.  Ended by flow.stop() or
        with the home.
        """
        what = KINDS[kind]
        number = next(self._numbers)
        server_host, address = self.address(server, family)
        spec = {
            "protocol": what.protocol,
            "family": family,
            "address": address,
            "port": port or 20000 + number,
            "local_port": local_port,
            "rate": what.rate if rate is None else rate,
            "size": size or what.size,
            "greets": what.greets,
            "connected": not what.inbound,
            "peer": None,
            "tls": None,
            "connect_timeout": connect_timeout,
        }
        if tls:
            full = server if server in self.names else f"{server}.lab.test"
            spec["tls"] = {
                "ca": str(self.ca),
                "name": full,
                "certificate": str(self.certificates.certificate),
                "key": str(self.certificates.key),
            }
        client_spec = {**spec, "sends": what.client_sends}
        server_spec = {**spec, "sends": what.server_sends}
        if what.inbound:
            client_spec["local_port"] = local_port = local_port or 40000 + number
            if server_host is self.inet:
                server_spec["peer"] = self.open_port(client, family, local_port)
            else:
                server_spec["peer"] = (self.address(client, family)[1], local_port)
        flow = Flow(
            number=number,
            kind=kind,
            client=self[client],
            server=server_host,
            client_spec=client_spec,
            server_spec=server_spec,
            directory=self.directory / "flows",
        )
        self.flows.append(flow)
        return flow

    def probe(
        self,
        client: str,
        server: str = "video",
        *,
        families: Sequence[int] = (4, 6),
        rate: float = 1200,
    ) -> Probe:
        """Start numbered UDP streams up and down for each family, `rate` a second.

        rate: a little above what is to be claimed; Probe.sent() has the truth.
        """
        flows = {
            family: self.flow(client, "udp-probe", server, family, rate=rate)
            for family in families
        }
        return Probe(flows)

    def fetch(
        self,
        host: str,
        url: str,
        family: int | None = None,
        timeout: float = 5,
        *,
        known: bool = False,
    ) -> Fetch:
        """Fetch a URL on a host by curl; see flows.fetch().

        known: the host asks nobody for the name, since it knows the address: what then
        happens is the kernel's doing alone.
        """
        more, parts = {}, urlsplit(url)
        name = parts.hostname or ""
        if known and name in self.names:
            four, six = self.names[name]
            port = parts.port or {"http": 80, "https": 443}[parts.scheme]
            more["resolve"] = f"{name}:{port}:{four},[{six}]"
        return fetch(self[host], url, family, timeout, **more)

    def wait(self, test: Any, what: str, timeout: float = 10) -> Any:
        """Return the first true answer of `test`; TimeoutError naming `what`."""
        return wait_for(test, what, timeout)
