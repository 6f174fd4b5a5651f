from collections import Counter

import pytest

from guardian.lists.grammar import Claim
from guardian.lists.source import Counts, Rules, admit, counts

from .build import RULES, SUFFIXES, source

L, S, E = Claim.LISTED, Claim.SUFFIX, Claim.EXACT
X, XE = Claim.EXCEPT, Claim.EXCEPT_EXACT


def admitted(
    *entries: tuple[Claim, str], rules: Rules = RULES, **options: bool
) -> tuple[list[tuple[Claim, str]], dict[str, int]]:
    tally: Counter[str] = Counter()
    pairs = [(claim, name.encode()) for claim, name in entries]
    kept = list(admit(pairs, source("s", **options), rules, tally))
    return [(claim, name.decode()) for claim, name in kept], dict(tally)


@pytest.mark.parametrize("suffix, claim", [(True, S), (False, E)])
def test_the_catalogue_says_how_listed_names_match(suffix: bool, claim: Claim) -> None:
    kept, _ = admitted((L, "a.com"), (S, "b.com"), (E, "c.com"), suffix=suffix)
    assert kept == [(claim, "a.com"), (S, "b.com"), (E, "c.com")]


@pytest.mark.parametrize("name", ["github.io", "co.uk", "bologna.it", "x.ck"])
def test_a_public_suffix_never_takes_what_lies_below(name: str) -> None:
    assert admitted((L, name)) == (
        [(E, name)],
        {"public-suffix-exact": 1, "entries": 1},
    )
    assert admitted((X, name))[0] == [(XE, name)]
    assert admitted((L, name), suffix_ok=True)[0] == [(S, name)]


def test_an_exception_of_the_suffix_list_is_an_ordinary_name() -> None:
    assert admitted((L, "www.ck"))[0] == [(S, "www.ck")]


@pytest.mark.parametrize(
    "name, folded",
    [
        ("www.a.com", "a.com"),
        ("www.www.a.com", "www.a.com"),
        ("www.co.uk", "www.co.uk"),
        ("www.com", "www.com"),
    ],
)
def test_www_is_folded_unless_the_rest_is_a_public_suffix(
    name: str, folded: str
) -> None:
    assert admitted((L, name))[0] == [(S, folded)]
    assert admitted((E, name))[0] == [(E, name)]


@pytest.mark.parametrize(
    "name, reason",
    [
        ("a.nosuchtop", "unknown-top"),
        ("com", "single-label"),
        ("printer.lan", "reserved"),
        ("x.onion", "reserved"),
        ("use-application-dns.net", "reserved"),
        ("mask.icloud.com", "reserved"),
        ("forcesafesearch.google.com", "reserved"),
    ],
)
def test_what_no_list_may_hold(name: str, reason: str) -> None:
    assert admitted((L, name)) == ([], {reason: 1})


def test_a_reviewed_top_label_is_taken() -> None:
    assert admitted((L, "com"), suffix_ok=True)[0] == [(S, "com")]


def test_the_floor_beats_every_list() -> None:
    rules = Rules(suffixes=SUFFIXES, floor=frozenset([b"help.org"]))
    kept, tally = admitted((L, "help.org"), (X, "help.org"), rules=rules)
    assert kept == [(X, "help.org")] and tally == {"floor": 1, "exceptions": 1}


def test_counts_tell_nonsense_from_policy() -> None:
    tally = Counter(
        {
            "lines": 20,
            "names": 9,
            "entries": 5,
            "comment": 4,
            "blank": 1,
            "ip-address": 2,
            "bad-name": 3,
            "floor": 1,
            "www-folded": 2,
        }
    )
    result = counts(tally, 7, 2)
    assert (result.lines, result.entries, result.declared) == (22, 5, 7)
    assert result.rejected == 5
    document = result.to_json()
    assert document["rejected"] == 5
    assert "entries" not in result.dropped and "lines" not in result.dropped
    dropped = document["dropped"]
    assert isinstance(dropped, dict) and list(dropped) == sorted(dropped)
    assert Counts().rejected == 0
