"""`guardianctl lists update` and its kin, against a server on the loopback."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian import cli, listcli
from guardian.core.feeds import FeedSpec, Use, Verdict
from guardian.lists.index import Index

from .feedserver import FeedServer, authority, feed_server, tagged, text

TOPS = "\n".join(f"a{n}" for n in range(600))
SUFFIXES = f"com\norg\nnet\nco.uk\nuk\nat\n{TOPS}\n"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def server(keys: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    """Return a server that all lists of the catalogue come from."""
    with feed_server(keys) as found:
        monkeypatch.setattr(
            "guardian.shell.listinputs.load_feeds", lambda: specs(found)
        )
        monkeypatch.setattr("os.nice", lambda by: by)
        found.answers = {
            "/sw-adult": tagged(b"bad.com\nbad.org\n", '"1"'),
            "/sw-games": tagged(b"fun.com\n", '"1"'),
        }
        yield found


def specs(server: FeedServer) -> tuple[FeedSpec, ...]:
    return tuple(
        FeedSpec(
            id=ident,
            title=ident,
            category=category,
            use=use,
            url=server.url(f"/{ident}"),
            homepage="https://lists.example.org/",
            licence="MIT",
            verdict=Verdict.SHIP,
            entries=(1, 1000),
            bytes_max=100_000,
            every=timedelta(hours=24),
            default=use is Use.LABEL,
            file=f"lists/{ident}",
        )
        for ident, category, use in (
            ("sw-adult", "adult", Use.LABEL),
            ("sw-games", "games", Use.LABEL),
            ("top-names", "", Use.POPULAR),
        )
    )


class Lists:
    """`guardianctl lists` over a folder of state."""

    def __init__(self, folder: Path, keys: Path) -> None:
        self.folder = folder / "state"
        self.suffixes = folder / "suffixes"
        self.suffixes.write_text(SUFFIXES)
        self.ca = authority(keys)

    def __call__(self, action: str, *args: str) -> int:
        more = ["--state-dir", str(self.folder), *args]
        if action == "update":
            more += ["--suffixes", str(self.suffixes), "--ca", str(self.ca)]
        return cli.main(["lists", action, *more])


@pytest.fixture
def lists(tmp_path: Path, keys: Path) -> Lists:
    return Lists(tmp_path, keys)


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_update_status_and_rollback(
    server: FeedServer, lists: Lists, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lists("update", "--json") == 0
    first = said(capsys)
    assert first["changed"] and first["problem"] is None
    assert first["index"]["lists"] == ["sw-adult", "sw-games"]
    index = Index(lists.folder / "current.idx")
    assert {"adult", "games", "tiktok", "self_harm"} <= set(index.labels)
    # Nothing is due; `--now` asks, and hears that nothing is new.
    assert lists("update", "--json") == 0 and not said(capsys)["changed"]
    assert len(server.asked) == 2
    assert lists("update", "--now") == 0
    assert "the index stays" in capsys.readouterr().out
    assert server.asked[-1][1]["If-None-Match"] == '"1"'
    server.answers["/sw-adult"] = text(b"bad.com\nbad.org\nnew.com\n")
    assert lists("update", "--feed", "sw-adult") == 0
    assert "a new index is in force" in capsys.readouterr().out
    assert lists("status", "--json") == 0
    status = said(capsys)
    assert status["can_roll_back"] and status["index"]["digest"] != (
        first["index"]["digest"]
    )
    assert lists("rollback", "--json") == 0
    assert said(capsys)["index"]["digest"] == first["index"]["digest"]
    assert lists("rollback") == 1
    assert lists("status") == 0
    told = capsys.readouterr().out
    assert "put back by hand" in told and "sw-adult: 2 since" in told
    assert "guard rolled-back" in told


def test_what_fails_is_said_and_exits_with_one(
    server: FeedServer, lists: Lists, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lists("update") == 0
    server.answers = {
        "/sw-adult": text(b"<html>Sign in"),
        "/sw-games": text(b"http://a.com/x\nfun.com\n"),
    }
    capsys.readouterr()
    assert lists("update", "--now") == 1
    told = capsys.readouterr().out
    assert "problem: feeds-refused sw-games" in told
    assert "sw-adult: feed-page, 1 times" in told
    assert "sw-games: refused by the guard rejected (0.5, limit 0.05)" in told
    assert lists("status", "--json") == 1
    assert said(capsys)["problem"] == "feeds-refused"


def test_choose(
    lists: Lists, capsys: pytest.CaptureFixture[str], server: FeedServer
) -> None:
    assert lists("choose", "--add", "ut1-vpn", "--drop", "sw-ai") == 0
    told = capsys.readouterr().out
    assert "[x] ut1-vpn: VPN providers (UT1), CC-BY-SA-4.0" in told
    assert "[ ] sw-ai" in told and "[x] sw-adult" in told
    assert lists("choose", "--json") == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (vpn,) = [feed for feed in found if feed["id"] == "ut1-vpn"]
    assert vpn["chosen"] and not vpn["may_ship"] and "Toulouse" in vpn["by"]
    assert lists("choose", "--add", "nonsense") == 1
    assert lists("update", "--feed", "nonsense") == 1
    assert server.asked == []


def test_core_from_a_folder(
    server: FeedServer,
    lists: Lists,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, out = tmp_path / "real", tmp_path / "core.idx"
    argv = ["lists", "core", "--lists", str(folder), "--out", str(out)]
    argv += ["--suffixes", str(lists.suffixes)]
    assert cli.main(argv) == 1
    (folder / "lists").mkdir(parents=True)
    (folder / "lists/sw-adult").write_text("bad.com\ntiktok.com\n")
    (folder / "lists/sw-games").write_text("fun.com\n")
    capsys.readouterr()
    assert cli.main([*argv, "--json"]) == 0
    found = said(capsys)
    assert found["published"] and found["lists"] == ["sw-adult", "sw-games"]
    assert found["held"] == {"sw-adult": ["tiktok.com"]}
    before = out.read_bytes()
    (folder / "lists/sw-games").write_text("http://a.com/x\n")
    assert cli.main(argv) == 1
    assert "sw-games: refused by the guard size" in capsys.readouterr().out
    assert out.read_bytes() == before and server.asked == []
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "core.idx",
        "real",
        "suffixes",
    ]


def test_nothing_yet(lists: Lists, capsys: pytest.CaptureFixture[str]) -> None:
    assert lists("status") == 0
    assert "no index is in force" in capsys.readouterr().out
    assert lists("rollback") == 1


def test_a_folder_that_cannot_be_written(
    server: FeedServer, lists: Lists, capsys: pytest.CaptureFixture[str]
) -> None:
    lists.folder.write_text("a file")
    for action in ("update", "rollback"):
        assert lists(action) == 1
        assert "could not be written" in capsys.readouterr().err
    assert lists("choose", "--add", "ut1-vpn") == 1
    lists.ca = lists.folder
    assert lists("update") == 1


def test_the_module_runs_by_itself(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "guardian.listcli", "status", "--json"]
    done = subprocess.run(
        [*argv, "--state-dir", str(tmp_path)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["index"] is None
    assert listcli.main(["rollback", "--state-dir", str(tmp_path)]) == 1


def test_begin_makes_an_index_once_or_takes_the_packages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    argv = ["begin", "--json", "--core", str(tmp_path / "none"), "--state-dir"]
    assert listcli.main([*argv, str(first)]) == 0
    made = Path(json.loads(capsys.readouterr().out)["index"])
    inode = made.stat().st_ino
    assert listcli.main([*argv, str(first)]) == 0
    assert made.stat().st_ino == inode
    core = tmp_path / "core.idx"
    core.write_bytes(made.read_bytes())
    assert listcli.main(["begin", "--core", str(core), "--state-dir", str(second)]) == 0
    assert (second / "current.idx").read_bytes() == core.read_bytes()
