"""Compiling candidates: verdicts without a folder of state around them."""

import gzip
import hashlib
from pathlib import Path

from guardian.core.feeds import FeedSpec
from guardian.lists.index import Index
from guardian.lists.judge import Candidate, Verdicts, entries_of, file_feed, judge
from guardian.lists.names import to_wire
from guardian.lists.state import Version

from .running import ADULT, GAMES, INPUTS, POPULAR, lines


def candidate(
    folder: Path, of: FeedSpec, text: str, *, new: bool = True, good: int = 0
) -> Candidate:
    digest = hashlib.blake2b(text.encode(), digest_size=32).hexdigest()
    path = folder / f"{of.id}.{digest[:8]}"
    path.write_bytes(gzip.compress(text.encode()))
    version = Version(fingerprint="00", entries=good, since="") if good else None
    return Candidate(of, path, digest, version, new)


def judged(
    folder: Path, *fresh: Candidate, good: tuple[Candidate, ...] = (), job: str = ""
) -> Verdicts:
    return judge(
        INPUTS,
        {c.spec.id: c for c in fresh},
        {c.spec.id: c for c in good},
        folder / "work",
        in_force=job,
    )


def test_what_passes_is_compiled_and_the_same_job_is_not_done_again(
    tmp_path: Path,
) -> None:
    adult = candidate(tmp_path, ADULT, lines("bad", 30))
    found = judged(tmp_path, adult)
    assert found.compiled is not None and found.refused == {}
    assert entries_of(adult, found.compiled) == 30
    again = judged(tmp_path, adult, job=found.job)
    assert again.compiled is None and again.job == found.job


def test_a_refused_text_stands_aside_for_the_last_good_one(tmp_path: Path) -> None:
    good = candidate(tmp_path, ADULT, lines("bad", 900), new=False)
    fresh = candidate(tmp_path, ADULT, lines("bad", 90), good=900)
    found = judged(
        tmp_path, fresh, candidate(tmp_path, GAMES, lines("fun", 9)), good=(good,)
    )
    assert found.refused["one-adult"].guard == "size"
    assert found.used["one-adult"] == good
    assert found.compiled is not None
    index = Index(found.compiled.path)
    assert index.mask(to_wire(b"bad800.com")) and index.mask(to_wire(b"fun8.com"))


def test_what_only_one_list_calls_harmful_counts_as_its_size(tmp_path: Path) -> None:
    adult = candidate(tmp_path, ADULT, lines("bad", 30) + "tiktok.com\n")
    found = judged(tmp_path, adult)
    assert found.held == {"one-adult": [b"tiktok.com"]}
    assert found.compiled is not None
    assert found.compiled.by_source["one-adult"].entries == 30
    assert found.compiled.by_source["one-adult"].dropped["held"] == 1
    assert entries_of(adult, found.compiled) == 31


def test_a_damaged_last_good_text_is_told(tmp_path: Path) -> None:
    good = candidate(tmp_path, ADULT, lines("bad", 900), new=False)
    good.path.write_bytes(good.path.read_bytes()[:-10])
    found = judged(tmp_path, good=(good,))
    assert found.damaged == {"one-adult"} and found.refused == {}
    good.path.unlink()
    assert judged(tmp_path, good=(good,)).damaged == {"one-adult"}


def test_a_popular_list_is_judged_too(tmp_path: Path) -> None:
    good = candidate(tmp_path, POPULAR, lines("top", 900), new=False)
    page = candidate(tmp_path, POPULAR, "<html>", good=900)
    few = candidate(tmp_path, POPULAR, lines("top", 3), good=900)
    adult = candidate(tmp_path, ADULT, lines("bad", 30) + "top800.com\n")
    for fresh, guard in ((page, "list-not-text"), (few, "size")):
        found = judged(tmp_path, fresh, adult, good=(good,))
        assert found.refused["top-names"].guard == guard
        assert found.used["top-names"] == good
        assert found.held == {"one-adult": [b"top800.com"]}
    good.path.write_bytes(b"\x1f\x8bnonsense")
    assert judged(tmp_path, adult, good=(good,)).damaged == {"top-names"}


def test_a_feed_is_the_kept_text(tmp_path: Path) -> None:
    feed = file_feed(candidate(tmp_path, ADULT, "a.com\n"))
    assert gzip.decompress(b"".join(feed.chunks())) == b"a.com\n"
    assert (feed.source.label, feed.source.names_max) == ("adult", 100_000)
