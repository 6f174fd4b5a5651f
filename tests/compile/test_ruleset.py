"""The rule text: deterministic, commented, and of our two tables only."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from guardian.compile.ruleset import (
    HOME4,
    HOME6,
    LEASE_IN,
    LEASE_OUT,
    Layout,
    chain_names,
    home_prefixes,
    lan_addresses,
    remove,
    render,
    render_stale,
)

FULL = Layout(
    lan=("br-lan", "guest"),
    hooked=("br-lan", "guest"),
    ports=("lan1", "lan2"),
    router_macs=("02:00:5e:00:00:fe", "02:00:5e:00:00:fd"),
    prefixes=("192.168.1.1/24", "2001:db8::1/64", "192.168.1.1/32"),
)
LAYOUTS = [
    FULL,
    Layout(lan=("br-lan",)),
    replace(FULL, one_armed=True),
    replace(FULL, egress=False),
    replace(FULL, ingress=False),
    replace(FULL, ingress=False, egress=False, hooked=()),
    replace(FULL, hooked=("guest",), ports=()),
]


def rules(text: str, chain: str, family: str = "inet") -> list[str]:
    start = f"add rule {family} guardian {chain} "
    return [
        line.removeprefix(start).partition(" comment ")[0]
        for line in text.splitlines()
        if line.startswith(start)
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_line_is_ours_and_every_rule_says_why(layout: Layout) -> None:
    for line in render(layout).splitlines():
        assert re.match(
            r"(add|flush) (table|set|map|chain|rule|element) (inet|netdev) guardian\b",
            line,
        ), line
        if line.startswith("add rule"):
            comment = re.search(r' comment "([^"]+)"$', line)
            # NFTNL_UDATA_COMMENT_MAXLEN in libnftnl: 128 bytes with the NUL.
            assert comment and len(comment[1].encode()) < 128, line


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_order_of_names_changes_nothing(layout: Layout) -> None:
    turned = replace(
        layout,
        lan=layout.lan[::-1],
        hooked=layout.hooked[::-1],
        ports=layout.ports[::-1],
        router_macs=layout.router_macs[::-1],
        prefixes=layout.prefixes[::-1],
    )
    assert render(turned) == render(layout)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_loading_again_forgets_no_element(layout: Layout) -> None:
    text = render(layout)
    assert "delete" not in text
    assert "flush table" not in text and "flush ruleset" not in text
    flushed = set(re.findall(r"flush set \w+ guardian (\w+)", text))
    assert flushed == {"home4", "home6", "router_macs"}
    # A chain that is written is flushed first, or rules would pile up.
    for family, chain in set(re.findall(r"add rule (\w+) guardian (\S+)", text)):
        assert f"flush chain {family} guardian {chain}\n" in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_jump_leads_somewhere_made_before(layout: Layout) -> None:
    made = set()
    for line in render(layout).splitlines():
        words = line.split()
        if words[:2] == ["add", "chain"]:
            made.add((words[2], words[4]))
        for target in re.findall(r"(?:jump|goto) (\w+)", line.partition(" comment")[0]):
            assert (words[2], target) in made, line


@pytest.mark.parametrize("layout", LAYOUTS)
def test_device_chains_are_named(layout: Layout) -> None:
    hooked = re.findall(
        r"add chain (\w+) guardian (\S+) \{ type filter hook (?:in|e)gress",
        render(layout),
    )
    assert set(hooked) == chain_names(layout)
    assert len(hooked) == len(set(hooked))


def test_what_comes_from_the_lan_is_judged_cheapest_first() -> None:
    found = rules(render(FULL), "judge_in")
    assert found[:2] == ["ether saddr @permit accept", "ether saddr @exempt accept"]
    assert found[-1] == "goto refuse"
    order = [
        found.index(rule) for rule in found if "@floor" in rule or "@reach" in rule
    ]
    unknown = found.index("ether saddr != @managed iifname @open_unknown accept")
    assert max(order) < unknown < len(found) - 1


def test_refusals_leave_at_once_and_may_leave() -> None:
    text = render(FULL)
    assert rules(text, "refuse") == [
        "meta l4proto tcp reject with tcp reset",
        "reject with icmpx type admin-prohibited",
    ]
    out = rules(text, "judge_out", "netdev")
    assert out[:2] == ["ether daddr @permit accept", "ether daddr @exempt accept"]
    for passed in (
        "tcp flags & rst == rst accept",
        "icmp type destination-unreachable accept",
        "icmpv6 type destination-unreachable accept",
    ):
        assert passed in out
    assert out[-1] == "drop"
    # `reject` and `ct` do not load in the netdev family of Debian's kernels.
    assert "reject" not in " ".join(out) and "ct " not in " ".join(out)


def test_marks_are_never_used() -> None:
    assert not any(re.search(r"\bmark\b", render(layout)) for layout in LAYOUTS)


def test_on_a_port_only_what_concerns_the_router_is_judged() -> None:
    text = render(FULL)
    assert rules(text, "in_lan1") == [
        LEASE_IN,
        "ether daddr != @router_macs accept",
        "jump judge_in",
    ]
    assert rules(text, "out_lan1", "netdev") == [
        LEASE_OUT,
        "ether saddr != @router_macs accept",
        "jump judge_out",
    ]
    assert rules(text, "in_br-lan") == [LEASE_IN, "jump judge_in"]
    assert rules(text, "out_br-lan", "netdev") == [LEASE_OUT, "jump judge_out"]


def test_cut_flows_are_asked_of_new_ones_only_in_both_directions() -> None:
    last = rules(render(FULL), "forward")[-1]
    assert last == "ct state & (established | related) == 0 goto fresh"
    found = rules(render(FULL), "fresh")
    assert [rule.split("@")[1] for rule in found[:4]] == [
        "cut4 goto refuse",
        "cut6 goto refuse",
        "twin4 drop",
        "twin6 drop",
    ]


def test_answers_to_what_came_unasked_are_judged_each_time() -> None:
    lan = '{ "br-lan", "guest" }'
    judged = f"iifname {lan} oifname != {lan} jump judge_in"
    assert rules(render(FULL), "forward")[0] == f"ct direction reply {judged}"
    # What a hook has judged is spared, told by index: it changes when the hook goes.
    two = replace(FULL, indexes=(9, 4))
    assert rules(render(two), "forward")[0] == (
        f"ct direction reply oif != {{ 4, 9 }} iif != {{ 4, 9 }} {judged}"
    )
    part = replace(FULL, hooked=("guest",), indexes=(4,))
    assert rules(render(part), "forward")[1] == (
        f"ct direction reply oif != 4 iif != 4 {judged}"
    )
    blind = render(replace(part, ingress=False))
    assert f"ct direction reply oif != 4 {judged}" in rules(blind, "forward")


def test_one_armed_an_answer_leaves_by_the_interface_it_came_from() -> None:
    lan = '{ "br-lan", "guest" }'
    one = replace(FULL, one_armed=True, indexes=(4,))
    judged = f"iifname {lan} jump judge_in"
    assert rules(render(one), "forward")[0] == f"ct direction reply iif != 4 {judged}"
    blind = render(replace(one, ingress=False))
    assert rules(blind, "forward")[0] == f"ct direction reply {judged}"


def test_no_flow_begins_at_a_name_server_outside() -> None:
    found = rules(render(FULL), "fresh")
    for name in FULL.lan:
        assert (
            f'oifname "{name}" meta l4proto {{ tcp, udp }} th sport 53 goto refuse'
            in found
        )


def test_an_interface_without_its_chains_is_closed() -> None:
    part = render(replace(FULL, hooked=("br-lan",)))
    outside = 'iifname != { "br-lan", "guest" }'
    assert rules(part, "forward")[0] == outside + ' oifname { "guest" } drop'
    assert not any(
        " drop" in r and "oifname" in r for r in rules(render(FULL), "forward")
    )
    # At boot, and without egress hooks, what was asked for still gets its answers.
    boot = render(replace(FULL, hooked=(), egress=False))
    last = outside + ' oifname { "br-lan", "guest" } drop'
    assert rules(boot, "fresh")[-1] == last
    bare = render(replace(FULL, egress=False))
    assert "oifname {" not in " ".join(rules(bare, "fresh"))


def test_inside_the_lan_nothing_is_judged_except_one_armed() -> None:
    inside = [
        'iifname "br-lan" oifname "br-lan" accept',
        'iifname "guest" oifname "guest" accept',
    ]
    assert [r for r in rules(render(FULL), "fresh") if r in inside] == inside
    one = render(replace(FULL, one_armed=True))
    assert not set(rules(one, "fresh")) & set(inside)
    assert any("nd-redirect drop" in rule for rule in rules(one, "output"))
    assert "guardian output" not in render(FULL)


def test_names_come_from_a_devices_own_port_or_the_router() -> None:
    asked = 'iifname { "br-lan", "guest" } meta l4proto { tcp, udp } th dport 53'
    assert rules(render(FULL), "dns") == [
        f"{asked} redirect to :ether saddr map @dnsport",
        f"{asked} ether saddr @exempt redirect to :iifname map @dnsall",
        f"{asked} ether saddr != @exempt ether saddr != @managed "
        "redirect to :iifname map @dnsnew",
        f"{asked} ether saddr != @exempt redirect to :53",
    ]


def test_ports_that_stand_for_devices_take_redirected_questions_only() -> None:
    port = "meta l4proto { tcp, udp } th dport 20053-21077"
    assert rules(render(FULL), "front") == [
        f"{port} ct status dnat ct original proto-dst 53 accept",
        f'iifname != "lo" {port} goto refuse',
    ]


def test_a_refused_name_leads_nowhere_for_anybody() -> None:
    forward = rules(render(FULL), "fresh")
    judged = next(n for n, r in enumerate(forward) if r.endswith("} jump judge_in"))
    for rule in ("ip daddr 192.0.2.1 goto refuse", "ip6 daddr 100::1 goto refuse"):
        assert forward.index(rule) < judged


def test_plain_http_to_a_refused_name_is_led_to_the_page_and_nothing_else() -> None:
    text = render(FULL)
    lan = 'iifname { "br-lan", "guest" }'
    assert rules(text, "page") == [
        f"{lan} ip daddr 192.0.2.1 tcp dport 80 redirect to :8081",
        f"{lan} ip6 daddr 100::1 tcp dport 80 redirect to :8081",
    ]
    # Also without a lease, both ways: at bedtime above all a child wants to know why.
    for there, back in (
        ("ip daddr 192.0.2.1 tcp dport 80", "ip saddr 192.0.2.1 tcp sport 80"),
        ("ip6 daddr 100::1 tcp dport 80", "ip6 saddr 100::1 tcp sport 80"),
    ):
        assert f"{there} accept" in rules(text, "judge_in")
        assert f"{back} accept" in rules(text, "judge_out", "netdev")


def test_the_routers_addresses_on_the_lan() -> None:
    prefixes = ("203.0.113.2", "fe80::1/64", "2001:db8::1/64", "192.168.1.1/24")
    assert lan_addresses(prefixes) == ("192.168.1.1", "2001:db8::1")
    assert lan_addresses(("fd00::2/64", "fd00::1/64")) == ("fd00::1", "fd00::2")
    assert lan_addresses(()) == ()


def test_without_egress_there_is_no_second_table() -> None:
    assert "netdev" not in render(replace(FULL, egress=False))
    assert "hook ingress" not in render(replace(FULL, ingress=False))
    # Whatever the kernel lacks, the forward chain judges.
    for layout in LAYOUTS:
        assert any(r.endswith("jump judge_in") for r in rules(render(layout), "fresh"))


def test_the_home_is_collapsed_and_sorted() -> None:
    four, six = home_prefixes(("192.168.1.1/24", "192.168.1.7/32", "10.0.0.1/8"))
    assert four == (
        "10.0.0.0/8",
        "169.254.0.0/16",
        "192.168.1.0/24",
        "224.0.0.0/4",
        "255.255.255.255/32",
    )
    assert six == HOME6
    assert home_prefixes(()) == (HOME4, HOME6)
    assert home_prefixes(("fe80::1/64", "2001:db8::1/64"))[1] == (
        "2001:db8::/64",
        "fe80::/10",
        "ff00::/8",
    )


def test_a_prefix_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError):
        home_prefixes(("home",))


def test_router_macs_are_written_when_there_are_some() -> None:
    assert (
        "add element inet guardian router_macs "
        "{ 02:00:5e:00:00:fd, 02:00:5e:00:00:fe }\n"
    ) in render(FULL)
    assert "add element inet guardian router_macs" not in render(Layout(lan=("a",)))


def test_stale_chains_are_deleted_by_name() -> None:
    stale = frozenset({("netdev", "out_eth1"), ("inet", "in_eth1")})
    assert render_stale(stale) == (
        "delete chain inet guardian in_eth1\ndelete chain netdev guardian out_eth1\n"
    )
    assert render_stale(frozenset()) == ""


def test_removal_names_our_tables_whether_they_are_there_or_not() -> None:
    assert [remove(family).splitlines() for family in ("inet", "netdev")] == [
        ["add table inet guardian", "delete table inet guardian"],
        ["add table netdev guardian", "delete table netdev guardian"],
    ]
