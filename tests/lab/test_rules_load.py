"""The kernel takes the golden rule texts, and loading again forgets nothing.

In a namespace of its own with the interfaces the texts name; no packet is sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest

from guardian.compile.plan import Wish, elements_text
from guardian.compile.ruleset import Layout, chain_names, remove, render, render_stale
from guardian.core.events import Key
from tests import build
from tests.golden import case as golden

from . import namespaces

pytestmark = pytest.mark.lab
LAYOUT = Layout(
    lan=("br-lan", "guest"),
    hooked=("br-lan", "guest"),
    ports=("lan1", "lan2"),
    router_macs=(build.mac(254),),
    prefixes=("192.168.1.1/24", "2001:db8:1::1/64"),
)
DEVICES = ("br-lan", "guest", "lan1", "lan2", "eth0")
PERMIT: Key = ("permit", (build.mac(1),))
Nft = Callable[..., str]


@pytest.fixture
def nft(lab_ready: None) -> Iterator[Nft]:
    """Return a function that runs nft in a namespace with the devices."""
    prefix = namespaces.claim("rules")
    name = f"{prefix}-router"
    try:
        namespaces.create([name])
        links = "".join(
            f"link add {device} type veth peer name {device}-peer\n"
            for device in DEVICES
        )
        namespaces.run(["ip", "-n", name, "-batch", "-"], text_in=links)

        def run(*options: str, text: str | None = None) -> str:
            argv = ["ip", "netns", "exec", name, "nft", *options]
            if text is not None:
                argv += ["-f", "-"]
            return namespaces.run(argv, text_in=text).stdout

        yield run
    finally:
        namespaces.remove(prefix)


def left(nft: Nft, family: str) -> dict[str, int | None]:
    """Return what `permit` holds and for how many seconds yet."""
    listing = json.loads(nft("-j", "list", "set", family, "guardian", "permit"))
    (found,) = [item["set"] for item in listing["nftables"] if "set" in item]
    elements = [element["elem"] for element in found.get("elem", [])]
    return {element["val"]: element.get("expires") for element in elements}


def rules(nft: Nft) -> list[str]:
    """Return all rules as nft lists them, without what changes by itself."""
    listed = nft("-s", "list", "ruleset")
    return [re.sub(r" expires \S+", "", line) for line in listed.splitlines()]


@pytest.mark.parametrize("name", golden.names())
def test_the_kernel_takes_every_golden_case(nft: Nft, name: str) -> None:
    made = golden.actual(golden.read(name))
    nft("-c", text=made["rules"] + made["elements"])
    assert nft("list", "tables") == ""
    nft(text=made["rules"] + made["elements"])
    assert "table inet guardian" in nft("list", "tables")


def test_loading_again_keeps_elements_and_the_time_they_have_left(nft: Nft) -> None:
    wishes = {PERMIT: Wish(600.0), ("exempt", (build.mac(3),)): Wish()}
    nft(text=render(LAYOUT) + elements_text(wishes, 0.0))
    before = rules(nft)
    namespaces.wait_for(
        lambda: (left(nft, "inet")[build.mac(1)] or 600) <= 598, "two seconds to pass"
    )
    nft(text=render(LAYOUT))
    for family in ("inet", "netdev"):
        seconds = left(nft, family)[build.mac(1)]
        assert seconds is not None and 500 < seconds <= 598, family
    assert rules(nft) == before


def test_elements_loaded_again_hold_exactly_what_they_say(nft: Nft) -> None:
    other = ("permit", (build.mac(2),))
    nft(text=render(LAYOUT) + elements_text({PERMIT: Wish(600.0)}, 0.0))
    nft(text=render(LAYOUT) + elements_text({other: Wish(60.0)}, 0.0))
    for family in ("inet", "netdev"):
        assert list(left(nft, family)) == [build.mac(2)]


def test_a_bad_line_leaves_what_was_loaded(nft: Nft) -> None:
    nft(text=render(LAYOUT) + elements_text({PERMIT: Wish(600.0)}, 0.0))
    before = rules(nft)
    with pytest.raises(RuntimeError, match="no_such_set|No such file"):
        nft(
            text=render(LAYOUT)
            + "add rule inet guardian judge_in ip daddr @no_such_set accept\n"
        )
    assert rules(nft) == before
    assert list(left(nft, "inet")) == [build.mac(1)]


def test_stale_chains_go_with_their_rules(nft: Nft) -> None:
    nft(text=render(LAYOUT))
    fewer = Layout(lan=LAYOUT.lan, hooked=("br-lan",), prefixes=LAYOUT.prefixes)
    stale = chain_names(LAYOUT) - chain_names(fewer)
    nft(text=render_stale(stale) + render(fewer))
    listed = "\n".join(rules(nft))
    assert "in_br-lan" in listed and "out_br-lan" in listed
    for gone in ("in_guest", "out_guest", "in_lan1", "out_lan2"):
        assert gone not in listed


def test_uninstalling_lifts_everything_and_only_ours(nft: Nft) -> None:
    nft(text="add table inet other\nadd set inet other s { type ipv4_addr; }\n")
    nft(text=render(LAYOUT))
    for _ in range(2):
        # The second time nothing of ours is left.
        nft(text=remove("inet") + remove("netdev"))
        assert nft("list", "tables").split() == ["table", "inet", "other"]


def test_rules_are_listed_in_words(nft: Nft) -> None:
    nft(text=render(LAYOUT))
    for line in nft("-s", "list", "chain", "inet", "guardian", "judge_in").splitlines():
        if "accept" in line or "goto" in line:
            assert "comment" in line
