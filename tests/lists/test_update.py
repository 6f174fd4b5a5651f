"""Updates: what is taken, what is refused, and that a kill leaves the old in force."""

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.lists.build import STAGED
from guardian.lists.index import Index
from guardian.lists.lines import ListError
from guardian.lists.staging import ListFolder
from guardian.lists.update import (
    Outcome,
    choose,
    ensure_index,
    next_due,
    rollback,
    status,
)

from .build import compiled
from .running import DAY, INPUTS, NOW, OTHER, Servers, both, labels, lines, run, spec


def told(folder: Path, feed: str) -> dict[str, object]:
    (found,) = [f for f in status(folder)["feeds"] if f["id"] == feed]
    return found


def test_the_first_update_takes_the_default_lists(tmp_path: Path) -> None:
    servers = both()
    outcome = run(tmp_path, servers)
    assert outcome.changed and outcome.problem == ""
    assert labels(tmp_path, "x.bad7.com") == ("adult",)
    assert labels(tmp_path, "fun7.com") == ("games",)
    assert labels(tmp_path, "tiktok.com") == ("tiktok",)
    assert [ident for ident, _ in servers.asked] == ["one-adult", "one-games"]
    said = status(tmp_path)
    assert said["index"]["names"] == 601 and said["index"]["lists"] == [
        "one-adult",
        "one-games",
    ]
    assert said["problem"] is None and said["next"] > said["ran"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        ".lock",
        ".work",
        "current.idx",
        "feeds",
        "state.json",
    ]


def test_nothing_is_asked_before_it_is_due(tmp_path: Path) -> None:
    servers = both()
    run(tmp_path, servers)
    before = (tmp_path / "current.idx").stat().st_ino
    servers.asked.clear()
    assert not run(tmp_path, servers, now=NOW + timedelta(hours=20)).changed
    assert servers.asked == []
    due = next_due(tmp_path, NOW)
    assert NOW + DAY * 0.9 <= due <= NOW + DAY * 1.1
    assert not run(tmp_path, servers, now=NOW + DAY * 1.2).changed
    assert len(servers.asked) == 2 and all(etag for _, etag in servers.asked)
    assert (tmp_path / "current.idx").stat().st_ino == before


def test_a_changed_list_is_taken_and_the_old_text_kept_for_one_step(
    tmp_path: Path,
) -> None:
    servers = both()
    run(tmp_path, servers)
    for number in (301, 302):
        servers.lists["one-adult"] = lines("bad", number)
        now = NOW + DAY * 2 * (number - 300)
        assert run(tmp_path, servers, now=now).changed
    assert labels(tmp_path, "bad301.com") == ("adult",)
    # The one in force, the one before it, and the unchanged other list.
    assert len(list((tmp_path / "feeds").iterdir())) == 3


@pytest.mark.parametrize(
    ("text", "guard"),
    [
        (lines("bad", 20), "size"),
        (lines("bad", 100_001), "size"),
        (lines("bad", 300) + "http://a.com/x\n" * 30, "rejected"),
        ("# Domains: 600\n" + lines("bad", 300), "declared"),
        ("<html><title>Busy</title>", "list-not-text"),
        (lines("bad", 300) + lines("tiktok.com\nq", 1), "held"),
    ],
)
def test_a_bad_list_is_refused_and_the_others_are_taken(
    text: str, guard: str, tmp_path: Path
) -> None:
    servers = both()
    run(tmp_path, servers)
    servers.lists = {"one-adult": text, "one-games": lines("new", 300)}
    outcome = run(tmp_path, servers, now=NOW + DAY * 2)
    assert outcome.changed
    assert labels(tmp_path, "new1.com") == ("games",)
    assert labels(tmp_path, "bad299.com") == ("adult",)
    feed = told(tmp_path, "one-adult")
    if guard == "held":
        # One careless name is left out; it costs the list nothing else.
        assert outcome.problem == "" and feed["held"] == ["tiktok.com"]
        assert labels(tmp_path, "tiktok.com") == ("tiktok",)
        assert labels(tmp_path, "q0.com") == ("adult",)
        return
    assert outcome.problem == "feeds-refused" and outcome.detail == "one-adult"
    refused = feed["refused"]
    assert isinstance(refused, dict) and refused["guard"] == guard
    assert feed["in_force_since"] == NOW.isoformat()
    # The same text is neither fetched nor judged again; another is.
    servers.asked.clear()
    assert run(tmp_path, servers, now=NOW + DAY * 4).problem == ""
    assert servers.asked[0] != ("one-adult", "")
    assert told(tmp_path, "one-adult")["refused"] == refused
    servers.lists["one-adult"] = lines("bad", 310)
    assert run(tmp_path, servers, now=NOW + DAY * 6).changed
    assert told(tmp_path, "one-adult")["refused"] is None


