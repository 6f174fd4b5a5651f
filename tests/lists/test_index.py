"""Reading: the walk up a name, exceptions, damage, and the change to a new file."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.lists import index as index_module
from guardian.lists.grammar import Claim
from guardian.lists.index import Index, reopen
from guardian.lists.layout import HEADER_SIZE, IndexFileError
from guardian.lists.names import to_wire
from guardian.lists.siphash import siphash13

from .build import compiled, feed, source


def labels(index: Index, name: str) -> tuple[str, ...]:
    wire = to_wire(name.encode())
    found = index.explain(wire)
    assert found.mask == index.mask(wire)
    assert found.labels == index.labels_of(found.mask)
    return found.labels


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index(
        compiled(
            tmp_path,
            feed(source("adult:1", "adult"), ["bad.com", "deep.worse.com"]),
            feed(source("adult:2", "adult"), ["bad.com", "@@||ok.bad.com^"]),
            feed(source("games"), ["|exact.com^", "bad.com"]),
            feed(source("ads"), ["||shop.com^", "@@||shop.com^", "||a.fine.com^"]),
            feed(source("ads:2", "ads"), ["@@||fine.com^", "@@|one.com^", "one.com"]),
        ).path
    )


@pytest.mark.parametrize(
    "name, expected",
    [
        ("bad.com", ("adult", "games")),
        ("any.where.bad.com", ("adult", "games")),
        ("worse.com", ()),
        ("deep.worse.com", ("adult",)),
        ("exact.com", ("games",)),
        ("sub.exact.com", ()),
        ("com", ()),
        ("good.com", ()),
        # Excepted by one list only: the other still says so.
        ("ok.bad.com", ("adult", "games")),
        ("shop.com", ()),
        ("x.shop.com", ()),
        # An exception of one list does not touch another's entry.
        ("a.fine.com", ("ads",)),
        # An exact exception ends at the name itself.
        ("one.com", ()),
        ("sub.one.com", ("ads",)),
    ],
)
def test_labels(index: Index, name: str, expected: tuple[str, ...]) -> None:
    assert labels(index, name) == expected


def test_explaining_names_the_lists_and_the_entries(index: Index) -> None:
    found = index.explain(to_wire(b"x.ok.bad.com"))
    assert [source.id for source in found.sources] == ["adult:1", "games"]
    assert [hit.name for hit in found.hits] == ["ok.bad.com", "bad.com"]
    assert [(s.id, c) for s, c in found.hits[0].claims] == [("adult:2", Claim.EXCEPT)]


def test_masks_and_labels_are_two_forms_of_one_thing(index: Index) -> None:
    assert index.labels == ("adult", "games", "ads")
    mask = index.mask_of(["ads", "adult", "no such label"])
    assert mask == 0b101 and index.labels_of(mask) == ("ads", "adult")


def test_set_counts_add_up(index: Index) -> None:
    assert sum(index.set_counts().values()) == index.names


def test_stats(index: Index) -> None:
    stats = index.stats()
    assert stats["names"] == index.names and stats["labels"] == ["ads"] + [
        "adult",
        "games",
    ]
    assert stats["sources"][0]["counts"]["entries"] == 2
    assert stats["bytes"] == os.path.getsize(index.path)


# The first example compiles.
@settings(max_examples=200, deadline=None)
@given(wire=st.binary(max_size=60))
def test_any_octets_end_the_walk(
    tmp_path_factory: pytest.TempPathFactory, wire: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "one.idx"
    if not path.exists():
        staged = compiled(path.parent / "one", feed(source("a"), ["a.com"])).path
        staged.replace(path)
    found = Index(path, verify=False)
    try:
        assert found.mask(wire) == 0
    except IndexError:
        raise AssertionError("reads beyond the name") from None


def test_the_python_hash_reads_what_the_native_one_wrote(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "keyed_hash", siphash13)
    assert labels(index, "any.where.bad.com") == ("adult", "games")


@pytest.mark.parametrize("at", [0, 9, 20, HEADER_SIZE + 9, -3, -400])
def test_damage_is_noticed(index: Index, at: int, tmp_path: Path) -> None:
    octets = bytearray(index.path.read_bytes())
    octets[at] ^= 0x55
    broken = tmp_path / "broken"
    broken.write_bytes(octets)
    with pytest.raises(IndexFileError) as error:
        Index(broken)
    assert error.value.code in ("index-invalid", "index-newer")


@pytest.mark.parametrize("size", [0, 10, HEADER_SIZE, 262_400])
def test_a_cut_file_is_refused(index: Index, size: int, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(index.path.read_bytes()[:size])
    with pytest.raises(IndexFileError):
        Index(broken)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(IndexFileError) as error:
        Index(tmp_path / "none")
    assert error.value.code == "index-missing"
    with pytest.raises(IndexFileError):
        Index(tmp_path)


def test_the_change_has_no_gap(tmp_path: Path) -> None:
    path = tmp_path / "lists.idx"
    first = compiled(tmp_path / "1", feed(source("a"), ["old.com"]))
    first.path.replace(path)
    current = reopen(path, None)
    assert reopen(path, current) is current
    compiled(tmp_path / "2", feed(source("b"), ["new.com"])).path.replace(path)
    new = reopen(path, current)
    # The old mapping answers as long as anybody holds it, though its file is gone.
    assert labels(current, "old.com") == ("a",)
    assert labels(new, "old.com") == () and labels(new, "new.com") == ("b",)


def test_a_bad_new_file_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "lists.idx"
    compiled(tmp_path / "1", feed(source("a"), ["old.com"])).path.replace(path)
    current = reopen(path, None)
    bad = tmp_path / "bad"
    bad.write_bytes(b"no index")
    bad.replace(path)
    with pytest.raises(IndexFileError):
        reopen(path, current)
    assert labels(current, "old.com") == ("a",)


def test_an_aligned_and_an_unaligned_match_in_one_bucket(tmp_path: Path) -> None:
    # With every name in one bucket, remainders stand side by side by the thousand, so
    # a search also meets four octets that belong to two neighbours.
    def narrow(key: int, data: bytes) -> bytes:
        digest = siphash13(key, data)
        return b"\0\0" + bytes(octet & 1 for octet in digest[2:])

    names = [f"n{number}.com" for number in range(10)]
    patch = pytest.MonkeyPatch()
    with patch.context() as context:
        for module in ("build", "index", "layout"):
            context.setattr(f"guardian.lists.{module}.keyed_hash", narrow)
        # With this key `com` itself, which only `explain` asks for, meets nothing.
        found = Index(compiled(tmp_path, feed(source("a"), names), key=1).path)
        listed = {narrow(found.header.key, to_wire(n.encode()))[:6] for n in names}
        for number in range(200):
            wire = to_wire(b"probe%d.com" % number)
            expected = narrow(found.header.key, wire)[:6] in listed
            assert bool(found.mask(wire)) is expected
            assert bool(found.explain(wire).hits) is expected


def test_pages_let_go_come_back(index: Index) -> None:
    before = labels(index, "x.bad.com")
    index.forget()
    assert labels(index, "x.bad.com") == before


def test_the_digest_of_a_file(tmp_path: Path) -> None:
    path = compiled(tmp_path, feed(source("a"), ["a.com"])).path
    assert index_module.read_digest(path) == Index(path).header.digest
    assert index_module.read_digest(tmp_path / "none") is None
    (tmp_path / "odd").write_bytes(path.read_bytes()[:-1])
    assert index_module.read_digest(tmp_path / "odd") is None


def test_verifying_makes_nothing_resident(tmp_path: Path) -> None:
    names = [f"n{number}.com" for number in range(250_000)]
    path = compiled(tmp_path, feed(source("a"), names, chunk=250_000)).path
    index = Index(path)
    rss = 0
    here = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        first = line.split()[0]
        if "-" in first and not first.endswith(":"):
            here = line.endswith(str(path))
        elif here and first == "Rss:":
            rss += int(line.split()[1]) * 1024
    # The header and the meta part, with what the kernel maps around them: at most
    # 64 KiB a page that is touched (fault_around_bytes), however long the file is.
    assert 0 < rss <= path.stat().st_size // 3 and index.names == 250_000
