"""Host names and resolvers: one form, or a refusal with its code."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.core.hostnames import (
    LENGTH_MAX,
    NAMES_MAX,
    check_hosts,
    parse_host,
    parse_resolver,
)
from guardian.lists.names import parse_name

LONG = ".".join(["x" * 63] * 3 + ["y" * 57, "org"])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("example.org", "example.org"),
        ("WWW.Example.ORG.", "www.example.org"),
        ("  example.org ", "example.org"),
        ("*.example.org", "example.org"),
        (".example.org", "example.org"),
        ("_dmarc.example.org", "_dmarc.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.Example", "xn--bcher-kva.example"),
        ("straße.de", "xn--strae-oqa.de"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("ｅｘａｍｐｌｅ.org", "example.org"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        (LONG[2:], LONG[2:]),
    ],
)
def test_names_have_one_form(text: str, name: str) -> None:
    assert parse_host(text) == name
    assert parse_host(name) == name


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "*", "*.", "com", "*.com", "localhost", "a..org", "a.b..", "-a.org"),
        *("a-.org", "a b.org", "https://example.org", "example.org/path", "a.org:80"),
        *("192.0.2.1", "2001:db8::1", "a.org\n", "a.org\0", "*.*.org", "a.*.org"),
        *("\u2488org.de", "\u0301a.org", "☃.example", "\ud800.org", "a\u202e.org"),
        *("x" * 64 + ".org", "ü" * 63 + ".org", LONG + "x", "example.123", "@a.org"),
        *(None, 5, b"example.org", ["example.org"]),
    ],
)
def test_no_names(text: Any) -> None:
    with pytest.raises(ValueError, match=r"\Abad-hostname: ") as refused:
        parse_host(text)
    assert len(str(refused.value)) <= 80 and str(refused.value).isprintable()


@pytest.mark.parametrize("part", ["x", "ü", ".", "*.", "a.", " "])
def test_a_megabyte_is_refused_unread(part: str) -> None:
    text = part * (1_000_000 // len(part)) + ".org"
    with pytest.raises(ValueError, match="bad-hostname: 1000"):
        parse_host(text)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"[a-zß-öø-ÿА-я0-9_-]{1,9}\.[a-z]{2,5}"))
def test_any_text_is_refused_or_a_name_as_the_lists_have_it(text: str) -> None:
    try:
        name = parse_host(text)
    except ValueError as error:
        assert str(error).startswith("bad-hostname: ")
        return
    assert parse_host(name) == name and len(name) <= LENGTH_MAX and "." in name
    plain = text.strip(" ").removesuffix(".").removeprefix("*").removeprefix(".")
    assert parse_name(plain.encode()) == name.encode()


def test_lists_of_names() -> None:
    check_hosts(())
    check_hosts(("a.org", "b.org"))
    check_hosts(tuple(f"n{i:04}.org" for i in range(NAMES_MAX)))
    for names, code in [
        (("b.org", "a.org"), "names-unsorted"),
        (("a.org", "a.org"), "names-unsorted"),
        (("A.org",), "bad-hostname"),
        (("org",), "bad-hostname"),
        (tuple(f"n{i:04}.org" for i in range(NAMES_MAX + 1)), "too-many-names"),
    ]:
        with pytest.raises(ValueError, match=code):
            check_hosts(names)


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.53", "192.0.2.53#53"),
        ("127.0.0.1#5353", "127.0.0.1#5353"),
        ("2001:DB8::0053#53", "2001:db8::53#53"),
        ("fe80::1%br-lan#053", "fe80::1%br-lan#53"),
    ],
)
def test_resolvers_have_one_form(text: str, server: str) -> None:
    assert parse_resolver(text) == server
    assert parse_resolver(server) == server


@pytest.mark.parametrize(
    "text",
    [
        *("", "#53", "dns.example.org", "192.0.2.1:53", "192.0.2.1#", "192.0.2.1#0"),
        *("192.0.2.1#65536", "192.0.2.1#٥٣", "192.0.2.1#-1", "192.0.2.1 ", "1.2.3"),
        *("192.0.2.256", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "1:2", "192.0.2.1%a"),
        *("[2001:db8::1]#53", "fe80::1%a b", "x" * 1_000_000, None, 53),
    ],
)
def test_no_resolvers(text: Any) -> None:
    with pytest.raises(ValueError, match=r"\Abad-server: "):
        parse_resolver(text)