def test_a_list_that_is_bad_from_the_start_leaves_the_rest(tmp_path: Path) -> None:
    servers = both()
    servers.lists["one-adult"] = "http://a.com/x\n" * 30
    outcome = run(tmp_path, servers)
    assert outcome.changed and outcome.problem == "feeds-refused"
    assert labels(tmp_path, "fun1.com") == ("games",)


def test_popular_names_need_two_projects(tmp_path: Path) -> None:
    choose(tmp_path, INPUTS.specs, frozenset({"top-names", "two-adult"}), frozenset())
    servers = both()
    servers.lists |= {
        "top-names": "mail.com\nshop.com\nwww.pool.com\n",
        "one-adult": lines("bad", 300) + "mail.com\nshop.com\npool.com\n",
        "two-adult": lines("sin", 300) + "shop.com\n",
    }
    assert run(tmp_path, servers).problem == ""
    assert labels(tmp_path, "shop.com") == ("adult",)
    assert labels(tmp_path, "mail.com") == labels(tmp_path, "www.pool.com") == ()
    assert told(tmp_path, "one-adult")["held"] == ["mail.com", "pool.com"]
    # The second voice frees it.
    servers.lists["two-adult"] += "mail.com\n"
    assert run(tmp_path, servers, now=NOW + DAY * 2).changed
    assert labels(tmp_path, "mail.com") == ("adult",)


def test_protected_names_are_out_of_reach_for_lists_of_harm(tmp_path: Path) -> None:
    servers = both()
    servers.lists["one-adult"] += "help.org\nschool.org\ntool.net\nx.school.org\n"
    servers.lists["one-games"] += "school.org\nhelp.org\n"
    assert run(tmp_path, servers).problem == ""
    assert labels(tmp_path, "deep.tool.net") == labels(tmp_path, "help.org") == ()
    # A list of taste may name a school's tool: a parent may have chosen so.
    assert labels(tmp_path, "school.org") == ("games",)
    assert told(tmp_path, "one-adult")["held"] == ["school.org", "tool.net"]


def test_a_list_full_of_popular_names_is_refused(tmp_path: Path) -> None:
    choose(tmp_path, INPUTS.specs, frozenset({"top-names"}), frozenset())
    servers = both()
    servers.lists["top-names"] = lines("top", 400)
    servers.lists["one-adult"] = lines("top", 100)
    outcome = run(tmp_path, servers)
    assert outcome.problem == "feeds-refused"
    refused = told(tmp_path, "one-adult")["refused"]
    assert isinstance(refused, dict)
    assert (refused["guard"], refused["value"]) == ("top-sites", 100)


def test_an_allow_list_must_not_overlap_harm(tmp_path: Path) -> None:
    allow = spec("two-good", "learning", allow=True)
    inputs = replace(INPUTS, specs=(*INPUTS.specs, allow))
    servers = both()
    servers.lists["two-good"] = lines("good", 200)
    assert run(tmp_path, servers, inputs=inputs).problem == ""
    servers.lists["two-good"] = lines("good", 200) + lines("bad", 20)
    outcome = run(tmp_path, servers, inputs=inputs, now=NOW + DAY * 2)
    assert outcome.problem == "feeds-refused" and not outcome.changed
    refused = told(tmp_path, "two-good")["refused"]
    assert isinstance(refused, dict) and refused["guard"] == "polarity"


def test_a_broken_way_leaves_everything_and_says_so(tmp_path: Path) -> None:
    servers = both()
    run(tmp_path, servers)
    before = (tmp_path / "current.idx").read_bytes()
    servers.lists = {ident: "feed-certificate" for ident in servers.lists}
    outcome = run(tmp_path, servers, now=NOW + DAY * 2)
    assert (outcome.changed, outcome.problem) == (False, "feeds-offline")
    assert (tmp_path / "current.idx").read_bytes() == before
    assert told(tmp_path, "one-adult")["problem"] == "feed-certificate"
    # It is tried again soon, not tomorrow.
    due = next_due(tmp_path, NOW + DAY * 2)
    assert due <= NOW + DAY * 2 + timedelta(minutes=20)
    assert run(tmp_path, both(), now=due + timedelta(minutes=5)).problem == ""
    assert told(tmp_path, "one-adult")["failures"] == 0


