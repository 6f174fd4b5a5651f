"""The router's own resolver is found by its sockets."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from guardian.shell import resolver

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue\n"


def tables(tmp_path: Path, udp: tuple[str, ...], udp6: tuple[str, ...] = ()) -> Path:
    for name, rows in (("udp", udp), ("udp6", udp6)):
        lines = (f"  1: {row} 00000000:0000 07 00000000:00000000\n" for row in rows)
        (tmp_path / name).write_text(HEAD + "".join(lines))
    return tmp_path


def test_loopback_comes_first_and_the_stub_last(tmp_path: Path) -> None:
    proc = tables(
        tmp_path,
        ("3500007F:0035", "0101A8C0:0035", "0100007F:0035", "00000000:0043"),
        ("0000000000000000FFFF00000100007F:0044",),
    )
    assert resolver.discover(proc) == ("127.0.0.1", "192.168.1.1", "127.0.0.53")


def test_a_wildcard_is_asked_by_loopback(tmp_path: Path) -> None:
    proc = tables(tmp_path, ("00000000:0035",), ("0" * 32 + ":0035",))
    assert resolver.discover(proc) == ("127.0.0.1", "::1")


def test_nobody_listening_leaves_the_servers_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proc = tables(tmp_path, ("0100007F:0044",))
    for servers, found in (
        (("127.0.0.1",), ()),
        (("127.0.0.53", "192.0.2.1"), ("192.0.2.1",)),
    ):
        monkeypatch.setattr(resolver, "system_servers", lambda: servers)
        assert resolver.discover(proc) == found


def test_link_local_and_unreadable_lines_are_left_out(tmp_path: Path) -> None:
    proc = tables(
        tmp_path,
        ("x", "0100007F:0035"),
        ("000080FE000000000000000001000000:0035", "B80D0120:0035"),
    )
    assert resolver.discover(proc) == ("127.0.0.1", "32.1.13.184")


def test_it_reads_this_kernels_own_table() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        text = (resolver.PROC_NET / "udp").read_text()
    row = next(line for line in text.splitlines() if f":{port:04X} " in line)
    assert resolver._address(row.split()[1].partition(":")[0]) == "127.0.0.1"
