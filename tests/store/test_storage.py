"""The storage class: what survives a pulled plug, flipped bits and a newer program."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinydb import TinyDB

from guardian.core.errors import StoreError
from guardian.store.atomic import Syscalls
from guardian.store.storage import (
    ASIDE_MAX,
    CrashSafeStorage,
    File,
    decode,
    encode,
)

from .support import Cutting, PowerCut, lay_out


def opened(path: Path, schema: int = 1, **syscalls: Any) -> CrashSafeStorage:
    return CrashSafeStorage(path, schema, Syscalls(**syscalls))


def tables(value: int) -> dict[str, dict[str, Any]]:
    return {"meta": {"1": {"value": value}}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "household.db"


def written(path: Path, *values: int) -> CrashSafeStorage:
    storage = opened(path)
    for value in values:
        storage.write(tables(value))
    return storage


def flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


def names(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir())


def test_new_store_is_empty_and_ok(path: Path) -> None:
    storage = opened(path)
    assert (storage.read(), storage.state, storage.generation) == (None, "ok", 0)
    assert names(path) == []


def test_reads_what_was_written_and_keeps_the_generation_before(path: Path) -> None:
    written(path, 1, 2)
    again = opened(path)
    assert (again.read(), again.generation, again.schema) == (tables(2), 2, 1)
    before = decode(path.with_name("household.db.prev").read_bytes())
    assert json.loads(before.body) == tables(1)
    assert path.stat().st_mode & 0o777 == 0o600
    first = path.read_bytes().partition(b"\n")[0]
    assert first.startswith(b"guardian-store schema=1 generation=2 length=")


def test_what_is_read_is_a_copy(path: Path) -> None:
    storage = written(path, 1)
    read = storage.read()
    assert read is not None
    read["meta"]["1"]["value"] = 9
    assert storage.read() == tables(1)


def test_identical_content_is_not_written(path: Path) -> None:
    storage = written(path, 1)
    inode = path.stat().st_ino
    storage.write({"meta": {"1": {"value": 1}}})
    assert (path.stat().st_ino, storage.generation) == (inode, 1)


def test_transaction_is_one_write_of_all_tables(path: Path) -> None:
    synced: list[int] = []

    def fsync(handle: int) -> None:
        synced.append(handle)
        os.fsync(handle)

    db = TinyDB(path, 1, Syscalls(fsync=fsync), storage=CrashSafeStorage)
    storage = db.storage
    assert isinstance(storage, CrashSafeStorage)
    with storage.transaction():
        db.table("people").insert({"id": "mia"})
        db.table("devices").insert({"id": "tv"})
        assert db.table("people").all() == [{"id": "mia"}]
        assert not path.exists()
    assert storage.generation == 1
    assert len(synced) == 2, "one file and its folder"
    assert opened(path).read() == {
        "people": {"1": {"id": "mia"}},
        "devices": {"1": {"id": "tv"}},
    }


def test_transaction_that_raises_writes_nothing(path: Path) -> None:
    storage = written(path, 1)
    with pytest.raises(KeyError), storage.transaction():
        storage.write(tables(2))
        raise KeyError
    assert storage.read() == opened(path).read() == tables(1)


def test_empty_transaction_on_a_new_store_writes_nothing(path: Path) -> None:
    storage = opened(path)
    with storage.transaction():
        assert storage.read() is None
    assert names(path) == []


def test_transactions_do_not_nest(path: Path) -> None:
    storage = opened(path)
    with storage.transaction(), pytest.raises(RuntimeError, match="nest"):
        with storage.transaction():
            pytest.fail("entered")


def test_damaged_newest_falls_back_and_is_moved_aside(path: Path) -> None:
    written(path, 1, 2)
    flip(path, -1)
    bad = path.read_bytes()
    storage = opened(path)
    assert (storage.state, storage.read()) == ("recovered", tables(1))
    assert path.with_name("household.db.unreadable-1").read_bytes() == bad
    # Still said after another start, until something is written.
    assert opened(path).state == "recovered"
    storage.write(tables(3))
    assert storage.state == "ok"
    again = opened(path)
    assert (again.state, again.read()) == ("ok", tables(3))
    assert json.loads(decode(storage.previous.read_bytes()).body) == tables(1)


def test_missing_newest_is_said(path: Path) -> None:
    written(path, 1, 2)
    path.unlink()
    storage = opened(path)
    assert (storage.state, storage.read()) == ("recovered", tables(1))


def test_both_damaged_is_lost_until_written(path: Path) -> None:
    written(path, 1, 2)
    flip(path, -1)
    flip(path.with_name("household.db.prev"), 3)
    assert (opened(path).state, opened(path).read()) == ("lost", None)
    assert names(path) == ["household.db.unreadable-1", "household.db.unreadable-2"]
    storage = opened(path)
    storage.write(tables(5))
    assert (opened(path).state, opened(path).read()) == ("ok", tables(5))


def test_unreadable_files_are_bounded_and_the_oldest_goes(path: Path) -> None:
    for number in range(ASIDE_MAX + 2):
        path.write_bytes(b"garbage %d" % number)
        os.utime(path, ns=(number, number))
        opened(path)
    kept = [p.read_bytes() for p in path.parent.iterdir()]
    assert len(kept) == ASIDE_MAX
    assert sorted(kept) == sorted(b"garbage %d" % n for n in range(2, ASIDE_MAX + 2))


@pytest.mark.parametrize("tables_text", [b"[]", b'{"people": []}', b"{", b"\xff"])
def test_right_sum_of_the_wrong_thing_is_damage(path: Path, tables_text: bytes) -> None:
    path.write_bytes(encode(File(1, 1, tables_text)))
    assert opened(path).state == "lost"


def test_newer_schema_is_refused_and_untouched(path: Path) -> None:
    path.write_bytes(encode(File(2, 7, b"{}")))
    data = path.read_bytes()
    with pytest.raises(StoreError) as refused:
        opened(path)
    assert refused.value.code == "schema-newer"
    assert path.read_bytes() == data
    assert names(path) == ["household.db"]


def test_newer_previous_is_not_taken_for_damage(path: Path) -> None:
    path.write_bytes(b"garbage")
    path.with_name("household.db.prev").write_bytes(encode(File(2, 7, b"{}")))
    with pytest.raises(StoreError, match="schema-newer"):
        opened(path)
    assert names(path) == ["household.db", "household.db.prev"]


def test_leftovers_of_a_killed_write_are_removed(path: Path) -> None:
    written(path, 1)
    path.with_name(".household.db.new").write_bytes(b"half")
    path.with_name(".household.db.prev.new").write_bytes(b"half")
    assert opened(path).read() == tables(1)
    assert names(path) == ["household.db"]


def test_full_disk_is_told_and_the_old_stays(path: Path) -> None:
    written(path, 1)

    def full(*args: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    storage = opened(path, write=full)
    with pytest.raises(StoreError) as refused:
        storage.write(tables(2))
    assert refused.value.code == "store-unwritable"
    assert refused.value.detail == "No space left on device"
    assert storage.read() == opened(path).read() == tables(1)


def test_too_large_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guardian.store.storage.SIZE_MAX", 10)
    with pytest.raises(StoreError, match="store-too-large"):
        opened(path).write(tables(1))


def test_works_without_hard_links(path: Path) -> None:
    def link(source: str, target: str) -> None:
        raise OSError(errno.EPERM, "no links here")

    storage = opened(path, link=link)
    for value in (1, 2, 3):
        storage.write(tables(value))
    assert opened(path).read() == tables(3)
    assert json.loads(decode(storage.previous.read_bytes()).body) == tables(2)


def test_other_failures_of_the_second_name_stop_the_write(path: Path) -> None:
    written(path, 1)

    def link(source: str, target: str) -> None:
        raise OSError(errno.EIO, "broken")

    with pytest.raises(StoreError, match="store-unwritable"):
        opened(path, link=link).write(tables(2))
    assert opened(path).read() == tables(1)


def test_folder_in_place_of_the_file_is_told(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match="store-unreadable"):
        opened(path)


def test_input_error_counts_as_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(path, 1, 2)
    real = Path.open

    def broken(self: Path, *args: Any, **kwargs: Any) -> Any:
        if self == path:
            raise OSError(errno.EIO, "Input/output error")
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", broken)
    storage = opened(path)
    assert (storage.state, storage.read()) == ("recovered", tables(1))


def test_read_only_file_system_still_recovers(path: Path) -> None:
    written(path, 1, 2)
    flip(path, -1)
    bad = path.read_bytes()
    writable = False

    def replace(source: str, target: str) -> None:
        if not writable:
            raise OSError(errno.EROFS, "read-only")
        os.replace(source, target)

    storage = opened(path, replace=replace)
    assert (storage.state, storage.read()) == ("recovered", tables(1))
    with pytest.raises(StoreError, match="store-unwritable"):
        storage.write(tables(3))
    assert path.read_bytes() == bad, "never deleted, even unread"
    writable = True
    storage.write(tables(3))
    assert path.with_name("household.db.unreadable-1").read_bytes() == bad
    assert opened(path).read() == tables(3)


def test_keep_copy_holds_what_is_on_disk(path: Path) -> None:
    storage = written(path, 1)
    copy = storage.keep_copy("schema-1")
    assert copy.read_bytes() == path.read_bytes()
    assert copy.name == "household.db.schema-1"


def test_older_schema_is_read_and_written_as_the_present_one(path: Path) -> None:
    body = json.dumps(tables(1), sort_keys=True, separators=(",", ":")).encode()
    path.write_bytes(encode(File(1, 4, body)))
    storage = opened(path, schema=2)
    assert (storage.schema, storage.read()) == (1, tables(1))
    storage.write(tables(1))
    assert (storage.schema, storage.generation) == (2, 5)


def test_plug_pulled_at_every_call(tmp_path: Path) -> None:
    # The fourth write is cut at each call, and after it every name given since the
    # folder's last fsync may be missing; what was acknowledged must still be there.
    start = tmp_path / "start"
    start.mkdir()
    written(start / "h", 1, 2, 3)
    seen = set()
    for at in range(1, 60):
        files = {p.name: p.read_bytes() for p in start.iterdir()}
        folder = lay_out(tmp_path / f"w{at}", files)
        storage = opened(folder / "h")
        cutting = Cutting(folder, at, half=bool(at % 2))
        storage._syscalls = cutting.calls()
        try:
            storage.write(tables(4))
            allowed = [tables(4)]
        except PowerCut:
            allowed = [tables(3), tables(4)]
        for number, state in enumerate(cutting.kept):
            after = opened(lay_out(tmp_path / f"r{at}-{number}", state) / "h")
            assert after.read() in allowed
            assert after.state == "ok"
            after.write(tables(5))
            assert opened(after.path).read() == tables(5)
            seen.add(str(after.generation))
        if allowed == [tables(4)]:
            assert at > 10
            return
    pytest.fail("the write never came to an end")


def test_killed_while_writing_loses_nothing_acknowledged(path: Path) -> None:
    # The writer says each number after it is stored; it is killed at odd moments.
    program = (
        "import sys; from pathlib import Path\n"
        "from guardian.store.storage import CrashSafeStorage\n"
        "s = CrashSafeStorage(Path(sys.argv[1]), 1)\n"
        "n = (s.read() or {'m': {'1': {'v': 0}}})['m']['1']['v']\n"
        "while True:\n"
        "    n += 1\n"
        "    s.write({'m': {'1': {'v': n, 'pad': 'x' * 4000}}})\n"
        "    print(n, flush=True)\n"
    )
    said = 0
    for round_number in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            for _ in range(3 + round_number * 5):
                said = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            rest = writer.stdout.read().split(b"\n")
        said = max([said, *(int(line) for line in rest[:-1])])
        storage = opened(path)
        assert storage.state == "ok"
        read = storage.read()
        assert read is not None
        assert read["m"]["1"]["v"] in (said, said + 1)


@given(st.binary(max_size=300))
def test_decode_takes_any_bytes(data: bytes) -> None:
    with pytest.raises(ValueError):
        decode(data)


@settings(max_examples=300)
@given(st.data())
def test_every_flipped_bit_and_every_cut_is_noticed(data: st.DataObject) -> None:
    whole = encode(File(1, 7, b'{"meta":{}}'))
    assert decode(whole) == File(1, 7, b'{"meta":{}}')
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    broken = bytearray(whole)
    broken[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ValueError):
        decode(bytes(broken))
    with pytest.raises(ValueError):
        decode(whole[: data.draw(st.integers(0, len(whole) - 1))])
