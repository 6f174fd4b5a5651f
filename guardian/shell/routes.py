"""Links, addresses and neighbours of this network namespace, by rtnetlink.

Reads only; nothing is set, nothing probed.
Source: rtnetlink(7); linux/rtnetlink.h (enum rtnetlink_groups).
"""

from collections.abc import Callable

from guardian.shell.netlinksocket import NETLINK_ROUTE, NetlinkSocket
from guardian.wire.netlink import route
from guardian.wire.netlink.message import Lost
from guardian.wire.netlink.route import Address, Link, Neighbour, RouteEvent

# RTNLGRP_LINK 1, _NEIGH 3, _IPV4_IFADDR 5, _IPV6_IFADDR 9: group n is bit n-1.
_GROUPS = 1 << 0 | 1 << 2 | 1 << 4 | 1 << 8
_EVENT_BUFFER = 512 * 1024


class RouteSocket:
    """Lists what there is, and tells what changes.

    The events begin with the constructor: a listing made afterwards misses nothing.
    """

    def __init__(self) -> None:
        self._events = NetlinkSocket(
            NETLINK_ROUTE, groups=_GROUPS, buffer=_EVENT_BUFFER
        )
        self._requests = NetlinkSocket(NETLINK_ROUTE)

    def fileno(self) -> int:
        """Return the event socket, for select and asyncio."""
        return self._events.fileno()

    def close(self) -> None:
        """Close the sockets."""
        self._events.close()
        self._requests.close()

    def links(self) -> list[Link]:
        """Return every interface, up or not."""
        found = self._list(route.encode_get_links)
        return [item for item in found if isinstance(item, Link)]

    def addresses(self) -> list[Address]:
        """Return every address of this machine."""
        found = self._list(route.encode_get_addresses)
        return [item for item in found if isinstance(item, Address)]

    def neighbours(self) -> list[Neighbour]:
        """Return the neighbour tables, IPv4 and IPv6, all interfaces."""
        found = self._list(route.encode_get_neighbours)
        return [item for item in found if isinstance(item, Neighbour)]

    def read_events(self) -> list[RouteEvent | Lost]:
        """Return what has changed since the last read; after `Lost` list anew."""
        messages = self._events.events()
        if messages is None:
            return [Lost()]
        found = map(route.parse_route_event, messages)
        return [event for event in found if event is not None]

    def _list(self, encode: Callable[[int], bytes]) -> list[RouteEvent]:
        found = map(route.parse_route_event, self._requests.dump(encode))
        return [item for item in found if item is not None]
