from pathlib import Path

import pytest

from guardian.lists.lines import ListError
from guardian.lists.spill import PART_SHIFT, Spill

WORDS = [5, 3, (7 << PART_SHIFT) | 9, (63 << PART_SHIFT) | 1]


def fill(spill: Spill, words: list[int]) -> None:
    for word in words:
        spill.buffers[word >> PART_SHIFT].append(word)


def all_words(spill: Spill) -> list[int]:
    return [word for number in range(64) for word in spill.words(number)]


def test_words_come_out_sorted_by_part(tmp_path: Path) -> None:
    spill = Spill(tmp_path, "job")
    assert spill.state is None
    fill(spill, WORDS)
    spill.flush()
    assert all_words(spill) == sorted(WORDS)
    spill.remove()
    assert list(tmp_path.iterdir()) == []


def test_what_lies_behind_the_checkpoint_is_cut_off(tmp_path: Path) -> None:
    spill = Spill(tmp_path, "job")
    fill(spill, WORDS)
    spill.checkpoint({"at": 1})
    fill(spill, [77])
    spill.flush()
    spill.close()
    again = Spill(tmp_path, "job")
    assert again.state == {"at": 1}
    assert all_words(again) == sorted(WORDS)
    again.close()


def test_another_job_starts_afresh(tmp_path: Path) -> None:
    spill = Spill(tmp_path, "job")
    fill(spill, WORDS)
    spill.checkpoint({"at": 1})
    spill.close()
    other = Spill(tmp_path, "other")
    assert other.state is None and all_words(other) == []
    other.close()


@pytest.mark.parametrize("tail", [b'{"sizes": [1', b"\xff\xfe", b'{"sizes": 5}\n'])
def test_a_cut_record_falls_back_to_the_one_before(tmp_path: Path, tail: bytes) -> None:
    spill = Spill(tmp_path, "job")
    fill(spill, WORDS)
    spill.checkpoint({"at": 1})
    spill.close()
    with (tmp_path / "journal").open("ab") as journal:
        journal.write(tail)
    again = Spill(tmp_path, "job")
    assert again.state == {"at": 1}
    again.checkpoint({"at": 2})
    again.close()
    last = Spill(tmp_path, "job")
    assert last.state == {"at": 2} and all_words(last) == sorted(WORDS)
    last.close()


def test_parts_shorter_than_the_journal_says_mean_a_fresh_start(tmp_path: Path) -> None:
    spill = Spill(tmp_path, "job")
    fill(spill, WORDS)
    spill.checkpoint({"at": 1})
    spill.close()
    (tmp_path / "part-00").write_bytes(b"")
    again = Spill(tmp_path, "job")
    assert again.state is None and all_words(again) == []
    again.close()


def test_one_at_a_time(tmp_path: Path) -> None:
    spill = Spill(tmp_path, "job")
    with pytest.raises(ListError) as error:
        Spill(tmp_path, "job")
    assert error.value.code == "compile-running"
    spill.close()
    Spill(tmp_path, "job").close()
