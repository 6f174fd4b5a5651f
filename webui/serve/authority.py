"""The box's own certificate authority and the certificate that it gives its pages.

Made on the box, and the key never leaves it. Its name constraints are critical
(RFC 5280, 4.2.1.10): it can certify our two names and private addresses, and nothing
else, so that a family that trusts it puts no other site at risk.

Certificates are made by the `openssl` program in a child that lives for milliseconds.
The library `cryptography` would do it in-process, but it is missing in the feeds for
MIPS routers and costs 12 MB of memory; `openssl` (Debian) and `openssl-util` (OpenWrt)
are packages on both platforms.
"""

from __future__ import annotations

import ipaddress
import json
import os
import secrets
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from guardian.core.errors import PlatformError
from guardian.store.atomic import write_atomic
from webui.serve.fingerprint import key_of_pem, words_of_key

NAMES = ("guardian.home.arpa", "guardian.local")
# RFC 1918, 3927, 4193, 4291 and the two loopbacks: what no public CA certifies.
PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "127.0.0.0/8",
            "fc00::/7",
            "fe80::/10",
            "::1/128",
        ),
    )
)
LEAF_DAYS = 90
# A phone whose clock is a little slow must accept a new certificate at once.
BACKDATED = timedelta(days=1)
# Fixed, so that a first start with an unset clock makes no authority that has expired
# when the clock is right. 2049 is the last year of UTCTime (RFC 5280, 4.1.2.5).
CA_FROM, CA_UNTIL = "20240101000000Z", "20491231235959Z"
# An EC key and a signature take seconds on the slowest router.
OPENSSL_S = 60
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}

_CONFIG = """
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
email_in_dn = no
rand_serial = yes
[any]
commonName = supplied
[req]
distinguished_name = subject
[subject]
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
nameConstraints = critical, @permitted
[permitted]
{permitted}
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = @names
[names]
{names}
"""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What the certificate in use says. names: DNS names and addresses as text."""

    names: frozenset[str]
    begins: datetime
    ends: datetime
    words: tuple[str, ...]


class Authority:
    """The files of one box: `ca.key`, `ca.pem`, `ca.words`; `leaf.pem` with its key.

    `ca.pem` is what a family installs, and is nothing but a certificate.

    directory: made 0700 if missing; nobody else writes there.
    """

    def __init__(self, directory: Path, openssl: str = "openssl") -> None:
        self._directory = directory
        self._openssl = openssl
        self.certificate = directory / "ca.pem"
        self.key = directory / "ca.key"
        self.leaf = directory / "leaf.pem"
        self._words = directory / "ca.words"

    def words(self) -> tuple[str, ...]:
        """Return the four words of the authority's key, () without an authority."""
        found = _first_line(self._words).get("words")
        return tuple(map(str, found)) if isinstance(found, list) else ()

    def der(self) -> bytes:
        """Return the authority's certificate as phones install it.

        Raises FileNotFoundError without an authority.
        """
        return ssl.PEM_cert_to_DER_cert(self.certificate.read_text(encoding="ascii"))

    def ensure(self) -> bool:
        """Make the authority unless there is one; returns whether it is new.

        Raises PlatformError when openssl fails or is missing.
        """
        if self.key.exists() and self.certificate.exists():
            if not self.words():
                with self._workshop(()) as work:
                    self._name(work, self.certificate.resolve())
            return False
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._workshop(()) as work:
            self._new_key(work / "ca.key")
            name = f"/CN=Guardian {secrets.token_hex(4)}"
            self._run(work, "req", "-new", "-key", "ca.key", "-subj", name, "-out", "r")
            self._sign(work, "authority", "r", "ca.pem", CA_FROM, CA_UNTIL)
            # The certificate last: without it the next start makes everything anew.
            self.certificate.unlink(missing_ok=True)
            write_atomic(self.key, (work / "ca.key").read_bytes())
            self._name(work, work / "ca.pem")
            write_atomic(self.certificate, (work / "ca.pem").read_bytes())
        return True

    def _name(self, work: Path, certificate: Path) -> None:
        """Write down the words of a certificate's key."""
        argv = ("x509", "-in", str(certificate), "-noout", "-pubkey")
        words = words_of_key(key_of_pem(self._run(work, *argv)))
        write_atomic(self._words, _with_first_line({"words": words}, ""))

    def current(self) -> Leaf | None:
        """Return what the certificate in use says, None if there is none."""
        first = _first_line(self.leaf)
        try:
            return Leaf(
                names=frozenset(map(str, first["names"])),
                begins=datetime.fromisoformat(first["begins"]),
                ends=datetime.fromisoformat(first["ends"]),
                words=tuple(map(str, first["words"])),
            )
        except (KeyError, TypeError, ValueError):
            return None

    def issue(self, names: Iterable[str], now: datetime) -> None:
        """Replace the certificate in use, with a key of its own.

        names: must be among NAMES and PRIVATE (see `certifiable`), or nobody will
        accept it. now: aware. Raises PlatformError; the old certificate then stays.
        """
        listed = sorted(set(names))
        begins = (now - BACKDATED).replace(microsecond=0)
        ends = begins + timedelta(days=LEAF_DAYS)
        with self._workshop(listed) as work:
            self._new_key(work / "leaf.key")
            subject = f"/CN={NAMES[0]}"
            self._run(
                work, "req", "-new", "-key", "leaf.key", "-subj", subject, "-out", "r"
            )
            shutil.copy(self.key, work / "ca.key")
            self._sign(work, "leaf", "r", "leaf.pem", _stamp(begins), _stamp(ends))
            facts = {
                "names": listed,
                "begins": begins.isoformat(),
                "ends": ends.isoformat(),
                "words": self.words(),
            }
            # The authority goes with it: a phone that has it installed needs no more,
            # and one that looks at the chain sees whom it would trust.
            parts = [work / "leaf.key", work / "leaf.pem", self.certificate]
            text = "".join(part.read_text(encoding="ascii") for part in parts)
            write_atomic(self.leaf, _with_first_line(facts, text))

    def _workshop(self, names: Iterable[str]) -> _Workshop:
        return _Workshop(self._directory, names)

    def _new_key(self, path: Path) -> None:
        self._run(
            path.parent,
            *("genpkey", "-algorithm", "EC", "-out", path.name),
            *("-pkeyopt", "ec_paramgen_curve:P-256"),
        )

    def _sign(
        self, work: Path, section: str, request: str, out: str, begins: str, ends: str
    ) -> None:
        signer = ["-keyfile", "ca.key"]
        if section == "authority":
            signer.append("-selfsign")
        else:
            signer += ["-cert", str(self.certificate.resolve())]
        self._run(
            work,
            *("ca", "-batch", "-notext", "-in", request, "-out", out),
            *("-extensions", section, "-startdate", begins, "-enddate", ends),
            *signer,
        )

    def _run(self, work: Path, verb: str, *args: str) -> str:
        config = ["-config", "made.cnf"] if verb in ("req", "ca") else []
        environment = {**_ENVIRONMENT, "OPENSSL_CONF": str(work / "made.cnf")}
        try:
            done = subprocess.run(
                [self._openssl, verb, *args, *config],
                cwd=work,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=OPENSSL_S,
                umask=0o077,
            )
        except FileNotFoundError:
            raise PlatformError("openssl-missing") from None
        except (OSError, subprocess.TimeoutExpired) as cause:
            raise PlatformError("openssl-failed", type(cause).__name__) from None
        if done.returncode:
            raise PlatformError("openssl-failed", f"{verb}: {done.stderr[-200:]}")
        return done.stdout


