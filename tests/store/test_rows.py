"""Small files of rows: durable, in order, and no danger to anything else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guardian.core.errors import StoreError
from guardian.store.atomic import Syscalls
from guardian.store.rows import RowFile
from guardian.store.storage import File, encode


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.db"


def test_rows_come_back_in_their_order(path: Path) -> None:
    assert RowFile(path).load() == []
    rows = [{"n": n} for n in range(12)]
    RowFile(path).save(rows)
    again = RowFile(path)
    assert again.load() == rows and again.state == "ok"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_gives_the_one_before(path: Path) -> None:
    file = RowFile(path)
    file.save([{"n": 1}])
    file.save([{"n": 2}])
    path.write_bytes(path.read_bytes()[:-1])
    again = RowFile(path)
    assert again.load() == [{"n": 1}] and again.state == "recovered"


def test_what_is_no_row_is_left_out(path: Path) -> None:
    body = json.dumps({"rows": {"0": {"n": 1}, "1": {}}, "other": {}}).encode()
    path.write_bytes(encode(File(1, 3, body)))
    assert RowFile(path).load() == [{"n": 1}, {}]
    path.write_bytes(encode(File(1, 3, json.dumps({"rows": {"0": 7}}).encode())))
    assert RowFile(path).load() == []


def test_the_file_is_looked_at_when_it_is_needed(path: Path) -> None:
    path.write_bytes(encode(File(9, 1, b"{}")))
    file = RowFile(path)
    for use in (file.load, lambda: file.save([])):
        with pytest.raises(StoreError, match="schema-newer"):
            use()


def test_the_same_rows_are_not_written_again(path: Path) -> None:
    file = RowFile(path)
    file.save([{"n": 1}])
    written = path.stat().st_ino
    file.save([{"n": 1}])
    assert path.stat().st_ino == written


def test_a_full_disk_leaves_the_rows_as_they_were(path: Path) -> None:
    def full(handle: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    RowFile(path).save([{"n": 1}])
    file = RowFile(path, Syscalls(write=full))
    with pytest.raises(StoreError, match="store-unwritable"):
        file.save([{"n": 2}])
    assert file.load() == [{"n": 1}]
