"""The numbers are IANA's, as dnspython has them."""

from __future__ import annotations

import dns.edns
import dns.flags
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import pytest

from guardian.wire.dns import codes
from guardian.wire.dns.codes import DnsCodecError


@pytest.mark.parametrize(
    "name",
    "A NS CNAME SOA PTR MX TXT AAAA SRV NAPTR DNAME OPT RRSIG SVCB HTTPS ANY".split(),
)
def test_types(name: str) -> None:
    assert getattr(codes, name) == dns.rdatatype.from_text(name)


@pytest.mark.parametrize(
    "name", "NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED BADVERS".split()
)
def test_rcodes(name: str) -> None:
    assert getattr(codes, name) == dns.rcode.from_text(name)


@pytest.mark.parametrize("name", "QR AA TC RD RA AD CD".split())
def test_flags(name: str) -> None:
    assert getattr(codes, name) == dns.flags.Flag[name]


def test_the_rest() -> None:
    assert codes.IN == dns.rdataclass.IN
    assert codes.DO == dns.flags.EDNSFlag.DO
    assert (codes.COOKIE, codes.EDE) == (dns.edns.COOKIE, dns.edns.EDE)
    assert codes.OPCODE == dns.opcode.to_flags(dns.opcode.Opcode(15))
    for name in (n for n in dir(codes) if n.startswith("EDE_")):
        plain = {"EDE_FORGED": "FORGED_ANSWER"}.get(name, name[4:])
        assert getattr(codes, name) == dns.edns.EDECode[plain], name


def test_an_error_says_what_to_answer() -> None:
    assert DnsCodecError("short").rcode is None
    error = DnsCodecError("opcode", codes.NOTIMP)
    assert (str(error), error.code, error.rcode) == ("opcode", "opcode", 4)
    assert isinstance(error, ValueError)
