import pytest

from guardian.core.naming import wire_name
from guardian.front import special
from guardian.wire.dns import codes
from guardian.wire.dns.codes import NXDOMAIN

A, HTTPS, PTR, TXT, IN = 1, 65, 12, 16, 1


def rcode(name: str, qtype: int = A, qclass: int = IN) -> int | None:
    template = special.answer(wire_name(name), qtype, qclass)
    return None if template is None else template.flags & 15


@pytest.mark.parametrize(
    "name",
    [
        "use-application-dns.net",
        "mask.icloud.com",
        "mask-h2.icloud.com",
        "mask-canary.icloud.com",
        "abc.onion",
        "onion",
    ],
)
@pytest.mark.parametrize("qtype", [A, 28, HTTPS, TXT])
def test_canaries_and_relays_do_not_exist_for_any_type(name: str, qtype: int) -> None:
    template = special.answer(wire_name(name), qtype, IN)
    assert template is special.ABSENT
    # A client must not keep it: there is no SOA.
    assert template.flags & 15 == NXDOMAIN and not template.body


@pytest.mark.parametrize(
    "name", ["mask-api.icloud.com", "icloud.com", "use-application-dns.net.example.com"]
)
def test_names_beside_them_are_no_business_of_ours(name: str) -> None:
    assert rcode(name) is None


def test_a_name_that_ends_in_the_letters_of_onion_is_none() -> None:
    assert rcode("shallots.notonion") is None


def test_resolver_discovery_finds_nothing() -> None:
    for name in ("resolver.arpa", "_dns.resolver.arpa"):
        assert special.answer(wire_name(name), 64, IN) is special.NODATA
    assert rcode("notresolver.arpa") is None


def test_any_gets_one_made_up_record() -> None:
    template = special.answer(wire_name("example.com"), codes.ANY, IN)
    assert template is special.MINIMAL
    assert b"RFC8482" in template.body and template.flags & 15 == 0


@pytest.mark.parametrize(
    "qtype, qclass, expected",
    [
        (252, 1, codes.NOTIMP),
        (251, 1, codes.NOTIMP),
        (249, 1, codes.NOTIMP),
        (41, 1, codes.FORMERR),
        (16, 3, codes.REFUSED),
        (1, 255, codes.REFUSED),
        (257, 1, None),
        (65, 1, None),
    ],
)
def test_acts_and_other_classes(qtype: int, qclass: int, expected: int | None) -> None:
    assert rcode("example.com", qtype, qclass) == expected


@pytest.mark.parametrize(
    "name, qtype, passed",
    [
        ("printer", A, True),
        ("com", 2, True),
        ("nas.lan", A, True),
        ("_ipp._tcp.local", PTR, True),
        ("box.home.arpa", 28, True),
        ("9.1.168.192.in-addr.arpa", PTR, True),
        ("8.b.d.0.1.0.0.2.ip6.arpa", PTR, True),
        # A tunnel could be built in a zone that somebody owns.
        ("x.8.b.d.0.1.0.0.2.ip6.arpa", TXT, False),
        ("x.9.in-addr.arpa", 10, False),
        ("www.example.com", A, False),
        ("data.tunnel.example.com", PTR, False),
        ("notlan.example", A, False),
        ("lan.example.com", A, False),
    ],
)
def test_what_passes_to_the_router(name: str, qtype: int, passed: bool) -> None:
    assert special.passes(wire_name(name), qtype) is passed


def test_the_routers_own_names_pass_with_all_below() -> None:
    own = {wire_name("box.example")}
    assert special.passes(wire_name("www.box.example"), A, own)
    assert not special.passes(wire_name("example.net"), A, own)


def test_our_pages_by_exact_name_and_never_from_nowhere() -> None:
    here = (b"\xc0\xa8\1\1",)
    name = wire_name("guardian.home.arpa")
    made = special.pages(name, A, here)
    assert made is not None and made.body.endswith(here[0])
    assert special.pages(name, A, ()) is None
    for other in ("home.arpa", "a.guardian.home.arpa", "guardian.example.org"):
        assert special.pages(wire_name(other), A, here) is None


def test_the_root_passes() -> None:
    assert special.passes(b"\0", 2)


@pytest.mark.parametrize(
    "name",
    ["a.lan", "x.onion", "mask.icloud.com", "_dns.resolver.arpa", "1.in-addr.arpa"],
)
def test_every_special_name_has_a_marked_suffix(name: str) -> None:
    # Names without one take the fast way, where none of this is asked.
    wire = wire_name(name)
    ends = [wire[at:] for at in range(len(wire))]
    assert any(end in special.MARKED for end in ends)
