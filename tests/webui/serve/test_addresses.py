"""Who may come in, where the box is, and that sockets keep to their interface."""

import socket

import pytest

from guardian.shell.interfaces import Interface
from webui.serve.addresses import LOOPBACK, Lan, listen, plain

BRIDGE = Interface(
    name="br-lan",
    ip4=("192.168.1.1/24",),
    ip6=("fe80::1/64", "fd00:1::1/64", "2001:db8:100:1::1/64"),
)
GUEST = Interface(name="guest", ip4=("192.168.9.1/24",))
WAN = Interface(name="wan0", ip4=("203.0.113.2/24",), ip6=("2001:db8:ffff::2/64",))


def lan(*names: str, loopback: bool = False) -> Lan:
    """Return a LAN of the interfaces above."""
    seen = ((BRIDGE, GUEST, WAN), ("br-lan",))
    return Lan(names, loopback, look=lambda: seen)


def test_addresses_are_those_of_the_lan_without_link_local_ones() -> None:
    assert lan("br-lan").addresses == {
        "192.168.1.1",
        "fd00:1::1",
        "2001:db8:100:1::1",
    }
    assert lan("br-lan", "guest").addresses > {"192.168.9.1"}


def test_without_names_the_guess_is_taken() -> None:
    assert lan().interfaces == ("br-lan",)


def test_loopback_is_served_only_if_wanted() -> None:
    assert lan("br-lan", loopback=True).interfaces == ("br-lan", LOOPBACK)
    assert {"127.0.0.1", "::1"} <= lan(loopback=True).addresses
    assert not {"127.0.0.1", "::1"} & lan().addresses


def test_further_names_are_what_the_box_is_called_and_not_where_it_is() -> None:
    named = Lan(["br-lan"], also=["box.example.org"], look=lambda: ((BRIDGE,), ()))
    assert named.called == named.addresses | {"box.example.org"}
    assert "box.example.org" not in named.addresses


def test_an_interface_that_is_not_there_is_left_out() -> None:
    assert lan("br-lan", "eth9").interfaces == ("br-lan",)


def test_a_change_is_noticed() -> None:
    found = [BRIDGE]
    changing = Lan(["br-lan"], look=lambda: (tuple(found), ()))
    assert not changing.look()
    found[:] = [Interface(name="br-lan", ip4=("192.168.2.1/24",))]
    assert changing.look()
    assert changing.addresses == {"192.168.2.1"}


@pytest.mark.parametrize(
    "visitor, welcome",
    [
        ("192.168.1.50", True),
        ("10.1.2.3", True),
        ("fd00:1::50", True),
        ("fe80::50", True),
        ("2001:db8:100:1::50", True),
        ("127.0.0.1", True),
        ("100.64.0.9", True),
        ("8.8.8.8", False),
        ("2a00:1450::1", False),
        ("ff02::1", False),
    ],
)
def test_strangers_from_the_internet_are_not_let_in(
    visitor: str, welcome: bool
) -> None:
    assert lan("br-lan").admits(visitor) is welcome


def test_a_public_prefix_of_the_lan_is_the_home() -> None:
    public = Interface(name="br-lan", ip6=("2a00:1450:1::1/64",))
    home = Lan(["br-lan"], look=lambda: ((public, WAN), ()))
    assert home.admits("2a00:1450:1::77")
    assert not home.admits("2a00:1450:2::77")


@pytest.mark.parametrize(
    "local, said",
    [
        ("192.168.1.1", "192.168.1.1"),
        ("2001:db8:100:1::1", "2001:db8:100:1::1"),
        ("fe80::1", "192.168.1.1"),
        ("fe80::1%br-lan", "192.168.1.1"),
    ],
)
def test_a_browser_is_never_sent_to_a_link_local_address(local: str, said: str) -> None:
    assert lan("br-lan").usable(local) == said


def test_without_another_address_the_link_local_one_is_said() -> None:
    bare = Lan(["x"], look=lambda: ((Interface(name="x", ip6=("fe80::1/64",)),), ()))
    assert bare.usable("fe80::1") == "fe80::1"


@pytest.mark.parametrize(
    "given, said",
    [
        ("::ffff:192.168.1.5", "192.168.1.5"),
        ("192.168.1.5", "192.168.1.5"),
        ("fe80::1%br-lan", "fe80::1"),
        ("2001:db8::ffff:1", "2001:db8::ffff:1"),
    ],
)
def test_addresses_are_told_plainly(given: str, said: str) -> None:
    assert plain(given) == said


def test_loopback_has_one_port_for_both_families() -> None:
    sockets = listen(LOOPBACK, 0)
    try:
        ports = {sock.getsockname()[1] for sock in sockets}
        assert len(ports) == 1
        families = [sock.family for sock in sockets]
        assert families[0] == socket.AF_INET
        for sock in sockets:
            bound = sock.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16)
            assert bound.rstrip(b"\0") == b"lo"
            assert not sock.getblocking()
    finally:
        for sock in sockets:
            sock.close()


def test_without_the_interface_nothing_is_opened() -> None:
    with pytest.raises(OSError):
        listen("no-such-if0", 0)


def test_a_taken_port_is_told() -> None:
    first = listen(LOOPBACK, 0)
    try:
        with pytest.raises(OSError):
            listen(LOOPBACK, first[0].getsockname()[1])
    finally:
        for sock in first:
            sock.close()


def test_the_machines_own_interfaces_can_be_read() -> None:
    assert Lan(["lo"]).interfaces == ("lo",)
