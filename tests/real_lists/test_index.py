"""Every name of the real lists is found with its labels, and no other name is.

The oracle reads the files by itself, as naively as it can: whole files, Python sets, no
part of the parsers under test but the Public Suffix List's rules.
"""

import csv
import gzip
import random
from collections import defaultdict
from pathlib import Path

import pytest

from guardian.lists import guards
from guardian.lists.build import Compiled, Feed, compile_index
from guardian.lists.catalogue import feeds_of
from guardian.lists.index import Index
from guardian.lists.names import NameSyntaxError, parse_name, to_wire
from guardian.lists.source import RESERVED, RESERVED_TOPS, Rules
from guardian.lists.suffixes import PublicSuffixes, load_suffixes

pytestmark = [pytest.mark.lists, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def suffixes(lists: Path) -> PublicSuffixes:
    return load_suffixes(lists / "psl/public_suffix_list.dat")


@pytest.fixture(scope="module")
def feeds(lists: Path) -> list[Feed]:
    return feeds_of([f"{lists}:url-only"])


@pytest.fixture(scope="module")
def compiled(
    feeds: list[Feed],
    suffixes: PublicSuffixes,
    tmp_path_factory: pytest.TempPathFactory,
) -> Compiled:
    work = tmp_path_factory.mktemp("real") / "work"
    return compile_index(feeds, Rules(suffixes=suffixes), work)


@pytest.fixture(scope="module")
def index(compiled: Compiled) -> Index:
    return Index(compiled.path)


def naive_names(path: Path) -> set[str]:
    """Return the names of a domains or hosts file, read without any of our parsers."""
    octets = path.read_bytes()
    text = gzip.decompress(octets) if path.suffix == ".gz" else octets
    found = set()
    for line in text.decode("latin-1").splitlines():
        words = line.split("#")[0].split()
        if len(words) > 1 and words[0] in ("0.0.0.0", "127.0.0.1", "127.0.0.7"):
            words = words[1:]
        elif len(words) > 1:
            continue
        for word in words:
            name = word.lower().strip(".")
            if "." in name and not name.replace(".", "").isdigit():
                found.add(name)
    return found


@pytest.fixture(scope="module")
def oracle(lists: Path) -> dict[str, set[str]]:
    """Return label -> names for the plain files of the table."""
    names: dict[str, set[str]] = defaultdict(set)
    with (lists / "INDEX.tsv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            plain = row["format"] in ("domains", "hosts")
            if plain and row["ship"] in ("ship", "url-only"):
                names[row["category"]] |= naive_names(lists / row["file"])
    return names


def takes(name: str, suffixes: PublicSuffixes) -> bool:
    """Say whether a naive name is one that the index is meant to hold."""
    top = name.rpartition(".")[2].encode()
    if name.encode() in RESERVED or top in RESERVED_TOPS or top not in suffixes.tops:
        return False
    try:
        parse_name(name.encode())
    except NameSyntaxError:
        return False
    return True


def test_every_listed_name_has_its_label(
    index: Index, oracle: dict[str, set[str]], suffixes: PublicSuffixes
) -> None:
    missing = []
    checked = 0
    for label in index.labels:
        bit = index.mask_of([label])
        for name in oracle[label]:
            if takes(name, suffixes):
                checked += 1
                if not index.mask(to_wire(name.encode())) & bit:
                    missing.append((label, name))
    assert missing == []
    assert checked > 500_000


def test_names_in_no_list_are_never_found(
    index: Index, oracle: dict[str, set[str]]
) -> None:
    chance = random.Random(1)
    listed = set().union(*oracle.values())
    # As near to a listed name as can be: one letter more at its front.
    near = [f"q{name}" for name in chance.sample(sorted(listed), 100_000)]
    free = [f"n{chance.getrandbits(60):x}.com" for _ in range(100_000)]
    wrong = []
    for name in near + free:
        parents = name.split(".")
        suffix_of = {".".join(parents[at:]) for at in range(len(parents))}
        folded = {f"www.{parent}" for parent in suffix_of}
        if (suffix_of | folded) & listed:
            continue
        if index.mask(to_wire(name.encode())):
            # v2fly's files are not in the oracle: their sources say so themselves.
            found = index.explain(to_wire(name.encode()))
            if any(not source.id.startswith("v2fly/") for source in found.sources):
                wrong.append(name)
    assert wrong == []


def test_declared_counts_and_reject_rates_hold(
    feeds: list[Feed], compiled: Compiled
) -> None:
    for feed in feeds:
        counts = compiled.by_source[feed.source.id]
        assert guards.declared_count(feed.source, counts).ok, feed.source.id
        if not feed.source.id.startswith("v2fly/"):
            assert guards.reject_rate(feed.source, counts).ok, (feed.source.id, counts)


def test_no_public_suffix_takes_what_lies_below(
    index: Index, suffixes: PublicSuffixes
) -> None:
    assert guards.public_suffixes(suffixes, index.explain).ok
    for name in (b"comune.bologna.it", b"any.tochigi.jp", b"somebody.blogspot.com"):
        hosting = index.mask_of(["free_hosting"])
        assert not index.mask(to_wire(name)) & ~hosting, name


def test_reserved_names_come_from_no_feed(index: Index) -> None:
    # A listed parent does no harm: code answers these before the index is asked.
    hits = [hit for name in RESERVED for hit in index.explain(to_wire(name)).hits]
    assert [hit.name for hit in hits if hit.name.encode() in RESERVED] == []


def test_the_index_keeps_to_its_size(index: Index, compiled: Compiled) -> None:
    assert compiled.size / index.names <= 8


def test_the_hash_keeps_all_names_apart(
    index: Index, oracle: dict[str, set[str]]
) -> None:
    # A collision would give some name more labels than its entries have.
    entries: dict[str, set[str]] = defaultdict(set)
    for source in index.sources:
        for name in oracle[source.label]:
            entries[name].add(source.label)
    names = random.Random(2).sample(sorted(entries), 50_000)
    for name in names:
        try:
            found = index.explain(to_wire(parse_name(name.encode())))
        except NameSyntaxError:
            continue
        for hit in found.hits:
            labels = {s.label for s, _ in hit.claims if not s.id.startswith("v2fly/")}
            own = entries.get(hit.name, set()) | entries.get(f"www.{hit.name}", set())
            assert labels <= own, (hit.name, labels, own)