class _Workshop:
    """A folder for openssl's files, private, gone afterwards."""

    def __init__(self, parent: Path, names: Iterable[str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix=".making-", dir=parent)
        self._names = names

    def __enter__(self) -> Path:
        work = Path(self._folder.name)
        (work / "made.cnf").write_text(_configuration(self._names), encoding="ascii")
        (work / "index.txt").touch()
        return work

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


def certifiable(name: str) -> bool:
    """Say whether the authority may certify this name or address."""
    try:
        parsed = ipaddress.ip_address(name)
    except ValueError:
        return name in NAMES
    return any(parsed in network for network in PRIVATE)


def _configuration(names: Iterable[str]) -> str:
    permitted = [f"permitted;DNS.{n} = {name}" for n, name in enumerate(NAMES)]
    for number, network in enumerate(PRIVATE):
        pair = f"{network.network_address}/{network.netmask}"
        permitted.append(f"permitted;IP.{number} = {pair}")
    listed = []
    for number, name in enumerate(names):
        try:
            listed.append(f"IP.{number} = {ipaddress.ip_address(name)}")
        except ValueError:
            listed.append(f"DNS.{number} = {name}")
    return _CONFIG.format(permitted="\n".join(permitted), names="\n".join(listed))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y%m%d%H%M%SZ")


def _with_first_line(facts: Mapping[str, Any], pem: str) -> bytes:
    """Put facts before PEM blocks, where every PEM reader skips text (RFC 7468, 2)."""
    return f"{json.dumps(facts, sort_keys=True)}\n{pem}".encode("ascii")


def _first_line(path: Path) -> dict[str, Any]:
    """Return the facts in front of the PEM blocks, {} if there are none."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC), "rb") as stream:
            facts = json.loads(stream.readline(65536))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}
