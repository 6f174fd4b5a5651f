"""Numbers of DNS, this codec's limits, and its one error.

Sources: IANA "DNS Parameters"; RFC 1035, 2671, 6891 (header, OPT), RFC 8914 (EDE),
RFC 9460 (HTTPS, SVCB). Only numbers that this project handles stand here.
"""

from __future__ import annotations

# Types.
A = 1
NS = 2
CNAME = 5
SOA = 6
PTR = 12
MX = 15
TXT = 16
AAAA = 28
SRV = 33
NAPTR = 35
DNAME = 39
OPT = 41
RRSIG = 46
SVCB = 64
HTTPS = 65
ANY = 255

IN = 1

# RCODEs; 16 needs an OPT record for its upper bits.
NOERROR = 0
FORMERR = 1
SERVFAIL = 2
NXDOMAIN = 3
NOTIMP = 4
REFUSED = 5
BADVERS = 16

# Bits of the header's second word.
QR = 0x8000
OPCODE = 0x7800
AA = 0x0400
TC = 0x0200
RD = 0x0100
RA = 0x0080
AD = 0x0020
CD = 0x0010
RCODE = 0x000F
# RFC 3225: in the flags of OPT, where a question's header has no bit (QR is 0).
DO = 0x8000

# EDNS option codes.
COOKIE = 10
EDE = 15

# RFC 8914 4: INFO-CODEs.
EDE_FORGED = 4
EDE_NOT_READY = 14
EDE_BLOCKED = 15
EDE_CENSORED = 16
EDE_FILTERED = 17
EDE_PROHIBITED = 18
EDE_NO_REACHABLE_AUTHORITY = 22
EDE_NETWORK_ERROR = 23

# RFC 1035 2.3.4, with length octets and the root.
NAME_MAX = 255
LABEL_MAX = 63
MESSAGE_MAX = 65535
# RFC 1035 4.2.1: what a client without EDNS takes by UDP.
UDP_PLAIN = 512
# dnsflagday.net/2020: fits IPv6's least MTU, so that no answer is ever in fragments.
UDP_SIZE = 1232
# A pointer each two octets of a 64 KiB message would make one name cost 32,000 steps.
JUMPS_MAX = 16
# Resolvers follow 8 to 16 (BIND 16, unbound 11); a longer chain is a fault or a trap.
CHAIN_MAX = 16
# 500 addresses of one name still pass; zone transfers never do.
RECORDS_MAX = 512
OPTIONS_MAX = 32
# Long enough for a sentence; RFC 8914 2 asks for brevity, as UDP is small.
ADVICE_MAX = 200
# CNAMEs and the services they lead to, all names of one answer that are judged.
NAMES_MAX = 64


class DnsCodecError(ValueError):
    """No DNS message, not the answer to our question, or no name that can be asked.

    rcode: what to answer to the sender of a bad question; None: nothing at all.
    """

    def __init__(self, code: str, rcode: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.rcode = rcode
