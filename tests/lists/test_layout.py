import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.lists.layout import (
    HEADER_SIZE,
    REMAINDERS_AT,
    Header,
    IndexFileError,
    digest_of,
    dump_meta,
    parse_header,
    parse_meta,
)

HEADER = Header(
    names=3,
    key=12345,
    labels_min=2,
    meta_at=REMAINDERS_AT + 18,
    meta_size=2,
    digest=bytes(range(32)),
    key_id=b"signer01",
    signature=b"s" * 64,
)
SIZE = REMAINDERS_AT + 20


def test_a_header_comes_back() -> None:
    octets = HEADER.to_bytes()
    assert len(octets) == HEADER_SIZE
    assert parse_header(octets, SIZE) == HEADER
    assert HEADER.sets_at == REMAINDERS_AT + 12


@pytest.mark.parametrize("size", [0, SIZE - 1, SIZE + 1])
def test_a_cut_file_is_refused(size: int) -> None:
    with pytest.raises(IndexFileError) as error:
        parse_header(HEADER.to_bytes(), size)
    assert error.value.code == "index-invalid"


@pytest.mark.parametrize(
    "at, octet, code",
    [
        (0, 0, "index-invalid"),
        (8, 2, "index-newer"),
        (10, 3, "index-invalid"),
        (12, 9, "index-invalid"),
        (16, 1, "index-invalid"),
        (23, 1, "index-invalid"),
        (24, 0, "index-invalid"),
    ],
)
def test_each_field_is_checked(at: int, octet: int, code: str) -> None:
    octets = bytearray(HEADER.to_bytes())
    octets[at] = octet
    with pytest.raises(IndexFileError) as error:
        parse_header(bytes(octets), SIZE)
    assert error.value.code == code


@given(st.binary(max_size=250), st.integers(0, 1 << 40))
def test_any_octets(octets: bytes, size: int) -> None:
    with pytest.raises(IndexFileError):
        parse_header(octets, size)


@pytest.mark.parametrize("octets", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_meta_must_be_an_object(octets: bytes) -> None:
    with pytest.raises(IndexFileError) as error:
        parse_meta(octets)
    assert error.value.code == "index-invalid"


def test_equal_meta_gives_equal_octets() -> None:
    assert dump_meta({"b": 1, "a": "ü"}) == dump_meta({"a": "ü", "b": 1})
    assert parse_meta(dump_meta({"a": "ü"})) == {"a": "ü"}


def test_the_digest_does_not_depend_on_the_pieces() -> None:
    assert digest_of([b"ab", b"c"]) == digest_of([b"abc"])
