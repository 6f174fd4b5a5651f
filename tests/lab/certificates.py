"""The lab's own certificate authority, made by openssl.

One CA and one certificate for all the lab's names; keys stay in the lab's private
directory and go with it.  Nothing trusts this CA except the lab's own programs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Iterable

from .namespaces import run

DAYS = "30"


@dataclass(frozen=True, slots=True)
class Certificates:
    """Paths of PEM files: the CA's certificate, the servers' certificate and key."""

    ca: Path
    certificate: Path
    key: Path


def create(directory: Path, names: Iterable[str]) -> Certificates:
    """Make a CA in `directory` and a certificate for `names`; takes about 50 ms."""
    ca_key = directory / "ca.key"
    made = Certificates(
        ca=directory / "ca.pem",
        certificate=directory / "server.pem",
        key=directory / "server.key",
    )
    for key in (ca_key, made.key):
        _openssl(f"ecparam -name prime256v1 -genkey -noout -out {key}")
    _openssl(
        f"req -x509 -new -key {ca_key} -out {made.ca} -days {DAYS} -subj /CN=lab-CA"
        " -addext basicConstraints=critical,CA:TRUE"
        " -addext keyUsage=critical,keyCertSign,cRLSign"
    )
    issue(directory, names)
    return made


def issue(directory: Path, names: Iterable[str]) -> None:
    """Write the servers' certificate again, for these names."""
    request, text = directory / "server.csr", directory / "server.ext"
    listed = ",".join(f"DNS:{name}" for name in sorted(set(names)))
    text.write_text(f"subjectAltName={listed}\nextendedKeyUsage=serverAuth\n")
    _openssl(f"req -new -key {directory}/server.key -out {request} -subj /CN=lab")
    _openssl(
        f"x509 -req -in {request} -CA {directory}/ca.pem -CAkey {directory}/ca.key"
        f" -CAcreateserial -days {DAYS} -extfile {text} -out {directory}/server.pem"
    )


def _openssl(line: str) -> None:
    run(["openssl", *line.split()])
