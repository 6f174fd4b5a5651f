"""The folder: swap, step back, and what is found after a kill."""

import json
from pathlib import Path

import pytest

from guardian.lists.lines import ListError
from guardian.lists.staging import ListFolder
from guardian.lists.state import FeedState, IndexState, State, Version

from .build import compiled, feed, source

AT = "2026-03-02T12:00:00+00:00"


@pytest.fixture
def lists(tmp_path: Path) -> ListFolder:
    return ListFolder(tmp_path / "lists")


def staged(folder: Path, name: str) -> tuple[Path, State]:
    made = compiled(folder / name, feed(source(name), [f"{name}.com"]))
    index = IndexState(
        digest=made.digest, names=1, size=made.size, since=AT, job="", curated=""
    )
    return made.path, State(ran=AT, detail=name, index=index)


def test_publish_and_step_back(lists: ListFolder, tmp_path: Path) -> None:
    with lists.locked():
        first, state = staged(tmp_path, "a")
        octets = first.read_bytes()
        lists.publish(first, state)
        assert lists.read() == state and not lists.previous.exists()
        lists.publish(*staged(tmp_path, "b"))
        assert lists.read().detail == "b"
        assert lists.previous.read_bytes() == octets
        lists.step_back(state)
        assert lists.current.read_bytes() == octets and not lists.previous.exists()
        assert lists.read() == state


def test_a_state_written_before_its_index_does_not_count(
    lists: ListFolder, tmp_path: Path
) -> None:
    with lists.locked():
        lists.publish(*staged(tmp_path, "a"))
    path, state = staged(tmp_path, "b")
    (lists.path / ".state.next").write_text(json.dumps(state.to_json()))
    assert lists.read().detail == "a"
    with lists.locked():
        assert not (lists.path / ".state.next").exists()
        assert lists.read().detail == "a"


def test_a_state_whose_index_is_in_force_counts(
    lists: ListFolder, tmp_path: Path
) -> None:
    with lists.locked():
        lists.publish(*staged(tmp_path, "a"))
    path, state = staged(tmp_path, "b")
    (lists.path / ".state.next").write_text(json.dumps(state.to_json()))
    path.replace(lists.current)
    assert lists.read().detail == "b"
    with lists.locked():
        assert not (lists.path / ".state.next").exists()
    assert lists.read().detail == "b"


@pytest.mark.parametrize("octets", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_damaged_state_is_a_fresh_start(lists: ListFolder, octets: bytes) -> None:
    lists.path.mkdir()
    (lists.path / "state.json").write_bytes(octets)
    assert lists.read() == State()


def test_only_one_holds_it(lists: ListFolder) -> None:
    with lists.locked(), pytest.raises(ListError, match="update-running"):
        with lists.locked():
            pytest.fail("both hold the folder")
    with lists.locked():
        assert lists.read() == State()


def test_texts_are_kept_as_long_as_an_index_or_a_judgement_needs_them(
    lists: ListFolder, tmp_path: Path
) -> None:
    with lists.locked():
        lists.fresh.mkdir()
        for name in ("a" * 64, "b" * 64, "c" * 64, "d" * 64):
            (lists.fresh / "x.gz").write_text(name)
            lists.keep(lists.fresh / "x.gz", "sw-x", name)
        taken = Version(fingerprint="a" * 64, entries=1, since=AT)
        before = Version(fingerprint="b" * 64, entries=1, since=AT)
        _, state = staged(tmp_path, "q")
        assert state.index is not None
        previous = IndexState(
            digest="", names=0, size=0, since=AT, job="", curated="", feeds={}
        )
        previous.feeds["sw-x"] = before
        state.feeds["sw-x"] = FeedState(taken=taken, waiting="c" * 64)
        lists.prune(State(index=state.index, previous=previous, feeds=state.feeds))
        kept = {path.read_text()[0] for path in lists.feeds.iterdir()}
        assert kept == {"a", "b", "c"} and not lists.fresh.exists()
