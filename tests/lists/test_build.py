"""Compiling: what goes in is found, and a kill at any moment costs only time."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.lists import build
from guardian.lists.build import Feed, compile_index
from guardian.lists.index import Index
from guardian.lists.lines import ListError
from guardian.lists.names import to_wire
from guardian.lists.source import Rules

from .build import RULES, SUFFIXES, Oracle, compiled, feed, source

NAMES = [f"name{n}.example.com" for n in range(3000)]


def labels(index: Index, name: str) -> tuple[str, ...]:
    return index.labels_of(index.mask(to_wire(name.encode())))


LABEL = st.sampled_from("a b c www x-y".split())
HOST = st.builds(
    lambda parts, top: ".".join([*parts, top]),
    st.lists(LABEL, min_size=1, max_size=3),
    st.sampled_from(["com", "co.uk", "github.io"]),
)
CLAIMED = st.tuples(st.sampled_from(["one", "two", "three"]), st.booleans(), HOST)


@settings(max_examples=25, deadline=None)
@given(st.lists(CLAIMED, max_size=40), st.lists(HOST, max_size=20))
def test_an_index_says_what_sets_say(
    tmp_path_factory: pytest.TempPathFactory,
    entries: list[tuple[str, bool, str]],
    probes: list[str],
) -> None:
    feeds = [
        feed(
            source(label, suffix_ok=True),
            [
                ("|" if exact else "||") + name + "^"
                for its, exact, name in entries
                if its == label
            ],
        )
        for label in ("one", "two", "three")
    ]
    index = Index(compiled(tmp_path_factory.mktemp("index"), *feeds).path)
    # The one thing that admission changes here: `www.` is folded.
    oracle = Oracle(
        (
            label,
            exact,
            (
                name
                if exact
                or not name.startswith("www.")
                or SUFFIXES.is_suffix(name[4:].encode())
                else name[4:]
            ),
        )
        for label, exact, name in entries
    )
    for name in [*probes, *(name for _, _, name in entries)]:
        for probe in (name, "deep." + name):
            assert labels(index, probe) == oracle.labels(probe), probe
            found = index.explain(to_wire(probe.encode()))
            assert found.labels == oracle.labels(probe)
            assert found.mask == index.mask(to_wire(probe.encode()))


def test_the_same_lists_give_the_same_octets(tmp_path: Path) -> None:
    feeds = [feed(source("a"), NAMES), feed(source("b"), NAMES[::3])]
    first = compiled(tmp_path / "1", *feeds).path.read_bytes()
    second = compiled(tmp_path / "2", *feeds).path.read_bytes()
    assert first == second
    other = [feed(source("a"), NAMES), feed(source("b"), NAMES[::3] + ["new.com"])]
    third = compiled(tmp_path / "3", *other)
    # The key follows from all inputs, so that hashes cannot be chosen in advance.
    assert Index(third.path).header.key != Index(tmp_path / "1/job/index").header.key


def test_names_are_counted_once_and_cost_little(tmp_path: Path) -> None:
    result = compiled(tmp_path, feed(source("a"), NAMES), feed(source("b"), NAMES))
    assert result.names == len(NAMES) == Index(result.path).names
    assert result.sets == 1
    assert (result.size - 4 * 65537) / result.names < 7
    assert result.by_source["a"].entries == len(NAMES)
    left = sorted(path.name for path in result.path.parent.iterdir())
    assert left == ["index"]


def test_an_empty_index_is_an_index(tmp_path: Path) -> None:
    index = Index(compiled(tmp_path, feed(source("a"), [])).path)
    assert index.names == 0 and labels(index, "a.com") == ()


def test_top_labels_are_probed_only_where_one_is_listed(tmp_path: Path) -> None:
    without = Index(compiled(tmp_path / "1", feed(source("a"), ["a.com"])).path)
    assert without.header.labels_min == 2
    tops = feed(source("a", suffix_ok=True), [".io"])
    index = Index(compiled(tmp_path / "2", tops).path)
    assert index.header.labels_min == 1
    assert labels(index, "any.thing.io") == ("a",)
    assert labels(index, "thing.com") == ()


class Killed(BaseException):
    """Stands for SIGKILL in the middle of reading."""


def dying(of: Feed, after: int) -> Feed:
    def chunks() -> Iterator[bytes]:
        for number, chunk in enumerate(of.chunks()):
            if number == after:
                raise Killed
            yield chunk

    return replace(of, chunks=chunks)


@pytest.mark.parametrize("after", [0, 3, 40, 90])
def test_a_killed_compilation_goes_on(
    tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "CHECKPOINT_EVERY", 500)
    monkeypatch.setattr(build, "BUFFERED_MAX", 200)
    text = "\n".join(["# Domains: 3000", *NAMES]).encode()
    feeds = [feed(source("a"), NAMES[:700], 500), feed(source("b"), text, 600)]
    whole = compiled(tmp_path / "whole", *feeds)
    with pytest.raises(Killed):
        compile_index([feeds[0], dying(feeds[1], after)], RULES, tmp_path / "job")
    again = compile_index(feeds, RULES, tmp_path / "job")
    assert again.path.read_bytes() == whole.path.read_bytes()
    assert again.by_source == whole.by_source
    assert again.resumed and not whole.resumed


def test_a_list_that_fails_is_named_and_the_rest_kept(tmp_path: Path) -> None:
    bad = feed(source("bad"), b"<!doctype html>" * 50)
    with pytest.raises(ListError) as error:
        compiled(tmp_path, feed(source("good"), NAMES), bad)
    assert error.value.code == "list-not-text"
    assert error.value.detail.startswith("bad")
    assert not (tmp_path / "job/index").exists()


def test_two_lists_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ListError) as error:
        compiled(tmp_path, feed(source("a"), []), feed(source("a"), []))
    assert error.value.code == "duplicate-list"


def test_too_many_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "SOURCES_MAX", 1)
    with pytest.raises(ListError) as error:
        compiled(tmp_path, feed(source("a"), []), feed(source("b"), []))
    assert error.value.code == "too-many-lists"


def test_floor_names_are_in_no_index(tmp_path: Path) -> None:
    rules = Rules(suffixes=SUFFIXES, floor=frozenset([b"help.org"]))
    result = compiled(tmp_path, feed(source("a"), ["help.org", "b.org"]), rules=rules)
    index = Index(result.path)
    assert labels(index, "help.org") == () and labels(index, "b.org") == ("a",)
    assert result.by_source["a"].dropped == {"floor": 1}


MEMORY = """
import sys
from pathlib import Path
from tests.lists.build import RULES, source
from guardian.lists.build import Feed, compile_index

