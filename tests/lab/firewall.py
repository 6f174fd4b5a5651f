"""The router's own firewall, of the kind OpenWrt's fw4 writes.

One table, `inet fw4`, with fw4's chains, hooks and priorities (filter at 0, dstnat
at -100, srcnat at 100): lan may go to wan, wan may answer, masquerading for IPv4.
Text only: nothing here runs nft.
Source: the chain layout that `fw4 print` shows on OpenWrt 23.05.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opening:
    """A hole from WAN to one LAN address, as families make for game consoles.

    family 4: the router's own `port` is translated to address:to_port;
    family 6: packets to address and `to_port` are let in.
    """

    family: int
    protocol: str
    address: str
    port: int
    to_port: int


def ruleset(
    *,
    lan: str = "br-lan",
    wan: str = "wan0",
    wan_open: bool = False,
    openings: tuple[Opening, ...] = (),
) -> str:
    """Return the ruleset as nft text that replaces the rules of `inet fw4`.

    wan_open: forwarding is not filtered at all (no stateful closing towards WAN),
    as on routers that route IPv6 without a firewall; NAT stays.
    """
    dstnat = "".join(
        f"\t\tmeta nfproto ipv4 {o.protocol} dport {o.port}"
        f" dnat ip to {o.address}:{o.to_port}\n"
        for o in openings
        if o.family == 4
    )
    allowed = "".join(
        f"\t\tip6 daddr {o.address} {o.protocol} dport {o.to_port} accept\n"
        for o in openings
        if o.family == 6
    )
    forward = (
        ""
        if wan_open
        else f"""\
\t\tct state established,related accept comment "!fw4: Allow established flows"
\t\tiifname "{lan}" jump forward_lan
\t\tiifname "{wan}" jump forward_wan
\t\tjump handle_reject
"""
    )
    return f"""\
table inet fw4
flush table inet fw4
table inet fw4 {{
\tchain input {{
\t\ttype filter hook input priority filter; policy drop;
\t\tiifname "lo" accept
\t\tct state established,related accept
\t\tiifname "{lan}" accept
\t\tmeta l4proto icmp icmp type echo-request accept
\t\tmeta l4proto ipv6-icmp icmpv6 type {{ echo-request, destination-unreachable,\
 packet-too-big, time-exceeded, parameter-problem, nd-router-advert,\
 nd-neighbor-solicit, nd-neighbor-advert }} accept
\t\tjump handle_reject
\t}}
\tchain forward {{
\t\ttype filter hook forward priority filter; policy {'accept' if wan_open else 'drop'};
{forward}\t}}
\tchain forward_lan {{
\t\toifname "{wan}" accept comment "!fw4: Accept lan to wan forwarding"
\t\toifname "{lan}" accept
\t\tjump handle_reject
\t}}
\tchain forward_wan {{
\t\tmeta l4proto ipv6-icmp limit rate 1000/second accept
\t\tct status dnat accept comment "!fw4: Accept port redirections"
{allowed}\t}}
\tchain output {{
\t\ttype filter hook output priority filter; policy accept;
\t}}
\tchain handle_reject {{
\t\tmeta l4proto tcp reject with tcp reset
\t\treject with icmpx type port-unreachable
\t}}
\tchain dstnat {{
\t\ttype nat hook prerouting priority dstnat; policy accept;
\t\tiifname "{wan}" jump dstnat_wan
\t}}
\tchain dstnat_wan {{
{dstnat}\t}}
\tchain srcnat {{
\t\ttype nat hook postrouting priority srcnat; policy accept;
\t\toifname "{wan}" meta nfproto ipv4 masquerade
\t}}
\tchain mangle_forward {{
\t\ttype filter hook forward priority mangle; policy accept;
\t\toifname "{wan}" tcp flags syn / syn,fin,rst tcp option maxseg size set rt mtu
\t}}
}}
"""
