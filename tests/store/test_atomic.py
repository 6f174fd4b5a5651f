"""Atomic replacement: whole old or whole new, private, nothing left behind."""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from guardian.store.atomic import Syscalls, temp_path, unwritable, write_atomic

from .support import Cutting, PowerCut, lay_out


def test_writes_a_private_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "carry.json"
    write_atomic(target, b"one")
    write_atomic(target, b"two")
    assert target.read_bytes() == b"two"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["carry.json"]


def test_short_writes_are_continued(tmp_path: Path) -> None:
    def write(handle: int, data: bytes) -> int:
        return os.write(handle, data[:3])

    write_atomic(tmp_path / "x", b"0123456789", Syscalls(write=write))
    assert (tmp_path / "x").read_bytes() == b"0123456789"


def test_leftover_temp_file_is_replaced_even_if_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"keep")
    temp_path(tmp_path / "x").symlink_to(victim)
    write_atomic(tmp_path / "x", b"new")
    assert victim.read_bytes() == b"keep"
    assert not (tmp_path / "x").is_symlink()


@pytest.mark.parametrize("name", ["write", "fsync", "replace"])
def test_failure_leaves_the_old_file_and_no_temp(tmp_path: Path, name: str) -> None:
    target = tmp_path / "x"
    write_atomic(target, b"old")

    def fail(*args: Any) -> Any:
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full"):
        write_atomic(target, b"new", Syscalls(**{name: fail}))
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_plug_pulled_at_every_call(tmp_path: Path) -> None:
    # A call may be lost, and so may every name given since the folder's last fsync.
    states = 0
    for at in range(1, 20):
        folder = lay_out(tmp_path / f"w{at}", {"x": b"old"})
        cutting = Cutting(folder, at, half=bool(at % 2))
        try:
            write_atomic(folder / "x", b"new!", cutting.calls())
        except PowerCut:
            assert all(state["x"] in (b"old", b"new!") for state in cutting.kept)
            states += len(cutting.kept)
        else:
            assert all(state["x"] == b"new!" for state in cutting.kept)
            assert states > at
            return
    pytest.fail("the write never came to an end")


def test_whether_a_folder_can_be_written_is_known_without_writing(
    tmp_path: Path,
) -> None:
    assert unwritable(tmp_path) == ""
    assert unwritable(tmp_path, free=1 << 62) == "full"
    assert unwritable(Path("/proc")) == "full", "it has no room at all"
    assert unwritable(tmp_path / "gone") == "No such file or directory"
    assert list(tmp_path.iterdir()) == []