def test_one_failing_server_is_named(tmp_path: Path) -> None:
    servers = both()
    run(tmp_path, servers)
    servers.lists["one-games"] = "feed-status"
    outcome = run(tmp_path, servers, now=NOW + DAY * 2)
    assert (outcome.problem, outcome.detail) == ("feeds-failed", "one-games")
    assert labels(tmp_path, "fun1.com") == ("games",)


def test_no_index_at_all_and_no_way_still_gives_our_own(tmp_path: Path) -> None:
    outcome = run(tmp_path, Servers())
    assert outcome.changed and outcome.problem == "feeds-failed"
    assert labels(tmp_path, "tiktok.com") == ("tiktok",)


def test_a_text_that_is_lost_is_fetched_again_and_nothing_is_dropped(
    tmp_path: Path,
) -> None:
    servers = both()
    run(tmp_path, servers)
    for path in (tmp_path / "feeds").glob("one-adult*"):
        path.unlink()
    servers.lists["one-adult"] = "feed-offline"
    servers.lists["one-games"] = lines("new", 300)
    outcome = run(tmp_path, servers, now=NOW + DAY * 2)
    assert (outcome.changed, outcome.problem) == (False, "lists-incomplete")
    assert labels(tmp_path, "bad1.com") == ("adult",)
    # What came in the meantime was kept.
    servers.lists["one-adult"] = lines("bad", 300)
    servers.asked.clear()
    assert run(tmp_path, servers, now=NOW + DAY * 2.1).changed
    assert servers.asked == [("one-adult", "")]
    assert labels(tmp_path, "new1.com") == ("games",)


def test_a_damaged_text_is_found_out_and_fetched_again(tmp_path: Path) -> None:
    servers = both()
    run(tmp_path, servers)
    (text,) = (tmp_path / "feeds").glob("one-adult*")
    text.write_bytes(text.read_bytes()[:-20])
    servers.lists["one-games"] = lines("new", 300)
    outcome = run(tmp_path, servers, now=NOW + DAY * 2)
    assert (outcome.changed, outcome.problem) == (False, "lists-incomplete")
    assert labels(tmp_path, "bad1.com") == ("adult",)
    servers.asked.clear()
    assert run(tmp_path, servers, now=NOW + DAY * 2.1).changed
    assert servers.asked == [("one-adult", "")]


def test_after_a_fortnight_a_lost_list_is_given_up(tmp_path: Path) -> None:
    servers = both()
    run(tmp_path, servers)
    shutil.rmtree(tmp_path / "feeds")
    servers.lists["one-adult"] = "feed-status"
    assert not run(tmp_path, servers, now=NOW + DAY * 13).changed
    assert run(tmp_path, servers, now=NOW + DAY * 15).changed
    assert labels(tmp_path, "bad1.com") == ()


def test_a_list_called_off_leaves_the_index(tmp_path: Path) -> None:
    servers = both()
    run(tmp_path, servers)
    choose(tmp_path, INPUTS.specs, frozenset(), frozenset({"one-games"}))
    assert next_due(tmp_path, NOW) == NOW
    assert run(tmp_path, servers).changed
    assert labels(tmp_path, "fun1.com") == ()
    choose(tmp_path, INPUTS.specs, frozenset({"one-games"}), frozenset())
    assert run(tmp_path, servers).changed
    assert labels(tmp_path, "fun1.com") == ("games",)
    with pytest.raises(ListError, match="no-such-list"):
        choose(tmp_path, INPUTS.specs, frozenset({"nonsense"}), frozenset())


def test_one_list_by_name_is_fetched_anew(tmp_path: Path) -> None:
    servers = both()
    run(tmp_path, servers)
    servers.asked.clear()
    assert not run(tmp_path, servers, only=("one-adult",)).changed
    assert servers.asked == [("one-adult", "")]
    servers.asked.clear()
    run(tmp_path, servers, force=True)
    assert [ident for ident, _ in servers.asked] == ["one-adult", "one-games"]


def test_another_entry_of_the_catalogue_forgets_what_was_learnt(
    tmp_path: Path,
) -> None:
    servers = both()
    run(tmp_path, servers)
    narrow = replace(INPUTS.specs[0], entries=(1, 200))
    inputs = replace(INPUTS, specs=(narrow, *INPUTS.specs[1:]))
    servers.asked.clear()
    run(tmp_path, servers, inputs=inputs, now=NOW + timedelta(hours=1))
    assert ("one-adult", servers.asked[0][1]) == servers.asked[0]


