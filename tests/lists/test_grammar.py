"""Every form and oddity of public lists, and what is made of it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guardian.lists.grammar import Claim, Grammar

from .build import FIXTURES

L, S, E = Claim.LISTED, Claim.SUFFIX, Claim.EXACT
X, XE = Claim.EXCEPT, Claim.EXCEPT_EXACT


def read(*lines: bytes) -> tuple[list[tuple[Claim, str]], dict[str, int]]:
    grammar = Grammar()
    entries = [(claim, name.decode()) for claim, name in grammar.read(lines)]
    tally = dict(grammar.tally)
    assert tally.pop("lines") == len(lines)
    assert tally.pop("names") == len(entries)
    return entries, tally


@pytest.mark.parametrize(
    "line, entries",
    [
        (b"example.com", [(L, "example.com")]),
        (b"  Example.COM.\t", [(L, "example.com")]),
        (b"example.com  # remark", [(L, "example.com")]),
        (b"example.com\t// remark", [(L, "example.com")]),
        (b"example.com ; remark", [(L, "example.com")]),
        (b"_x.example.com", [(L, "_x.example.com")]),
        ("bücher.de".encode(), [(L, "xn--bcher-kva.de")]),
        (".рф  #Russia".encode(), [(S, "xn--p1ai")]),
        (b".abb", [(S, "abb")]),
        (b"*.example.com", [(S, "example.com")]),
        (b".example.com", [(S, "example.com")]),
        (b"0.0.0.0 example.com", [(L, "example.com")]),
        (b"127.0.0.1\ta.com b.com # x", [(L, "a.com"), (L, "b.com")]),
        (b"127.0.0.7 a.com", [(L, "a.com")]),
        (b"::1 a.com", [(L, "a.com")]),
        (b":: a.com", [(L, "a.com")]),
        (b"0 a.com", [(L, "a.com")]),
        (b"0.0.0.0 www.xnxx.comwww.xnxx.com", [(L, "www.xnxx.comwww.xnxx.com")]),
        (b"||example.com^", [(S, "example.com")]),
        (b"|example.com^", [(E, "example.com")]),
        (b"||example.com^|", [(S, "example.com")]),
        (b"@@||example.com^", [(X, "example.com")]),
        (b"@@|example.com^|", [(XE, "example.com")]),
        (b"||amazon^", [(S, "amazon")]),
        (b"server=/a.com/", [(S, "a.com")]),
        (b"local=/a.com/b.com/", [(S, "a.com"), (S, "b.com")]),
        (b"address=/a.com/0.0.0.0", [(S, "a.com")]),
        (b"address=/a.com/::", [(S, "a.com")]),
        (b"address=/a.com/#", [(S, "a.com")]),
        (b'local-zone: "a.com" always_nxdomain', [(S, "a.com")]),
        (b'local-data: "a.com A 0.0.0.0"', [(E, "a.com")]),
        (b"a.com CNAME .", [(E, "a.com")]),
        (b"*.a.com CNAME .", [(S, "a.com")]),
        (b"a.com 60 IN CNAME *.", [(E, "a.com")]),
        (b"a.com A 0.0.0.0", [(E, "a.com")]),
        (b"a.com CNAME rpz-passthru.", [(XE, "a.com")]),
        (b"*.a.com CNAME rpz-passthru. ; why", [(X, "a.com")]),
        (b"domain:a.com", [(S, "a.com")]),
        (b"full:a.com @!cn", [(E, "a.com")]),
        (b"a.com @x @y", [(L, "a.com")]),
    ],
)
def test_forms(line: bytes, entries: list[tuple[Claim, str]]) -> None:
    assert read(line) == (entries, {})


@pytest.mark.parametrize(
    "line, reason",
    [
        (b"", "blank"),
        (b" \t", "blank"),
        (b"# x", "comment"),
        (b"! x", "comment"),
        (b"; x", "comment"),
        (b"// x", "comment"),
        (b"[Adblock Plus 2.0]", "comment"),
        (b"127.0.0.1 localhost", "local"),
        (b"255.255.255.255 broadcasthost", "local"),
        (b"fe80::1%lo0 localhost", "local"),
        (b"0.0.0.0 0.0.0.0", "local"),
        (b"93.184.216.34 example.com", "rewrite"),
        (b"118.123.4.224", "ip-address"),
        (b"2001:db8::1", "ip-address"),
        (b"1.2.3.0/24", "ip-address"),
        (b"1.0.0.1   # one.one.one.one", "ip-address"),
        (b"||1.2.3.4^", "ip-address"),
        (b"AS9009 # M247", "asn"),
        (b"example.com/path", "path"),
        (b"0.0.0.0 brave.com/search", "path"),
        (b"||example.com/ads^", "path"),
        (b"http://example.com/x", "url"),
        (b"||example.com^$third-party", "modifier"),
        (b"||example.com^$dnsrewrite=1.2.3.4", "modifier"),
        (b"||ads*.example.com^", "wildcard"),
        (b"ads*.example.com", "wildcard"),
        (b"/^ads[0-9]/", "regex"),
        (b"regexp:^ads", "regex"),
        (b"keyword:ads", "keyword"),
        (b"include:other", "include"),
        (b"a.com @ads", "attribute"),
        (b"a.com @cn", "attribute"),
        (b"example.com##.banner", "cosmetic"),
        (b"example.com#@#.banner", "cosmetic"),
        (b"||example.com", "no-separator"),
        (b"@@example.com^", "no-anchor"),
        (b"||slack-files.com ^", "bad-name"),
        (b"w-w-i-s-.com", "bad-name"),
        (b"0.0.0.0adminer.com", "glued"),
        (b"||0.0.0.0adminer.com^", "glued"),
        (b"ping1.tnt-ea.com   Plants vs Zombies", "words"),
        (b"server=/corp.example/10.0.0.1", "not-a-block"),
        (b"address=/nas.example/192.168.1.2", "not-a-block"),
        (b"server=8.8.8.8", "directive"),
        (b"cache-size=100", "directive"),
        (b'local-zone: "a.com" transparent', "not-a-block"),
        (b'local-data: "a.com A 192.168.1.2"', "not-a-block"),
        (b"$TTL 60", "directive"),
        (b"@ IN SOA localhost. root.localhost. (", "directive"),
        (b"  IN NS localhost.", "directive"),
        (b"2026112401 ; serial", "directive"),
        (b")", "directive"),
        (b"a.com CNAME block.example.", "rewrite"),
        (b"a.com A 192.168.1.2", "rewrite"),
        (b"32.1.2.0.192.rpz-ip CNAME .", "ip-address"),
        (b"x:y", "bad-name"),
    ],
)
def test_what_is_dropped_is_counted(line: bytes, reason: str) -> None:
    assert read(line) == ([], {reason: 1})


def test_a_second_word_that_is_a_fragment_is_read_as_a_name() -> None:
    # Admission drops the bare label; the hosts form allows several names a line.
    assert read(b"0.0.0.0 xxxhindi.to en")[0] == [(L, "xxxhindi.to"), (L, "en")]


def test_rpz_names_are_relative_to_their_zone() -> None:
    entries, tally = read(
        b"$ORIGIN rpz.example.",
        b"a.com.rpz.example. CNAME .",
        b"b.com CNAME .",
        b"c.com. CNAME .",
    )
    assert entries == [(E, "a.com"), (E, "b.com")]
    assert tally == {"directive": 1, "outside-zone": 1}


def test_the_declared_count() -> None:
    grammar = Grammar()
    list(grammar.read([b"# Domains: 1,277", b"! Number of entries: 5"]))
    assert grammar.declared == 1277
    long = Grammar()
    list(long.read([b"# Domains: " + b"9" * 500]))
    assert long.declared is None


def test_the_state_can_be_taken_up() -> None:
    first = Grammar()
    list(first.read([b"; Entries: 3", b"$ORIGIN rpz.example."]))
    second = Grammar()
    second.resume(first.state())
    second.resume(None)
    assert second.declared == 3
    assert list(second.read([b"a.com.rpz.example. CNAME ."])) == [(E, b"a.com")]


@pytest.mark.parametrize(
    "name", ["domains.txt", "hosts.txt", "adblock.txt", "rpz.zone"]
)
def test_fixtures_of_one_content_read_alike(name: str) -> None:
    lines = (FIXTURES / name).read_bytes().splitlines()
    names = {text for _, text in read(*lines)[0]}
    assert names == {"bad.example", "worse.example.org", "xn--bcher-kva.de"}


FRAGMENTS = st.sampled_from(
    [b"||", b"|", b"@@", b"^", b"$", b"*.", b".", b"0.0.0.0 ", b"a.com", b"server=/"]
    + [b"/", b" CNAME ", b"#", b" ", b"local-zone: ", b'"', b"include:", b"\xff", b":"]
    + [b"full:", b" @ads", b"1.2.3.4", b"\xc3\xbc", b"-", b"_", b"$ORIGIN ", b"rpz-ip"]
)


@given(st.lists(st.lists(FRAGMENTS | st.binary(max_size=5), max_size=12), max_size=8))
@example([[b" "] * 4000 + [b"x"]])
@example([[b"a."] * 2000])
@example([[b"1 "] * 2000])
def test_any_lines_give_names_or_counts(lines: list[list[bytes]]) -> None:
    grammar = Grammar()
    joined = [b"".join(parts) for parts in lines]
    for claim, name in grammar.read(joined):
        assert claim in Claim and 0 < len(name) <= 253 and name == name.lower()
    assert grammar.tally["lines"] == len(joined)
    assert sum(grammar.tally.values()) >= 2 * len(joined) or not joined