def chunks():
    for at in range(0, {names}, 1000):
        lines = [f"name{{n}}.example.com\\n" for n in range(at, at + 1000)]
        yield "".join(lines).encode()

compile_index([Feed(source("a"), chunks, b"x" * 32)], RULES, Path(sys.argv[1]))
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


def test_memory_does_not_follow_the_number_of_names(tmp_path: Path) -> None:
    used = []
    for names in (20_000, 200_000):
        script = MEMORY.format(names=names)
        result = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / str(names))],
            check=True,
            capture_output=True,
            text=True,
        )
        used.append(int(result.stdout))
    # KiB; 180,000 more names would be 20 MB and more as a Python set.
    assert used[1] - used[0] < 6 * 1024


def watched(*names: bytes) -> Rules:
    return Rules(suffixes=SUFFIXES, watched=frozenset(names))


def test_a_review_hears_counts_and_votes_and_leaves_names_out(tmp_path: Path) -> None:
    heard: list[object] = []

    def review(by_source: object, votes: object) -> list[tuple[str, bytes]]:
        heard.extend((by_source, votes))
        return [("a", b"top.com"), ("b", b"exact.com"), ("a", b"none.com")]

    feeds = [
        feed(source("a"), ["top.com", "top.com", "bad.com", "@@||b.com^"]),
        feed(source("b"), ["||top.com^", "|exact.com^", "more.com"]),
    ]
    rules = watched(b"top.com", b"exact.com", b"b.com", b"unlisted.com")
    made = compile_index(feeds, rules, tmp_path / "job", review=review)
    by_source, votes = heard
    assert isinstance(by_source, dict) and by_source["a"].entries == 3
    assert votes == {b"exact.com": ("b",), b"top.com": ("a", "b")}
    index = Index(made.path)
    assert labels(index, "top.com") == ("b",)
    assert labels(index, "exact.com") == () and labels(index, "bad.com") == ("a",)
    # Both lines of the name that was left out.
    assert made.by_source["a"].entries == 1
    assert made.by_source["a"].dropped == {"held": 2}
    assert made.by_source["b"].dropped == {"held": 1}
    assert made.by_source["a"].rejected == 0
    assert made.names == 4


def test_a_review_that_raises_ends_the_compilation(tmp_path: Path) -> None:
    def review(by_source: object, votes: object) -> list[tuple[str, bytes]]:
        raise LookupError("refused")

    feeds = [feed(source("a"), NAMES)]
    with pytest.raises(LookupError):
        compile_index(feeds, RULES, tmp_path / "job", review=review)
    # The folder is free for the next.
    assert compile_index(feeds, RULES, tmp_path / "job").names == len(NAMES)


def test_votes_outlive_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "CHECKPOINT_EVERY", 500)
    monkeypatch.setattr(build, "BUFFERED_MAX", 200)
    feeds = [feed(source("a"), NAMES, chunk=900), feed(source("b"), NAMES, chunk=900)]
    rules = watched(NAMES[3].encode(), NAMES[-1].encode())
    heard: list[dict[bytes, tuple[str, ...]]] = []

    def stop(by_source: object, votes: object) -> list[tuple[str, bytes]]:
        raise KeyboardInterrupt

    def review(
        by_source: object, votes: dict[bytes, tuple[str, ...]]
    ) -> list[tuple[str, bytes]]:
        heard.append(votes)
        return []

    with pytest.raises(KeyboardInterrupt):
        compile_index(feeds, rules, tmp_path / "job", review=stop)
    made = compile_index(feeds, rules, tmp_path / "job", review=review)
    assert made.resumed
    both = ("a", "b")
    assert heard == [{NAMES[-1].encode(): both, NAMES[3].encode(): both}]
