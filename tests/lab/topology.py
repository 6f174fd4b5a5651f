"""The lab's addresses, servers, devices and the router's settings, as data.

Documentation addresses (RFC 5737, RFC 3849) for all that is public.
"""

from __future__ import annotations

import ipaddress

from .host import Device

LAN, WAN = "br-lan", "wan0"
ROUTER_MAC = "60:38:e0:10:20:30"
LAN4 = ipaddress.IPv4Interface("192.168.1.1/24")
LAN6 = ipaddress.IPv6Interface("2001:db8:100:1::1/64")
WAN4, ISP4 = "203.0.113.2", "203.0.113.1"
WAN6, ISP6 = "2001:db8:ffff::2", "2001:db8:ffff::1"
DNS4, DNS6 = "198.51.100.53", "2001:db8:1::53"

# name -> addresses; more by Home(hosts=...).
HOSTS = {
    "video.lab.test": ("198.51.100.10", "2001:db8:1::10"),
    "school.lab.test": ("198.51.100.20", "2001:db8:1::20"),
    "chat.lab.test": ("198.51.100.30", "2001:db8:1::30"),
    "game.lab.test": ("198.51.100.40", "2001:db8:1::40"),
    "helpline.lab.test": ("198.51.100.50", "2001:db8:1::50"),
}

# Vendor prefixes from the IEEE list; the tablet's is locally administered, as
# phones and tablets choose at random for each network.
DEVICES = (
    Device("tablet", "da:a1:19:3c:5e:01", "Mias-iPad", "", (1, 121, 3, 6, 15, 119)),
    Device("laptop", "58:6d:67:20:00:02", "mia-laptop", "MSFT 5.0"),
    Device("phone", "f0:18:98:20:00:03", "Parents-Phone", "", (1, 121, 3, 6, 15)),
    Device("tv", "a8:23:fe:20:00:04", "LGwebOSTV", "udhcp 1.24.2"),
)

ROUTER_SYSCTLS = {
    "net.ipv4.ip_forward": "1",
    "net.ipv6.conf.all.forwarding": "1",
    "net.ipv6.conf.default.forwarding": "1",
    "net.ipv6.conf.default.accept_ra": "0",
    "net.netfilter.nf_conntrack_acct": "1",
    # OpenWrt's values, for flows that a test leaves behind.
    "net.netfilter.nf_conntrack_udp_timeout": "60",
    "net.netfilter.nf_conntrack_udp_timeout_stream": "180",
}

# Conntrack may be a module, and its sysctls appear with it: a rule loads it.
CONNTRACK = """
table inet lab {
    chain once { ct state new counter; }
}
delete table inet lab
"""
