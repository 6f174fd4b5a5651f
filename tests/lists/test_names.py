import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.lists.names import (
    NameSyntaxError,
    decode,
    from_wire,
    parse_name,
    to_ascii,
    to_wire,
)


@pytest.mark.parametrize(
    "text, name",
    [
        ("Example.COM", "example.com"),
        ("example.com.", "example.com"),
        ("_dns.example.com", "_dns.example.com"),
        ("a-b.example", "a-b.example"),
        ("com", "com"),
        ("xn--p1ai", "xn--p1ai"),
        ("рф", "xn--p1ai"),
        ("қаз", "xn--80ao21a"),
        ("Bücher.example", "xn--bcher-kva.example"),
        # UTS 46 non-transitional keeps the sharp s; IDNA 2003 made "ss" of it.
        ("faß.de", "xn--fa-hia.de"),
        ("ｅｘａｍｐｌｅ。com", "example.com"),
        ("ＥＸＡＭＰＬＥ．com", "example.com"),
    ],
)
def test_names_have_one_form(text: str, name: str) -> None:
    assert parse_name(text.encode()) == name.encode()


def test_latin1_is_read_where_it_is_no_utf8() -> None:
    assert parse_name("bücher.de".encode("latin-1")) == b"xn--bcher-kva.de"
    assert decode(b"b\xfcr") == "bür"


@pytest.mark.parametrize(
    "text, code",
    [
        ("", "bad-name"),
        (".", "bad-name"),
        ("a..b", "bad-name"),
        ("-a.example", "bad-name"),
        ("w-w-i-s-.com", "bad-name"),
        ("a b.example", "bad-name"),
        ("1.2.3.4", "bad-name"),
        ("a." + "b" * 64 + ".com", "bad-name"),
        ("a." * 130 + "com", "name-too-long"),
        ("é" * 300, "name-too-long"),
        ("0.0.0.0adminer.com", "glued"),
        ("☺.example", "bad-name"),
        ("\u0301a.example", "bad-name"),
    ],
)
def test_what_is_no_name(text: str, code: str) -> None:
    with pytest.raises(NameSyntaxError) as error:
        parse_name(text.encode())
    assert error.value.code == code


def test_a_label_that_is_all_mapped_away() -> None:
    with pytest.raises(NameSyntaxError):
        parse_name("\u00ad.example".encode())


def test_wire_form() -> None:
    assert to_wire(b"a.bc") == b"\x01a\x02bc\x00"
    assert from_wire(b"\x01a\x02bc\x00") == "a.bc"
    with pytest.raises(ValueError):
        from_wire(b"\x05a")


@given(st.binary(max_size=300))
def test_any_octets_give_a_name_or_the_declared_error(octets: bytes) -> None:
    try:
        name = parse_name(octets)
    except NameSyntaxError:
        return
    assert parse_name(name) == name
    assert from_wire(to_wire(name)).encode() == name


@given(st.text(max_size=80))
def test_any_text_gives_ascii_or_the_declared_error(text: str) -> None:
    try:
        assert to_ascii(text).isascii()
    except NameSyntaxError as error:
        assert error.code in ("bad-name", "name-too-long")
