"""Our questions to the resolver, and which answers are theirs."""

from __future__ import annotations

import dns.flags
import dns.message
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.wire.dns.codes import AAAA, CD, COOKIE, DO, HTTPS, RD, A, DnsCodecError
from guardian.wire.dns.name import encode_name
from guardian.wire.dns.query import check_answer, encode_query, mix_case

from . import shapes


@settings(deadline=None)
@given(
    st.sampled_from([A, AAAA, HTTPS, 999]),
    st.integers(0, 0xFFFF),
    st.sampled_from([0, RD, RD | CD, RD | DO, RD | CD | DO]),
    st.sampled_from([0, 1232]),
)
def test_queries_are_read_by_dnspython(
    qtype: int, ident: int, bits: int, size: int
) -> None:
    raw = encode_query(
        encode_name("www.example"),
        qtype,
        ident=ident,
        bits=bits,
        size=size,
        options=((COOKIE, b"8" * 8),),
    )
    parsed = dns.message.from_wire(raw)
    assert (parsed.id, int(parsed.flags)) == (ident, bits & ~DO)
    assert str(parsed.question[0].name) == "www.example."
    assert (parsed.question[0].rdtype, parsed.question[0].rdclass) == (qtype, 1)
    assert (parsed.edns, parsed.payload) == ((0, 1232) if size else (-1, 0))
    assert bool(parsed.ednsflags) == bool(bits & DO and size)
    assert [o.otype for o in parsed.options] == ([COOKIE] if size else [])


@settings(deadline=None)
@given(st.integers(0, (1 << 255) - 1))
def test_only_the_case_of_letters_is_mixed(chance: int) -> None:
    qname = encode_name("a1-b_c.zz.xn--4ca")
    mixed = mix_case(qname, chance)
    assert mixed.lower() == qname
    upper = [at for at, octet in enumerate(mixed) if octet != qname[at]]
    letters = [at for at, octet in enumerate(qname) if chr(octet).isalpha()]
    assert upper == [at for at in letters if chance >> at & 1]


QUERY = encode_query(mix_case(shapes.WWW, 0b1010 << 1), A, ident=shapes.IDENT, bits=RD)
END = shapes.BODY


def answer(question: bytes, head: bytes = b"\xbe\xef\x81\x80\0\1") -> bytes:
    return head + bytes(6) + question


def test_the_answer_to_our_question_is_taken() -> None:
    asked = QUERY[12:END]
    assert check_answer(answer(asked), QUERY) is False
    assert check_answer(answer(asked, b"\xbe\xef\x83\x80\0\1"), QUERY) is True
    assert (
        check_answer(answer(asked.lower()[:-4] + asked[-4:]), QUERY, exact=False)
        is False
    )


@pytest.mark.parametrize(
    "raw, code",
    [
        (b"", "not-our-answer"),
        (QUERY, "not-our-answer"),
        (answer(QUERY[12:END], b"\xbe\xee\x81\x80\0\1"), "not-our-answer"),
        (answer(QUERY[12:END], b"\xbe\xef\x81\x80\0\2"), "not-our-answer"),
        (answer(b"\3wwx" + QUERY[16:END]), "not-our-answer"),
        (answer(QUERY[12 : END - 3] + b"\x1c\0\1"), "not-our-answer"),
        (answer(QUERY[12 : END - 1]), "not-our-answer"),
        (answer(QUERY[12 : END - 4].lower() + b"\0\1\0\1"), "case-changed"),
        (answer(b"", b"\xbe\xef\x81\x81\0\0"), "no-question"),
    ],
)
def test_other_answers_are_not(raw: bytes, code: str) -> None:
    with pytest.raises(DnsCodecError) as caught:
        check_answer(raw, QUERY)
    assert caught.value.code == code


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(DnsCodecError):
        check_answer(b"\xbe\xef\x81\x80" + data, QUERY)
