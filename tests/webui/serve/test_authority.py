"""The authority can certify this box and nothing else; openssl itself says so."""

import stat
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from guardian import cli
from guardian.core.errors import PlatformError
from webui.serve import authority as made
from webui.serve.authority import NAMES, Authority, certifiable
from webui.serve.fingerprint import key_of_pem, words_of_key

NOW = datetime(2026, 11, 24, 21, 0, tzinfo=timezone.utc)
HOME = (*NAMES, "192.168.1.1", "10.0.0.1", "172.16.3.4", "fd00:abcd::1", "127.0.0.1")


def openssl(*argv: object) -> subprocess.CompletedProcess[str]:
    """Run openssl and return what it said."""
    return subprocess.run(
        ["openssl", *map(str, argv)], capture_output=True, text=True, timeout=30
    )


def verify(
    box: Authority, how: str = "-verify_hostname", name: str = NAMES[0]
) -> tuple[bool, str]:
    """Let openssl judge the leaf as a browser would, at the moment NOW."""
    said = openssl(
        *("verify", "-x509_strict", "-purpose", "sslserver"),
        *("-attime", int(NOW.timestamp()), how, name),
        *("-CAfile", box.certificate, box.leaf),
    )
    return said.returncode == 0, said.stdout + said.stderr


@pytest.fixture
def box(tmp_path: Path) -> Authority:
    """Return an authority just made."""
    box = Authority(tmp_path / "tls")
    assert box.ensure()
    return box


def test_own_names_and_addresses_are_accepted(box: Authority) -> None:
    box.issue(HOME, NOW)
    for name in HOME:
        how = "-verify_hostname" if name in NAMES else "-verify_ip"
        ok, said = verify(box, how, name)
        assert ok, (name, said)


@pytest.mark.parametrize(
    "foreign",
    [
        "bank.example",
        "home.arpa",
        "local",
        "other.local",
        "xguardian.local",
        "8.8.8.8",
        "2001:db8::1",
        "172.32.0.1",
        "::2",
    ],
)
def test_a_foreign_name_is_refused(box: Authority, foreign: str) -> None:
    # Whoever steals the key gains nothing against the rest of the world.
    box.issue((*NAMES, foreign), NOW)
    ok, said = verify(box)
    assert not ok
    assert "permitted subtree violation" in said


def test_constraints_are_critical_and_no_other_authority_below(box: Authority) -> None:
    shown = openssl("x509", "-in", box.certificate, "-noout", "-text").stdout
    assert "Name Constraints: critical" in shown
    assert "CA:TRUE, pathlen:0" in shown
    assert "Public-Key: (256 bit)" in shown
    assert "prime256v1" in shown


def test_keys_are_for_the_owner_only(box: Authority) -> None:
    box.issue(NAMES, NOW)
    for path in (box.key, box.leaf):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(box.key.parent.stat().st_mode) == 0o700
    assert "PRIVATE KEY" in box.leaf.read_text()
    # Nothing is left of what openssl worked with.
    assert {p.name for p in box.key.parent.iterdir()} == {
        "ca.key",
        "ca.pem",
        "ca.words",
        "leaf.pem",
    }


def test_the_leaf_lives_at_most_ninety_days_and_has_begun(box: Authority) -> None:
    box.issue(HOME, NOW)
    leaf = box.current()
    assert leaf is not None
    assert leaf.ends - leaf.begins <= timedelta(days=90)
    assert leaf.begins < NOW - timedelta(hours=1)
    assert leaf.names == frozenset(HOME)
    dates = openssl("x509", "-in", box.leaf, "-noout", "-dates").stdout
    assert dates == (
        "notBefore=Nov 23 21:00:00 2026 GMT\nnotAfter=Feb 21 21:00:00 2027 GMT\n"
    )


def test_each_leaf_has_a_key_and_a_number_of_its_own(box: Authority) -> None:
    seen = set()
    for _ in range(2):
        box.issue(NAMES, NOW)
        seen.add(
            openssl("x509", "-in", box.leaf, "-noout", "-pubkey", "-serial").stdout
        )
    assert len(seen) == 2
    assert openssl("verify", "-CAfile", box.certificate, box.leaf).returncode == 0