def test_one_step_back_and_no_further(tmp_path: Path) -> None:
    servers = both()
    run(tmp_path, servers)
    with pytest.raises(ListError, match="no-step-back"):
        rollback(tmp_path, NOW)
    first = (tmp_path / "current.idx").read_bytes()
    servers.lists["one-adult"] = lines("new", 300)
    run(tmp_path, servers, now=NOW + DAY * 2)
    assert status(tmp_path)["can_roll_back"]
    rollback(tmp_path, NOW + DAY * 2)
    assert (tmp_path / "current.idx").read_bytes() == first
    said = status(tmp_path)
    assert said["rolled_back"] and not said["can_roll_back"]
    with pytest.raises(ListError, match="no-step-back"):
        rollback(tmp_path, NOW)
    # The text that was called back is not taken again ...
    assert not run(tmp_path, servers, now=NOW + DAY * 4).changed
    assert labels(tmp_path, "bad1.com") == ("adult",)
    # ... until it changes, or is asked for by name.
    assert run(tmp_path, servers, now=NOW + DAY * 4, only=("one-adult",)).changed
    assert labels(tmp_path, "new1.com") == ("adult",)
    assert not status(tmp_path)["rolled_back"]


def test_our_own_data_alone_at_the_first_start(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    path = ensure_index(folder, INPUTS, NOW)
    assert path == folder / "current.idx" and labels(folder, "tiktok.com")
    assert next_due(folder, NOW) == NOW
    before = path.stat().st_ino
    assert ensure_index(folder, INPUTS, NOW).stat().st_ino == before
    assert run(folder, both()).changed
    before = path.stat().st_ino
    assert ensure_index(folder, INPUTS, NOW).stat().st_ino == before
    assert next_due(folder, NOW) > NOW


def test_new_data_of_our_own_wait_for_the_update_below_lists(tmp_path: Path) -> None:
    run(tmp_path, both())
    inputs = replace(INPUTS, floor=frozenset({b"help.org", b"bad1.com"}))
    path = ensure_index(tmp_path, inputs, NOW)
    assert labels(tmp_path, "bad1.com") == ("adult",)
    assert next_due(tmp_path, NOW) == NOW
    servers = both()
    assert run(tmp_path, servers, inputs=inputs).changed
    assert servers.asked == [] and labels(tmp_path, "bad1.com") == ()
    assert ensure_index(tmp_path, inputs, NOW) == path


def test_new_data_of_our_own_are_compiled_at_once_without_lists(
    tmp_path: Path,
) -> None:
    ensure_index(tmp_path, INPUTS, NOW)
    inputs = replace(INPUTS, curated=(*INPUTS.curated, *_more()))
    ensure_index(tmp_path, inputs, NOW)
    assert labels(tmp_path, "roblox.com") == ("roblox",)


def _more() -> list[object]:
    from .build import feed, source

    return [feed(source("guardian-service-roblox", "roblox"), ["roblox.com"])]


def test_a_damaged_index_is_replaced_at_the_start(tmp_path: Path) -> None:
    run(tmp_path, both())
    (tmp_path / "current.idx").write_bytes(b"nonsense")
    ensure_index(tmp_path, INPUTS, NOW)
    assert labels(tmp_path, "tiktok.com") == ("tiktok",)
    assert status(tmp_path)["index"]["known"]
    # The texts are all there, so the next run needs no network.
    servers = both()
    assert run(tmp_path, servers).changed and servers.asked == []
    assert labels(tmp_path, "bad1.com") == ("adult",)


def _core(folder: Path) -> Path:
    from .build import feed, source

    own = INPUTS.curated[0]
    adult = feed(source("one-adult", "adult"), ["core.com"])
    return compiled(folder, own, adult).path


def test_the_packages_index_is_taken_and_not_lost_to_half_a_download(
    tmp_path: Path,
) -> None:
    core, folder = _core(tmp_path), tmp_path / "lists"
    ensure_index(folder, INPUTS, NOW, core)
    assert labels(folder, "core.com") == ("adult",)
    assert status(folder)["index"]["lists"] == ["one-adult"]
    servers = both()
    servers.lists["one-adult"] = "feed-offline"
    outcome = run(folder, servers)
    assert (outcome.changed, outcome.problem) == (False, "lists-incomplete")
    assert labels(folder, "core.com") == ("adult",)
    assert run(folder, both(), now=NOW + DAY).changed
    assert labels(folder, "bad1.com") == ("adult",)
    assert core.exists()


def test_an_index_of_another_origin_is_left_in_force(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    shutil.copy(_core(tmp_path), folder / "current.idx")
    assert status(folder)["index"]["known"] is False
    ensure_index(folder, INPUTS, NOW)
    assert labels(folder, "core.com") == ("adult",)
    assert next_due(folder, NOW) == NOW


def test_one_at_a_time(tmp_path: Path) -> None:
    ensure_index(tmp_path, INPUTS, NOW)
    with ListFolder(tmp_path).locked():
        with pytest.raises(ListError, match="update-running"):
            run(tmp_path, both())
        # What stands is good enough to start with.
        inputs = replace(INPUTS, curated=(*INPUTS.curated, *_more()))
        assert ensure_index(tmp_path, inputs, NOW).exists()


def test_a_clock_far_ahead_does_not_stop_updates(tmp_path: Path) -> None:
    run(tmp_path, both(), now=NOW + DAY * 4000)
    assert next_due(tmp_path, NOW) == NOW
    servers = both()
    run(tmp_path, servers)
    assert len(servers.asked) == 2


def test_status_of_an_empty_folder(tmp_path: Path) -> None:
    said = status(tmp_path / "none")
    assert said["index"] is None and said["feeds"] == [] and said["next"] is None
    assert next_due(tmp_path / "none", NOW) == NOW


# Calls that reach the disk or make something visible there.
VISIBLE = ("replace", "fsync", "link", "unlink", "mkdir", "open")


def changed() -> Servers:
    return Servers({"one-adult": lines("new", 300), "one-games": lines("fun", 310)})


def killed_after(folder: Path, calls: int) -> int | None:
    """Run an update that kills itself before a call; else return how many it made."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        left = [calls]

        def counted(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **kwargs)

            return call

        try:
            for name in VISIBLE:
                setattr(os, name, counted(getattr(os, name)))
            run(folder, changed(), now=NOW + DAY * 2)
            os.write(writer, str(calls - left[0]).encode())
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader) as said:
        made = said.read()
    _, how = os.waitpid(child, 0)
    assert bool(made) is not (how == signal.SIGKILL)
    return int(made) if made else None


@pytest.mark.parametrize(
    "every", [10, pytest.param(1, marks=(pytest.mark.soak, pytest.mark.timeout(1800)))]
)
def test_a_kill_at_any_moment_leaves_one_whole_index(
    every: int, tmp_path: Path
) -> None:
    begin, whole, folder = (tmp_path / name for name in ("begin", "whole", "killed"))
    run(begin, both())
    old = Index(begin / "current.idx").header.digest
    shutil.copytree(begin, whole)
    calls = killed_after(whole, 0)
    assert calls is not None
    new = Index(whole / "current.idx").header.digest
    seen = set()
    # The swap is at the end.
    for at in sorted({*range(1, calls, every), *range(calls - 14, calls + 1)}):
        shutil.copytree(begin, folder)
        assert killed_after(folder, at) is None, at
        digest = Index(folder / "current.idx").header.digest
        assert digest in (old, new), at
        seen.add(digest)
        # The state speaks of that index, before anything is mended.
        said = status(folder)
        assert said["index"]["known"], at
        assert said["index"]["digest"] == digest.hex()
        outcome: Outcome = run(folder, changed(), now=NOW + DAY * 2.1)
        assert outcome.problem == "" and labels(folder, "new1.com") == ("adult",)
        assert not (folder / ".work" / STAGED).exists()
        kept = {path.name for path in (folder / "feeds").iterdir()}
        assert kept == {path.name for path in (whole / "feeds").iterdir()}, at
        shutil.rmtree(folder)
    assert seen == {old, new}


def test_a_full_disk_leaves_the_old_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = both()
    run(tmp_path, servers)
    before = (tmp_path / "current.idx").read_bytes()
    servers.lists["one-adult"] = lines("new", 300)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        run(tmp_path, servers, now=NOW + DAY * 2)
    monkeypatch.undo()
    assert (tmp_path / "current.idx").read_bytes() == before
    assert run(tmp_path, servers, now=NOW + DAY * 2).changed


def test_lists_that_nobody_chose_are_not_fetched(tmp_path: Path) -> None:
    servers = both()
    run(tmp_path, servers)
    assert OTHER.id not in [ident for ident, _ in servers.asked]
