"""Certificates renew by themselves, and nobody's connection ends for it."""

import socket
import ssl
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from webui.serve.authority import NAMES, Authority, Leaf
from webui.serve.tls import Certificate, is_due, wanted

NOW = datetime(2026, 11, 24, 21, 0, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def certificate(folder: Path) -> Certificate:
    """Return what keeps the certificate in a folder."""
    return Certificate(Authority(folder / "tls"))


def serial(context: ssl.SSLContext, ca: Path) -> tuple[str, int]:
    """Shake hands with a context; returns the serial number and the authorities sent.

    The client checks chain and name as a browser that trusts the box would.
    """
    left, right = socket.socketpair()

    def serve() -> None:
        with context.wrap_socket(left, server_side=True) as server:
            server.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    trusting = ssl.create_default_context(cafile=str(ca))
    with trusting.wrap_socket(right, server_hostname=NAMES[0]) as client:
        shown = client.getpeercert()
        client.send(b"x")
    thread.join()
    assert shown is not None
    return str(shown["serialNumber"]), len(shown["subjectAltName"])


def test_the_first_certificate_is_made_and_accepted(tmp_path: Path) -> None:
    kept = certificate(tmp_path)
    assert kept.context is None
    assert kept.renew(["192.168.1.1", "2001:db8::1"], datetime.now(timezone.utc))
    assert kept.context is not None
    # Two names and the private address; the public one cannot be certified.
    assert serial(kept.context, tmp_path / "tls" / "ca.pem")[1] == 3


def test_it_is_kept_over_a_restart(tmp_path: Path) -> None:
    certificate(tmp_path).renew(["192.168.1.1"], NOW)
    again = certificate(tmp_path)
    assert not again.renew(["192.168.1.1"], NOW + DAY)
    assert again.context is not None


def test_renewal_leaves_the_old_context_working(tmp_path: Path) -> None:
    now = datetime.now(timezone.utc)
    kept = certificate(tmp_path)
    kept.renew([], now)
    old = kept.context
    assert kept.renew(["192.168.7.1"], now)
    new = kept.context
    assert old is not None and new is not None and old is not new
    ca = tmp_path / "tls" / "ca.pem"
    assert serial(old, ca)[0] != serial(new, ca)[0]


def test_a_failure_keeps_what_there_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = certificate(tmp_path)
    kept.renew([], NOW)
    before = kept.context
    broken = Certificate(Authority(tmp_path / "tls", openssl="false"))
    broken.context = before
    assert not broken.renew(["192.168.1.1"], NOW)
    assert broken.context is before
    assert "openssl-failed" in caplog.text


def test_without_openssl_there_is_no_context(tmp_path: Path) -> None:
    kept = Certificate(Authority(tmp_path / "tls", openssl="no-such-openssl"))
    assert not kept.renew([], NOW)
    assert kept.context is None


def test_a_new_authority_means_a_new_leaf(tmp_path: Path) -> None:
    certificate(tmp_path).renew([], NOW)
    (tmp_path / "tls" / "ca.key").unlink()
    kept = certificate(tmp_path)
    assert kept.renew([], NOW)
    leaf = Authority(tmp_path / "tls").current()
    assert leaf is not None and leaf.words == Authority(tmp_path / "tls").words()


def test_a_spoilt_leaf_is_replaced(tmp_path: Path) -> None:
    certificate(tmp_path).renew([], NOW)
    (tmp_path / "tls" / "leaf.pem").write_text("{}")
    assert certificate(tmp_path).renew([], NOW)


NAMED = wanted(["192.168.1.1"])
WORDS = ("one", "two", "three", "four")
LEAF = Leaf(NAMED, NOW - DAY, NOW + 89 * DAY, WORDS)


@pytest.mark.parametrize(
    "leaf, names, words, now, due",
    [
        (LEAF, NAMED, WORDS, NOW, False),
        (LEAF, NAMED, WORDS, NOW + 58 * DAY, False),
        (LEAF, NAMED, WORDS, NOW + 59 * DAY, True),
        (LEAF, NAMED, WORDS, NOW - 2 * DAY, True),
        (LEAF, wanted(["192.168.2.1"]), WORDS, NOW, True),
        (LEAF, NAMED, ("other",), NOW, True),
        (None, NAMED, WORDS, NOW, True),
    ],
    ids=["fits", "31 days", "30 days", "not begun", "moved", "new CA", "none"],
)
def test_when_another_is_due(
    leaf: Leaf | None,
    names: frozenset[str],
    words: tuple[str, ...],
    now: datetime,
    due: bool,
) -> None:
    assert is_due(leaf, names, words, now) is due
