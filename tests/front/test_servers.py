import pytest

from guardian.front.servers import Server, order, parse_server


@pytest.mark.parametrize(
    "text, host, port, ipv6",
    [
        ("127.0.0.1#53", "127.0.0.1", 53, False),
        ("192.0.2.1", "192.0.2.1", 53, False),
        ("::1#5353", "::1", 5353, True),
        ("fe80::1%eth0#53", "fe80::1%eth0", 53, True),
    ],
)
def test_parse(text: str, host: str, port: int, ipv6: bool) -> None:
    server = parse_server(text, 3)
    assert (server.number, server.host, server.port) == (3, host, port)
    assert server.is_ipv6 is ipv6


@pytest.mark.parametrize(
    "text", ["", "localhost", "1.2.3.4#0", "1.2.3.4#x", "::1#65536"]
)
def test_no_server(text: str) -> None:
    with pytest.raises(ValueError):
        parse_server(text)


def lost(server: Server, *times: float) -> None:
    for now in times:
        server.failed(now)


def test_three_failures_in_two_seconds_are_an_absence() -> None:
    server = Server(0, "192.0.2.1")
    lost(server, 10.0, 10.1)
    assert not server.is_failing(20.0)
    lost(server, 10.2)
    assert not server.is_failing(11.0)
    assert server.is_failing(12.0)
    server.answered()
    assert not server.is_failing(12.0)


def test_who_is_away_is_asked_last_and_now_and_then_first() -> None:
    first, second = Server(0, "192.0.2.1"), Server(1, "192.0.2.2")
    assert order([first, second], 0.0) == [first, second]
    lost(first, 10.0, 10.1, 12.5)
    assert order([first, second], 13.0) == [first, second]
    assert order([first, second], 13.1) == [second, first]
    assert order([first, second], 17.9) == [second, first]
    assert order([first, second], 18.1) == [first, second]


def test_all_away_are_still_asked() -> None:
    only = Server(0, "192.0.2.1")
    lost(only, 1.0, 1.1, 9.0)
    assert order([only], 9.5) == [only]


def test_beliefs_end_after_an_hour() -> None:
    server = Server(0, "192.0.2.1")
    server.folds(5.0)
    server.knows_no_edns(6.0)
    assert (server.folds_until, server.plain_until) == (3605.0, 3606.0)
