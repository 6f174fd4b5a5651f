"""What the LAN looks like: interfaces, addresses, neighbours, as events for the engine.

Reads rtnetlink only; nothing is probed. A device is its MAC; the addresses gathered
here serve to find its connections when they are to end, never to decide.
"""

import logging
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address

from guardian.core.events import AddressSeen, Event, HomeSeen
from guardian.shell import nft
from guardian.shell.routes import RouteSocket
from guardian.wire.netlink.message import Lost
from guardian.wire.netlink.route import Address, Link, Neighbour

log = logging.getLogger(__name__)

# linux/neighbour.h: states in which the entry holds a link address that answered.
NUD_FAILED = 0x20
NUD_INCOMPLETE = 0x01
NUD_NOARP = 0x40
# Reachable, or being asked right now because somebody talks to it.
_LIVE = 0x02 | 0x08 | 0x10


class HomeWatch:
    """Keeps the tables of links, addresses and neighbours from rtnetlink's events.

    lan: names of the LAN interfaces of the household.
    """

    def __init__(self, lan: tuple[str, ...]) -> None:
        self.lan = lan
        self._routes = RouteSocket()
        self._links: dict[int, Link] = {}
        self._addresses: dict[tuple[int, str], Address] = {}
        self._ports: tuple[str, ...] = ()
        self._live: dict[tuple[int, str], str] = {}

    def fileno(self) -> int:
        """Return the event socket, for select and asyncio."""
        return self._routes.fileno()

    def survey(self) -> list[Event]:
        """Read everything anew; returns the home and each neighbour."""
        self._links = {link.index: link for link in self._routes.links()}
        self._addresses = {(a.index, a.address): a for a in self._routes.addresses()}
        self._ports = self._offload_ports()
        self._live = {}
        seen = [e for n in self._routes.neighbours() for e in self._neighbour(n)]
        return [self.home(), *seen]

    def read(self) -> list[Event]:
        """Return what has changed since the last read."""
        changed = self._routes.read_events()
        if any(isinstance(item, Lost) for item in changed):
            return self.survey()
        events: list[Event] = []
        moved = False
        for item in changed:
            if isinstance(item, Neighbour):
                events += self._neighbour(item)
            elif isinstance(item, Link):
                moved = True
                if item.deleted:
                    self._links.pop(item.index, None)
                else:
                    self._links[item.index] = item
            elif isinstance(item, Address):
                moved = True
                if item.deleted:
                    self._addresses.pop((item.index, item.address), None)
                else:
                    self._addresses[(item.index, item.address)] = item
        if moved:
            self._ports = self._offload_ports()
            events.insert(0, self.home())
        return events

    def offload_changed(self) -> list[Event]:
        """Look anew at which bridge ports flow tables name; returns the home."""
        self._ports = self._offload_ports()
        return [self.home()]

    def home(self) -> HomeSeen:
        """Return the LAN's interfaces, the router's addresses and link addresses."""
        names = {link.index: link.name for link in self._links.values()}
        lan = [link for link in self._links.values() if link.name in self.lan]
        prefixes = set()
        for address in self._addresses.values():
            if names.get(address.index) in self.lan:
                prefixes.add(f"{address.address}/{address.prefixlen}")
            else:
                # Of the WAN side only the router's own address is the home.
                prefixes.add(address.address)
        return HomeSeen(
            hooked=tuple(sorted(link.name for link in lan)),
            indexes=tuple(sorted(link.index for link in lan)),
            ports=self._ports,
            router_macs=tuple(sorted({link.mac for link in lan if link.mac})),
            prefixes=tuple(sorted(prefixes)),
        )

    def owner(self, address: str) -> str | None:
        """Return the MAC that has an address of the LAN at this moment, or None.

        address: IPv4 or IPv6, link-local with "%zone" (an interface's name or index);
        an IPv4 one may come mapped into IPv6, as a socket for both families gives it.
        None for what is no neighbour: the router itself, somebody behind another
        router, a link-local address that two interfaces know. The kernel is asked each
        time: an address remembered may have moved to another child's device.
        Raises ValueError for what is no address.
        """
        plain, _, zone = address.partition("%")
        wanted = ip_address(plain)
        if isinstance(wanted, IPv6Address):
            wanted = wanted.ipv4_mapped or wanted
        found = {
            event.mac
            for item in self._routes.neighbours()
            if item.address == str(wanted) and self._in_zone(item, zone)
            for event in self._neighbour(item)
        }
        return found.pop() if len(found) == 1 else None

    def _in_zone(self, item: Neighbour, zone: str) -> bool:
        link = self._links.get(item.index)
        return not zone or link is None or zone in (link.name, str(link.index))

    def online(self) -> frozenset[str]:
        """Return the MACs that have answered the kernel lately.

        An entry that nobody needs turns stale within a minute; as many are kept as the
        kernel itself keeps.
        """
        return frozenset(self._live.values())

    def _offload_ports(self) -> tuple[str, ...]:
        """Return the LAN's bridge ports that some flow table names.

        Offload on a port bypasses every hook on its bridge.
        """
        lan = {link.index for link in self._links.values() if link.name in self.lan}
        ports = {link.name for link in self._links.values() if link.master in lan}
        if not ports:
            return ()
        return tuple(sorted(ports & nft.flowtable_devices()))

    def _neighbour(self, item: Neighbour) -> Iterator[AddressSeen]:
        self._live.pop((item.index, item.address), None)
        link = self._links.get(item.index)
        if link is None or link.name not in self.lan or item.mac is None:
            return
        if item.mac in {own.mac for own in self._links.values()}:
            # The router's own addresses show up on a bridge's ports.
            return
        if item.deleted or item.state & (NUD_FAILED | NUD_INCOMPLETE | NUD_NOARP):
            return
        if item.state & _LIVE:
            self._live[(item.index, item.address)] = item.mac
        yield AddressSeen(item.mac, item.address, link.name)