def test_the_words_are_those_of_the_key(box: Authority) -> None:
    public = openssl("x509", "-in", box.certificate, "-noout", "-pubkey").stdout
    assert box.words() == words_of_key(key_of_pem(public))


def test_an_authority_is_made_once(box: Authority) -> None:
    before = box.certificate.read_bytes()
    assert not box.ensure()
    assert not Authority(box.certificate.parent).ensure()
    assert box.certificate.read_bytes() == before


@pytest.mark.parametrize("lost", ["ca.key", "ca.pem"])
def test_half_an_authority_is_none(box: Authority, lost: str) -> None:
    before = box.words()
    (box.key.parent / lost).unlink()
    assert box.ensure()
    assert box.words() != before


def test_lost_words_are_found_again_and_the_authority_stays(box: Authority) -> None:
    # A family may have installed it.
    words, before = box.words(), box.certificate.read_bytes()
    (box.key.parent / "ca.words").unlink()
    assert box.words() == ()
    assert not box.ensure()
    assert box.words() == words
    assert box.certificate.read_bytes() == before


def test_the_command_at_the_router_says_the_same_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Authority(tmp_path / "tls")
    box.ensure()
    monkeypatch.setenv("GUARDIAN_WEB_STATE", str(tmp_path))
    assert tuple(cli._key_words()) == box.words()


def test_what_is_installed_is_a_certificate_alone(box: Authority) -> None:
    text = box.certificate.read_text()
    assert text.startswith("-----BEGIN CERTIFICATE-----\n")
    assert text.count("-----BEGIN") == 1


def test_the_certificate_for_phones_is_der(box: Authority, tmp_path: Path) -> None:
    path = tmp_path / "ca.der"
    path.write_bytes(box.der())
    shown = openssl("x509", "-inform", "DER", "-in", path, "-noout", "-subject").stdout
    assert shown.startswith("subject=CN = Guardian ")


def test_a_clock_that_is_not_set_makes_a_lasting_authority(tmp_path: Path) -> None:
    box = Authority(tmp_path / "tls")
    box.ensure()
    box.issue(NAMES, datetime(1970, 1, 2, tzinfo=timezone.utc))
    shown = openssl("x509", "-in", box.certificate, "-noout", "-dates").stdout
    assert "2049" in shown and "2024" in shown
    box.issue(NAMES, NOW)
    assert verify(box)[0]


@pytest.mark.parametrize("junk", [b"", b"[]\n", b"{\n", b'{"names": 3}\n', b"\xff\xfe"])
def test_a_leaf_that_cannot_be_read_is_none(box: Authority, junk: bytes) -> None:
    box.leaf.write_bytes(junk)
    assert box.current() is None


def test_without_openssl_it_says_so(tmp_path: Path) -> None:
    box = Authority(tmp_path / "tls", openssl=str(tmp_path / "no-such-program"))
    with pytest.raises(PlatformError) as caught:
        box.ensure()
    assert caught.value.code == "openssl-missing"
    assert list((tmp_path / "tls").iterdir()) == []


def test_a_failing_openssl_keeps_the_old_leaf(box: Authority) -> None:
    box.issue(NAMES, NOW)
    before = box.leaf.read_bytes()
    failing = Authority(box.key.parent, openssl="false")
    with pytest.raises(PlatformError) as caught:
        failing.issue(HOME, NOW)
    assert caught.value.code == "openssl-failed"
    assert box.leaf.read_bytes() == before


@pytest.mark.parametrize(
    "name, may",
    [
        ("guardian.local", True),
        ("guardian.example.org", False),
        ("192.168.1.1", True),
        ("172.31.255.255", True),
        ("fd12::1", True),
        ("fe80::1", True),
        ("::1", True),
        ("100.64.0.1", False),
        ("203.0.113.2", False),
        ("2001:db8::1", False),
    ],
)
def test_only_what_is_the_homes_can_be_certified(name: str, may: bool) -> None:
    assert certifiable(name) is may


def test_the_constraints_name_every_private_range() -> None:
    assert len(made.PRIVATE) == 8
