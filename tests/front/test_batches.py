import socket

import pytest

from guardian.front.batches import Batches
from guardian.front.datagrams import open_socket


@pytest.mark.parametrize("ipv6", [True, False])
def test_it_proves_that_it_fits_this_machine(ipv6: bool) -> None:
    fast = Batches(4, ipv6=ipv6)
    with open_socket(0, ipv6=ipv6) as probe:
        assert fast.echoes(probe)
        assert fast.echoes(probe)


def test_a_wrong_layout_is_noticed() -> None:
    fast = Batches(4, ipv6=True)
    fast._in.lengths[1] = 3
    with open_socket(0, ipv6=True) as probe:
        assert not fast.echoes(probe)


def test_what_the_kernel_refuses_is_left_out() -> None:
    fast = Batches(4, ipv6=False)
    with open_socket(0, ipv6=False) as sock, open_socket(0, ipv6=False) as client:
        client.settimeout(2)
        client.connect(("127.0.0.1", sock.getsockname()[1]))
        client.send(b"x")
        assert fast.echoes(sock) is False
        # The family of nobody: sendmmsg stops there, and what follows still goes.
        name = socket.AF_INET.to_bytes(2, "little") + client.getsockname()[1].to_bytes(
            2, "big"
        )
        for number, octets in enumerate((b"one", b"two", b"three")):
            at = number * 32
            good = name + socket.inet_aton("127.0.0.1") + bytes(8)
            fast._names[at : at + 16] = bytes(16) if number == 1 else good
            fast._controls[number * 64 : number * 64 + 64] = fast._controls[:64]
            fast._octets[number * 2048 : number * 2048 + len(octets)] = octets
            fast._out.lengths[2 * number + 1] = len(octets)
        fast._flush(sock.fileno(), 0, 3)
        got = [client.recv(100) for _ in range(2)]
        assert got[-1] == b"three"
