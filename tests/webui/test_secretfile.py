"""The key is made once and read by nobody else; ended sessions stay ended."""

import os
import stat
from pathlib import Path

import pytest

from webui import secretfile
from webui.secretfile import ENDED_MAX, KEY_BYTES, Ended, load_key


def test_the_key_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "session.key"
    key = load_key(path)
    assert len(key) == KEY_BYTES and load_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert os.listdir(path.parent) == ["session.key"]
    assert load_key(tmp_path / "other" / "session.key") != key


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_key_that_others_could_read_is_replaced(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "session.key"
    key = load_key(path)
    path.chmod(mode)
    assert load_key(path) != key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_length_is_replaced(tmp_path: Path, size: int) -> None:
    path = tmp_path / "session.key"
    path.write_bytes(b"x" * size)
    path.chmod(0o600)
    assert len(load_key(path)) == KEY_BYTES


def test_ended_sessions_outlive_the_process(tmp_path: Path) -> None:
    path = tmp_path / "ended"
    assert "a" not in Ended(path)
    Ended(path).add("a")
    Ended(path).add("b")
    assert "a" in Ended(path) and "b" in Ended(path) and "c" not in Ended(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_list_does_not_grow_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "ended"
    path.write_text("".join(f"n{i}\n" for i in range(ENDED_MAX)))
    ended = Ended(path)
    ended.add("new")
    assert "n0" not in ended and "n1" in ended and "new" in ended
    assert len(path.read_text().split()) == ENDED_MAX


def test_a_full_disk_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ended"
    ended = Ended(path)
    ended.add("a")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(secretfile, "write_atomic", full)
    with pytest.raises(OSError):
        ended.add("b")
    assert "a" in Ended(path) and os.listdir(tmp_path) == ["ended"]
