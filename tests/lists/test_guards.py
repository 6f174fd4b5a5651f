"""Each guard, with the case of a real list that it stands for."""

from pathlib import Path

import pytest

from guardian.lists import guards
from guardian.lists.index import Index
from guardian.lists.source import Counts, Polarity

from .build import SUFFIXES, compiled, feed, source


def counted(entries: int, declared: int | None = None, **dropped: int) -> Counts:
    lines = entries + sum(dropped.values())
    names = {reason.replace("_", "-"): n for reason, n in dropped.items()}
    return Counts(lines=lines, entries=entries, declared=declared, dropped=names)


@pytest.mark.parametrize(
    "entries, last, ok",
    [
        (100, None, True),
        # A list of hundreds of thousands was once published empty.
        (0, None, False),
        (23, 200_000, False),
        # Another grew to the 175-fold overnight.
        (60_740, 347, False),
        (150_000, 200_000, True),
        (99_000, 200_000, False),
        (401_000, 200_000, False),
        (30, 100, True),
        (280, 100, True),
    ],
)
def test_size_band(entries: int, last: int | None, ok: bool) -> None:
    assert guards.size_band(source("a"), counted(entries), last).ok is ok


@pytest.mark.parametrize("entries, ok", [(9, False), (10, True), (20, True)])
def test_the_catalogues_own_band(entries: int, ok: bool) -> None:
    banded = source("a", names_min=10, names_max=20)
    assert guards.size_band(banded, counted(entries)).ok is ok
    assert not guards.size_band(banded, counted(21), 20).ok


@pytest.mark.parametrize(
    "counts, ok",
    [
        (counted(100), True),
        (counted(95, bad_name=5), True),
        (counted(94, bad_name=6), False),
        # A quarter of some old lists are addresses: no nonsense, only of no use here.
        (counted(60, ip_address=40), True),
        (counted(0, comment=50), True),
        (counted(0, url=10), False),
    ],
)
def test_reject_rate(counts: Counts, ok: bool) -> None:
    assert guards.reject_rate(source("a"), counts).ok is ok


@pytest.mark.parametrize(
    "counts, ok",
    [
        (counted(100), True),
        (counted(100, declared=100), True),
        (counted(90, declared=100, bad_name=10), True),
        (counted(90, declared=100), False),
        (counted(100, declared=100, comment=30), True),
    ],
)
def test_declared_count(counts: Counts, ok: bool) -> None:
    assert guards.declared_count(source("a"), counts).ok is ok


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index(
        compiled(
            tmp_path,
            feed(source("adult:1", "adult"), ["bad.com", "both.com", "bologna.it"]),
            feed(source("adult:2", "adult"), ["both.com", "popular.org"]),
            feed(source("games"), ["chess.org"]),
            feed(source("hosting", suffix_ok=True), ["github.io"]),
        ).path
    )


def test_polarity(index: Index) -> None:
    allow = source("jobs", polarity=Polarity.ALLOW)
    harm = frozenset(["adult"])
    names = [b"fine%d.com" % n for n in range(999)]
    good = guards.polarity(allow, [*names, b"chess.org"], index.explain, harm)
    assert good.ok and good.value == 0
    bad = guards.polarity(allow, [b"bad.com", b"x.both.com"], index.explain, harm)
    assert not bad.ok and bad.value == 1 and bad.names == ("bad.com", "x.both.com")
    assert guards.polarity(allow, [], index.explain, harm).ok


def test_top_sites_need_two_lists_or_a_review(index: Index) -> None:
    harm = frozenset(["adult"])
    ranked = [b"popular.org", b"both.com", b"chess.org", b"fine.com"]
    finding = guards.top_sites(ranked, index.explain, harm)
    assert not finding.ok and finding.names == ("popular.org",)
    reviewed = frozenset(["popular.org"])
    assert guards.top_sites(ranked, index.explain, harm, reviewed).ok


def test_floor(index: Index) -> None:
    names = [b"www.bad.com", b"chess.org", b"help.org"]
    finding = guards.floor(names, index.explain)
    assert not finding.ok and finding.names == ("chess.org", "www.bad.com")
    assert guards.floor(names[1:], index.explain, frozenset(["games"])).ok


def test_public_suffixes(index: Index, tmp_path: Path) -> None:
    assert guards.public_suffixes(SUFFIXES, index.explain).ok
    lax = Index(
        compiled(tmp_path / "lax", feed(source("a", suffix_ok=True), ["co.uk"])).path
    )
    # As if a compilation had not known the rule: the review flag is taken away.
    strict = source("a")
    lax.sources = (strict,)
    finding = guards.public_suffixes(SUFFIXES, lax.explain)
    assert not finding.ok and finding.names == ("co.uk",)
    document = finding.to_json()
    assert document["names"] == ["co.uk"] and document["guard"] == "public-suffixes"


def test_parents_down_to_what_can_be_registered() -> None:
    names = [b"a.b.shop.co.uk", b"co.uk", b"x.github.io", b"plain.com"]
    assert guards.with_parents(names, SUFFIXES) == {
        b"a.b.shop.co.uk",
        b"b.shop.co.uk",
        b"shop.co.uk",
        b"co.uk",
        b"x.github.io",
        b"plain.com",
    }


WATCH = guards.Watch(
    popular=frozenset({b"mail.com", b"shop.com"}),
    protected=frozenset({b"school.org"}),
    harm=frozenset({"adult", "malware"}),
    own=frozenset({"guardian-category-adult"}),
)
SOURCES = {
    made.id: made
    for made in (
        source("sw-adult", "adult"),
        source("sw-malware", "malware"),
        source("sinf-adult", "adult"),
        source("sw-games", "games"),
        source("x-good", "adult", polarity=Polarity.ALLOW),
        source("guardian-category-adult", "adult"),
    )
}


@pytest.mark.parametrize(
    ("name", "ids", "held"),
    [
        (b"mail.com", ["sw-adult"], ["sw-adult"]),
        # Two lists of one project are one voice; two projects are two, and so are we.
        (b"mail.com", ["sw-adult", "sw-malware"], ["sw-adult", "sw-malware"]),
        (b"mail.com", ["sinf-adult", "sw-adult"], []),
        (b"mail.com", ["guardian-category-adult", "sw-adult"], []),
        (b"mail.com", ["guardian-category-adult"], []),
        # A matter of taste, and a list of what is wanted, are no voices.
        (b"mail.com", ["sw-games"], []),
        (b"mail.com", ["sw-adult", "sw-games", "x-good"], ["sw-adult"]),
        (b"school.org", ["sinf-adult", "sw-adult"], ["sinf-adult", "sw-adult"]),
        (b"school.org", ["guardian-category-adult", "sw-games"], []),
    ],
)
def test_held(name: bytes, ids: list[str], held: list[str]) -> None:
    found = guards.held({name: ids}, SOURCES, WATCH)
    assert found == {ident: [name] for ident in held}


def test_too_many_names_held_back() -> None:
    few = [b"n%d.com" % number for number in range(guards.HELD_FEW)]
    of = source("sw-adult")
    assert guards.held_back(of, few, WATCH).ok
    assert not guards.held_back(of, [*few, b"x.com"], WATCH).ok
    many = guards.Watch(popular=frozenset(b"t%d.com" % n for n in range(10_000)))
    assert guards.held_back(of, [*few, b"x.com"], many).ok
    assert many.held_max == 200
